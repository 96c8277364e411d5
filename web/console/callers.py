"""Callers: who may call what, and since when. Never a secret, and nothing that one could be guessed from."""

from collections.abc import Iterable

from billing_center.access.caller import ALL
from billing_center.access.callers import list_callers
from web.console.markup import join, tag
from web.console.page import Page
from web.console.parts import Column, link, table
from web.console.visit import Visit


def callers(visit: Visit) -> Page:
    """The list, revoked callers included."""
    t = visit.t
    columns = (
        Column(t("Caller", "调用方")), Column(t("State", "状态")), Column(t("May call", "可调用")),
        Column(t("May report", "可上报产品")), Column(t("Answered in", "应答格式")), Column(t("Since", "自")),
        Column(t("Revoked", "撤销")), Column(t("Refused calls", "被拒调用")),
    )  # fmt: skip
    rows = [
        (
            tag("span", entry.caller.caller_id, class_="id"),
            tag("span", t("active", "有效"), class_="badge good")
            if entry.active
            else tag("span", t("revoked", "已撤销"), class_="badge"),
            _allowed(visit, entry.caller.operations),
            _allowed(visit, entry.caller.products),
            entry.caller.reply_form or t("as it asks", "随请求"),
            visit.when(entry.created_at),
            visit.when(entry.revoked_at),
            link(visit, "/refused", t("show", "查看"), caller=entry.caller.caller_id),
        )
        for entry in list_callers(visit.work)
    ]
    words = t(
        "Added and revoked on the command line: billing-center caller add, caller revoke.",
        "通过命令行添加和撤销：billing-center caller add、caller revoke。",
    )
    listed = table(visit, t("By id", "按编号"), columns, rows, empty=t("No caller yet.", "尚无调用方。"))
    return Page(t("Callers", "调用方"), join(listed, tag("p", words, class_="soft")))


def _allowed(visit: Visit, names: Iterable[str]) -> str:
    listed = sorted(names)
    return visit.t("everything", "全部") if ALL in listed else ", ".join(listed) or visit.t("nothing", "无")
