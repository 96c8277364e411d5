"""Uses that wait: parked and held ones with their reasons, to be released once the cause was mended."""

from collections.abc import Sequence

from billing_center.errors import OutOfRange
from billing_center.usage.park import HELD, PARKED
from billing_center.usage.show_uses import QUEUE_STATES, WaitingUse, uses_waiting
from web.console.line import money_or_quantity
from web.console.markup import Html, join, tag
from web.console.page import Page
from web.console.parts import Column, choice, field, filters, id_link, next_page, table, token_field
from web.console.states import STATES, badge, reason_words
from web.console.visit import PAGE, Visit


def uses(visit: Visit) -> Page:
    """The list; without a state those that are parked or held."""
    t, state = visit.t, visit.arg("state")
    if state and state not in QUEUE_STATES:
        raise OutOfRange(f"{state!r} is no state of a waiting use", field="state")
    form = filters(
        visit,
        choice(visit, "state", t("State", "状态"), [(s, t(s, STATES[s][0])) for s in QUEUE_STATES]),
        field(visit, "reason", t("Reason", "原因")),
        field(visit, "product", t("Product", "产品")),
        field(visit, "payer", t("Payer", "付费人")),
    )
    found = uses_waiting(
        visit.work,
        states=(state,) if state else (PARKED, HELD),
        reason=visit.wanted("reason"),
        product_id=visit.wanted("product"),
        payer_id=visit.wanted("payer"),
        after=visit.arg("after"),
        limit=PAGE + 1,
    )
    shown = found[:PAGE]
    following = next_page(visit, found, after=shown[-1].use.event_id) if shown else None
    return Page(t("Uses that wait", "等待中的使用"), join(form, _releasable(visit, shown), following))


def _releasable(visit: Visit, shown: Sequence[WaitingUse]) -> Html:
    t = visit.t
    listed = _table(visit, shown)
    if not any(_waits_for_release(one) for one in shown):
        return listed
    button = tag("button", t("Release the chosen uses", "释放选中的使用"), class_="act")
    words = t(
        "Mend the cause first: a price in the catalog, an order of the payer, a unit that converts.",
        "请先排除原因：目录中的价格、付费人的订单、可换算的单位。",
    )
    hint = tag("span", words, class_="soft")
    action = visit.href("/act/release-uses")
    acts = tag("div", button, hint, class_="acts")
    return tag("form", token_field(visit), listed, acts, method="post", action=action)


def _table(visit: Visit, shown: Sequence[WaitingUse]) -> Html:
    t = visit.t
    columns = (
        Column(t("Choose", "选择")), Column(t("Use", "使用")), Column(t("Why", "原因")),
        Column(t("Of what", "产品、计量")), Column(t("User, payer", "使用者、付费人")),
        Column(t("Happened", "发生")),
    )  # fmt: skip
    rows = [
        (
            _box(visit, one),
            join(id_link(visit, "/use", one.use.event_id), _standing(visit, one)),
            tag("div", reason_words(visit, one.place.reason), _detail(one), class_="wide"),
            join(id_link(visit, "/product", one.use.product_id), tag("div", money_or_quantity(one.use))),
            join(tag("div", one.use.user_id), id_link(visit, "/payer", one.use.payer_id)),
            visit.when(one.use.started_at),
        )
        for one in shown
    ]
    caption = t("The oldest first", "最早在前")
    return table(visit, caption, columns, rows, empty=t("No use waits here.", "没有等待中的使用。"))


def _standing(visit: Visit, one: WaitingUse) -> Html:
    """Its state, how often it was tried, and when it is tried again."""
    t, place = visit.t, one.place
    tries = t(f" {place.tries} tries", f" 已试 {place.tries} 次") if place.tries else None
    again = (t(", again at ", "，下次 "), visit.when(place.next_try_at)) if place.state == PARKED else None
    return tag("div", badge(visit, place.state), tag("span", tries, again, class_="soft"))


def _detail(one: WaitingUse) -> Html | None:
    return tag("div", one.place.detail, class_="soft") if one.place.detail else None


def _box(visit: Visit, one: WaitingUse) -> Html | None:
    if not _waits_for_release(one):
        return None
    label = f"{visit.t('choose', '选择')} {one.use.event_id}"
    return tag("input", type="checkbox", name="id", value=one.use.event_id, aria_label=label)


def _waits_for_release(one: WaitingUse) -> bool:
    return one.place.state in (PARKED, HELD)
