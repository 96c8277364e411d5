"""Corrections of readings that are no sum of quantities: the largest, the latest, users, time. Worked by hand.

And the property behind them: facts that came wrong and were corrected, in any order, leave the sums and meters
that the right facts would have left, had they come in the first place.
"""

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.allowance.grant_allowance import GrantAllowance, grant_allowance
from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.replace_prices import ReplacePrices, replace_prices
from billing_center.correction.rerate_product import RerateProduct, rerate_product
from schema.tables.charges import charge

KINDS = """
products:
  - id: peak
    name: the largest use
    currency: CNY
    unit: count
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: max, price: {CNY: "1.00"}}
  - id: seats
    name: users
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2026-01-01
          metered: unique
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: "2", price: "10.00"}, {price: "4.00"}]}
  - id: level
    name: the latest
    currency: CNY
    unit: GB
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: latest, price: {CNY: "2.00"}}
  - id: disk
    name: by time
    currency: CNY
    unit: GB
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: time, price: {CNY: "0.001"}}
  - id: tries
    name: uses
    currency: CNY
    unit: count
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: count, price: {CNY: "0.50"}}
  - id: crest
    name: the largest, some of it free
    currency: CNY
    unit: count
    free: {uses: 4}
    plans:
      per_use:
        - valid_from: 2026-01-01
          metered: max
          included: {units: "2", carry_over: 1}
          prices:
            - {currency: CNY, model: graduated, tiers: [{up_to: "3", price: "1.00"}, {price: "0.50"}]}
  - id: club
    name: users, free in the first days
    currency: CNY
    unit: count
    free: {days: 3}
    plans:
      per_use:
        - {valid_from: 2026-01-01, metered: unique, price: {CNY: "5.00"}}
"""


def named(guid: str) -> UseNamed:
    return UseNamed(caller="door", guid=guid)


def withdraw(shop: Any, guid: str) -> Any:
    return shop.act(lambda work: withdraw_use(work, WithdrawUse(named(guid), "wrong")))


def correct(shop: Any, guid: str, **right: Any) -> Any:
    return shop.act(lambda work: correct_use(work, CorrectUse(named(guid), "wrong", **right)))


@pytest.fixture
def kinds(shop: Any) -> Any:
    shop.load(KINDS)
    return shop


def test_without_the_largest_use_the_next_one_is_the_largest(kinds: Any, at: Any) -> None:
    """5 and 4 come to 5.00. Without the 5 the 4 is the largest: -5.00 and +4.00. Without both nothing is left."""
    kinds.use("a", "peak", "5", at(2))
    kinds.use("b", "peak", "4", at(3))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(5)}
    [made] = withdraw(kinds, "a").differences
    assert (made.amount, made.quantity) == (Decimal(-1), Decimal(-1))
    assert kinds.charged() == {"CNY": Decimal(4)}
    withdraw(kinds, "b")
    assert kinds.charged() == {"CNY": Decimal(0)} and kinds.meters() == {} and kinds.sums() == {}


def test_a_use_that_is_not_the_largest_goes_without_money(kinds: Any, at: Any) -> None:
    """5 and 4: the 4 is withdrawn, nothing is booked; then a 6 adds 1.00, as the largest is 5 still."""
    kinds.use("a", "peak", "5", at(2))
    kinds.use("b", "peak", "4", at(3))
    kinds.rate()
    assert withdraw(kinds, "b").differences == ()
    kinds.use("c", "peak", "6", at(4))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(6)}


def test_the_largest_use_was_smaller(kinds: Any, at: Any) -> None:
    """50 was a 5 with a digit too many; 9 is the largest then: 50.00 -> 9.00. A late 7 adds nothing."""
    kinds.use("a", "peak", "50", at(2))
    kinds.use("b", "peak", "9", at(3))
    kinds.rate()
    correct(kinds, "a", quantity=Decimal(5))
    assert kinds.charged() == {"CNY": Decimal(9)}
    kinds.use("c", "peak", "7", at(1))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(9)}


def test_a_user_counts_as_long_as_one_of_his_uses_stands(kinds: Any, at: Any) -> None:
    """ann twice, bob, cid: 3 users, 10 + 10 + 4 = 24.00. ann's first use goes: 24.00 still. Her second: 20.00."""
    for guid, user in (("a", "ann"), ("b", "bob"), ("c", "cid"), ("d", "ann")):
        kinds.use(guid, "seats", "1", at(2), user_id=user)
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(24)}
    withdraw(kinds, "a")
    assert kinds.charged() == {"CNY": Decimal(24)}
    withdraw(kinds, "d")
    assert kinds.charged() == {"CNY": Decimal(20)}
    correct(kinds, "b", user_id="cid")  # it was cid as well: one user is left
    assert kinds.charged() == {"CNY": Decimal(10)}


def test_without_the_latest_use_the_one_before_it_holds(kinds: Any, at: Any) -> None:
    """3 GB, 8 GB, 5 GB at 2.00: 10.00. Without the 5: 16.00. The 8 was a 6: 12.00. The 3 was after both: 6.00."""
    for guid, quantity, day in (("a", "3", 2), ("b", "8", 3), ("c", "5", 4)):
        kinds.use(guid, "level", quantity, at(day))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(10)}
    withdraw(kinds, "c")
    assert kinds.charged() == {"CNY": Decimal(16)}
    correct(kinds, "b", quantity=Decimal(6))
    assert kinds.charged() == {"CNY": Decimal(12)}
    correct(kinds, "a", started_at=at(5))
    assert kinds.charged() == {"CNY": Decimal(6)}


def test_time_and_count_are_taken_back_as_sums(kinds: Any, at: Any) -> None:
    """2 GB for 10 h and 3 GB for 1 h are 23 GB-hours: 0.023. The 10 h were 4: 11 GB-hours. Tries: 3 x 0.50."""
    kinds.use("a", "disk", "2", at(2, 0), ended_at=at(2, 10))
    kinds.use("b", "disk", "3", at(3, 0), ended_at=at(3, 1))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal("0.023")}
    correct(kinds, "a", ended_at=at(2, 4))
    assert kinds.charged() == {"CNY": Decimal("0.011")}
    withdraw(kinds, "b")
    assert kinds.charged() == {"CNY": Decimal("0.008")}
    for guid in "xyz":
        kinds.use(guid, "tries", "7", at(2))
    kinds.rate()
    withdraw(kinds, "y")
    assert kinds.charged() == {"CNY": Decimal("1.008")}


def test_of_the_largest_use_the_next_one_gets_what_was_free(kinds: Any, at: Any) -> None:
    """Free: 4 ever, then 2 of the month. 9, then 8: 9 - 6 = 3 at 1.00. Without the 9: 8 - 6 = 2 at 1.00."""
    kinds.use("a", "crest", "9", at(2))
    kinds.use("b", "crest", "8", at(3))
    kinds.rate()
    assert kinds.charged() == {"CNY": Decimal(3)}
    withdraw(kinds, "a")
    assert kinds.charged() == {"CNY": Decimal(2)}
    taken = [r for r in kinds.meters().items() if "allowance" in r[0] or "included:2026-03-01" in r[0]]
    assert sorted(reading for _, reading in taken) == [Decimal(2), Decimal(4)]


def test_a_closed_period_stays_and_the_next_one_has_the_difference(kinds: Any, at: Any) -> None:
    """March: 5 and 4, invoiced. In April the 5 is withdrawn: April's line is -1.00."""
    kinds.use("a", "peak", "5", at(2))
    kinds.use("b", "peak", "4", at(3))
    kinds.rate()
    kinds.clock.at = at(2, month=4)
    kinds.issue(date(2026, 4, 1))
    withdraw(kinds, "a")
    assert {key[1]: value[1] for key, value in kinds.sums().items()} == {
        "2026-03-01": Decimal(5),
        "2026-04-01": Decimal(-1),
    }


def test_the_largest_use_at_other_prices(kinds: Any, at: Any) -> None:
    """5, 4 at 1.00: 5.00. The price was 1.20: 6.00, and a second run does nothing. Without the 5 then: 4.80."""
    kinds.use("a", "peak", "5", at(2))
    kinds.use("b", "peak", "4", at(3))
    kinds.rate()
    right = KINDS.replace('metered: max, price: {CNY: "1.00"}', 'metered: max, price: {CNY: "1.20"}')
    kinds.act(lambda work: replace_prices(work, ReplacePrices(right, "x.yaml", "last year's")))
    command = RerateProduct("peak", date(2026, 3, 1), date(2026, 3, 31), "last year's")
    [made] = rerate_product(kinds.center, "operator", command).differences
    assert made.amount == Decimal(1)
    again = RerateProduct("peak", date(2026, 3, 1), date(2026, 3, 31), "again", correction_id="again")
    assert rerate_product(kinds.center, "operator", again).differences == ()
    withdraw(kinds, "a")
    assert kinds.charged() == {"CNY": Decimal("4.80")}
    withdraw(kinds, "b")
    assert kinds.charged() == {"CNY": Decimal(0)} and kinds.meters() == {}


def test_every_difference_says_how_its_meter_moved(kinds: Any, at: Any) -> None:
    kinds.use("a", "peak", "5", at(2))
    kinds.use("b", "peak", "4", at(3))
    kinds.rate()
    withdraw(kinds, "a")
    with kinds.center.reading() as work:
        c = charge.c
        chosen = select(c.cause, c.reading_before, c.reading_after, c.amount, c.note).where(c.cause != "use")
        rows = sorted(tuple(row) for row in work.connection.execute(chosen))
    assert rows == [
        ("rerate_use", Decimal(0), Decimal(4), Decimal(4), "as others came out otherwise"),
        ("withdrawal", Decimal(5), Decimal(0), Decimal(-5), "withdrawn"),
    ]


PRODUCTS = ("peak", "seats", "level", "disk", "tries", "crest", "crest", "club", "tiered", "bundle", "coupon")


@pytest.mark.parametrize("seed", range(0, 24, 8))
def test_facts_corrected_in_any_order_are_as_if_the_right_ones_had_come_first(
    kinds: Any, at: Any, seed: int
) -> None:
    """One payer is sent wrong facts, then corrections in any order; the other is sent the right facts at once."""
    for case in range(seed, seed + 8):
        chance = random.Random(case)
        product = chance.choice(PRODUCTS)
        one, two = f"wrong{case}", f"right{case}"
        told = f"case {case}: {product}"
        grants = _grants(chance, product)
        for payer in (one, two):
            kinds.use(f"{payer}-known", "desk", "1", at(1), amount=Decimal(0), payer_id=payer)
            kinds.rate()
            for n, granted in enumerate(grants):
                made = GrantAllowance(payer, product, grant_id=f"{payer}{n}", **granted)
                kinds.act(lambda work, made=made: grant_allowance(work, made))
        wrong: dict[str, dict[str, Any] | None] = {}
        for n in range(chance.randint(3, 8)):
            kinds.tick()
            right = _fact(chance, at)
            kind = chance.choice(["right", "right", "quantity", "all", "never"])
            sent = right if kind == "right" else dict(right, **_fact(chance, at, only=kind == "quantity"))
            _send(kinds, one, f"{n}", product, sent)
            if kind != "never":
                _send(kinds, two, f"{n}", product, right)
            if kind != "right":
                wrong[f"{one}-{n}"] = None if kind == "never" else right
            kinds.rate()
        for guid in chance.sample(sorted(wrong), len(wrong)):
            kinds.tick()
            right_fact = wrong[guid]
            if right_fact is None or chance.random() < 0.3:
                withdraw(kinds, guid)
            if right_fact is not None:
                correct(kinds, guid, **dict(right_fact, user_id=f"{right_fact['user_id']}"))
        assert _of(kinds.sums(), one) == _of(kinds.sums(), two), told
        assert _of(kinds.meters(), one) == _of(kinds.meters(), two), told
    kinds.charged()


def _fact(chance: random.Random, at: Any, *, only: bool = False) -> dict[str, Any]:
    quantity = Decimal(chance.randint(1, 12))
    if only:
        return {"quantity": quantity}
    started = at(chance.randint(1, 19), chance.randint(0, 23), month=chance.choice([2, 3]))
    ended = started + timedelta(hours=chance.randint(1, 5))
    return {"quantity": quantity, "started_at": started, "ended_at": ended, "user_id": chance.choice("xyz")}


def _grants(chance: random.Random, product: str) -> list[dict[str, Any]]:
    money = {"amount": Decimal(chance.randint(1, 9)), "currency": "CNY", "valid_from": date(2026, 1, 1)}
    units = {
        "units": Decimal(chance.randint(1, 5)), "valid_from": date(2026, 1, 1), "valid_to": date(2026, 3, 9)
    }  # fmt: skip
    if product == "level":
        return chance.choice([[], [money]])
    return chance.choice([[], [money], [units], [money, units]])


def _send(shop: Any, payer: str, name: str, product: str, fact: dict[str, Any]) -> None:
    shop.use(
        f"{payer}-{name}", product, str(fact["quantity"]), fact["started_at"], ended_at=fact["ended_at"],
        user_id=fact["user_id"], payer_id=payer,
    )  # fmt: skip


def _of(found: dict[tuple[str, ...], Any], payer: str) -> dict[tuple[str, ...], Any]:
    return {tuple(k.replace(payer, "X") for k in key): value for key, value in found.items() if key[0] == payer}
