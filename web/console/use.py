"""One use: as it was collected, and what became of it."""

from billing_center.invoice.invoice import invoice_id_of
from billing_center.usage.park import HELD, PARKED
from billing_center.usage.show_uses import UseShown, show_use
from billing_center.usage.usage_event import UsageEvent
from web.console.amounts import amount_in, quantity
from web.console.audit import audit_of
from web.console.line import money_or_quantity
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, act, facts, id_link, section, table
from web.console.states import badge, reason_words
from web.console.visit import Visit


def use(visit: Visit) -> Page:
    """The page. Raises: OutOfRange when there is no such use."""
    t = visit.t
    shown = show_use(visit.work, visit.arg("id"))
    body = join(
        section(t("What became of it", "处理结果"), _became(visit, shown)),
        section(t("As it was collected", "采集内容"), _collected(visit, shown.use)),
        section(t("Charges", "费用"), _charges(visit, shown)),
        audit_of(visit, shown.use.event_id),
    )
    return Page(f"{t('Use', '使用')} {shown.use.event_id}", body)


def _became(visit: Visit, shown: UseShown) -> Html:
    t, place = visit.t, shown.place
    if shown.withdrawn_by:
        return facts(
            [(t("State", "状态"), badge(visit, "WITHDRAWN")), (t("Correction", "更正"), shown.withdrawn_by)]
        )
    if shown.filtered_by:
        return facts(
            [(t("State", "状态"), badge(visit, "FILTERED")), (t("By the rule", "规则"), shown.filtered_by)]
        )
    if place is None:
        return facts([(t("State", "状态"), badge(visit, "RATED"))])
    told = facts([
        (t("State", "状态"), badge(visit, place.state)),
        (t("Why", "原因"), reason_words(visit, place.reason)),
        (t("In words", "说明"), place.detail),
        (t("Tries", "次数"), place.tries),
        (t("Next try", "下次重试"), None if place.state == HELD else visit.when(place.next_try_at)),
    ])  # fmt: skip
    if place.state not in (PARKED, HELD):
        return told
    button = act(
        visit, "/act/release-uses", t("Release: try it again now", "释放：立即重试"), id=shown.use.event_id
    )
    return join(told, tag("div", button, class_="acts"))


def _collected(visit: Visit, one: UsageEvent) -> Html:
    t = visit.t
    return facts([
        (t("Product", "产品"), join(id_link(visit, "/product", one.product_id), " ", one.product_name)),
        (t("User", "使用者"), f"{one.user_id} {one.user_name}".strip()),
        (t("Payer", "付费人"), id_link(visit, "/payer", one.payer_id) or t("to be found", "待查找")),
        (t("Measures", "计量"), money_or_quantity(one)),
        (t("From", "自"), visit.when(one.started_at)),
        (t("Until", "至"), visit.when(one.ended_at)),
        (t("Received", "收到"), visit.when(one.received_at)),
        (t("Reported by", "上报方"), one.caller),
        ("guid", one.guid),
    ])  # fmt: skip


def _charges(visit: Visit, shown: UseShown) -> Html:
    t = visit.t
    columns = (
        Column(t("Day", "日")), Column(t("Cause", "起因")), Column(t("Component", "价格项")),
        Column(t("Order", "订单")), Column(t("Quantity", "数量"), True), Column(t("Amount", "金额"), True),
        Column(t("Currency", "币种")), Column(t("On the invoice", "所在账单")), Column(t("Run", "作业")),
    )  # fmt: skip
    rows = [
        (visit.day(c.day), c.cause, c.component, id_link(visit, "/order", c.order_id), quantity(c.quantity),
         amount_in(c.amount, c.currency), c.currency, invoice_id_of(c.payer_id, c.period_start),
         id_link(visit, "/run", c.run_id))
        for c in shown.charges
    ]  # fmt: skip
    return table(visit, t("One for each price component", "每个价格项一笔"), columns, rows,
                 empty=t("No charge.", "没有费用。"))  # fmt: skip
