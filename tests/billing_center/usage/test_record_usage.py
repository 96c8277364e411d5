"""Uses are kept once: by the caller's own id, else by content within a window, whoever reports them at once."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock, civil_day
from billing_center.errors import BillingError, Refused, ResultCode
from billing_center.ids import shard_of
from billing_center.usage.check_uses import check_use
from billing_center.usage.record_usage import record_usages
from billing_center.usage.reported_uses import RecordUsage
from schema.tables.usage import usage_event, usage_queue

CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "0.10"}
  - id: dice
    name: identical uses are real here
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "0.10"}
  - id: call
    name: 通话
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          price: {CNY: "0.10"}
"""
ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 1, 9, tzinfo=ZONE)
YEAR_9999 = datetime(9999, 1, 1, tzinfo=ZoneInfo("UTC"))
USE = RecordUsage(
    caller="sms-product", guid="", user_id="u1", user_name="", payer_id="boss", product_id="sms", product_name="",
    started_at=AT, ended_at=AT, amount=None, quantity=Decimal(1), unit="",
)  # fmt: skip


@pytest.fixture
def shop(center: Center, clock: SettableClock) -> Center:
    clock.at = AT
    center.transact("test", lambda work: load_catalog(work, CATALOG, "test.yaml"))
    return center


def record(center: Center, *uses: RecordUsage) -> list[BillingError | None]:
    return center.transact("test", lambda work: record_usages(work, uses))


def kept(center: Center) -> int:
    with center.reading() as work:
        queued = work.connection.execute(select(func.count()).select_from(usage_queue)).scalar_one()
        events = work.connection.execute(select(func.count()).select_from(usage_event)).scalar_one()
    assert queued == events
    return events


def test_the_same_guid_is_the_same_event_across_calls_and_within_a_batch(shop: Center) -> None:
    use = replace(USE, guid="g-1")
    assert record(shop, use, use) == [None, None]
    assert record(shop, use) == [None]
    assert kept(shop) == 1


def events(center: Center) -> list[tuple[str, int]]:
    """Guid and shard of each use, in the order of ids."""
    columns = (usage_event.c.guid, usage_event.c.shard)
    with center.reading() as work:
        return [
            (row.guid, row.shard)
            for row in work.connection.execute(select(*columns).order_by(usage_event.c.event_id))
        ]


def test_a_few_uses_get_ids_in_the_order_in_which_they_came(shop: Center) -> None:
    came = [replace(USE, guid=f"g{n}", payer_id=f"boss-{n}") for n in range(50)]
    assert record(shop, *came) == [None] * 50
    assert [guid for guid, _ in events(shop)] == [use.guid for use in came]


def test_many_uses_get_ids_shard_by_shard_and_within_one_in_the_order_in_which_they_came(shop: Center) -> None:
    came = [replace(USE, guid=f"g{n}", payer_id=f"boss-{n % 90}") for n in range(1000)]
    assert record(shop, *came) == [None] * 1000
    in_order = sorted(came, key=lambda use: shard_of(use.payer_id))
    assert events(shop) == [(use.guid, shard_of(use.payer_id)) for use in in_order]


def test_the_first_of_repeats_is_the_one_that_came_first_whatever_its_shard(shop: Center) -> None:
    late, early = sorted((f"boss-{n}" for n in range(50)), key=shard_of)[::49]
    came = [replace(USE, guid=f"g{n}", payer_id=early) for n in range(600)]
    assert record(shop, *came, *(replace(use, payer_id=late) for use in came)) == [None] * 1200
    assert {shard for _, shard in events(shop)} == {shard_of(early)} and kept(shop) == 600


def test_a_guid_belongs_to_its_caller(shop: Center) -> None:
    use = replace(USE, guid="g-1")
    record(shop, use, replace(use, caller="another"))
    assert kept(shop) == 2


def test_a_guid_with_other_content_is_answered_and_kept_once(shop: Center) -> None:
    record(shop, replace(USE, guid="g-1"))
    assert record(shop, replace(USE, guid="g-1", quantity=Decimal(2))) == [None]
    assert kept(shop) == 1


def test_equal_content_within_the_window_is_a_retried_call(shop: Center, clock: SettableClock) -> None:
    record(shop, USE)
    clock.at = AT + timedelta(hours=23, minutes=59)
    record(shop, replace(USE, quantity=Decimal("1.00")))
    assert kept(shop) == 1


def test_equal_content_after_the_window_is_another_use(shop: Center, clock: SettableClock) -> None:
    record(shop, USE)
    clock.at = AT + timedelta(hours=24)
    record(shop, USE)
    record(shop, USE)
    assert kept(shop) == 2


def test_any_other_field_makes_another_use(shop: Center) -> None:
    record(
        shop,
        USE,
        replace(USE, started_at=AT - timedelta(milliseconds=1)),
        replace(USE, user_id="u2"),
        replace(USE, quantity=Decimal("1.5")),
        replace(USE, payer_id=""),
    )
    assert kept(shop) == 5


def test_a_product_may_have_identical_uses(shop: Center) -> None:
    use = replace(USE, product_id="dice")
    record(shop, use, use)
    record(shop, use)
    assert kept(shop) == 3


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"product_id": "nothing"}, ResultCode.UNKNOWN_PRODUCT, "productId"),
        ({"ended_at": AT - timedelta(seconds=1)}, ResultCode.OUT_OF_RANGE, "endDate"),
        ({"quantity": None}, ResultCode.MISSING_FIELD, "useAge"),
        ({"quantity": Decimal(0)}, ResultCode.OUT_OF_RANGE, "useAge"),
        ({"quantity": Decimal("0.0000001")}, ResultCode.OUT_OF_RANGE, "useAge"),
        ({"quantity": Decimal(10**12)}, ResultCode.OUT_OF_RANGE, "useAge"),
        ({"amount": Decimal("-0.01")}, ResultCode.OUT_OF_RANGE, "amount"),
        ({"product_id": "call", "unit": "GB"}, ResultCode.UNKNOWN_UNIT, "useUnit"),
        ({"started_at": YEAR_9999, "ended_at": YEAR_9999},
         ResultCode.OUT_OF_RANGE, "startDate"),
    ],
)  # fmt: skip
def test_a_bad_use_is_refused_by_field_and_spoils_no_other(
    shop: Center, change: dict[str, object], code: ResultCode, field: str
) -> None:
    first, bad, last = record(shop, USE, replace(USE, **change), replace(USE, user_id="u2"))  # type: ignore[arg-type]
    assert (first, last) == (None, None)
    assert bad is not None
    assert (bad.code, bad.field) == (code, field)
    assert kept(shop) == 2


def test_a_unit_that_converts_is_taken(shop: Center) -> None:
    assert record(shop, replace(USE, product_id="call", quantity=Decimal(2), unit="hour")) == [None]


def odd_use(random: Random) -> RecordUsage:
    """A use as anybody might report it: most are sound, some break a rule, some come again."""
    started = AT - timedelta(milliseconds=random.choice((0, 1, 86_400_000, 10**9, 10**9, 10**13, -(10**11))))
    return RecordUsage(
        caller=random.choice(("a", "b")),
        guid=random.choice(("", f"guid-{random.randrange(400)}")),
        user_id=random.choice(("u1", "u2", "王\t\\")),
        user_name=random.choice(("", "名")),
        payer_id=random.choice(("", "boss", 'q"uote')),
        product_id=random.choice(("sms", "call", "call", "dice", "none")),
        product_name="",
        started_at=started,
        ended_at=started + timedelta(milliseconds=random.choice((0, 0, 500, 500, -1))),
        amount=random.choice((None, None, Decimal("0.5"), Decimal(0), Decimal(-1))),
        quantity=random.choice((None, Decimal(0), Decimal("1.50"), Decimal("1.5"), Decimal(999), Decimal("1E-7"))),
        unit=random.choice(("", "hour", "TB", "minute")),
    )


def rule_broken(work: UnitOfWork, use: RecordUsage) -> tuple[object, ...] | None:
    try:
        check_use(work, use)
    except Refused as refused:
        return refused.code, refused.field, refused.message
    return None


def identity(use: RecordUsage, place: int) -> object:
    if use.guid:
        return use.caller, use.guid
    return place if use.product_id == "dice" else use


@pytest.mark.parametrize("portion", [60, 700])
def test_a_batch_keeps_what_each_of_its_uses_says_by_itself(shop: Center, portion: int) -> None:
    random = Random(portion)
    uses = [odd_use(random) for _ in range(700)]
    outcomes = []
    for at in range(0, len(uses), portion):
        outcomes += record(shop, *uses[at : at + portion])
    assert record(shop, *(use for use in uses if use.product_id != "dice" or use.guid))
    with shop.reading() as work:
        alone = [rule_broken(work, use) for use in uses]
        kept = work.connection.execute(
            select(usage_event, usage_queue.c.next_try_at)
            .join(usage_queue, usage_event.c.event_id == usage_queue.c.event_id)
            .order_by(usage_event.c.event_id)
        ).all()
    assert [error and (error.code, error.field, error.message) for error in outcomes] == alone
    assert len(set(alone)) > 7
    sound = [(identity(use, at), use) for at, use in enumerate(uses) if alone[at] is None]
    first: dict[object, RecordUsage] = {}
    for key, use in sound:
        first.setdefault(key, use)
    expected = list(first.values())
    names = [field.name for field in fields(RecordUsage)]
    assert [RecordUsage(*(getattr(row, name) for name in names)) for row in kept] == expected
    for row in kept:
        assert (row.day, row.shard) == (civil_day(row.started_at, ZONE), shard_of(row.payer_id or row.user_id))
        assert row.next_try_at == max(AT, row.started_at)
