"""What a payer's running period has come to, where it is heading, and its spend alerts; on the payer's page."""

from collections.abc import Sequence
from decimal import Decimal

from billing_center.alert.spend_alert import list_alerts, list_notices
from billing_center.alert.store import SpendNotice
from billing_center.errors import BillingError
from billing_center.foresight.forecast import Forecast, forecast
from web.console.alerts import notice_table, threshold_table
from web.console.amounts import amount_in, money
from web.console.markup import Html, join, tag
from web.console.parts import Column, id_link, link, note, table
from web.console.visit import Visit

MOST = 20


def spend(visit: Visit, payer_id: str) -> Html:
    """Charged so far and the forecast as figures, product by product, then thresholds and what was crossed."""
    t = visit.t
    try:
        found = forecast(visit.work, payer_id)
    except BillingError as error:  # the rest of the page is still worth having
        return note("wait", error.message)
    thresholds = list_alerts(visit.work, payer_id=payer_id, limit=MOST)
    crossed = list_notices(visit.work, payer_id=payer_id, limit=MOST)
    return join(
        _figures(visit, found),
        _lines(visit, found) if found.lines else None,
        _doubts(visit, found),
        tag("h3", t("Thresholds", "阈值")),
        threshold_table(visit, thresholds, payer=False),
        (tag("h3", t("Crossed", "已超阈值")), notice_list(visit, payer_id, crossed)) if crossed else None,
    )


def notice_list(visit: Visit, payer_id: str, crossed: Sequence[SpendNotice]) -> Html:
    """The newest notices, and where they are acknowledged."""
    words = visit.t("Acknowledge, or see all", "确认或查看全部")
    return join(notice_table(visit, crossed, payer=False), tag("p", link(visit, "/alerts", words, payer=payer_id)))


def _figures(visit: Visit, found: Forecast) -> Html:
    """The totals first: what is charged, what the period will come to, how much of it is over."""
    t = visit.t
    charged: dict[str, Decimal] = {}
    for line in found.lines:
        charged[line.currency] = charged.get(line.currency, Decimal(0)) + line.charged
    tiles = [
        (" + ".join(money(amount, currency) for currency, amount in sorted(charged.items())) or "0",
         t("charged so far", "至今费用")),
        (" + ".join(money(amount, currency) for currency, amount in found.totals) or "0",
         t("forecast of the period's end", "账期末预测")),
        (f"{int(found.elapsed * 100)}%",
         t(f"of {found.period_start} – {found.period_end} is over",
           f"已过（账期 {found.period_start} – {found.period_end}）")),
    ]  # fmt: skip
    made = [tag("li", tag("div", tag("b", figure), tag("span", words), class_="card")) for figure, words in tiles]
    return tag("ul", made, class_="tiles figures")


def _lines(visit: Visit, found: Forecast) -> Html:
    t = visit.t
    columns = (
        Column(t("Product", "产品")), Column(t("Charged", "已计费"), True), Column(t("Waiting", "待计价"), True),
        Column(t("Days to come", "后续天数"), True), Column(t("Uses to come", "后续使用"), True),
        Column(t("Commitment", "保底补足"), True), Column(t("In all", "合计"), True),
        Column(t("Currency", "币种")),
    )  # fmt: skip
    rows = [
        (
            id_link(visit, "/product", one.product_id),
            *(amount_in(amount, one.currency) if amount else "" for amount in (
                one.charged, one.waiting, one.days_to_come, one.uses_to_come, one.true_up
            )),
            amount_in(one.total, one.currency), one.currency,
        )
        for one in found.lines
    ]  # fmt: skip
    caption = t("Orders as they are, uses at the pace so far", "订单按现状，使用按至今速度")
    return table(visit, caption, columns, rows)


def _doubts(visit: Visit, found: Forecast) -> Html | None:
    """What the forecast does not know."""
    t = visit.t
    if found.more:
        return note("wait", t("More waits than is rated here: the forecast is too low.", "待计价过多：预测偏低。"))
    if found.cannot:
        count = len(found.cannot)
        return note("wait", t(f"{count} facts have no price as things stand.", f"{count} 条事实目前无价格。"))
    return None
