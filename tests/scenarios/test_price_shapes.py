"""Price shapes through the public door: a catalog is loaded, uses and orders come, the preview says it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from billing_center.catalog.factors import SetFactor, set_factor
from billing_center.errors import CatalogInvalid, OutOfRange
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.money import plain
from tests.scenarios.story import Story

CALLS = """
products:
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - {currency: CNY, price: 0.30, event_fee: 0.10, increments: {first: 60 s, then: 6 s}}
  - id: pay
    name: 收款
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: percentage, percent: 2.5, event_min: 0.10, event_max: 5.00}]
"""


def previewed(story: Story, payer: str) -> dict[str, str]:
    """What the payer would be invoiced now, by product."""
    with story.center.reading() as work:
        invoices = preview_invoice(work, payer)
    return {line.product_id: plain(line.amount, least_digits=2) for one in invoices for line in one.lines}


def test_calls_and_payments_are_asked_use_by_use(story: Story) -> None:
    story.sell(CALLS)
    story.use("call", "61", unit="s", user="boss", payer="boss", at="2026-03-01 00:00")
    story.use("call", "1", unit="s", user="boss", payer="boss", at="2026-03-01 00:00", guid="second")
    for amount in ("1.00", "40.00", "1000.00"):
        story.use("pay", amount, user="boss", payer="boss")
    story.rate_uses()
    assert previewed(story, "boss") == {"call": "0.83", "pay": "6.10"}


COMMITTED = """
products:
  - id: api
    name: 接口
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          meter_per: order
          commitment: {CNY: 310.00}
          price: {CNY: 1.00, USD: 0.15}
"""


def test_a_commitment_is_trued_up_when_the_period_closes(story: Story) -> None:
    story.sell(COMMITTED)
    story.install("o1", payer="boss", product="api", billing="次")
    story.use("api", "100", user="boss")
    story.at("2026-03-31 12:00")
    assert previewed(story, "boss") == {"api": "100.00"}
    story.at("2026-04-01 12:00")
    assert story.lines("boss-20260301") == [("o1", "api", "CNY", "310.00")]
    [_, true_up] = story.charges("boss")
    assert (true_up.day, true_up.amount) == ("2026-03-31", "210.00")
    assert true_up.note == "up to the commitment of 310.00; charged 100.00"


def test_a_commitment_without_any_use_is_due_and_only_once(story: Story) -> None:
    story.sell(COMMITTED)
    story.install("o1", payer="boss", product="api", billing="次")
    story.install("o2", payer="idle", product="api", billing="次", state="PENDING")
    story.at("2026-04-03")
    story.night()
    story.pay("boss-20260301")
    story.at("2026-05-02")
    assert story.invoices("boss") == {"boss-20260301": "310.00", "boss-20260401": "310.00"}
    assert story.invoices("idle") == {}


def test_a_commitment_that_is_reached_asks_nothing_more(story: Story) -> None:
    story.sell(COMMITTED)
    story.install("o1", payer="boss", product="api", billing="次")
    story.use("api", "400", user="boss")
    story.at("2026-04-01 12:00")
    assert story.lines("boss-20260301") == [("o1", "api", "CNY", "400.00")]


def test_a_commitment_is_due_for_the_days_on_which_the_order_was_active(story: Story) -> None:
    story.sell(COMMITTED)
    story.begin("2026-03-22 10:00")
    story.install("o1", payer="boss", product="api", billing="次")
    story.at("2026-03-26 10:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-29 10:00")
    story.change("o1", "ACTIVE")
    story.at("2026-04-10 10:00")
    story.change("o1", "TERMINATED")
    story.at("2026-06-02")
    # 22 to 26 and 29 to 31 March are 8 of 31 days; 1 to 10 April are 10 of 30 days.
    assert story.invoices("boss") == {"boss-20260301": "80.00", "boss-20260401": "103.33"}


def test_a_period_that_could_not_be_closed_is_trued_up_by_the_difference(story: Story) -> None:
    story.sell(COMMITTED.replace("CNY: 310.00}", "CNY: 310.00, USD: 31.00}"))
    story.install("o1", payer="boss", product="api", billing="次")
    story.currency("boss", "USD")
    story.use("api", "100", user="boss")
    story.at("2026-04-01 12:00")  # there is no exchange rate, so there is no invoice
    assert previewed_amounts(story) == ["15.00", "16.00"]
    story.use("api", "40", user="boss", at="2026-03-31 23:00")
    story.sell("exchange_rates: [{currency: USD, valid_from: 2026-04-01, rate: 7}]")
    story.at("2026-04-02 12:00")
    assert previewed_amounts(story) == ["15.00", "6.00", "16.00", "-6.00"]
    assert story.lines("boss-20260301") == [("o1", "api", "USD", "31.00")]


def previewed_amounts(story: Story) -> list[str]:
    """The amounts of the boss's charges by day, uses first."""
    return [one.amount for one in story.charges("boss")]


ADVANCE = """
products:
  - id: crm
    name: 客户管理
    currency: CNY
    plans:
      month:
        - {valid_from: 2026-01-01, in_advance: true, price: {CNY: 310.00}}
"""


def test_a_month_in_advance_is_owed_on_its_first_day_and_comes_back_when_it_ends(story: Story) -> None:
    story.sell(ADVANCE)
    story.install("o1", payer="boss", product="crm", billing="月")
    story.at("2026-03-02 12:00")
    assert previewed(story, "boss") == {"crm": "310.00"}
    story.at("2026-03-20 12:00")
    story.change("o1", "TERMINATED")
    story.at("2026-03-25")
    assert previewed(story, "boss") == {"crm": "200.00"}
    story.at("2026-05-02")
    assert story.invoices("boss") == {"boss-20260301": "200.00"}


def test_days_stopped_for_arrears_come_back_too(story: Story) -> None:
    story.sell(ADVANCE)
    story.install("o1", payer="boss", product="crm", billing="月")
    story.at("2026-04-16 12:00")  # March was not paid: stopped on 11 April, after a moment of that day
    assert story.state("o1") == "SUSPENDED ARREARS"
    assert story.days_charged("boss") == {
        "03-01": "310.00", "04-01": "310.00",
        **{f"04-{day}": "-10.333333" if day != 13 else "-10.333334" for day in range(12, 16)},
    }  # fmt: skip
    story.pay("boss-20260301")
    story.at("2026-05-01 12:00")
    assert story.lines("boss-20260401") == [("o1", "crm", "CNY", "268.67")]  # 26 of 30 days


HOLIDAYS = """
products:
  - id: line
    name: 专线
    currency: CNY
    unit: hour
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          bands:
            - {name: night, start: 22:00, end: 08:00}
            - {name: holiday, start: 00:00, end: 24:00, calendar: cn}
          prices:
            - {currency: CNY, price: 3.00}
            - {currency: CNY, price: 2.00, band: night}
            - {currency: CNY, price: 1.00, band: holiday}
calendars: [{id: cn, days: [2026-03-03, 2026-03-10]}]
"""


@pytest.mark.parametrize(
    ("begin", "hours", "price"),
    [
        ("2026-03-02 20:00", 4, "10.00"),
        ("2026-03-02 23:00", 2, "3.00"),
        ("2026-03-03 23:00", 2, "3.00"),
        ("2026-03-04 10:00", 2, "6.00"),
    ],
)
def test_a_holiday_goes_before_every_other_band(story: Story, begin: str, hours: int, price: str) -> None:
    story.begin("2026-03-06")
    story.sell(HOLIDAYS)
    story.use("line", str(hours), user="boss", payer="boss", at=begin, minutes=60 * hours)
    story.rate_uses()
    assert previewed(story, "boss") == {"line": price}


def test_holidays_to_come_may_move_and_those_that_have_begun_stay(story: Story) -> None:
    story.sell(HOLIDAYS)
    story.at("2026-03-05 12:00")
    story.sell("calendars: [{id: cn, days: [2026-03-11]}]")
    with story.center.reading() as work:
        assert work.catalog.calendars == {"cn": {date(2026, 3, 3), date(2026, 3, 11)}}
    with pytest.raises(CatalogInvalid, match="2026-03-05 has begun"):
        story.sell("calendars: [{id: cn, days: [2026-03-05]}]")
    with pytest.raises(CatalogInvalid, match="there is no calendar tw"):
        story.sell(HOLIDAYS.replace("calendar: cn", "calendar: tw").replace("2026-01-01", "2025-01-01"))


def test_demand_multiplies_what_a_use_counts_by_the_value_of_its_moment(story: Story) -> None:
    story.sell(CALLS.replace("unit: minute\n    plans:", "unit: minute\n    content_identity: false\n    plans:")
               .replace("event_fee: 0.10, increments: {first: 60 s, then: 6 s}}", "included: 0}")
               .replace("- valid_from: 2026-01-01\n          prices:\n            - {currency: CNY, price: 0.30",
                        "- valid_from: 2026-01-01\n          factor: demand\n          prices:\n"
                        "            - {currency: CNY, price: 0.30"))  # fmt: skip
    story.use("call", "10", user="boss", payer="boss")
    story.rate_uses()
    assert story.parked() == ["no_price"]
    evening = datetime(2026, 3, 1, 10, tzinfo=UTC)  # 18:00 in Shanghai
    story.center.transact(
        "op", lambda work: set_factor(work, SetFactor("demand", Decimal(1), evening.replace(hour=0)))
    )
    story.center.transact("op", lambda work: set_factor(work, SetFactor("demand", Decimal("1.5"), evening)))
    story.at("2026-03-01 20:00")
    for begin in ("2026-03-01 17:59", "2026-03-01 18:00"):
        story.use("call", "10", user="boss", payer="boss", at=begin)
    story.rate_uses()
    assert [(one.amount, one.note) for one in story.charges("boss")] == [
        ("3.00", "demand x 1"), ("4.50", "demand x 1.5"),
    ]  # fmt: skip
    assert previewed(story, "boss") == {"call": "7.50"}
    with pytest.raises(OutOfRange, match="now or later"):
        story.center.transact("op", lambda work: set_factor(work, SetFactor("demand", Decimal(2), evening)))


METERED = """
products:
  - {id: disk, name: 网盘, currency: CNY, unit: GB, content_identity: false,
     plans: {per_use: [{valid_from: 2026-01-01, metered: max, price: {CNY: 2.00}}]}}
  - {id: seat, name: 席位, currency: CNY, unit: count, content_identity: false,
     plans: {per_use: [{valid_from: 2026-01-01, metered: unique, price: {CNY: 10.00}}]}}
  - {id: vm, name: 云主机, currency: CNY, unit: GB, content_identity: false,
     plans: {per_use: [{valid_from: 2026-01-01, metered: time, price: {CNY: 0.10}}]}}
"""


def test_what_is_metered_begins_anew_with_each_period(story: Story) -> None:
    story.sell(METERED)
    for day, gigabytes in (("2026-03-02", "5120"), ("2026-03-03", "2048"), ("2026-04-02", "1024")):
        story.at(f"{day} 12:00")
        story.use("disk", gigabytes, unit="MB", user="boss", payer="boss")
        for user in ("ann", "bob", "ann"):
            story.use("seat", "1", user=user, payer="boss")
        story.use("vm", "8", user="boss", payer="boss", minutes=90)
    story.at("2026-05-02")
    lines = {start: story.lines(f"boss-2026{start}") for start in ("0301", "0401")}
    assert lines == {
        "0301": [("-", "disk", "CNY", "10.00"), ("-", "seat", "CNY", "20.00"), ("-", "vm", "CNY", "2.40")],
        "0401": [("-", "disk", "CNY", "2.00"), ("-", "seat", "CNY", "20.00"), ("-", "vm", "CNY", "1.20")],
    }
