"""Spend alerts: notices of crossed thresholds, to be acknowledged, and thresholds beside what is spent."""

from collections.abc import Sequence
from decimal import Decimal

from billing_center.alert.spend_alert import AlertShown, list_alerts, list_notices
from billing_center.alert.store import SpendNotice
from billing_center.ids import NONE
from web.console.amounts import amount_in, money
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, choice, field, filters, id_link, next_page, section, table, token_field
from web.console.visit import PAGE, Visit


def alerts(visit: Visit) -> Page:
    """The list: what was crossed, the newest first, then every threshold."""
    t, skip = visit.t, visit.number("skip")
    form = filters(
        visit,
        field(visit, "payer", t("Payer", "付费人")),
        field(visit, "product", t("Product", "产品")),
        choice(visit, "unseen", t("Acknowledged", "确认"), [("1", t("not yet", "未确认"))]),
    )
    found = list_notices(
        visit.work,
        payer_id=visit.wanted("payer"),
        product_id=visit.wanted("product"),
        unseen=bool(visit.arg("unseen")),
        skip=skip,
        limit=PAGE + 1,
    )
    set_ = list_alerts(visit.work, payer_id=visit.wanted("payer"), after=visit.arg("after"), limit=PAGE + 1)
    body = join(
        form,
        section(
            t("Crossed", "已超阈值"),
            _acknowledgeable(visit, found[:PAGE]),
            next_page(visit, found, skip=skip + PAGE),
        ),
        section(
            t("Thresholds", "阈值"),
            threshold_table(visit, set_[:PAGE]),
            next_page(visit, set_, after=set_[PAGE - 1].alert.alert_id) if len(set_) > PAGE else None,
        ),
    )
    return Page(t("Spend alerts", "消费告警"), body)


def _acknowledgeable(visit: Visit, shown: Sequence[SpendNotice]) -> Html:
    t = visit.t
    listed = notice_table(visit, shown)
    if all(one.acknowledged_at is not None for one in shown):
        return listed
    button = tag("button", t("Acknowledge the chosen", "确认选中的告警"), class_="act")
    hint = tag(
        "span", t("A threshold is told once in a period.", "每个阈值在一个账期内只告警一次。"), class_="soft"
    )
    acts = tag("div", button, hint, class_="acts")
    return tag("form", token_field(visit), listed, acts, method="post", action=visit.href("/act/acknowledge"))


def notice_table(visit: Visit, shown: Sequence[SpendNotice], *, payer: bool = True) -> Html:
    """Notices; in the list of all payers with a box to choose those that nobody has seen."""
    t = visit.t
    columns = [
        *([Column(t("Choose", "选择"))] if payer else []), Column(t("When", "时间")),
        *([Column(t("Payer", "付费人"))] if payer else []), Column(t("Spent on", "消费于")),
        Column(t("Threshold", "阈值"), True), Column(t("Stood at", "当时消费"), True),
        Column(t("Currency", "币种")), Column(t("Period", "账期")), Column(t("Acknowledged", "确认")),
    ]  # fmt: skip
    rows = [
        [
            *([_box(visit, one)] if payer else []),
            visit.when(one.at),
            *([id_link(visit, "/payer", one.payer_id)] if payer else []),
            spent_on(visit, one.product_id),
            amount_in(one.threshold, one.currency),
            amount_in(one.amount, one.currency),
            one.currency,
            f"{one.period_start} – {one.period_end}",
            _seen(visit, one),
        ]
        for one in shown
    ]
    caption = t("The newest first", "最新在前")
    return table(visit, caption, columns, rows, empty=t("No threshold was crossed.", "没有超过阈值的消费。"))


def threshold_table(visit: Visit, shown: Sequence[AlertShown], *, payer: bool = True) -> Html:
    """Thresholds with what the running period has come to, as an amount and as a part of it."""
    t = visit.t
    columns = [
        *([Column(t("Payer", "付费人"))] if payer else []), Column(t("Spent on", "消费于")),
        Column(t("Threshold", "阈值"), True), Column(t("Spent so far", "至今消费"), True),
        Column(t("Part", "占比")), Column(t("Crossed", "超过时间")), Column(t("Id", "编号")),
    ]  # fmt: skip
    rows = [
        [
            *([id_link(visit, "/payer", one.alert.payer_id)] if payer else []),
            spent_on(visit, one.alert.product_id),
            money(one.alert.threshold, one.alert.currency),
            money(one.spent, one.alert.currency),
            _part(visit, one),
            visit.when(one.crossed_at),
            tag("span", one.alert.alert_id, class_="id soft"),
        ]
        for one in shown
    ]
    empty = t(
        "No threshold is set: billing-center alert set, or POST /api/v1/alerts.",
        "尚未设置阈值：billing-center alert set，或 POST /api/v1/alerts。",
    )
    return table(visit, t("In the running period", "当前账期内"), columns, rows, empty=empty)


def spent_on(visit: Visit, product_id: str) -> Html | str | None:
    """A product with its link, or everything."""
    return visit.t("everything", "全部") if product_id == NONE else id_link(visit, "/product", product_id)


def _part(visit: Visit, one: AlertShown) -> Html:
    """How much of the threshold is spent: a bar that ends at all of it, and the number that does not."""
    percent = int(max(one.spent, Decimal(0)) * 100 / one.alert.threshold)
    label = visit.t("part of the threshold that is spent", "已消费的阈值占比")
    over = "over" if percent >= 100 else None
    bar = tag("progress", max=100, value=min(percent, 100), aria_label=label, class_=over)
    return tag("span", bar, tag("b", f"{percent:,}%") if over else f"{percent:,}%", class_="id")


def _box(visit: Visit, one: SpendNotice) -> Html | None:
    if one.acknowledged_at is not None:
        return None
    label = f"{visit.t('choose', '选择')} {one.payer_id} {one.period_start}"
    value = f"{one.alert_id}:{one.period_start}"
    return tag("input", type="checkbox", name="id", value=value, aria_label=label)


def _seen(visit: Visit, one: SpendNotice) -> Html:
    if one.acknowledged_at is None:
        return tag("span", visit.t("not yet", "未确认"), class_="badge wait")
    return tag("span", one.acknowledged_by, " ", visit.when(one.acknowledged_at), class_="soft")
