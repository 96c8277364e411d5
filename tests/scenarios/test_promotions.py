"""Promotions through the public door: several on one order, over an invoice's lines, and what is refused."""

import pytest
from sqlalchemy import select

from billing_center.errors import OutOfRange, Unknown
from billing_center.invoice.explain_invoice import explain_invoice
from billing_center.invoice.explain_language import Language
from billing_center.invoice.explain_words import Teller
from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.money import plain
from schema.tables.charges import charge
from tests.scenarios.story import Story

CATALOG = """
products:
  - id: api
    name: 接口
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use: [{valid_from: 2026-01-01, price: {CNY: 1.00}}]
promotions:
  - {id: p10, percent_off: 10}
  - {id: p20, percent_off: 20}
  - {id: minus20, amount_off: {CNY: 20.00}}
  - {id: uses10, free_uses: 10}
  - {id: uses5, free_uses: 5}
  - {id: week, free_days: 7}
  - {id: alone, percent_off: 50, exclusive: true}
  - {id: shy, percent_off: 5, not_with: [p10]}
  - {id: old, percent_off: 90, valid_to: 2026-02-01}
"""


def promotions_of(story: Story) -> set[str]:
    with story.center.reading() as work:
        return set(work.connection.execute(select(charge.c.promotion_id)).scalars())


@pytest.mark.parametrize(
    ("promotions", "stack", "amount"),
    [
        ("p10", "p10", "90.00"),
        ("p20, p10", "p10,p20", "72.00"),  # 100 x 0.9 x 0.8
        ("minus20,p10", "p10,minus20", "70.00"),  # the percentage first: 90 - 20
        ("minus20,p10,uses10", "uses10,p10,minus20", "61.00"),  # 90 left, 81, 61
        ("old,p10", "p10", "90.00"),  # one that does not apply is left out
    ],
)
def test_promotions_of_one_order_work_in_their_fixed_order(
    story: Story, promotions: str, stack: str, amount: str
) -> None:
    story.sell(CATALOG)
    story.install("o1", payer="boss", product="api", billing="次", promotion=promotions)
    for quantity in ("30", "50", "20"):
        story.use("api", quantity, user="boss")
    story.at("2026-04-01 12:00")
    [line] = story.invoice("boss-20260301").lines
    assert (str(line.amount), str(line.list_amount)) == (f"{amount}0000", "100.000000")
    assert promotions_of(story) == {stack}


def test_free_days_go_before_what_is_taken_off_the_days_after_them(story: Story) -> None:
    story.sell(CATALOG)
    story.install("o1", payer="boss", product="api", billing="次", promotion="p10,week")
    story.use("api", "50", user="boss")  # 1 March: a free day
    story.use("api", "50", user="boss", at="2026-03-08 00:00")
    story.at("2026-04-01 12:00")
    assert story.lines("boss-20260301") == [("o1", "api", "CNY", "45.00")]


@pytest.mark.parametrize(
    ("promotions", "why"),
    [
        ("uses5,uses10", "uses10 and uses5 both give free uses"),
        ("p10,alone", "alone stands alone, not with p10"),
        ("shy,p10", "p10 does not go with shy"),
        ("p10,p10", "names p10 twice"),
    ],
)
def test_promotions_that_do_not_go_together_are_refused_at_the_door(
    story: Story, promotions: str, why: str
) -> None:
    story.sell(CATALOG)
    with pytest.raises(OutOfRange, match=why) as refused:
        story.install("o1", payer="boss", product="api", billing="次", promotion=promotions)
    assert refused.value.field == "productStrategyId"


def test_an_unknown_promotion_beside_a_known_one_is_refused(story: Story) -> None:
    story.sell(CATALOG)
    with pytest.raises(Unknown) as refused:
        story.install("o1", payer="boss", product="api", billing="次", promotion="p10,p11")
    assert (refused.value.field, refused.value.ids["promotion_id"]) == ("productStrategyId", "p11")


def test_the_same_order_with_its_promotions_in_another_order_is_the_same_order(story: Story) -> None:
    story.sell(CATALOG)
    for promotions in ("p10,minus20", "minus20 , p10"):
        story.install("o1", payer="boss", product="api", billing="次", promotion=promotions)


OFFICE = """
products:
  - id: api
    name: 接口
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use: [{valid_from: 2026-01-01, price: {CNY: 1.00}}]
  - id: mail
    name: 邮箱
    currency: CNY
    plans:
      month: [{valid_from: 2026-01-01, price: {CNY: 66.67}}]
  - id: disk
    name: 网盘
    currency: CNY
    plans:
      month: [{valid_from: 2026-01-01, price: {CNY: 50.00}}]
promotions:
  - {id: office, over: invoice, products: [api, mail, disk], together: true, amount_off: {CNY: 100.00}, periods: 2}
  - {id: ten, over: invoice, percent_off: 10}
  - {id: p10, percent_off: 10}
"""


def discounts(story: Story, invoice_id: str) -> dict[str, tuple[str, str, str, str]]:
    """List amount, discount, amount and promotions of each line, by product."""
    return {
        line.product_id: (
            plain(line.list_amount, least_digits=2), plain(line.discount, least_digits=2),
            plain(line.amount, least_digits=2), line.promotion_ids,
        )
        for line in story.invoice(invoice_id).lines
    }  # fmt: skip


def test_a_hundred_off_three_products_is_shared_over_the_lines_of_the_invoice(story: Story) -> None:
    story.sell(OFFICE)
    story.install("o1", payer="boss", product="api", billing="次", promotion="office")
    story.install("o2", payer="boss", product="mail", billing="月")
    story.install("o3", payer="boss", product="disk", billing="月")
    story.use("api", "33.33", user="boss")
    story.at("2026-04-01 12:00")
    assert discounts(story, "boss-20260301") == {
        "api": ("33.33", "22.22", "11.11", "office"),
        "mail": ("66.67", "44.45", "22.22", "office"),
        "disk": ("50.00", "33.33", "16.67", "office"),
    }
    assert story.invoices("boss") == {"boss-20260301": "50.00"}
    [share] = [one for one in story.charges("boss") if one.amount == "-44.45"]
    assert (share.day, share.order_id, share.note) == (
        "2026-03-31",
        "o2",
        "promotion office: 100.00 off 3 lines of 150.00 CNY",
    )
    story.pay("boss-20260301")
    story.at("2026-05-01 12:00")  # April: no use of the interface, so the three are not together
    assert discounts(story, "boss-20260401")["mail"] == ("66.67", "0.00", "66.67", "")
    story.pay("boss-20260401")
    story.use("api", "100", user="boss")
    story.at("2026-06-01 12:00")  # May is the third period of two
    assert story.invoices("boss")["boss-20260501"] == "216.67"


def test_what_orders_and_invoices_promise_stacks_and_is_previewed_as_it_will_be_billed(story: Story) -> None:
    story.sell(OFFICE)
    story.install("o1", payer="boss", product="api", billing="次", promotion="ten,p10")
    story.install("o2", payer="boss", product="mail", billing="月", promotion="ten")  # twice named, once taken
    story.use("api", "100", user="boss")
    story.at("2026-03-31 12:00")
    with story.center.reading() as work:
        [draft] = preview_invoice(work, "boss")
    # 100.00 - 10 % = 90.00; of 30 days of 66.67 64.52 by then: 154.52 - 15.45, shared 9.00 and 6.45
    assert [(plain(line.amount), line.promotion_ids) for line in draft.lines] == [
        ("81", "p10,ten"),
        ("58.07", "ten"),
    ]
    story.at("2026-04-01 12:00")
    # 156.67 - 15.67: of 90.00 9.0016..., of 66.67 6.6683...; the one cent left goes to the larger remainder
    assert discounts(story, "boss-20260301") == {
        "api": ("100.00", "19.00", "81.00", "p10,ten"), "mail": ("66.67", "6.67", "60.00", "ten"),
    }  # fmt: skip


def test_a_promotion_over_the_invoice_ends_with_its_order(story: Story) -> None:
    story.sell(OFFICE)
    story.install("o1", payer="boss", product="api", billing="次", promotion="ten")
    story.install("o2", payer="boss", product="disk", billing="月")
    story.at("2026-04-10 12:00")
    story.change("o1", "TERMINATED")
    story.pay("boss-20260301")
    story.at("2026-05-05 12:00")
    story.pay("boss-20260401")
    story.at("2026-06-01 12:00")
    assert story.invoices("boss") == {
        "boss-20260301": "45.00", "boss-20260401": "45.00", "boss-20260501": "50.00",
    }  # fmt: skip


def test_explaining_a_line_names_every_promotion_with_its_numbers(story: Story) -> None:
    story.sell(OFFICE)
    story.install("o1", payer="boss", product="api", billing="次", promotion="ten,p10")
    story.use("api", "100", user="boss")
    story.at("2026-04-01 12:00")
    with story.center.reading() as work:
        told = explain_invoice(work, "boss-20260301")
        english = Teller(work.catalog, work.zone, Language.EN).line(told.lines[0])
        chinese = Teller(work.catalog, work.zone, Language.ZH).line(told.lines[0])
    assert "Promotions: p10, ten." in english
    assert "F(100) − F(0) = 90.00 − 0.00 = 90.00 CNY." in english
    assert "promotion ten: 10% of one line of 90.00 CNY, -9.00 CNY." in " ".join(english)
    assert "优惠 ten：一行共 90.00 CNY 的 10%" in " ".join(chinese)
