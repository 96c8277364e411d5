"""Mode 4 with terminations: free days and uses are given once, from the first opening ever."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: drive
    name: 网盘
    currency: CNY
    free: {days: 7}
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
      account_day: [{valid_from: 2020-01-01, price: {CNY: 0.50}}]
  - id: fax
    name: 传真
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 1.50}}]
  - id: scan
    name: 扫描
    currency: CNY
    unit: count
    free: {days: 7}
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 0.20}}]
promotions:
  - {id: try-it, free_days: 10}
  - {id: half, percent_off: 50}
  - {id: first-ones, free_uses: 2}
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_reopened_inside_the_free_days_the_rest_of_them_is_free(story: Story) -> None:
    story.install("o1", payer="p", product="drive")
    story.at("2026-03-03 12:00")
    story.change("o1", "TERMINATED")
    story.at("2026-03-05 09:00")
    story.install("o2", payer="p", product="drive")
    story.at("2026-03-10 12:00")

    # free until 7 March, seven days from the first opening on 1 March, whatever was open
    assert story.days_charged("p") == {"03-08": "1.00", "03-09": "1.00"}


def test_reopened_after_the_free_days_nothing_is_free(story: Story) -> None:
    story.install("o1", payer="p", product="drive")
    story.at("2026-03-02 12:00")
    story.change("o1", "TERMINATED")
    story.at("2026-03-10 09:00")
    story.install("o2", payer="p", product="drive")
    story.at("2026-03-12 12:00")

    assert story.days_charged("p") == {"03-10": "1.00", "03-11": "1.00"}


def test_another_order_and_another_plan_share_the_free_days(story: Story) -> None:
    story.install("o1", payer="p", product="drive")
    story.at("2026-03-06 12:00")
    story.install("o2", payer="p", product="drive", quota=True)
    story.accounts("p", "drive", 4)
    story.at("2026-03-09 12:00")

    # 8 March: a day for o1, 4 accounts x 0.50 for o2
    assert story.days_charged("p", "o1") == {"03-08": "1.00"}
    assert story.days_charged("p", "o2") == {"03-08": "2.00"}


def test_free_days_begin_with_the_opening_and_not_with_the_order(story: Story) -> None:
    story.install("o1", payer="p", product="drive", state="PENDING")
    story.at("2026-03-05 09:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-13 12:00")

    # opened on the 5th: free until the 11th
    assert story.days_charged("p") == {"03-12": "1.00"}


def test_a_pause_does_not_stretch_the_free_days(story: Story) -> None:
    story.install("o1", payer="p", product="drive")
    story.at("2026-03-02 09:00")
    story.change("o1", "SUSPENDED")
    story.at("2026-03-07 09:00")
    story.change("o1", "ACTIVE")
    story.at("2026-03-09 12:00")

    assert story.days_charged("p") == {"03-08": "1.00"}


def test_two_payers_have_free_days_of_their_own(story: Story) -> None:
    story.install("o1", payer="p", product="drive")
    story.at("2026-03-05 09:00")
    story.install("o2", payer="q", product="drive")
    story.at("2026-03-13 12:00")

    assert list(story.days_charged("p")) == ["03-08", "03-09", "03-10", "03-11", "03-12"]
    assert list(story.days_charged("q")) == ["03-12"]


def test_free_uses_are_given_once_over_periods_and_orders(story: Story) -> None:
    story.install("o1", payer="p", product="fax", billing="次")
    story.use("fax", "2", user="p")
    story.at("2026-03-10 09:00")
    story.change("o1", "TERMINATED")
    story.at("2026-04-05 09:00")
    story.install("o2", payer="p", product="fax", billing="次")
    story.use("fax", "2", user="p")
    story.at("2026-05-02")

    # two of the three free uses in March, the last one in April: (2 - 1) x 1.50
    assert story.invoices("p") == {"p-20260301": "0.00", "p-20260401": "1.50"}


def test_a_use_that_is_partly_free_pays_for_the_rest(story: Story) -> None:
    story.use("fax", "5", user="u", payer="p")
    story.at("2026-03-02")
    story.night()

    assert [(c.amount, c.note) for c in story.charges("p")] == [("3.00", ""), ("0.00", "free: first 3 uses")]


def test_free_days_of_uses_begin_with_the_first_use(story: Story) -> None:
    story.at("2026-03-03 10:00")
    story.use("scan", "10", user="u", payer="p")
    story.at("2026-03-09 10:00")
    story.use("scan", "10", user="u", payer="p")
    story.at("2026-03-10 10:00")
    story.use("scan", "10", user="u", payer="p")
    story.at("2026-03-11")
    story.night()

    # first use on the 3rd: free until the 9th
    assert story.days_charged("p") == {"03-10": "2.00"}


def test_free_days_do_not_depend_on_the_order_in_which_uses_arrive(story: Story) -> None:
    story.at("2026-03-10 10:00")
    story.use("scan", "10", user="u", payer="p", at="2026-03-09 10:00")
    story.use("scan", "10", user="u", payer="p", at="2026-03-02 10:00")
    story.at("2026-03-11")
    story.night()

    # both waited in one batch: first use on the 2nd, free until the 8th
    assert story.days_charged("p") == {"03-09": "2.00"}


def test_a_promotion_of_free_days_counts_from_the_orders_first_day(story: Story) -> None:
    story.at("2026-03-04 09:00")
    story.install("o1", payer="p", product="drive", promotion="try-it")
    story.at("2026-03-15 12:00")

    # the product's own free days end on the 10th, the promotion's on the 13th
    assert story.days_charged("p") == {"03-14": "1.00"}


def test_a_promotion_of_free_days_holds_for_uses_too(story: Story) -> None:
    story.install("o1", payer="p", product="fax", billing="次", promotion="try-it")
    story.at("2026-03-10 09:00")
    story.use("fax", "5", user="p")
    story.at("2026-03-11 09:00")
    story.use("fax", "5", user="p")
    story.at("2026-03-12 12:00")

    # the 10th is the tenth day: 3 uses free by the product, 2 by the promotion; on the 11th 5 x 1.50
    assert story.days_charged("p") == {"03-11": "7.50"}
    assert story.parked() == []


def test_a_percentage_off_shows_both_prices(story: Story) -> None:
    story.install("o1", payer="p", product="fax", billing="次", promotion="half")
    story.use("fax", "7", user="p")
    story.at("2026-04-02")

    # 4 of the 7 uses are paid: 4 x 1.50, half of it
    [line] = story.invoice("p-20260301").lines
    assert (line.amount, line.list_amount) == (3, 6)


def test_a_promotion_of_free_uses_belongs_to_its_order(story: Story) -> None:
    story.install("o1", payer="p", product="scan", billing="次", promotion="first-ones", start="2026-02-01")
    story.use("scan", "3", user="p")
    story.at("2026-03-02 12:00")

    # the product's free days ended with 7 February; 2 of the 3 uses are the promotion's: 1 x 0.20, list 3 x 0.20
    assert story.days_charged("p") == {"03-01": "0.20"}
    assert sorted(c.list_amount for c in story.charges("p")) == ["0.20", "0.40"]
