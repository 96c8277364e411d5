"""Running sums become an invoice: the one place where rated amounts are rounded to money.

Pure: no database, no clock. `issue_invoices` keeps what it makes, `preview_invoice` only shows it.
Design: billing rules, "One principle" and "Invoice, deduction, service control".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, localcontext

from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.ids import NONE
from billing_center.invoice.invoice import Invoice, InvoiceLine, InvoiceTotal, RunningSum, invoice_id_of
from billing_center.invoice.state import InvoiceState
from billing_center.money import exact, to_minor_unit
from billing_center.payer.store import PayerRow
from billing_center.rating.discount_shares import Share, shares_of
from billing_center.rating.price_version import Promotion
from billing_center.rating.promotion_stack import SEPARATOR
from billing_center.rating.quick import quick
from billing_center.settings import Settings

_line = quick(InvoiceLine)
LONGEST_NAMES = 400
"""Characters of a line's promotions that the table holds."""


@dataclass(frozen=True, slots=True)
class Issuing:
    """What is the same for every invoice of a chunk."""

    catalog: CatalogSnapshot
    settings: Settings
    order_codes: Mapping[str, str]
    at: datetime
    today: date
    run_id: str
    order_promotions: Mapping[str, str] = field(default_factory=dict)  # of orders that have any
    over_invoices: Mapping[tuple[str, date], tuple[Promotion, ...]] = field(default_factory=dict)
    """By payer and period: what is taken off the lines together."""


def make_invoice(payer: PayerRow, sums: Sequence[RunningSum], issuing: Issuing) -> Invoice:
    """The invoice of one payer for one period, from all its running sums of that period.

    Each line is rounded once, half up to its currency's minor unit; each currency's total is converted at the
    rate of the billing day and rounded once to the base currency's minor unit, and the base total is the sum
    of these, so that what is printed adds up. An invoice whose totals are all zero is PAID at once; one that
    is not positive otherwise is flagged for a person and never sent.

    Raises: NoPrice when a currency has no rate on the billing day; OutOfRange for an amount past 10^12.
    """
    period_start = sums[0].period_start
    period_end = min(row.period_end for row in sums)
    lines = _lines(sums, issuing)
    totals = _totals(lines, period_end, issuing)
    base_amount = exact(sum((t.base_amount for t in totals), Decimal(0)), field="base_amount")
    is_zero = all(t.amount == 0 for t in totals)
    due_day, control_day = _days(payer, lines, max(period_end, issuing.today), issuing)
    return Invoice(
        invoice_id=invoice_id_of(payer.payer_id, period_start), invoice_no="", payer_id=payer.payer_id,
        shard=payer.shard, cust_id=payer.cust_id, cust_name=payer.name, period_start=period_start,
        period_end=period_end, state=InvoiceState.PAID if is_zero else InvoiceState.ISSUED,
        base_currency=issuing.settings.base_currency, base_amount=base_amount, billed_on=period_end,
        due_day=due_day, control_day=control_day, issued_at=issuing.at,
        settled_at=issuing.at if is_zero else None, flagged=not is_zero and base_amount <= 0,
        run_id=issuing.run_id, totals=totals, lines=lines,
    )  # fmt: skip


def _lines(sums: Sequence[RunningSum], issuing: Issuing) -> tuple[InvoiceLine, ...]:
    ordered = sorted(sums, key=lambda row: (row.order_id, row.product_id, row.currency))
    products = issuing.catalog.products
    taken: dict[tuple[str, str, str], list[Share]] = {}
    for share in taken_off(sums, issuing):
        taken.setdefault(share.line, []).append(share)
    return tuple(
        _line(
            line_no=number,
            order_id=row.order_id,
            order_code=issuing.order_codes.get(row.order_id, NONE),
            product_id=row.product_id,
            product_name=products[row.product_id].product.name if row.product_id in products else row.product_id,
            currency=row.currency,
            quantity=row.quantity,
            amount=_money(rated, row.currency),
            list_amount=_money(row.list_amount, row.currency),
            rated_amount=rated,
            charges=row.charges + len(shares),
            promotion_ids=_promotion_ids(row, shares, issuing),
        )
        for number, row in enumerate(ordered, start=1)
        for shares in [taken.get((row.order_id, row.product_id, row.currency), [])]
        for rated in [row.amount - sum((share.rated for share in shares), Decimal(0)) if shares else row.amount]
    )


def taken_off(sums: Sequence[RunningSum], issuing: Issuing) -> list[Share]:
    """What the promotions over this invoice take off its lines."""
    promotions = issuing.over_invoices.get((sums[0].payer_id, sums[0].period_start))
    if not promotions:
        return []
    lines = [((row.order_id, row.product_id, row.currency), row.amount) for row in sums]
    return shares_of(lines, promotions)


def _promotion_ids(row: RunningSum, shares: Sequence[Share], issuing: Issuing) -> str:
    """The promotions that took something off the line; the order's own where the line shows a difference."""
    if not shares and not issuing.order_promotions:
        return ""
    own = issuing.order_promotions.get(row.order_id, "") if row.amount != row.list_amount else ""
    return SEPARATOR.join([*([own] if own else []), *(share.promotion_id for share in shares)])[:LONGEST_NAMES]


def _totals(lines: Iterable[InvoiceLine], billed_on: date, issuing: Issuing) -> tuple[InvoiceTotal, ...]:
    base = issuing.settings.base_currency
    amounts: dict[str, tuple[Decimal, Decimal]] = {}
    for line in lines:
        amount, list_amount = amounts.get(line.currency, (Decimal(0), Decimal(0)))
        amounts[line.currency] = (amount + line.amount, list_amount + line.list_amount)
    totals = []
    for currency, (amount, list_amount) in sorted(amounts.items()):
        rate = issuing.catalog.rate(currency, billed_on, base=base)
        with localcontext(prec=60):
            converted = _money(amount * rate, base)
        exact(amount, field="amount")
        exact(list_amount, field="list_amount")
        totals.append(InvoiceTotal(currency, amount, list_amount, rate, exact(converted, field="base_amount")))
    return tuple(totals)


def _money(amount: Decimal, currency: str) -> Decimal:
    """The amount at the minor unit; a negative one that rounds to nothing is plain zero."""
    return to_minor_unit(amount, currency) + 0


def _days(
    payer: PayerRow, lines: Iterable[InvoiceLine], counted_from: date, issuing: Issuing
) -> tuple[date, date]:
    """Due day and control day.

    Counted from the billing day, or from the day of issue when the bill came late: nobody is in arrears with
    a bill that did not exist yet. Grace days are the payer's own, else the least of the lines' products (a
    product that names none has the setting's); control days are the least of the lines' products.
    """
    settings = issuing.settings
    products = [issuing.catalog.products.get(product_id) for product_id in {line.product_id for line in lines}]
    grace = payer.grace_days
    if grace is None:
        grace = least([p.grace_days if p else None for p in products], settings.grace_days)
    control = least([p.control_days if p else None for p in products], settings.control_days)
    return counted_from + timedelta(days=grace), counted_from + timedelta(days=control)


def least(days: Iterable[int | None], setting: int) -> int:
    """The least of the days, the setting standing for those that say nothing."""
    return min((setting if value is None else value for value in days), default=setting)
