"""A preview says what is charged, and apart from it what is not rated yet."""

from decimal import Decimal as D

import pytest

from billing_center.errors import Unknown
from billing_center.foresight.preview_payer import PayerPreview, preview_payer
from tests.scenarios.story import Story


def previewed(story: Story, payer: str = "huadong") -> PayerPreview:
    with story.center.reading() as work:
        return preview_payer(work, payer)


def test_what_waits_is_told_apart_from_what_is_charged(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-03-05 09:00")
    story.use("sms", "5", user="li", payer="huadong", guid="a")
    found = previewed(story)
    # charged: four days; waiting: today's day, and 5 sms of which 3 are free: 2 x 0.10
    assert [draft.base_amount for draft in found.invoices] == [D("8.00")]
    assert [(one.product_id, one.uses, one.days, one.amount) for one in found.pending.lines] == [
        ("sms", 1, 0, D("0.2")),
        ("mail", 0, 1, D("2")),
    ]
    assert [draft.base_amount for draft in found.with_pending] == [D("10.20")]


def test_what_waits_comes_to_what_is_booked_later(story: Story) -> None:
    story.at("2026-03-05 09:00")
    for n, quantity in enumerate(("9", "3", "4")):
        story.use("sms", quantity, user="li", payer="huadong", guid=f"s{n}")
    story.use("call", "90", unit="s", user="li", payer="huadong", guid="c")
    # 16 sms, 3 free: 10 x 0.10 + 3 x 0.05 = 1.15; 1.5 minutes: 0.45
    before = previewed(story)
    assert before.invoices == ()
    assert [draft.base_amount for draft in before.with_pending] == [D("1.60")]
    story.rate_uses()
    after = previewed(story)
    assert [draft.lines for draft in after.invoices] == [draft.lines for draft in before.with_pending]
    assert (after.pending.lines, after.pending.uses) == ((), 0)


def test_nothing_is_written(story: Story) -> None:
    story.at("2026-03-05 09:00")
    story.use("sms", "9", user="li", payer="huadong")
    assert previewed(story) == previewed(story)
    assert story.charges("huadong") == []
    assert story.rate_uses() == 1


def test_a_use_without_a_named_payer_is_found_by_its_user(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail", customer="li")
    story.install("o2", payer="huadong", product="call", customer="li", billing="次")
    story.use("call", "10", user="li", guid="of-li")
    story.use("call", "10", user="wang", guid="of-nobody")
    found = previewed(story)
    assert [(one.order_id, one.amount) for one in found.pending.lines] == [("o1", D("2")), ("o2", D("3"))]


def test_a_use_that_has_no_price_is_named_and_a_parked_one_counted(story: Story) -> None:
    story.use("sms", "9", at="2019-12-31 10:00", user="li", payer="huadong", guid="a")
    story.rate_uses()
    story.use("call", "9", at="2019-12-31 10:00", user="li", payer="huadong", guid="b")
    found = previewed(story)
    assert (found.pending.parked, found.pending.uses, found.with_pending) == (1, 0, ())
    assert [(one.product_id, one.code) for one in found.pending.cannot] == [("call", "no_price")]


def test_a_late_fact_would_fall_into_the_open_period(story: Story) -> None:
    story.install("o1", payer="huadong", product="mail")
    story.at("2026-04-02 09:00")
    story.use("call", "10", user="li", payer="huadong", at="2026-03-20 10:00")
    [late] = [one for one in previewed(story).pending.lines if one.product_id == "call"]
    assert late.period_start.isoformat() == "2026-04-01"


def test_an_unknown_payer_is_refused(story: Story) -> None:
    with pytest.raises(Unknown, match="nobody"):
        previewed(story, "nobody")
