"""What is settled at once is what the long way finds to be right, in a company with every way of selling."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing_center.reconcile import compare_charges
from billing_center.reconcile.difference import Difference
from billing_center.reconcile.raw_facts import CHARGE_COLUMNS, PayerFacts
from billing_center.reconcile.read_facts import read_facts
from billing_center.reconcile.recomputed import Recomputed
from billing_center.reconcile.reconcile_payers import reconcile_payer
from billing_center.reconcile.settle import left_of, settle
from schema.tables.charges import charge
from schema.tables.orders import payer
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import SEED, Books

KEPT = {"day", "payer_id", "cause", "cause_id", "component", "run_id", "rated_at"}
SPOILT = sorted({column.name for column in CHARGE_COLUMNS} - KEPT)


def other(value: Any, dice: random.Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, Decimal):
        return value + dice.choice([Decimal(-1), Decimal("0.000001"), Decimal(60)])
    return value + timedelta(dice.choice([-31, -1, 1])) if isinstance(value, date) else f"{value[:-1]}x"


def long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_charges, "settle", lambda facts, one, out: False)


def found_of(books: Books, payer_id: str) -> Counter[Difference]:
    with books.center.reading() as work:
        return Counter(reconcile_payer(work, payer_id).differences)


def recomputed(books: Books) -> dict[str, tuple[PayerFacts, Recomputed]]:
    with books.center.reading() as work:
        facts = read_facts(work, [row.payer_id for row in books.rows(payer)])
        return {name: (one, compare_charges.recompute(facts, one)) for name, one in facts.payers.items()}


def test_what_is_settled_adds_up_to_what_the_long_way_finds(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = recomputed(books)
    long_way(monkeypatch)
    for payer_id, (one, plain) in recomputed(books).items():
        quick = settled[payer_id][1]
        assert (quick.sums, quick.differences, plain.differences) == (plain.sums, [], [])
        assert {name: reading for name, reading in quick.meters.items() if reading} == {
            name: reading for name, reading in plain.meters.items() if reading
        }
        assert len(one.rest) == len(one.charges)
    assert sum(len(one.rest) for one, _ in settled.values()) < sum(len(one.charges) for one, _ in settled.values())


@pytest.mark.parametrize("seed", range(30))
def test_a_spoilt_charge_is_told_as_the_long_way_tells_it(
    books: Books, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(SEED * 1000 + seed)
    plain = (
        charge.c.promotion_id == "-",
        charge.c.product_id.in_(["mail", "im", "crm", "sms", "storage", "meeting"]),
    )
    for _ in range(3):
        row = dice.choice(books.rows(charge, *plain))
        name = SPOILT[seed % len(SPOILT)]
        books.set(charge, row, **{name: other(getattr(row, name), dice)})
    quick = found_of(books, row.payer_id)
    long_way(monkeypatch)
    assert quick == found_of(books, row.payer_id)


@pytest.mark.parametrize("name", ["quantity", "user_id", "product_id", "unit"])
def test_a_spoilt_use_is_told_as_the_long_way_tells_it(
    books: Books, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    dice = random.Random(SEED)
    metered = usage_event.c.quantity.is_not(None), usage_event.c.payer_id.is_not(None)
    row = dice.choice(books.rows(usage_event, *metered))
    books.set(usage_event, row, **{name: "second" if name == "unit" else other(getattr(row, name), dice)})
    quick = found_of(books, row.payer_id)
    assert quick
    long_way(monkeypatch)
    assert quick == found_of(books, row.payer_id)


def test_nothing_is_settled_of_a_payer_with_grants(books: Books) -> None:
    with books.center.reading() as work:
        facts = read_facts(work, ["p1"])
        one = facts.payers["p1"]
        one.grants.append(one.row)
        out = Recomputed()
        assert not settle(facts, one, out)
        assert left_of(one, out) is one.charges
