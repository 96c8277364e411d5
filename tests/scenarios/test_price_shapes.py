"""Price shapes through the public door: a catalog is loaded, uses and orders come, the preview says it."""

from billing_center.invoice.preview_invoice import preview_invoice
from billing_center.money import plain
from tests.scenarios.story import Story

CALLS = """
products:
  - id: call
    name: 电话
    currency: CNY
    unit: minute
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices:
            - {currency: CNY, price: 0.30, event_fee: 0.10, increments: {first: 60 s, then: 6 s}}
  - id: pay
    name: 收款
    currency: CNY
    unit: count
    content_identity: false
    plans:
      per_use:
        - valid_from: 2026-01-01
          prices: [{currency: CNY, model: percentage, percent: 2.5, event_min: 0.10, event_max: 5.00}]
"""


def previewed(story: Story, payer: str) -> dict[str, str]:
    """What the payer would be invoiced now, by product."""
    with story.center.reading() as work:
        invoices = preview_invoice(work, payer)
    return {line.product_id: plain(line.amount, least_digits=2) for one in invoices for line in one.lines}


def test_calls_and_payments_are_asked_use_by_use(story: Story) -> None:
    story.sell(CALLS)
    story.use("call", "61", unit="s", user="boss", payer="boss", at="2026-03-01 00:00")
    story.use("call", "1", unit="s", user="boss", payer="boss", at="2026-03-01 00:00", guid="second")
    for amount in ("1.00", "40.00", "1000.00"):
        story.use("pay", amount, user="boss", payer="boss")
    story.rate_uses()
    assert previewed(story, "boss") == {"call": "0.83", "pay": "6.10"}
