"""The nine modes of the 2009 design, each with the worked example of the billing rules."""

import pytest

from tests.scenarios.story import Story

PRODUCTS = """
products:
  - id: mail
    name: 企业邮箱
    currency: CNY
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
      month: [{valid_from: 2020-01-01, prices: [{currency: CNY, model: prorated, price: 31.00}]}]
  - id: seat
    name: 坐席
    currency: CNY
    plans:
      account_day: [{valid_from: 2020-01-01, price: {CNY: 2.00}}]
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
  - id: call
    name: 网络电话
    currency: CNY
    unit: minute
    real_time: true
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 0.30}}]
  - id: drive
    name: 网盘
    currency: CNY
    free: {days: 7}
    plans:
      day: [{valid_from: 2020-01-01, price: {CNY: 1.00}}]
  - id: fax
    name: 传真
    currency: CNY
    unit: count
    free: {uses: 3}
    plans:
      per_use: [{valid_from: 2020-01-01, price: {CNY: 1.50}}]
"""


@pytest.fixture(autouse=True)
def products(story: Story) -> None:
    story.sell(PRODUCTS)


def test_mode_1_a_use_is_collected_and_rated_later(story: Story) -> None:
    story.at("2026-03-02 10:00")
    story.use("sms", "90", user="li", payer="huadong")
    story.use("sms", "20", user="li", payer="huadong")
    assert story.charges("huadong") == []

    story.at("2026-03-03")
    story.night()

    # the first 100 cost 0.10, the other 10 cost 0.08: 9.00, then 10 x 0.10 + 10 x 0.08
    assert [c.amount for c in story.charges("huadong")] == ["9.00", "1.80"]


def test_mode_1_real_time_products_are_rated_without_waiting_for_the_batch(story: Story) -> None:
    story.use("sms", "1", user="li", payer="huadong")
    story.use("call", "5", user="li", payer="huadong")

    assert story.rate_uses(real_time_only=True) == 1

    assert [c.amount for c in story.charges("huadong")] == ["1.50"]  # 5 minutes x 0.30


def test_mode_2_a_day_for_each_day_with_some_active_moment(story: Story) -> None:
    story.at("2026-03-01 23:59")
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-03-03 00:01")
    story.change("o1", "TERMINATED")
    story.at("2026-03-06")

    # a minute of the first day and a minute of the third one are days like the second
    assert story.days_charged("huadong") == {"03-01": "2.00", "03-02": "2.00", "03-03": "2.00"}


def test_mode_2_an_order_that_ends_at_midnight_is_not_charged_for_the_day_that_begins(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-03-03 00:00")
    story.change("o1", "TERMINATED")
    story.at("2026-03-06")

    assert story.days_charged("huadong") == {"03-01": "2.00", "03-02": "2.00"}


def test_mode_3_the_largest_number_of_accounts_of_the_day(story: Story) -> None:
    story.install("o1", payer="huadong", product="seat", quota=True)
    story.accounts("huadong", "seat", 5)
    story.at("2026-03-02 10:00")
    story.accounts("huadong", "seat", 8)
    story.at("2026-03-02 15:00")
    story.accounts("huadong", "seat", 3)
    story.at("2026-03-04 12:00")

    # 5 x 2.00; then 5 from midnight, 8 from 10:00, 3 from 15:00: 8 x 2.00; then 3 carry over midnight
    assert story.days_charged("huadong") == {"03-01": "10.00", "03-02": "16.00", "03-03": "6.00"}


def test_mode_4_the_first_days_are_free(story: Story) -> None:
    story.at("2026-03-01 15:00")
    story.install("o1", payer="huadong", product="drive")
    story.at("2026-03-10")
    story.night()

    days = story.charges("huadong")
    assert [(c.day, c.amount) for c in days[:7]] == [(f"2026-03-0{n}", "0.00") for n in range(1, 8)]
    assert [(c.day, c.amount) for c in days[7:]] == [("2026-03-08", "1.00"), ("2026-03-09", "1.00")]


def test_mode_4_the_first_uses_are_free(story: Story) -> None:
    for hour in range(5):
        story.at(f"2026-03-02 1{hour}:00")
        story.use("fax", user="li", payer="huadong")
    story.at("2026-04-02")

    # 5 uses, 3 of them free, 1.50 each
    assert story.invoices("huadong") == {"huadong-20260301": "3.00"}


def test_mode_5_suspended_and_resumed_several_times_on_one_day_is_one_day(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail")
    for hour in (9, 11, 13, 15):
        story.at(f"2026-03-02 {hour:02}:00")
        story.change("o1", "SUSPENDED")
        story.at(f"2026-03-02 {hour + 1:02}:00")
        story.change("o1", "ACTIVE")
    story.at("2026-03-04")

    assert story.days_charged("huadong") == {"03-01": "2.00", "03-02": "2.00"}


def test_mode_5_two_orders_on_one_day_are_two_days(story: Story) -> None:
    story.at("2026-03-02 08:00")
    story.install("first", payer="huadong", product="mail")
    story.at("2026-03-02 12:00")
    story.change("first", "TERMINATED")
    story.at("2026-03-02 13:00")
    story.install("second", payer="huadong", product="mail")
    story.at("2026-03-02 14:00")
    story.change("second", "TERMINATED")
    story.at("2026-04-02")

    assert story.lines("huadong-20260301") == [
        ("first", "mail", "CNY", "2.00"),
        ("second", "mail", "CNY", "2.00"),
    ]


def test_mode_6_the_payer_pays_whoever_uses(story: Story) -> None:
    story.install("o1", payer="boss", product="sms", billing="次")
    story.use("sms", "10", user="salesperson", payer="boss")
    story.use("sms", "10", user="boss")
    story.at("2026-04-02")

    # both uses fall under the boss's order: 20 x 0.10
    assert story.lines("boss-20260301") == [("o1", "sms", "CNY", "2.00")]
    assert story.charges("salesperson") == []


def test_mode_6_the_boss_pays_for_a_business_that_was_invited(story: Story) -> None:
    story.install("o1", payer="boss", product="sms", billing="次", customer="branch")
    story.use("sms", "10", user="branch")  # nobody says who pays: the payer of the branch's order
    story.use("sms", "10", user="someone")  # has no order, nor has anyone who would pay
    story.at("2026-04-02")

    assert story.invoices("boss") == {"boss-20260301": "1.00"}
    assert story.invoices("branch") == {}
    assert story.parked() == ["no_payer"]


def test_mode_7_an_invoice_on_the_billing_day(story: Story) -> None:
    story.at("2026-03-20")
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-03-31 23:00")
    assert story.invoices("huadong") == {}

    story.at("2026-04-01 01:00")

    # 20 to 31 March: 12 x 2.00
    assert story.invoices("huadong") == {"huadong-20260301": "24.00"}
    march = story.invoice("huadong-20260301")
    assert (march.billed_on.isoformat(), march.invoice_no) == ("2026-04-01", "2026-000000001")


def test_modes_8_and_9_arrears_stop_the_service_and_payment_brings_it_back(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-04-02 09:00")
    story.fail("huadong-20260301")
    assert (story.owes("huadong"), story.state("o1")) == (True, "ACTIVE")

    story.at("2026-04-11 08:00")  # the control day: ten days after the billing day
    assert story.state("o1") == "SUSPENDED ARREARS"

    story.at("2026-04-15 10:00")
    story.pay("huadong-20260301")
    assert (story.owes("huadong"), story.state("o1")) == (False, "ACTIVE")
    assert story.commands("o1") == ["SUSPEND", "RESUME"]

    # stopped at 00:05 on 11 April and back on the 15th: three whole days, 30 - 3 days x 2.00
    story.at("2026-05-01 01:00")
    assert story.invoices("huadong") == {"huadong-20260301": "62.00", "huadong-20260401": "54.00"}


def test_a_month_costs_its_share_of_active_days(story: Story) -> None:
    story.at("2026-03-17")
    story.install("o1", payer="huadong", product="mail", billing="月")
    story.at("2026-04-02")
    story.pay("huadong-20260301")
    story.at("2026-05-01 01:00")

    # 15 of 31 days x 31.00; April whole: 30 of 30 days x 31.00
    assert story.invoices("huadong") == {"huadong-20260301": "15.00", "huadong-20260401": "31.00"}
