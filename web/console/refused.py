"""Calls that were answered "-1": who called what, which rule it broke, and with which arguments."""

import json

from billing_center.access.caller import CONSOLE, METRICS, OPERATIONS, REST
from billing_center.access.refused_calls import list_refused, show_refused
from web.console.markup import join, tag
from web.console.page import Page
from web.console.parts import Column, choice, facts, field, filters, id_link, next_page, section, table
from web.console.visit import PAGE, Visit


def refused(visit: Visit) -> Page:
    """The list, the newest first."""
    t = visit.t
    operations = [(name, name) for name in OPERATIONS if name not in (REST, CONSOLE, METRICS)]
    form = filters(
        visit,
        field(visit, "caller", t("Caller", "调用方")),
        choice(visit, "operation", t("Operation", "操作"), operations),
        field(visit, "code", t("Rule", "规则"), hint="missing_field"),
    )
    found = list_refused(
        visit.work,
        limit=PAGE + 1,
        caller=visit.wanted("caller"),
        operation=visit.wanted("operation"),
        code=visit.wanted("code"),
        before=visit.arg("before"),
    )
    shown = found[:PAGE]
    columns = (
        Column(t("When", "时间")), Column(t("Caller", "调用方")), Column(t("Operation", "操作")),
        Column(t("Rule", "规则")), Column(t("Field", "字段")), Column(t("Why", "原因")), Column(t("Call", "调用")),
    )  # fmt: skip
    rows = [
        (visit.when(one.at), one.call.caller, one.call.operation, one.call.code, one.call.field, one.call.message,
         id_link(visit, "/refused-call", one.refused_id, t("arguments", "参数")))
        for one in shown
    ]  # fmt: skip
    days = visit.work.settings.refused_kept_days
    caption = t(f"The newest first; kept for {days} days", f"最新在前；保留 {days} 天")
    listed = table(visit, caption, columns, rows, empty=t("No call was refused.", "没有被拒调用。"))
    following = next_page(visit, found, before=shown[-1].refused_id) if shown else None
    return Page(t("Refused calls", "被拒调用"), join(form, listed, following))


def refused_call(visit: Visit) -> Page:
    """One refused call with its arguments. Raises: OutOfRange when there is none."""
    t = visit.t
    one = show_refused(visit.work, visit.arg("id"))
    told = facts([
        (t("When", "时间"), visit.when(one.at)),
        (t("Caller", "调用方"), one.call.caller),
        (t("Operation", "操作"), one.call.operation),
        (t("Rule", "规则"), one.call.code),
        (t("Field", "字段"), one.call.field),
        (t("Why", "原因"), one.call.message),
    ])  # fmt: skip
    arguments = json.dumps(json.loads(one.call.arguments), ensure_ascii=False, indent=2)
    body = join(told, section(t("Arguments as they came", "收到的参数"), tag("pre", arguments, class_="card")))
    return Page(f"{t('Refused call', '被拒调用')} {one.refused_id}", body)
