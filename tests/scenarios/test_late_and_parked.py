"""Late facts and parked uses: nothing is lost, nothing is counted twice, and every charge keeps its own day."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use:
        - valid_from: 2020-01-01
          prices:
            - currency: CNY
              model: graduated
              tiers: [{up_to: 100, price: 0.10}, {price: 0.08}]
  - id: video
    name: 视频会议
    currency: CNY
    unit: minute
    plans:
      per_use: [{valid_from: 2026-03-10, price: {CNY: 0.50}}]
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_a_use_reported_after_its_period_closed_lands_on_the_next_invoice(story: Story) -> None:
    story.at("2026-03-20 10:00")
    story.use("sms", "95", user="u", payer="p")
    story.at("2026-04-02 10:00")
    assert story.invoices("p") == {"p-20260301": "9.50"}

    story.use("sms", "10", user="u", payer="p", at="2026-03-30 10:00")
    story.at("2026-05-01 12:00")

    # it grows March's meter from 95 to 105: 5 x 0.10 + 5 x 0.08; its date is March's, its invoice April's
    late = story.charges("p")[-1]
    assert (late.day, late.amount, late.period_start) == ("2026-03-30", "0.90", "2026-04-01")
    assert story.invoices("p") == {"p-20260301": "9.50", "p-20260401": "0.90"}


def test_a_late_use_of_a_period_without_any_charge_lands_on_the_next_billing_day(story: Story) -> None:
    story.at("2026-03-20 10:00")
    story.use("sms", "10", user="u", payer="p")
    story.at("2026-05-03 10:00")  # April ended without a charge: nothing was invoiced for it
    assert story.invoices("p") == {"p-20260301": "1.00"}

    story.use("sms", "10", user="u", payer="p", at="2026-04-30 10:00")
    story.at("2026-05-31 12:00")
    assert story.invoices("p") == {"p-20260301": "1.00"}
    story.at("2026-06-01 12:00")
    assert story.invoices("p") == {"p-20260301": "1.00", "p-20260501": "1.00"}


def test_a_late_use_does_not_move_the_tiers_of_the_period_that_it_is_invoiced_in(story: Story) -> None:
    story.at("2026-03-20 10:00")
    story.use("sms", "100", user="u", payer="p")
    story.at("2026-04-02 10:00")
    story.use("sms", "100", user="u", payer="p", at="2026-03-30 10:00")
    story.use("sms", "100", user="u", payer="p")
    story.at("2026-05-01 12:00")

    # late: March's second hundred, 8.00; April's own first hundred, 10.00
    assert story.invoices("p") == {"p-20260301": "10.00", "p-20260401": "18.00"}


def test_a_use_without_payer_waits_for_the_order(story: Story) -> None:
    story.at("2026-03-02 10:00")
    story.use("sms", "10", user="u")
    story.at("2026-03-05 10:00")
    assert (story.parked(), story.charges("p")) == (["no_payer"], [])

    story.install("o1", payer="p", product="sms", billing="次", customer="u", start="2026-03-01")
    story.at("2026-03-06 12:00")

    # charged to the payer of the order that was active on the 2nd, on the 2nd
    [found] = story.charges("p")
    assert (found.day, found.order_id, found.amount) == ("2026-03-02", "o1", "1.00")
    assert story.parked() == []


def test_a_use_before_the_order_began_goes_on_waiting(story: Story) -> None:
    story.at("2026-03-02 10:00")
    story.use("sms", "10", user="u")
    story.at("2026-03-05 10:00")
    story.install("o1", payer="p", product="sms", billing="次", customer="u")
    story.at("2026-03-10 12:00")

    assert (story.parked(), story.charges("p")) == (["no_payer"], [])


def test_a_parked_use_whose_period_closed_meanwhile_lands_on_the_next_invoice(story: Story) -> None:
    story.at("2026-03-02 10:00")
    story.use("sms", "10", user="u")
    story.use("sms", "10", user="p", payer="p")
    story.at("2026-04-05 10:00")
    story.install("o1", payer="p", product="sms", billing="次", customer="u", start="2026-03-01")
    story.at("2026-05-01 12:00")

    assert story.invoices("p") == {"p-20260301": "1.00", "p-20260401": "1.00"}


def test_a_use_without_a_price_waits_for_nobody_else(story: Story) -> None:
    story.at("2026-03-09 10:00")
    story.use("video", "60", user="u", payer="p")
    story.use("sms", "1", user="u", payer="p")
    story.at("2026-03-10 12:00")

    assert story.parked() == ["no_price"]
    assert story.days_charged("p") == {"03-09": "0.10"}


def test_a_repeat_is_one_use(story: Story) -> None:
    story.at("2026-03-02 10:00")
    for _ in range(3):
        story.use("sms", "10", user="u", payer="p", guid="g-1")
        story.use("sms", "5", user="u", payer="p")  # no guid: the content tells it apart
    story.at("2026-03-03 12:00")
    story.use("sms", "10", user="u", payer="p", guid="g-1", at="2026-03-02 10:00")
    story.at("2026-03-04 12:00")

    # 15 uses x 0.10, however often they were told
    assert story.days_charged("p") == {"03-02": "1.50"}


def test_an_amount_that_the_product_names_is_taken_as_it_is(story: Story) -> None:
    story.use("sms", "", user="u", payer="p", amount="12.345")
    story.at("2026-04-02")

    assert [c.note for c in story.charges("p")] == ["priced by the caller"]
    assert story.invoices("p") == {"p-20260301": "12.35"}


def test_units_are_converted_to_the_plans_own(story: Story) -> None:
    story.at("2026-03-12 10:00")
    story.use("video", "1.5", unit="hour", user="u", payer="p")
    story.at("2026-03-13 12:00")

    # 90 minutes x 0.50
    assert story.days_charged("p") == {"03-12": "45.00"}


def test_a_use_at_the_last_moment_of_a_day_belongs_to_it(story: Story) -> None:
    story.at("2026-03-31 23:59:59")
    story.use("sms", "1", user="u", payer="p")
    story.at("2026-04-01 00:00")
    story.use("sms", "1", user="u", payer="p")
    story.at("2026-04-02")

    assert story.invoices("p") == {"p-20260301": "0.10"}
    assert story.days_charged("p") == {"03-31": "0.10", "04-01": "0.10"}
