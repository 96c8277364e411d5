"""A withdrawn use: every sum and every meter is as if it had never been."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.once import carry_out
from billing_center.correction.report import Correction
from billing_center.errors import ConflictingRepeat, ForbiddenTransition, MissingField, OutOfRange, Refused
from billing_center.usage.store import use_counts
from schema.tables.access import audit_entry
from schema.tables.charges import charge
from schema.tables.corrections import correction, usage_withdrawal


def by_guid(guid: str) -> UseNamed:
    return UseNamed(caller="door", guid=guid)


def withdraw(shop: Any, guid: str, **more: Any) -> Correction:
    command = WithdrawUse(by_guid(guid), more.pop("why", "the meter had counted twice"), **more)
    found: Correction = shop.act(lambda work: withdraw_use(work, command))
    return found


def test_tiers_close_over_a_withdrawn_use_by_hand(shop: Any, at: Any) -> None:
    """8 + 6 + 9 minutes: 10 x 1.00 + 10 x 0.333333 + 3 x 0.10 = 13.63333; without the 6: 10 + 7 x 0.333333."""
    for guid, quantity in (("a", "8"), ("b", "6"), ("c", "9")):
        shop.use(guid, "tiered", quantity, at(2))
    shop.rate()
    assert shop.charged() == {"CNY": Decimal("13.633330")}
    made = withdraw(shop, "b")
    assert shop.charged() == {"CNY": Decimal("12.333331")}
    assert made.totals() == {"CNY": Decimal("-1.299999")}
    (one,) = made.differences
    assert (one.quantity, one.period_start, one.charges) == (Decimal(-6), date(2026, 3, 1), 1)


def test_free_units_go_to_the_use_that_would_have_had_them(shop: Any, at: Any) -> None:
    """7 free: 5 and 2 of 4, then 3 paid. Without the 5: 4 and 3 are all free."""
    for guid, quantity in (("a", "5"), ("b", "4"), ("c", "3")):
        shop.use(guid, "coupon", quantity, at(2))
        shop.rate()
    assert shop.charged() == {"CNY": Decimal("7.5")}
    withdraw(shop, "a")
    assert shop.charged() == {"CNY": Decimal(0)}
    assert shop.meters() == {("boss", "coupon", "-", "ever", "-", "allowance"): Decimal(7)}


def test_a_dry_run_shows_the_money_and_books_nothing(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    before = (shop.sums(), shop.meters(), shop.count(charge), shop.count(audit_entry))
    command = WithdrawUse(by_guid("a"), "why not")
    shown = carry_out(shop.center, "op", lambda work: withdraw_use(work, command), dry_run=True)
    assert shown.totals() == {"CNY": Decimal(-8)}
    assert (shop.sums(), shop.meters(), shop.count(charge), shop.count(audit_entry)) == before
    assert carry_out(shop.center, "op", lambda work: withdraw_use(work, command), dry_run=False) == shown


def test_the_same_withdrawal_again_books_nothing_and_answers_the_same(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    first, again = withdraw(shop, "a"), withdraw(shop, "a", why="said again")
    assert (first.repeated, again.repeated) == (False, True)
    assert (again.differences, again.why) == (first.differences, first.why)
    assert shop.count(correction) == 1
    with pytest.raises(ForbiddenTransition):
        withdraw(shop, "a", correction_id="another-id")
    shop.use("b", "tiered", "1", at(2))
    with pytest.raises(ConflictingRepeat):
        withdraw(shop, "b", correction_id=first.correction_id)


def test_uses_that_are_not_rated_leave_the_queue_and_the_counts_add_up(shop: Any, at: Any) -> None:
    shop.use("rated", "tiered", "8", at(2))
    shop.use("parked", "tiered", "8", at(2), payer_id="", user_id="nobody")
    shop.rate()
    shop.use("waiting", "tiered", "8", at(2))
    found = {guid: withdraw(shop, guid).differences for guid in ("parked", "waiting")}
    assert found == {"parked": (), "waiting": ()}
    withdraw(shop, "rated")
    with shop.center.reading() as work:
        counts = use_counts(work.connection)
        states = set(work.connection.execute(select(usage_withdrawal.c.found)).scalars())
    assert states == {"RATED", "PARKED", "WAITING"}
    assert counts.adds_up and (counts.accepted, counts.withdrawn, counts.rated) == (3, 3, 0)
    shop.use("waiting", "tiered", "8", at(2))  # its late repeat is still a repeat
    shop.rate()
    assert shop.charged() == {"CNY": Decimal(0)}


def test_a_closed_period_stays_and_the_open_one_takes_the_difference(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    shop.clock.at = at(2, month=4)
    shop.issue(date(2026, 4, 1))
    made = withdraw(shop, "a")
    assert [one.period_start for one in made.differences] == [date(2026, 4, 1)]
    assert {key[1]: value[1] for key, value in shop.sums().items()} == {
        "2026-03-01": Decimal(8), "2026-04-01": Decimal(-8),
    }  # fmt: skip


def test_a_correction_says_who_and_why(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    with pytest.raises(MissingField):
        withdraw(shop, "a", why="  ")
    with pytest.raises(OutOfRange):
        withdraw(shop, "no such guid")
    made = withdraw(shop, "a", why="counted twice")
    with shop.center.reading() as work:
        row = work.connection.execute(select(correction)).one()
        acts = work.connection.execute(select(audit_entry.c.act, audit_entry.c.actor)).all()
    assert (row.correction_id, row.actor, row.why) == (made.correction_id, "operator", "counted twice")
    assert ("corrected_withdrawal", "operator") in [tuple(one) for one in acts]


def test_a_corrected_use_is_charged_in_the_place_of_the_wrong_one(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "80", at(2))
    shop.rate()
    command = CorrectUse(by_guid("a"), "a digit too many", quantity=Decimal(8))
    made = shop.act(lambda work: correct_use(work, command))
    assert shop.charged() == {"CNY": Decimal(8)}
    assert made.totals() == {"CNY": Decimal("8") - Decimal("19.333330")}
    assert shop.act(lambda work: correct_use(work, command)).repeated
    made = shop.act(lambda work: correct_use(work, CorrectUse(by_guid("a"), "and in hours", unit="hour")))
    assert shop.charged() == {"CNY": Decimal("10") + Decimal("3.333330") + Decimal("46.000000")}
    withdraw(shop, "a")  # the one that stands in its place now
    assert shop.charged() == {"CNY": Decimal(0)}
    with shop.center.reading() as work:
        assert use_counts(work.connection).adds_up


def test_an_amount_that_its_caller_priced_is_taken_back(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "1", at(2), amount=Decimal("12.34"))
    shop.rate()
    withdraw(shop, "a")
    assert shop.charged() == {"CNY": Decimal(0)} and shop.sums() == {}


def test_a_corrected_use_without_a_payer_is_parked(shop: Any, at: Any) -> None:
    shop.use("a", "tiered", "8", at(2))
    shop.rate()
    command = CorrectUse(by_guid("a"), "someone else's", payer_id="", user_id="stranger")
    made = shop.act(lambda work: correct_use(work, command))
    assert "usage parked" in made.notes[-1] and made.totals() == {"CNY": Decimal(-8)}
    with pytest.raises(Refused):
        shop.act(lambda work: correct_use(work, CorrectUse(by_guid("a"), "no", quantity=Decimal(-1))))
