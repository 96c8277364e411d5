"""What PostgreSQL brings together is what its rows say, brought together here."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest

from billing_center.bulk import insert_rows
from billing_center.reconcile.alike import Alike
from billing_center.reconcile.read_alike import read_alike
from billing_center.reconcile.read_facts import read_facts
from schema.tables.charges import charge
from schema.tables.corrections import usage_withdrawal
from schema.tables.orders import payer
from schema.tables.usage import usage_event
from tests.billing_center.reconcile.conftest import Books
from tests.billing_center.reconcile.test_settle import found_of, long_way

on_postgres = pytest.mark.parametrize(
    "books", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


def in_order(one: Alike) -> tuple[Any, ...]:
    """The charges in an order of their own: it is the same for all lists of one, and nobody promises which."""
    one.read()
    told = asdict(one)
    lists = {name: values for name, values in told.items() if isinstance(values, list) and values}
    rows = sorted(zip(*lists.values(), strict=True), key=repr)
    return *(str(value) for value in told.values() if not isinstance(value, list)), tuple(lists), rows


@on_postgres
def test_both_ways_bring_together_alike(books: Books) -> None:
    """Every row of three months, also of a use that was withdrawn."""
    used = books.find(charge, charge.c.cause == "use")
    withdrawn = {"event_id": used.cause_id, "correction_id": "c1", "found": "RATED", "at": used.rated_at}
    books.center.transact("operator", lambda work: insert_rows(work.connection, usage_withdrawal, [withdrawn]))
    payer_ids = [row.payer_id for row in books.rows(payer)]
    with books.center.reading() as work:
        by_rows = [one for each in read_facts(work, payer_ids).payers.values() for one in each.alike]
        by_database = read_alike(work.connection, payer_ids)
    assert sorted(map(in_order, by_rows), key=repr) == sorted(map(in_order, by_database), key=repr)
    assert sum(one.count for one in by_database) == len(books.rows(charge))
    assert {one.cause for one in by_database} == {"use", "day"}
    assert {one.touched for one in by_database if one.cause == "use"} == {False, True}
    assert {one.as_said for one in by_database} == {False, True}


@on_postgres
def test_a_charge_that_does_not_say_what_its_use_says_is_told_as_such(books: Books) -> None:
    row = books.find(charge, charge.c.cause == "use", charge.c.product_id == "sms", charge.c.promotion_id == "-")
    use = books.find(usage_event, usage_event.c.event_id == row.cause_id)
    wrong: list[tuple[str, Any]] = [
        ("user_id", "x"), ("product_id", "im"), ("payer_id", "p9"), ("amount", Decimal(1)), ("quantity", None),
        ("quantity", Decimal(-1)),
    ]  # fmt: skip
    for name, value in wrong:
        books.set(usage_event, use, **{name: value})
        assert not said(books, row), name
        books.set(usage_event, use, **{name: getattr(use, name)})
    books.set(charge, row, list_amount=row.amount + 1)
    assert not said(books, row)
    books.set(charge, row, list_amount=row.list_amount)
    assert said(books, row)
    books.drop(usage_event, use)
    assert not said(books, row)


def said(books: Books, row: Any) -> bool:
    """Whether the charges beside a charge are all as their facts say."""
    with books.center.reading() as work:
        alike = read_alike(work.connection, [row.payer_id])
    for one in alike:
        one.read()
    [found] = [one for one in alike if row.cause_id in one.cause_ids]
    return found.as_said


def test_a_user_or_unit_with_a_separator_is_compared_as_any_other(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = books.find(charge, charge.c.cause == "use", charge.c.product_id == "sms", charge.c.promotion_id == "-")
    use = books.find(usage_event, usage_event.c.event_id == row.cause_id)
    books.set(usage_event, use, user_id="\x1f")
    books.set(charge, row, user_id="\x1f")
    named_rightly = found_of(books, row.payer_id)
    books.set(usage_event, use, user_id="\x1f", unit="a\x1fb")
    wrong_unit = found_of(books, row.payer_id)
    assert wrong_unit
    long_way(monkeypatch)
    assert wrong_unit == found_of(books, row.payer_id)
    books.set(usage_event, use, user_id="\x1f", unit=use.unit)
    assert named_rightly == found_of(books, row.payer_id)


@on_postgres
def test_users_who_named_no_payer_are_told_before_and_after_reading(books: Books) -> None:
    """Also beside one whose name ends in a separator, which makes an empty value of the list."""
    row = books.find(charge, charge.c.cause == "use", charge.c.product_id == "sms", charge.c.promotion_id == "-")
    use = books.find(usage_event, usage_event.c.event_id == row.cause_id)
    for user, alone in (("somebody", "somebody"), ("\x1f", "")):
        books.set(usage_event, use, user_id=user, payer_id=None)
        with books.center.reading() as work:
            alike = read_alike(work.connection, [row.payer_id])
        before = [one.users_alone() for one in alike]
        assert any(alone in users for users in before)
        for one in alike:
            one.read()
        assert before == [one.users_alone() for one in alike]
