"""A credit pays what was consumed: it does not lower what counts towards a commitment. Worked by hand.

310.00 a month are committed at 1.00 a use, 10.00 were granted. 80 and 20 are used: 210.00 lack, 300.00 are asked.
"""

from datetime import date
from decimal import Decimal as D

import pytest

from billing_center.allowance.grant_allowance import GrantAllowance, grant_allowance
from billing_center.correction.correct_use import UseNamed, WithdrawUse, withdraw_use
from billing_center.foresight.dry_run import dry_run
from billing_center.foresight.forecast import forecast
from billing_center.foresight.preview_payer import preview_payer
from billing_center.reconcile.difference import Rule
from schema.tables.charges import charge
from tests.billing_center.foresight.test_commitments import COMMITTED
from tests.billing_center.reconcile.conftest import Books
from tests.scenarios.story import Story


@pytest.fixture
def credited(story: Story) -> Story:
    """80 are rated, of which the credit paid 10.00; 20 wait on 11 March at 00:00."""
    story.sell(COMMITTED)
    story.install("o-api", payer="boss", product="api", billing="次")
    credit = GrantAllowance("boss", amount=D("10.00"), currency="CNY", why="sorry")
    story.center.transact("operator", lambda work: grant_allowance(work, credit))
    story.at("2026-03-05 09:00")
    story.use("api", "80", user="li", payer="boss", guid="a")
    story.at("2026-03-11 00:00")
    story.night()
    story.use("api", "20", user="li", payer="boss", guid="b")
    return story


def true_ups(story: Story) -> list[D]:
    return [row.amount for row in Books(story.center).rows(charge, charge.c.cause == "true_up")]


def withdraw(story: Story, guid: str) -> None:
    command = WithdrawUse(UseNamed(caller="product", guid=guid), "wrong")
    story.center.transact("operator", lambda work: withdraw_use(work, command))


def test_the_preview_counts_before_the_credit(credited: Story) -> None:
    with credited.center.reading() as work:
        found = preview_payer(work, "boss")
    assert [draft.base_amount for draft in found.invoices] == [D("70.00")]
    assert [one.amount for one in found.true_ups] == [D("210")]
    assert [draft.base_amount for draft in found.with_pending] == [D("300.00")]


def test_a_credit_that_pays_what_waits_is_no_less_either(story: Story) -> None:
    """Nothing is rated yet: 80 wait, of which the credit will pay 10.00, and 230.00 lack."""
    story.sell(COMMITTED)
    story.install("o-api", payer="boss", product="api", billing="次")
    credit = GrantAllowance("boss", amount=D("10.00"), currency="CNY", why="sorry")
    story.center.transact("operator", lambda work: grant_allowance(work, credit))
    story.at("2026-03-05 09:00")
    story.use("api", "80", user="li", payer="boss", guid="a")
    with story.center.reading() as work:
        found = preview_payer(work, "boss")
    assert [one.amount for one in found.true_ups] == [D("230")]
    assert [draft.base_amount for draft in found.with_pending] == [D("300.00")]


def test_the_forecast_comes_to_the_commitment_less_the_credit(credited: Story) -> None:
    with credited.center.reading() as work:
        [api] = forecast(work, "boss").lines
    # 90.00 / 10 x 21 = 189.00 come; 310.00 - (80.00 + 20.00 + 189.00) = 21.00 lack
    assert (api.charged, api.waiting, api.uses_to_come, api.true_up, api.total) == (70, 20, 189, 21, 300)


def test_the_bill_run_and_the_dry_run_ask_for_the_same(credited: Story) -> None:
    credited.at("2026-03-31 12:00")
    report = dry_run(credited.center, date(2026, 4, 1), watch=lambda payers: None)
    assert (report.true_ups, report.base_amount) == (1, D("300.00"))
    credited.at("2026-04-01 12:00")
    assert credited.invoices("boss") == {"boss-20260301": "300.00"}
    assert true_ups(credited) == [D(210)]
    assert Books(credited.center).differences() == []


def test_a_commitment_that_is_reached_asks_for_no_credit_back(credited: Story) -> None:
    credited.use("api", "210", user="li", payer="boss", guid="c")
    credited.at("2026-04-01 12:00")
    assert credited.invoices("boss") == {"boss-20260301": "300.00"}  # 310 used, 10.00 paid by the credit
    assert true_ups(credited) == []


def test_what_a_credit_had_paid_and_is_withdrawn_is_lacking_whole(credited: Story) -> None:
    """Without the 80, 290 lack instead of 210: -80.00 + 80.00. The credit pays the 20 instead: +10.00 - 10.00."""
    credited.at("2026-04-02 12:00")
    credited.pay("boss-20260301")
    withdraw(credited, "a")
    assert sorted(true_ups(credited)) == [D(80), D(210)]
    credited.at("2026-05-01 12:00")
    assert credited.invoices("boss")["boss-20260401"] == "310.00"  # nothing of March, April's own commitment
    assert Books(credited.center).differences() == []


def test_a_true_up_that_asks_for_the_credit_is_named(credited: Story) -> None:
    credited.at("2026-04-01 12:00")
    books = Books(credited.center)
    row = books.find(charge, charge.c.cause == "true_up")
    books.set(
        charge, row, amount=row.amount + 10, list_amount=row.amount + 10, reading_after=row.reading_after + 10
    )
    [found] = [one for one in books.differences() if one.rule is Rule.CHARGE]
    assert (found.expected, found.found) == ("amount 210", "amount 220")
    assert found.detail == "committed 310, charged 100"
