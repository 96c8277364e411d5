"""Included units, packages and credits through the use cases: what is burned first, what is left at any moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing_center.allowance.grant_allowance import BuyPackage, GrantAllowance, buy_package, grant_allowance
from billing_center.allowance.show_balances import balances, explain_grant, explain_included
from billing_center.center import Center
from billing_center.clock import SettableClock
from billing_center.errors import BillingError, ConflictingRepeat, OutOfRange, ResultCode, Unknown
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.money import plain
from tests.scenarios.story import Story

SHANGHAI = ZoneInfo("Asia/Shanghai")
CATALOG = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    content_identity: false
    packages: [{id: p100, units: 100, price: {CNY: 8.00}, days: 30}]
    plans:
      per_use: [{valid_from: 2026-01-01, price: {CNY: 0.10}}]
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          included: {units: 100, carry_over: 1}
          price: {CNY: 0.30}
  - id: mail
    name: 邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2026-01-01, price: {CNY: 2.00}}]
"""


@pytest.fixture
def story(center: Center, clock: SettableClock) -> Iterator[Story]:
    told = Story(center, clock)
    told.sell(CATALOG)
    told.install("o1", payer="boss", product="sms", billing="次")
    yield told
    told.check_the_books()


def grant(story: Story, **command: object) -> str:
    made = GrantAllowance("boss", **command)  # type: ignore[arg-type]
    return story.center.transact("operator", lambda work: grant_allowance(work, made))


def use(story: Story, product: str, quantity: str, at: str = "", guid: str = "", unit: str = "") -> None:
    """Report a use of the boss's and rate it."""
    story.use(product, quantity, user="boss", payer="boss", at=at, guid=guid, unit=unit)
    story.rate_uses()


def left(story: Story, at: str = "") -> dict[str, str]:
    """What is left of each grant at a moment."""
    with story.center.reading() as work:
        moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI) if at else work.at
        granted, _ = balances(work, "boss", moment)
    return {one.row.grant.grant_id: plain(one.left) + (" expired" if one.expired else "") for one in granted}


def lines(story: Story) -> dict[str, str]:
    with story.center.reading() as work:
        found = [line for one in preview_invoice(work, "boss") for line in one.lines]
    totals: dict[str, Decimal] = {}
    for line in found:
        totals[line.product_id] = totals.get(line.product_id, Decimal(0)) + line.amount
    return {product: plain(amount, least_digits=2) for product, amount in totals.items()}


def test_a_package_is_charged_once_and_past_it_the_plans_price_is_asked(story: Story) -> None:
    command = BuyPackage("boss", "sms", "p100", grant_id="bought-1")
    for _ in range(2):
        assert story.center.transact("operator", lambda work: buy_package(work, command)) == "bought-1"
    assert lines(story) == {"sms": "8.00"}
    use(story, "sms", "60")
    assert (lines(story), left(story)) == ({"sms": "8.00"}, {"bought-1": "40"})
    use(story, "sms", "60")
    assert (lines(story), left(story)) == ({"sms": "10.00"}, {"bought-1": "0"})


def test_a_package_ends_after_its_days(story: Story) -> None:
    command = BuyPackage("boss", "sms", "p100", grant_id="bought-1")
    story.center.transact("operator", lambda work: buy_package(work, command))  # 1 March: through 30 March
    story.at("2026-03-31 09:00")
    assert left(story) == {"bought-1": "100 expired"}
    use(story, "sms", "10")
    assert lines(story) == {"sms": "9.00"}
    use(story, "sms", "10", at="2026-03-30 23:00")  # a late use of a day on which it held
    assert (lines(story), left(story)) == ({"sms": "9.00"}, {"bought-1": "90 expired"})


def test_balances_are_burned_by_priority_then_by_expiry(story: Story) -> None:
    grant(story, product_id="sms", units=Decimal(5), grant_id="never")
    grant(story, product_id="sms", units=Decimal(5), grant_id="late", valid_to=date(2026, 6, 1))
    grant(story, product_id="sms", units=Decimal(5), grant_id="soon", valid_to=date(2026, 4, 1))
    grant(story, product_id="sms", units=Decimal(5), grant_id="first", priority=1)
    use(story, "sms", "12")
    assert left(story) == {"first": "0", "late": "3", "never": "5", "soon": "0"}
    use(story, "sms", "10")
    assert (left(story), lines(story)) == ({"first": "0", "late": "0", "never": "0", "soon": "0"}, {"sms": "0.20"})


def test_a_balance_is_known_at_any_past_moment_with_what_took_from_it(story: Story) -> None:
    grant(story, product_id="sms", units=Decimal(50), grant_id="g")
    story.at("2026-03-02 10:00")
    use(story, "sms", "20")
    story.at("2026-03-05 10:00")
    use(story, "sms", "12")
    assert [left(story, at) for at in ("2026-03-02", "2026-03-03", "2026-03-06")] == [
        {"g": "50"}, {"g": "30"}, {"g": "18"},
    ]  # fmt: skip
    assert left(story, "2026-02-01") == {}
    with story.center.reading() as work:
        found = explain_grant(work, "g", work.at)
    assert [(plain(t.before), plain(t.after), t.note) for t in found.takings] == [
        ("0", "20", "granted g: 30 left"), ("20", "32", "granted g: 18 left"),
    ]  # fmt: skip


def test_included_units_are_carried_over_for_one_period_and_the_oldest_go_first(story: Story) -> None:
    story.begin("2026-03-01")
    use(story, "call", "30")  # March: 70 left
    story.at("2026-04-10 10:00")
    use(story, "call", "100")  # 70 of March, 30 of April
    assert lines(story) == {"call": "0.00"}
    use(story, "call", "80", guid="b")  # 70 of April, 10 at 0.30
    assert lines(story) == {"call": "3.00"}
    story.at("2026-06-10 10:00")
    use(story, "call", "12001", unit="s", guid="c")  # May and June whole, and one second
    assert lines(story)["call"] == "0.01"
    with story.center.reading() as work:
        _, included = balances(work, "boss", work.at)
    assert [(str(one.period_start), plain(one.taken), one.expired) for one in included] == [
        ("2026-03-01", "100", True), ("2026-04-01", "100", True), ("2026-05-01", "100", False),
        ("2026-06-01", "100", False),
    ]  # fmt: skip


def test_nothing_is_carried_over_from_before_the_payer_began(story: Story) -> None:
    story.at("2026-04-10 10:00")
    use(story, "call", "110")
    assert lines(story)["call"] == "3.00"


def test_credit_pays_uses_and_days_of_any_product_until_it_is_used_up(story: Story) -> None:
    grant(story, amount=Decimal("5.00"), currency="CNY", grant_id="c")
    use(story, "sms", "20")  # 2.00
    story.install("o2", payer="boss", product="mail")
    story.at("2026-03-04 10:00")  # 1, 2, 3 March at 2.00: 3.00 of them are paid
    assert lines(story) == {"mail": "3.00", "sms": "0.00"}
    assert left(story) == {"c": "0"}
    notes = [one.note for one in story.charges("boss") if Decimal(one.amount) < 0]
    assert sorted(notes) == ["credit c: 0.00 left", "credit c: 1.00 left", "credit c: 3.00 left"]


def test_credit_in_another_currency_or_product_pays_nothing(story: Story) -> None:
    grant(story, amount=Decimal(5), currency="USD", grant_id="usd")
    grant(story, amount=Decimal(5), currency="CNY", product_id="mail", grant_id="mail")
    use(story, "sms", "20")
    assert (lines(story), left(story)) == ({"sms": "2.00"}, {"mail": "5", "usd": "5"})


def test_the_same_grant_again_changes_nothing_and_another_under_its_id_is_refused(story: Story) -> None:
    command = GrantAllowance("boss", "sms", units=Decimal(5), grant_id="g", valid_from=date(2026, 3, 1))
    for _ in range(2):
        story.center.transact("operator", lambda work: grant_allowance(work, command))
    with pytest.raises(ConflictingRepeat):
        story.center.transact("operator", lambda work: grant_allowance(work, replace(command, units=Decimal(6))))
    assert left(story) == {"g": "5"}


@pytest.mark.parametrize(
    ("command", "error", "field"),
    [
        (GrantAllowance("nobody", "sms", units=Decimal(1)), Unknown, "payer_id"),
        (GrantAllowance("boss", "fax", units=Decimal(1)), Unknown, "product"),
        (GrantAllowance("boss", "mail", units=Decimal(1)), OutOfRange, "product"),
        (GrantAllowance("boss", units=Decimal(1)), OutOfRange, "product"),
        (GrantAllowance("boss", "sms"), OutOfRange, "units"),
        (GrantAllowance("boss", "sms", units=Decimal(0)), OutOfRange, "quantity"),
        (GrantAllowance("boss", "sms", units=Decimal(1), valid_to=date(2026, 3, 1)), OutOfRange, "valid_to"),
        (GrantAllowance("boss", "sms", units=Decimal(1), priority=1000), OutOfRange, "priority"),
        (GrantAllowance("boss", "sms", units=Decimal(1), grant_id="a b"), OutOfRange, "grant_id"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(
    story: Story, command: GrantAllowance, error: type[BillingError], field: str
) -> None:
    with pytest.raises(error) as refused:
        story.center.transact("operator", lambda work: grant_allowance(work, command))
    assert refused.value.field == field


def test_a_package_that_is_not_sold_is_refused(story: Story) -> None:
    with pytest.raises(OutOfRange, match="known: p100"):
        story.center.transact("operator", lambda work: buy_package(work, BuyPackage("boss", "sms", "p7")))
    with pytest.raises(Unknown) as refused:
        story.center.transact("operator", lambda work: buy_package(work, BuyPackage("boss", "tv", "p7")))
    assert refused.value.code is ResultCode.UNKNOWN_PRODUCT


def included(story: Story, at: str = "") -> list[tuple[str, str, str, str, str]]:
    """(period, granted, taken, left, until) of the units that periods include, at a moment."""
    with story.center.reading() as work:
        moment = datetime.fromisoformat(at).replace(tzinfo=SHANGHAI) if at else work.at
        _, found = balances(work, "boss", moment)
    return [
        (one.balance_id, plain(one.granted), plain(one.taken), plain(one.left),
         f"{one.valid_to} expired" if one.expired else str(one.valid_to))
        for one in found
    ]  # fmt: skip


def test_included_units_are_listed_with_what_is_left_and_until_when_at_any_moment(story: Story) -> None:
    use(story, "call", "30", at="2026-03-01 00:00")
    story.at("2026-04-10 10:00")
    use(story, "call", "100")
    march, april = "included:2026-03-01", "included:2026-04-01"
    assert included(story) == [(march, "100", "100", "0", "2026-05-01"), (april, "100", "30", "70", "2026-06-01")]
    assert included(story, "2026-02-28 23:59") == []
    assert included(story, "2026-03-20") == [(march, "100", "30", "70", "2026-05-01")]
    assert included(story, "2026-04-10 09:59") == [
        (march, "100", "30", "70", "2026-05-01"), (april, "100", "0", "100", "2026-06-01"),
    ]  # fmt: skip
    story.at("2026-06-02 10:00")  # nothing was used since: May and June are whole, March and April are over
    assert included(story) == [
        (march, "100", "100", "0", "2026-05-01 expired"), (april, "100", "30", "70", "2026-06-01 expired"),
        ("included:2026-05-01", "100", "0", "100", "2026-07-01"),
        ("included:2026-06-01", "100", "0", "100", "2026-08-01"),
    ]  # fmt: skip


def test_what_took_from_included_units_is_told_charge_by_charge(story: Story) -> None:
    use(story, "call", "30")
    use(story, "call", "90", guid="b")
    with story.center.reading() as work:
        told = explain_included(work, "boss", "call", "included:2026-03-01", work.at)
    assert [(plain(one.before), plain(one.after), one.note) for one in told] == [
        ("0", "1800", "included from 2026-03-01: 70 left"), ("1800", "6000", "included from 2026-03-01: 0 left"),
    ]  # fmt: skip


def test_included_units_of_orders_stand_apart(story: Story) -> None:
    story.sell(
        CATALOG.replace("id: call", "id: line").replace(
            "          included:", "          meter_per: order\n          included:"
        )
    )
    story.install("o7", payer="boss", product="line", billing="次")
    story.at("2026-03-02 10:00")
    story.install("o8", payer="boss", product="line", billing="次", start="2026-04-01")
    with story.center.reading() as work:
        _, found = balances(work, "boss", work.at)
    assert [(one.order_id, plain(one.left)) for one in found] == [("o7", "100")]
