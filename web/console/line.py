"""One invoice line explained: each of its charges down to the raw facts that it came from."""

from billing_center.invoice.explain_invoice import ChargeExplained, explain_line
from billing_center.invoice.explain_store import ChargeRow
from billing_center.usage.usage_event import UsageEvent
from web.console.amounts import amount_in, counted, money, quantity
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, facts, id_link, link, next_page, section, table
from web.console.states import badge
from web.console.visit import PAGE, Visit


def line(visit: Visit) -> Page:
    """The page. Raises: Unknown (UNKNOWN_INVOICE); OutOfRange when the invoice has no such line."""
    t, invoice_id = visit.t, visit.arg("invoice")
    number, skip = visit.number("line"), visit.number("skip")
    explained = explain_line(visit.work, invoice_id, number, limit=PAGE, skip=skip)
    one = explained.line
    told = facts([
        (t("Invoice", "账单"), id_link(visit, "/invoice", invoice_id)),
        (t("Order", "订单"), id_link(visit, "/order", one.order_id)),
        (t("Product", "产品"), join(one.product_name, " ", id_link(visit, "/product", one.product_id))),
        (t("Quantity", "数量"), quantity(one.quantity)),
        (t("Charges add up to", "费用之和"), money(one.rated_amount, one.currency)),
        (t("Rounded once, on the line", "在明细上四舍五入一次"), tag("strong", money(one.amount, one.currency))),
        (t("Before promotions", "优惠前"), money(one.list_amount, one.currency)),
    ])  # fmt: skip
    columns = (
        Column(t("Day", "日")), Column(t("Quantity", "数量"), True), Column(t("Meter", "计量")),
        Column(t("Amount", "金额"), True), Column(t("Before promotions", "优惠前"), True),
        Column(t("How", "计价依据")), Column(t("Raw facts", "原始事实")),
    )  # fmt: skip
    rows = [_row(visit, charge) for charge in explained.charges]
    first, last = skip + 1, skip + len(explained.charges)
    amount = money(explained.explained_amount, one.currency)
    caption = t(
        f"Charges {first} to {last} of {counted(one.charges)}; these add up to {amount}",
        f"第 {first} 至 {last} 笔，共 {counted(one.charges)} 笔；本页合计 {amount}",
    )
    more = [None] * (PAGE + 1) if explained.more else []
    charges = table(visit, caption, columns, rows)
    body = join(told, section(t("Charges", "费用"), charges), next_page(visit, more, skip=last))
    return Page(f"{t('Line', '明细')} {number} · {invoice_id}", body)


def _row(visit: Visit, one: ChargeExplained) -> tuple[Html | str | None, ...]:
    charge = one.charge
    return (
        visit.day(charge.day),
        quantity(charge.quantity),
        f"{quantity(charge.reading_before)} → {quantity(charge.reading_after)}",
        amount_in(charge.amount, charge.currency),
        amount_in(charge.list_amount, charge.currency),
        _how(visit, charge),
        _facts(visit, one),
    )


def _how(visit: Visit, charge: ChargeRow) -> Html:
    """The price version, promotion and run behind a charge, in words that unfold."""
    t = visit.t
    more = facts([
        (t("Cause", "起因"), charge.cause),
        (t("Meter", "计量"), f"{charge.meter_component} · {charge.meter_order_id} · {charge.meter_scope}"),
        (t("Component", "价格项"), charge.component),
        (t("Promotion", "促销"), charge.promotion_id),
        (t("Run", "作业"), id_link(visit, "/run", charge.run_id)),
        (t("Rated", "计价时间"), visit.when(charge.rated_at)),
    ])  # fmt: skip
    version = link(visit, "/product", charge.version_id, id=charge.product_id)
    words = (charge.note, tag("br")) if charge.note else None
    return join(words, version, tag("details", tag("summary", t("more", "更多")), more))


def _facts(visit: Visit, one: ChargeExplained) -> Html:
    if one.use is not None:
        return _use(visit, one.use)
    t = visit.t
    states = [tag("div", visit.when(change.at), " ", badge(visit, change.to_state)) for change in one.states]
    accounts = [
        tag("div", visit.when(change.at), " ", quantity(change.accounts), t(" accounts", " 个账户"))
        for change in one.accounts
    ]
    return join(id_link(visit, "/order", one.charge.cause_id), states, accounts)


def _use(visit: Visit, use: UsageEvent) -> Html:
    t = visit.t
    measured = money_or_quantity(use)
    more = facts([
        (t("User", "使用者"), f"{use.user_id} {use.user_name}".strip()),
        (t("From", "自"), visit.when(use.started_at)),
        (t("Until", "至"), visit.when(use.ended_at)),
        (t("Reported by", "上报方"), use.caller),
        ("guid", use.guid),
        (t("Received", "收到"), visit.when(use.received_at)),
    ])  # fmt: skip
    head = join(id_link(visit, "/use", use.event_id), tag("br"), f"{use.user_id} · {measured}")
    return join(head, tag("details", tag("summary", t("more", "更多")), more))


def money_or_quantity(use: UsageEvent) -> str:
    """What a use measures: a quantity with its unit, or the amount that its product had priced already."""
    if use.quantity is not None:
        return f"{quantity(use.quantity)} {use.unit}".strip()
    return f"amount {quantity(use.amount)}"
