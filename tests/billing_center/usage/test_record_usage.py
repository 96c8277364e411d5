"""Uses are kept once: by the caller's own id, else by content within a window, whoever reports them at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from billing_center.catalog.load_catalog import load_catalog
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import BillingError, ResultCode
from billing_center.usage.record_usage import RecordUsage, record_usages
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
AT = datetime(2026, 3, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
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
