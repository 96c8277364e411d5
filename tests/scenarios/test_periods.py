"""Mode 7: billing days at month ends, billing days that move, currencies, and prices that change."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
      month: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 30.00}]}]
      year: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 365.00}]}]
  - id: late
    name: 月末产品
    currency: CNY
    billing_day: 31
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
      month: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 28.00}]}]
  - id: sms
    name: 短信
    currency: CNY
    unit: count
    plans:
      per_use:
        - {valid_from: 2020-01-01, valid_to: 2026-03-16, price: {CNY: 0.10, USD: 0.015}}
        - {valid_from: 2026-03-16, price: {CNY: 0.12, USD: 0.015}}
exchange_rates:
  - {currency: USD, valid_from: 2020-01-01, rate: 7.10}
  - {currency: USD, valid_from: 2026-05-01, rate: 7.25}
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_billing_day_31_falls_on_the_last_day_of_february(story: Story) -> None:
    story.begin("2026-01-31 08:00")
    story.sell(PRODUCTS)
    story.install("o1", payer="p", product="late")
    for day, invoice_id in (("2026-03-01", "p-20260131"), ("2026-04-01", "p-20260228")):
        story.at(f"{day} 12:00")
        story.pay(invoice_id)
    story.at("2026-04-30 12:00")

    # 31 Jan to 27 Feb: 1 + 27 days. 28 Feb to 30 Mar: 1 + 30. 31 Mar to 29 Apr: 1 + 29. Nothing is left out.
    assert story.invoices("p") == {"p-20260131": "28.00", "p-20260228": "31.00", "p-20260331": "30.00"}


def test_billing_day_31_in_a_leap_year(story: Story) -> None:
    story.begin("2028-01-31 08:00")
    story.install("o1", payer="p", product="late")
    story.at("2028-03-31 12:00")

    # 31 Jan to 28 Feb: 1 + 28 days; 29 Feb to 30 Mar: 1 + 30 (a bill unpaid for 10 days stops the order)
    assert story.invoices("p")["p-20280131"] == "29.00"
    assert story.invoice("p-20280131").billed_on.isoformat() == "2028-02-29"


def test_a_month_of_billing_day_31_is_divided_by_its_own_days(story: Story) -> None:
    story.begin("2026-02-14 08:00")
    story.install("o1", payer="p", product="late", billing="月")
    story.at("2026-02-28 12:00")

    # the period 31 Jan to 27 Feb has 28 days, 14 to 27 Feb are 14 of them: 28.00 x 14 / 28
    assert story.invoices("p") == {"p-20260131": "14.00"}


def test_a_new_billing_day_takes_effect_at_the_end_of_the_period(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-03-10 09:00")
    story.billing_day("p", 15)
    for day, invoice_id in (("2026-04-02", "p-20260301"), ("2026-04-16", "p-20260401")):
        story.at(f"{day} 12:00")
        story.pay(invoice_id)
    story.at("2026-05-15 12:00")

    # March whole: 31 days. 1 to 14 April: 14. 15 April to 14 May: 30.
    assert story.invoices("p") == {"p-20260301": "31.00", "p-20260401": "14.00", "p-20260415": "30.00"}


def test_a_stub_costs_its_share_of_the_regular_period(story: Story) -> None:
    story.install("o1", payer="p", product="mail", billing="月")
    story.at("2026-03-10 09:00")
    story.billing_day("p", 15)
    for day, invoice_id in (("2026-04-02", "p-20260301"), ("2026-04-16", "p-20260401")):
        story.at(f"{day} 12:00")
        story.pay(invoice_id)
    story.at("2026-05-15 12:00")

    # 1 to 14 April are 14 of the 31 days from 15 March on: 30.00 x 14 / 31 = 13.548387; then a whole month
    assert story.invoices("p") == {"p-20260301": "30.00", "p-20260401": "13.55", "p-20260415": "30.00"}


def test_a_billing_day_asked_for_twice_is_the_last_one(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.at("2026-03-10 09:00")
    story.billing_day("p", 15)
    story.at("2026-03-20 09:00")
    story.billing_day("p", 10)
    story.at("2026-04-10 12:00")

    # 1 to 9 April
    assert story.invoices("p") == {"p-20260301": "31.00", "p-20260401": "9.00"}


def test_a_year_costs_its_price_whatever_the_billing_day(story: Story) -> None:
    story.install("o1", payer="p", product="mail", billing="年")
    story.at("2026-04-02")

    # 365.00 over the 365 days from 1 March 2026 on: 31 days of March
    assert story.invoices("p") == {"p-20260301": "31.00"}


def test_a_price_change_never_touches_what_happened_before_it(story: Story) -> None:
    story.at("2026-03-15 23:59")
    story.use("sms", "100", user="u", payer="p")
    story.at("2026-03-16 00:00")
    story.use("sms", "100", user="u", payer="p")
    story.at("2026-04-02")

    # 100 x 0.10 until the 15th, 100 x 0.12 from the 16th on
    assert story.invoices("p") == {"p-20260301": "22.00"}


def test_a_payer_in_dollars_is_invoiced_in_dollars_and_told_the_base_total(story: Story) -> None:
    story.install("o1", payer="p", product="mail")
    story.currency("p", "USD")
    story.use("sms", "101", user="u", payer="p")
    story.at("2026-04-02")

    # mail has no price in dollars: 31 x 1.00 CNY; 101 x 0.015 = 1.515 USD is 1.52, at 7.10 = 10.792
    assert story.lines("p-20260301") == [("-", "sms", "USD", "1.52"), ("o1", "mail", "CNY", "31.00")]
    assert story.invoices("p") == {"p-20260301": "41.79"}


def test_an_invoice_keeps_the_rate_of_its_billing_day(story: Story) -> None:
    story.install("o1", payer="p", product="sms", billing="次")
    story.currency("p", "USD")
    story.use("sms", "1000", user="p")
    story.at("2026-04-02")
    story.use("sms", "1000", user="p")
    story.at("2026-05-02")

    # 15.00 USD each: at 7.10 on 1 April, at 7.25 on 1 May
    assert story.invoices("p") == {"p-20260301": "106.50", "p-20260401": "108.75"}


def test_a_line_is_rounded_once(story: Story) -> None:
    for n in range(3):
        story.use("sms", "0.4", user="u", payer="p", guid=f"g{n}")
    story.at("2026-04-02")

    # three charges of 0.04: 0.12, not three times a rounded one; and nothing is lost on the way
    [line] = story.invoice("p-20260301").lines
    assert (str(line.rated_amount), line.charges) == ("0.120000", 3)
    assert story.invoices("p") == {"p-20260301": "0.12"}
