"""Finding a thing by its id or number, whatever it is: the box at the top of every page leads here."""

from collections.abc import Iterator

from billing_center.errors import Refused
from billing_center.invoice.store import find_invoice_id
from billing_center.order.store import find_order
from billing_center.outbox.show_messages import show_message
from billing_center.payer.find_payers import find_payers
from billing_center.runs.show_runs import run_report
from billing_center.usage.show_uses import show_use
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import id_link, section
from web.console.payers import payer_table
from web.console.visit import Visit

MOST = 20


def find(visit: Visit) -> Page:
    """What has this id or number, and payers whose id begins with it."""
    t, text = visit.t, visit.arg("q")
    title = t(f"Found for “{text}”", f"“{text}”的查找结果")
    if not text:
        return Page(
            t("Find", "查找"), tag("p", t("Say what to find.", "请输入要查找的内容。"), class_="card none")
        )
    hits = [tag("li", kind, " ", link) for kind, link in _hits(visit, text)]
    payers = find_payers(visit.work, text, limit=MOST)
    if not hits and not payers:
        words = t("Nothing has this id or number.", "没有此编号的内容。")
        return Page(title, tag("p", words, class_="card none"))
    listed = section(t("Payers", "付费人"), payer_table(visit, payers)) if payers else None
    return Page(title, join(tag("ul", hits) if hits else None, listed))


def _hits(visit: Visit, text: str) -> Iterator[tuple[str, Html | None]]:
    t, work = visit.t, visit.work
    if find_order(work.connection, text) is not None:
        yield t("Order", "订单"), id_link(visit, "/order", text)
    invoice_id = find_invoice_id(work.connection, text)
    if invoice_id is not None:
        yield t("Invoice", "账单"), id_link(visit, "/invoice", invoice_id)
    asked = (
        (t("Use", "使用"), "/use", lambda: show_use(work, text)),
        (t("Message", "消息"), "/message", lambda: show_message(work, text)),
        (t("Run", "作业"), "/run", lambda: run_report(work, text, failures=0)),
    )
    for kind, path, show in asked:
        try:
            show()
        except Refused:
            continue
        yield kind, id_link(visit, path, text)
