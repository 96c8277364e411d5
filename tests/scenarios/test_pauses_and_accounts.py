"""Orders that pause and resume, on one day and over midnight, and numbers of accounts that change meanwhile."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
  - id: seat
    name: 坐席
    currency: CNY
    plans:
      account_day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_a_pause_over_midnight_leaves_no_day_out(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-03-02 22:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-03 02:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-04 12:00")

    # until 22:00 on the 2nd, from 02:00 on the 3rd: both days had active moments
    assert story.days_charged("p") == {"03-01": "2.00", "03-02": "2.00", "03-03": "2.00"}


def test_a_pause_of_a_whole_day_is_not_charged(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-03-02 22:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-04 02:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-05 12:00")

    assert story.days_charged("p") == {"03-01": "2.00", "03-02": "2.00", "03-04": "2.00"}


def test_a_pause_from_midnight_to_midnight_is_exactly_the_days_between(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-03-03 00:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-05 00:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-06 12:00")

    assert story.days_charged("p") == {"03-01": "2.00", "03-02": "2.00", "03-05": "2.00"}


def test_a_resumption_just_before_midnight_is_a_day(story: Story) -> None:
    story.install("o1", payer="p", product="mail", state="SUSPENDED")
    story.at("2026-03-02 23:59:59")
    story.change("o1", "ACTIVE")
    story.at("2026-03-03 00:00")
    story.change("o1", "TERMINATED")
    story.at("2026-03-05")

    assert story.days_charged("p") == {"03-02": "2.00"}


def test_a_pending_order_costs_nothing_until_it_is_opened(story: Story) -> None:
    story.install("o1", payer="p", product="mail", state="PENDING")
    story.at("2026-03-03 09:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-05 12:00")

    assert story.days_charged("p") == {"03-03": "2.00", "03-04": "2.00"}


def test_accounts_set_during_a_pause_hold_from_the_resumption(story: Story) -> None:
    story.install("o1", payer="p", product="seat", quota=True)
    story.accounts("p", "seat", 5)
    story.at("2026-03-02 10:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-02 12:00")
    story.accounts("p", "seat", 20)
    story.at("2026-03-04 09:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-05 12:00")

    # on the 2nd the order was active with 5 only; the 3rd was paused whole; from the 4th on 20 accounts
    assert story.days_charged("p") == {"03-01": "10.00", "03-02": "10.00", "03-04": "40.00"}


def test_accounts_that_came_and_went_during_a_pause_never_count(story: Story) -> None:
    story.install("o1", payer="p", product="seat", quota=True)
    story.accounts("p", "seat", 5)
    story.at("2026-03-02 10:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-02 11:00")
    story.accounts("p", "seat", 50)
    story.at("2026-03-02 13:00")
    story.accounts("p", "seat", 4)
    story.at("2026-03-02 14:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-04 12:00")

    # 5 in the morning, 4 from 14:00 on, and 50 only while nobody could use them
    assert story.days_charged("p") == {"03-01": "10.00", "03-02": "10.00", "03-03": "8.00"}


def test_a_number_set_at_midnight_belongs_to_the_new_day(story: Story) -> None:
    story.install("o1", payer="p", product="seat", quota=True)
    story.accounts("p", "seat", 9)
    story.at("2026-03-02 00:00")
    story.accounts("p", "seat", 1)
    story.at("2026-03-03 12:00")

    assert story.days_charged("p") == {"03-01": "18.00", "03-02": "2.00"}


def test_a_number_counts_for_each_of_the_payers_orders(story: Story) -> None:
    story.install("o1", payer="p", product="seat", quota=True)
    story.install("o2", payer="p", product="seat", quota=True)
    story.accounts("p", "seat", 3)
    story.at("2026-03-02 12:00")

    assert story.days_charged("p", "o1") == {"03-01": "6.00"}
    assert story.days_charged("p", "o2") == {"03-01": "6.00"}


def test_a_night_that_was_missed_is_caught_up_and_a_second_run_adds_nothing(story: Story) -> None:
    story.install("o1", payer="p", product="mail", start="2026-02-20")
    story.at("2026-03-02 12:00")  # one night: the order came with nine days in its past
    story.night()
    story.night()

    # 20 to 28 February are nine days of the period before, which nobody had closed; 1 March follows
    days = story.days_charged("p")
    assert (len(days), set(days.values())) == (10, {"2.00"})
    assert story.invoices("p") == {"p-20260201": "18.00"}
