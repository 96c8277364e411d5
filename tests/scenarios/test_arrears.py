"""Modes 8 and 9: what arrears stop, what payment brings back, and which days are not charged."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
  - id: drive
    name: 网盘
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
  - id: strict
    name: 短信群发
    currency: CNY
    suspend_on_failure: true
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_payment_restores_only_what_arrears_stopped(story: Story) -> None:
    for order in ("paused", "running", "ended"):
        story.install(order, payer="p", product="mail")
    story.at("2026-04-05 09:00")
    story.change("paused", "SUSPENDED")
    story.fail("p-20260301")
    story.at("2026-04-12 09:00")
    story.change("ended", "TERMINATED")
    assert [story.state(o) for o in ("paused", "running", "ended")] == [
        "SUSPENDED",
        "SUSPENDED ARREARS",
        "TERMINATED",
    ]

    story.at("2026-04-14 09:00")
    story.pay("p-20260301")

    assert [story.state(o) for o in ("paused", "running", "ended")] == ["SUSPENDED", "ACTIVE", "TERMINATED"]
    assert (story.commands("paused"), story.commands("running")) == ([], ["SUSPEND", "RESUME"])


def test_days_stopped_the_whole_day_for_arrears_are_not_charged(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-04-20 23:00")
    story.pay("p-20260301")
    story.at("2026-05-01 12:00")

    # active until 00:05 on the 11th, the control day, and again from 23:00 on the 20th: 30 - 8 days
    april = [day for day in story.days_charged("p") if day.startswith("04")]
    assert april == [f"04-{n:02}" for n in [*range(1, 12), *range(20, 31)]]
    assert story.invoices("p")["p-20260401"] == "22.00"


def test_an_unpaid_bill_is_arrears_only_after_its_due_day(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-04-08 23:59")  # billed on the 1st, 7 days of grace
    assert not story.owes("p")
    story.at("2026-04-09 00:01")
    assert story.owes("p")
    assert story.state("o1") == "ACTIVE"
    story.at("2026-04-11 00:05")
    assert story.state("o1") == "SUSPENDED ARREARS"


def test_a_bill_paid_before_the_control_day_stops_nothing(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-04-03 09:00")
    story.fail("p-20260301")
    story.at("2026-04-10 23:00")
    story.pay("p-20260301")
    story.at("2026-04-12 12:00")

    assert (story.owes("p"), story.state("o1"), story.commands("o1")) == (False, "ACTIVE", [])


def test_a_failure_suspends_at_once_where_the_product_says_so(story: Story) -> None:
    story.install("soft", payer="p", product="mail")
    story.install("hard", payer="p", product="strict")
    story.at("2026-04-02 09:00")
    story.fail("p-20260301")

    assert (story.state("soft"), story.state("hard")) == ("ACTIVE", "SUSPENDED ARREARS")
    story.at("2026-04-05 09:00")
    story.pay("p-20260301")
    assert (story.state("soft"), story.state("hard")) == ("ACTIVE", "ACTIVE")
    story.at("2026-04-06 12:00")

    # hard: stopped on the 2nd at 9, back on the 5th at 9: the 3rd and the 4th are not charged
    assert [d for d in story.days_charged("p", "hard") if d.startswith("04")] == ["04-01", "04-02", "04-05"]


def test_only_the_last_arrears_bring_the_service_back(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-04-02 09:00")
    story.fail("p-20260301")
    story.at("2026-05-20 09:00")  # April's bill for 11 days has come due meanwhile
    assert story.invoices("p") == {"p-20260301": "31.00", "p-20260401": "11.00"}

    story.pay("p-20260301")
    assert (story.owes("p"), story.state("o1")) == (True, "SUSPENDED ARREARS")
    story.pay("p-20260401")
    assert (story.owes("p"), story.state("o1")) == (False, "ACTIVE")


def test_arrears_stop_every_product_of_the_payer_and_no_one_elses(story: Story) -> None:
    story.install("a", payer="p", product="mail")
    story.install("b", payer="p", product="drive")
    story.install("c", payer="q", product="mail")
    story.at("2026-04-02 09:00")
    story.fail("p-20260301")
    story.pay("q-20260301")
    story.at("2026-04-12 09:00")

    assert [story.state(o) for o in "abc"] == ["SUSPENDED ARREARS", "SUSPENDED ARREARS", "ACTIVE"]


def test_a_callback_told_twice_changes_nothing_and_paid_is_final(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-04-02 09:00")
    story.pay("p-20260301")
    story.pay("p-20260301")
    story.fail("p-20260301")

    march = story.invoice("p-20260301")
    assert (march.state, march.flagged) == ("PAID", True)
    assert (story.owes("p"), story.state("o1")) == (False, "ACTIVE")


def test_who_never_pays_owes_no_more_than_until_the_stop(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-06-02 12:00")

    # March whole, April until the 11th, and nothing after it
    assert story.invoices("p") == {"p-20260301": "31.00", "p-20260401": "11.00"}
