"""Uses in the queue are counted and listed by what they wait for; one says what became of it."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import OutOfRange
from billing_center.usage.park import HELD, PARKED, WAITING
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from billing_center.usage.show_uses import queue_counts, show_use, uses_waiting

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    filters: [{name: testers, users: [tester]}]
    plans: {per_use: [{valid_from: 2026-01-01, price: {CNY: 0.10}}]}
  - id: video
    name: 视频
    currency: CNY
    unit: minute
    plans: {per_use: [{valid_from: 2027-01-01, price: {CNY: 0.50}}]}
"""
AT = datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def shop(center: Center, clock: SettableClock) -> Center:
    """A center that sells sms now and video from 2027 on."""
    clock.at = AT
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    return center


def use(shop: Center, product_id: str, user_id: str = "u", payer_id: str = "p") -> None:
    command = RecordUsage(
        caller="c", guid=f"{product_id} {user_id} {payer_id}", user_id=user_id, user_name="", payer_id=payer_id,
        product_id=product_id, product_name="", started_at=AT, ended_at=AT, amount=None, quantity=Decimal(3),
        unit="",
    )  # fmt: skip
    assert shop.transact("c", lambda work: record_usages(work, [command])) == [None]


def rate(shop: Center) -> None:
    shop.transact("job", lambda work: rate_usage(work, first_shard=0, last_shard=255, limit=10, run_id="r"))


def numbers(shop: Center) -> dict[str, int]:
    with shop.reading() as work:
        return {state: count.number for state, count in queue_counts(work).items()}


def test_uses_are_counted_by_where_they_stand(shop: Center) -> None:
    use(shop, "sms")
    use(shop, "video")
    assert numbers(shop) == {WAITING: 2, PARKED: 0, HELD: 0}
    rate(shop)
    assert numbers(shop) == {WAITING: 0, PARKED: 1, HELD: 0}


def test_waiting_uses_are_listed_by_state_reason_product_and_payer(shop: Center) -> None:
    use(shop, "video", payer_id="p-1")
    use(shop, "video", payer_id="p-2")
    rate(shop)
    use(shop, "sms")
    with shop.reading() as work:
        parked = uses_waiting(work)
        assert [one.use.payer_id for one in parked] == ["p-1", "p-2"]
        assert {one.place.reason for one in parked} == {"no_price"}
        assert uses_waiting(work, payer_id="p-2") == parked[1:]
        assert uses_waiting(work, after=parked[0].use.event_id) == parked[1:]
        assert uses_waiting(work, reason="no_price", product_id="video", limit=1) == parked[:1]
        assert uses_waiting(work, reason="unknown_unit") == uses_waiting(work, states=[HELD]) == []
        assert [one.use.product_id for one in uses_waiting(work, states=[WAITING])] == ["sms"]


def test_a_use_says_what_became_of_it(shop: Center) -> None:
    for product_id, user_id in (("sms", "u"), ("sms", "tester"), ("video", "u")):
        use(shop, product_id, user_id)
    with shop.reading() as work:
        rated, filtered, parked = (one.use.event_id for one in uses_waiting(work, states=[WAITING]))
    rate(shop)
    with shop.reading() as work:
        shown = show_use(work, rated)
        [charge] = shown.charges
        assert (charge.amount, charge.quantity, charge.payer_id) == (Decimal("0.30"), Decimal(3), "p")
        assert (shown.place, shown.filtered_by) == (None, "")
        assert show_use(work, filtered).filtered_by == "testers"
        place = show_use(work, parked).place
        assert place is not None
        assert (place.state, place.reason, place.tries) == (PARKED, "no_price", 1)
        with pytest.raises(OutOfRange, match="no use has the id 'x'"):
            show_use(work, "x")
