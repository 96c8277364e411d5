"""Sums equal charges at every moment, whatever the batches, the order of arrival and the number of rounds."""

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.charge.roll_up import rebuild, roll_up
from billing_center.clock import SettableClock
from billing_center.usage.rate_usage import rate_usage
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from billing_center.usage.store import use_counts
from schema.tables.charges import charge, running_sum, usage_rollup

SHANGHAI = ZoneInfo("Asia/Shanghai")
CATALOG = """
products:
  - id: meeting
    name: 会议分钟
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          meter_per: payer
          prices:
            - currency: CNY
              model: graduated
              tiers:
                - {up_to: "100", price: "0.50"}
                - {up_to: "300", price: "0.333333"}
                - {price: "0.10"}
  - id: coupon
    name: free at first
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "1.50"}
"""


@pytest.fixture
def shop(center: Center, clock: SettableClock) -> Center:
    clock.at = datetime(2026, 2, 20, tzinfo=SHANGHAI)
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    return center


def use(n: int, payer: str, product: str, quantity: str, day: int) -> RecordUsage:
    at = datetime(2026, 2, day, 12, tzinfo=SHANGHAI) + timedelta(seconds=n)
    return RecordUsage(
        caller="test", guid=f"g{n}", user_id=f"user-of-{payer}", user_name="", payer_id=payer, product_id=product,
        product_name="", started_at=at, ended_at=at, amount=None, quantity=Decimal(quantity), unit="",
    )  # fmt: skip


def rate_all(center: Center, limit: int) -> None:
    while center.transact(
        "test", lambda w: rate_usage(w, first_shard=0, last_shard=255, limit=limit, run_id="test")
    ):
        pass


def totals(center: Center) -> dict[tuple[str, str], tuple[Decimal, Decimal, int]]:
    c = running_sum.c
    statement = select(c.payer_id, c.product_id, func.sum(c.amount), func.sum(c.quantity), func.sum(c.charges))
    with center.reading() as work:
        rows = work.connection.execute(statement.group_by(c.payer_id, c.product_id)).all()
    return {(r[0], r[1]): (Decimal(r[2]), Decimal(r[3]), int(r[4])) for r in rows}


def test_tiers_and_free_uses_add_up_by_hand(shop: Center) -> None:
    """Meeting: 100 x 0.50 + 200 x 0.333333 + 50 x 0.10 = 121.6666. Coupon: 5 uses, 3 of them free, x 1.50."""
    uses = [use(1, "a", "meeting", "90", 1), use(2, "a", "meeting", "260", 2)]
    uses += [use(n, "a", "coupon", "1", 3) for n in range(3, 8)]
    shop.transact("test", lambda work: record_usages(work, uses))
    rate_all(shop, 100)
    found = totals(shop)
    assert found["a", "meeting"][:2] == (Decimal("121.6666"), Decimal("350"))
    assert found["a", "coupon"][:2] == (Decimal("3.00"), Decimal("5"))


def test_order_batches_and_repeats_never_change_the_totals(shop: Center) -> None:
    random_source = random.Random(20260220)
    uses = [
        use(n, random_source.choice("abc"), random_source.choice(["meeting", "coupon"]),
            str(random_source.randint(1, 400)), random_source.randint(1, 19))
        for n in range(120)
    ]  # fmt: skip
    expected: dict[tuple[str, str], Decimal] = {}
    for payer in "abc":
        minutes = sum(
            (u.quantity or 0 for u in uses if (u.payer_id, u.product_id) == (payer, "meeting")), Decimal(0)
        )
        counts = sum(
            (u.quantity or 0 for u in uses if (u.payer_id, u.product_id) == (payer, "coupon")), Decimal(0)
        )
        tiers = Decimal("0.50") * min(minutes, 100)
        tiers += Decimal("0.333333") * max(min(minutes, 300) - 100, 0) + Decimal("0.10") * max(minutes - 300, 0)
        expected[payer, "meeting"] = tiers
        expected[payer, "coupon"] = Decimal("1.50") * max(counts - 3, 0)
    random_source.shuffle(uses)
    for at in range(0, 120, 17):
        shop.transact("test", lambda work, part=uses[at : at + 17]: record_usages(work, part))  # type: ignore[misc]
        rate_all(shop, random_source.choice([1, 5, 1000]))
    shop.transact("test", lambda work: record_usages(work, uses))
    rate_all(shop, 7)
    assert {key: total[0] for key, total in totals(shop).items()} == expected
    with shop.reading() as work:
        counted = use_counts(work.connection)
    assert (counted.accepted, counted.rated) == (120, 120)


def test_running_sums_and_roll_ups_equal_the_charges(shop: Center) -> None:
    uses = [use(n, "abc"[n % 3], "meeting", "7.25", 1 + n % 19) for n in range(60)]
    shop.transact("test", lambda work: record_usages(work, uses))
    rate_all(shop, 13)
    shop.transact("test", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=1000))
    shop.transact("test", lambda work: record_usages(work, [use(99, "a", "meeting", "1000", 1)]))
    rate_all(shop, 13)
    while shop.transact("test", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=2)):
        pass
    with shop.reading() as work:
        sums = [
            work.connection.execute(
                select(func.sum(t.c.amount), func.sum(t.c.quantity), func.sum(t.c.list_amount))
            ).one()
            for t in (charge, running_sum, usage_rollup)
        ]
        days = set(work.connection.execute(select(usage_rollup.c.day)).scalars())
    assert sums[0] == sums[1] == sums[2]
    assert days == {date(2026, 2, day) for day in range(1, 20)}


def test_roll_ups_can_be_rebuilt(shop: Center) -> None:
    shop.transact("test", lambda work: record_usages(work, [use(1, "a", "meeting", "8", 3)]))
    rate_all(shop, 10)
    for _ in range(2):
        shop.transact("test", rebuild)
        assert shop.transact("test", lambda work: roll_up(work, first_shard=0, last_shard=255, limit=10)) == 1
    with shop.reading() as work:
        assert work.connection.execute(select(usage_rollup.c.amount)).scalars().all() == [Decimal("4.00")]
