"""An explained line names every correction behind it: who, when, why, what it replaced, before and after."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from billing_center.correction.correct_use import CorrectUse, UseNamed, WithdrawUse, correct_use, withdraw_use
from billing_center.correction.credit_invoice import CreditInvoice, credit_invoice
from billing_center.invoice.explain_invoice import explain_line
from billing_center.invoice.explain_language import Language
from billing_center.invoice.explain_words import Teller


@pytest.fixture
def corrected(shop: Any, at: Any) -> Any:
    """Uses of 2 and 5 at 1.50 beyond the first 7 that are free, then 4 and 3; the 4 was a 6, the 3 never was."""
    for guid, quantity in (("a", "2"), ("b", "5"), ("c", "4"), ("d", "3")):
        shop.use(guid, "coupon", quantity, at(2))
    shop.rate()
    right = CorrectUse(UseNamed(caller="door", guid="c"), "a digit too few", "fix-c", Decimal(6))
    shop.act(lambda work: correct_use(work, right))
    gone = WithdrawUse(UseNamed(caller="door", guid="d"), "a test", "gone-d")
    shop.act(lambda work: withdraw_use(work, gone))
    shop.clock.at = at(2, month=4)
    shop.issue(date(2026, 4, 1))
    return shop


def explained(shop: Any, period: str = "20260301") -> Any:
    with shop.center.reading() as work:
        return explain_line(work, f"boss-{period}", 1)


def told(shop: Any, language: Language, period: str = "20260301") -> str:
    one = explained(shop, period)
    with shop.center.reading() as work:
        teller = Teller(work.catalog, work.zone, language)
        return "\n".join(teller.line(one) + [" ".join(teller.charge(c)) for c in one.charges])


def test_a_line_tells_its_corrections_with_who_and_why(corrected: Any) -> None:
    """9.00 for the 6. In the line: the corrected use +9.00 - 6.00, the withdrawn one -4.50."""
    line = explained(corrected)
    assert line.line.amount == Decimal(9)
    assert {(c.by.correction_id, c.by.actor, c.by.why, c.amount) for c in line.corrections} == {
        ("fix-c", "operator", "a digit too few", Decimal(3)),
        ("gone-d", "operator", "a test", Decimal("-4.5")),
    }
    words = told(corrected, Language.EN)
    assert 'Correction gone-d (use withdrawn) by operator at 2026-03-20 12:00: "a test"; 1 charges' in words
    assert "it came to 4.50 before and 0.00 CNY after" in words


def test_a_charge_tells_what_it_stands_in_the_place_of(corrected: Any) -> None:
    chains = [one.corrections for one in explained(corrected).charges]
    [entered] = [chain for chain in chains if chain and chain[0].replaced is not None]
    [one] = entered
    assert one.replaced is not None and one.replaced.guid == "c"
    assert (one.by.correction_id, one.before, one.after) == ("fix-c", Decimal(6), Decimal(9))
    assert f"it stands in the place of event {one.replaced.event_id} (4)" in told(corrected, Language.EN)
    assert "替代记录" in told(corrected, Language.ZH) and "原计 6.00，更正后 9.00 CNY" in told(
        corrected, Language.ZH
    )


def test_a_line_that_was_closed_tells_what_was_corrected_later(corrected: Any) -> None:
    """The use of March is withdrawn in April: both lines tell it, March's with the period that is billed."""
    gone = WithdrawUse(UseNamed(caller="door", guid="c"), "never came", "late")
    corrected.act(lambda work: withdraw_use(work, gone))
    [one] = [chain for c in explained(corrected).charges if len(chain := c.corrections) == 2 and c.charge.amount]
    assert (one[1].by.correction_id, one[1].before, one[1].after) == ("late", Decimal(9), Decimal(0))
    assert one[1].billed_from == date(2026, 4, 1)
    assert "差额计入自 2026-04-01 起的账期" in told(corrected, Language.ZH)


def test_a_line_tells_its_credit_notes(corrected: Any) -> None:
    one = CreditInvoice("boss-20260301", "goodwill", {1: Decimal("2.50")})
    corrected.act(lambda work: credit_invoice(work, one))
    [credit] = explained(corrected).credits
    assert (credit.actor, credit.why, credit.amount, credit.left) == (
        "operator", "goodwill", Decimal("2.50"), Decimal("6.50"),
    )  # fmt: skip
    assert "2.50 CNY off this line, 6.50 CNY left" in told(corrected, Language.EN)
    assert "红字单 C2026-000000001，由 operator 于 2026-04-02 12:00 开出，原因：“goodwill”" in told(
        corrected, Language.ZH
    )
