"""Where the running period is heading: subscriptions day by day, uses at the pace so far."""

from decimal import Decimal as D

from billing_center.foresight.forecast import Forecast, forecast
from tests.scenarios.story import Story


def foreseen(story: Story, payer: str = "huadong") -> Forecast:
    with story.center.reading() as work:
        return forecast(work, payer)


def test_subscriptions_go_on_to_the_end_and_uses_at_their_pace(story: Story) -> None:
    story.install("o-day", payer="huadong", product="mail")
    story.install("o-month", payer="huadong", product="mail", billing="月")
    story.at("2026-03-05 09:00")
    story.use("call", "20", user="li", payer="huadong", guid="a")
    story.at("2026-03-11 00:00")
    story.night()
    story.use("call", "10", user="li", payer="huadong", guid="b")
    found = foreseen(story)
    call, mail = found.lines
    # ten of 31 days are over; mail: ten days at 2.00 + 1.00 charged, today waits, twenty days come: 93.00 in all
    assert (mail.charged, mail.waiting, mail.days_to_come, mail.uses_to_come) == (D(30), D(3), D(60), D(0))
    # calls: 6.00 charged and 3.00 waiting in ten days; 9.00 / 10 x 21 = 18.90 more
    assert (call.charged, call.waiting, call.days_to_come, call.uses_to_come) == (D(6), D(3), D(0), D("18.9"))
    assert found.totals == (("CNY", D("120.9")),)


def test_it_comes_to_the_invoice_when_nothing_changes(story: Story) -> None:
    story.install("o-month", payer="huadong", product="mail", billing="月")
    story.at("2026-03-11 09:00")
    assert foreseen(story).totals == (("CNY", D(31)),)
    story.at("2026-04-01 12:00")
    assert story.invoices("huadong") == {"huadong-20260301": "31.00"}


def test_an_order_that_stopped_adds_nothing(story: Story) -> None:
    story.install("o-day", payer="huadong", product="mail")
    story.at("2026-03-03 09:00")
    story.change("o-day", "SUSPENDED")
    [mail] = foreseen(story).lines
    assert (mail.charged, mail.waiting, mail.days_to_come) == (D(4), D(2), D(0))


def test_the_first_hour_is_no_pace(story: Story) -> None:
    story.at("2026-03-01 01:00")
    story.use("call", "10", user="li", payer="huadong")
    # 3.00 counts as a day's: 93.00 for 31 days, not 24 times that
    assert foreseen(story).totals == (("CNY", D(93)),)
