"""An invoice as a value: its lines, its totals per currency and its total in the base currency.

Where it stands in the walk: made from running sums by `make_invoice`, kept by `issue_invoices`, sent as a
deduction after it was numbered. Design: billing rules, "Invoice, deduction, service control".
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from billing_center.invoice.state import InvoiceState


@dataclass(frozen=True, slots=True)
class RunningSum:
    """What the charges of one (payer, period, order, product, currency) add up to: rated, six decimals."""

    payer_id: str
    period_start: date
    order_id: str
    product_id: str
    currency: str
    period_end: date
    shard: int
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    charges: int


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One order and product in one currency. `amount` is money; `rated_amount` the exact sum of its charges."""

    line_no: int
    order_id: str  # "-" for uses that fall under no order
    order_code: str
    product_id: str
    product_name: str
    currency: str
    quantity: Decimal
    amount: Decimal
    list_amount: Decimal  # before promotions: markAmount
    rated_amount: Decimal
    charges: int
    promotion_ids: str = ""  # what took something off it: its order's stack, then those over the invoice

    @property
    def discount(self) -> Decimal:
        """What promotions and granted money took off the list amount."""
        return self.list_amount - self.amount


@dataclass(frozen=True, slots=True)
class InvoiceTotal:
    """What the lines of one currency add up to; `rate` is base currency for one unit, kept with the invoice."""

    currency: str
    amount: Decimal
    list_amount: Decimal
    rate: Decimal
    base_amount: Decimal  # money of the base currency


@dataclass(frozen=True, slots=True)
class Invoice:
    """One payer's bill for one period. `billed_on` is the period's end: the billing day that closed it."""

    invoice_id: str
    invoice_no: str  # "" until it is numbered
    payer_id: str
    shard: int
    cust_id: str
    cust_name: str
    period_start: date
    period_end: date
    state: InvoiceState
    base_currency: str
    base_amount: Decimal
    billed_on: date
    due_day: date
    control_day: date
    issued_at: datetime
    settled_at: datetime | None
    flagged: bool  # a person must look at it
    run_id: str
    totals: tuple[InvoiceTotal, ...] = ()
    lines: tuple[InvoiceLine, ...] = ()


def invoice_id_of(payer_id: str, period_start: date) -> str:
    """The invoice's identity by construction: one per payer and period, whoever asks and how often."""
    return f"{payer_id}-{period_start:%Y%m%d}"
