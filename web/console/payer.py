"""One payer: what holds for it, its orders, its account numbers, what the open period comes to, its invoices."""

from collections.abc import Sequence

from billing_center.errors import NoPrice, ResultCode, Unknown
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.invoice.show_invoice import list_invoices
from billing_center.order.store import OrderRow, account_changes, orders_of_payers
from billing_center.payer.store import PayerRow, payers, schedules_of
from billing_center.settlement.arrears import in_arrears
from web.console.amounts import quantity
from web.console.audit import audit_of
from web.console.invoice import line_table, totals_table
from web.console.invoices import invoice_table
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, facts, id_link, link, note, section, table
from web.console.spend import spend
from web.console.states import badge, plan_words
from web.console.visit import PAGE, Visit

MOST_ORDERS = 200


def payer(visit: Visit) -> Page:
    """The page. Raises: Unknown (UNKNOWN_PAYER)."""
    t, work, payer_id = visit.t, visit.work, visit.arg("id")
    row = payers(work.connection, [payer_id]).get(payer_id)
    if row is None:
        raise Unknown(f"no payer has the id {payer_id!r}", code=ResultCode.UNKNOWN_PAYER, payer_id=payer_id)
    orders = orders_of_payers(work.connection, [payer_id])
    invoices = list_invoices(work.connection, payer_id=payer_id, limit=1000)[::-1]
    owes = in_arrears(work, payer_id)
    body = join(
        note("bad", t("This payer is in arrears.", "该付费人欠费。")) if owes else None,
        _facts(visit, row),
        section(t("The running period", "当前账期"), spend(visit, payer_id)),
        section(t("Orders", "订单"), _orders(visit, orders)),
        section(t("Account numbers", "账户数"), _accounts(visit, payer_id, orders)),
        section(t("Invoice drafts of what is charged", "已计费用的账单草稿"), _preview(visit, payer_id)),
        section(
            t("Invoices", "账单"),
            invoice_table(visit, t("The newest first", "最新在前"), invoices[:PAGE], payer=False),
            tag("p", link(visit, "/invoices", t("All of them", "全部账单"), payer=payer_id)) if invoices else None,
        ),
        tag("p", link(visit, "/uses", t("Uses of this payer that wait", "该付费人等待中的使用"), payer=payer_id)),
        audit_of(visit, payer_id),
    )
    return Page(f"{t('Payer', '付费人')} {row.name or ''} {payer_id}".replace("  ", " "), body)


def _facts(visit: Visit, row: PayerRow) -> Html:
    t, work = visit.t, visit.work
    schedule = schedules_of(work.connection, [row])[row.payer_id]
    period = schedule.period_of(max(work.today, row.closed_until))
    own = schedule.first
    for change in schedule.changes:
        own = change.billing_day if change.effective_from <= work.today else own
    later = ", ".join(
        f"{c.billing_day} ({c.effective_from})" for c in schedule.changes if c.effective_from > work.today
    )
    grace = (
        t("as the product or the setting says", "按产品或系统设置")
        if row.grace_days is None
        else t(f"{row.grace_days} days", f"{row.grace_days} 天")
    )
    return facts([
        (t("Name", "名称"), row.name),
        (t("Customer", "客户"), row.cust_id),
        (t("Currency", "币种"), row.currency),
        (t("Billing day", "出账日"), t(f"{own} of the month", f"每月 {own} 日")),
        (t("Billing day to come", "将变更为"), later),
        (t("Open period", "当前账期"), f"{period.start} – {period.end}"),
        (t("Grace", "宽限期"), grace),
    ])  # fmt: skip


def _orders(visit: Visit, orders: Sequence[OrderRow]) -> Html:
    t = visit.t
    columns = (
        Column(t("Order", "订单")), Column(t("Code", "订单号")), Column(t("Product", "产品")),
        Column(t("Plan", "计费方式")), Column(t("State", "状态")), Column(t("Begun", "开通")),
        Column(t("Promotion", "促销")), Column(t("Rated through", "已计至")),
    )  # fmt: skip
    rows = [
        (
            id_link(visit, "/order", one.order_id), one.order_code, id_link(visit, "/product", one.product_id),
            plan_words(visit, one.plan.value), order_state(visit, one), visit.when(one.start_at),
            one.promotion_id.replace("-", "") and one.promotion_id, visit.day(one.rated_through),
        )
        for one in orders[-MOST_ORDERS:]
    ]  # fmt: skip
    caption = t(f"{len(orders)} orders, the oldest first", f"{len(orders)} 个订单，最早在前")
    return table(visit, caption, columns, rows, empty=t("No order.", "没有订单。"))


def order_state(visit: Visit, order: OrderRow) -> Html:
    """An order's state, and what stopped it when arrears did."""
    stopped = badge(visit, order.stopped_for.value) if order.stopped_for.value != "-" else None
    return join(badge(visit, order.state.value), " " if stopped else None, stopped)


def _accounts(visit: Visit, payer_id: str, orders: Sequence[OrderRow]) -> Html:
    t = visit.t
    keys = sorted({(payer_id, one.product_id) for one in orders})
    changes = account_changes(visit.work.connection, keys)
    columns = (Column(t("Product", "产品")), Column(t("From", "自")), Column(t("Accounts", "账户数"), True))
    rows = [
        (id_link(visit, "/product", change.product_id), visit.when(change.at), quantity(change.accounts))
        for key in keys
        for change in changes.get(key, [])[-PAGE:][::-1]
    ]
    return table(
        visit, t("The newest first", "最新在前"), columns, rows,
        empty=t("No account number was ever told.", "尚未上报账户数。"),
    )  # fmt: skip


def _preview(visit: Visit, payer_id: str) -> Html:
    t = visit.t
    try:
        invoices = preview_invoice(visit.work, payer_id)
    except NoPrice as error:  # an exchange rate is missing: the rest of the page is still worth having
        return note("wait", error.message)
    if not invoices:
        return tag("p", t("Nothing is charged yet.", "尚无费用。"), class_="card none")
    return join(
        (tag("h3", f"{one.period_start} – {one.period_end}"), totals_table(visit, one), line_table(visit, one))
        for one in invoices
    )
