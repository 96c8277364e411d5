"""The frame around every page: where one is, where one can go, what time it is for the center, who looks."""

from dataclasses import dataclass

from web.console.markup import Child, Html, join, tag, trusted
from web.console.parts import note
from web.console.style import SCRIPT, STYLE
from web.console.visit import ROOT, Language, Visit


@dataclass(frozen=True, slots=True)
class Page:
    """A page's title and what stands below it; `live` while something in it is under way."""

    title: str
    body: Html
    live: bool = False


SECTIONS = (
    ("", "Overview", "总览"),
    ("/runs", "Runs", "作业"),
    ("/payers", "Payers", "付费人"),
    ("/alerts", "Alerts", "告警"),
    ("/invoices", "Invoices", "账单"),
    ("/uses", "Uses", "使用"),
    ("/messages", "Messages", "消息"),
    ("/refused", "Refused calls", "被拒调用"),
    ("/catalog", "Catalog", "目录"),
    ("/callers", "Callers", "调用方"),
    ("/audit", "Audit", "审计"),
)

HOMES = {
    "/run": "/runs", "/payer": "/payers", "/order": "/payers", "/invoice": "/invoices", "/line": "/invoices",
    "/use": "/uses", "/message": "/messages", "/refused-call": "/refused", "/product": "/catalog",
}  # fmt: skip
"""The section that a page of one thing belongs to."""

DONE = {
    "stopped": ("The run stops after the work under way.", "作业将在当前批次后停止。"),
    "retried": ("The run goes on as soon as a scheduler finds it: within a minute, or when the test clock moves.",
                "作业将由调度器继续：一分钟内，或测试时钟前进时。"),
    "uses": ("Released: these uses are rated in the next round.", "已释放：下一轮将计价。"),
    "seen": ("Acknowledged.", "已确认。"),
    "message": ("Released: the message is sent in the next round.", "已释放：下一轮将发送。"),
}  # fmt: skip
"""What an act says when it was done; the address only names it, so nobody can put words there."""


def render(visit: Visit, page: Page) -> str:
    """The whole document."""
    done = DONE.get(visit.arg("done"))
    told = note("good", visit.t(*done)) if done is not None else None
    live = tag("div", page.body, id="live", data_live=page.live)
    main = tag("main", tag("h1", page.title), told, live, id="main")
    return _document(visit.language, page.title, join(_header(visit), main, _footer(visit)))


def render_alone(language: Language, title: str, *children: Child) -> str:
    """A document without the frame, for someone who was not let in."""
    return _document(language, title, tag("main", tag("h1", title), children, id="main"))


def _document(language: Language, title: str, body: Html) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · {'计费中心' if language is Language.CHINESE else 'Billing center'}"),
        tag("style", trusted(STYLE)),
    )
    script = tag("script", trusted(SCRIPT))
    html = tag("html", head, tag("body", body, script), lang="zh-CN" if language is Language.CHINESE else "en")
    return f"<!doctype html>{html}"


def _header(visit: Visit) -> Html:
    t = visit.t
    here = HOMES.get(visit.path, visit.path)
    items = [
        tag("li", tag("a", t(*words), href=visit.href(path), aria_current="page" if path == here else None))
        for path, *words in SECTIONS
    ]
    other = Language.ENGLISH if visit.language is Language.CHINESE else Language.CHINESE
    switch = tag(
        "a",
        "English" if other is Language.ENGLISH else "中文",
        href=visit.here(lang=other.value),
        lang=other.value,
        hreflang=other.value,
    )
    hint = t("payer, order, invoice, use, message", "付费人、订单、账单、使用、消息")
    find = tag(
        "form",
        tag("input", type="hidden", name="lang", value=visit.language.value) if "lang" in visit.query else None,
        tag("input", name="q", type="search", aria_label=t("Find", "查找"), placeholder=hint, maxlength=200,
            value=visit.arg("q") if visit.path == "/find" else None),
        tag("button", t("Find", "查找")),
        class_="find", role="search", method="get", action=f"{ROOT}/find",
    )  # fmt: skip
    top = tag(
        "div",
        tag("a", t("Billing center", "计费中心"), href=visit.href(""), class_="brand"),
        tag("span", visit.when(visit.work.at), " ", visit.work.settings.timezone, class_="who"),
        tag("span", t("as ", "身份："), visit.caller.caller_id, " · ", switch, class_="who"),
        find,
        class_="top",
    )
    skip = tag("a", t("To the content", "跳到内容"), href="#main", class_="skip")
    return join(skip, tag("header", top, tag("nav", tag("ul", items), aria_label=t("Sections", "栏目"))))


def _footer(visit: Visit) -> Html:
    words = visit.t(
        "Times are in the business time zone; amounts are exact.", "时间按业务时区显示；金额为精确值。"
    )
    return tag("footer", words)
