"""Invoices: by state, payer, number, or those flagged for a person."""

from collections.abc import Sequence

from billing_center.errors import OutOfRange
from billing_center.invoice.invoice import Invoice
from billing_center.invoice.show_invoice import list_invoices
from billing_center.invoice.state import InvoiceState
from billing_center.invoice.store import find_invoice_id, read_invoices
from web.console.amounts import amount_in
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, choice, field, filters, id_link, next_page, table
from web.console.states import STATES, badge
from web.console.visit import PAGE, Visit


def invoices(visit: Visit) -> Page:
    """The list."""
    t = visit.t
    states = [(state.value, t(state.value, STATES[state.value][0])) for state in InvoiceState]
    form = filters(
        visit,
        field(visit, "number", t("Number or id", "账单号或编号")),
        field(visit, "payer", t("Payer", "付费人")),
        choice(visit, "state", t("State", "状态"), states),
        choice(visit, "flagged", t("Flagged", "标记"), [("1", t("for a person", "需人工查看"))]),
    )
    found = _found(visit)
    shown = found[:PAGE]
    following = next_page(visit, found, after=shown[-1].invoice_id) if shown else None
    caption = t("Invoices in order of payer and period", "账单，按付费人和账期")
    return Page(t("Invoices", "账单"), join(form, invoice_table(visit, caption, shown), following))


def _found(visit: Visit) -> Sequence[Invoice]:
    connection = visit.work.connection
    if visit.arg("number"):
        invoice_id = find_invoice_id(connection, visit.arg("number"))
        return [] if invoice_id is None else read_invoices(connection, [invoice_id])
    state = visit.arg("state")
    if state and state not in tuple(InvoiceState):
        raise OutOfRange(f"{state!r} is no state of an invoice", field="state")
    return list_invoices(
        connection,
        payer_id=visit.wanted("payer"),
        state=InvoiceState(state) if state else None,
        flagged=True if visit.arg("flagged") else None,
        after=visit.arg("after"),
        limit=PAGE + 1,
    )


def invoice_table(visit: Visit, caption: str, shown: Sequence[Invoice], *, payer: bool = True) -> Html:
    """Invoices as a table, here and on the page of their payer."""
    t = visit.t
    columns = [
        Column(t("Number", "账单号")), *([Column(t("Payer", "付费人"))] if payer else []),
        Column(t("Period", "账期")), Column(t("State", "状态")), Column(t("Total", "合计"), True),
        Column(t("Currency", "币种")), Column(t("Due", "到期日")), Column(t("Outcome since", "结果时间")),
    ]  # fmt: skip
    rows = [
        [
            id_link(visit, "/invoice", one.invoice_id, one.invoice_no or one.invoice_id),
            *([id_link(visit, "/payer", one.payer_id)] if payer else []),
            f"{one.period_start} – {one.period_end}",
            invoice_state(visit, one),
            amount_in(one.base_amount, one.base_currency),
            one.base_currency,
            visit.day(one.due_day),
            visit.when(one.settled_at),
        ]
        for one in shown
    ]
    return table(visit, caption, columns, rows, empty=t("No invoice.", "没有账单。"))


def invoice_state(visit: Visit, one: Invoice) -> Html:
    """An invoice's state, whether it is overdue, and whether a person must look at it."""
    t = visit.t
    open_ = one.state not in (InvoiceState.PAID, InvoiceState.FAILED)
    overdue = open_ and one.due_day < visit.work.today and one.base_amount > 0
    return join(
        badge(visit, one.state.value),
        tag("span", t("overdue", "逾期"), class_="badge bad") if overdue else None,
        tag("span", t("flagged", "需人工"), class_="badge wait") if one.flagged else None,
    )
