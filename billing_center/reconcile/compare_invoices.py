"""A payer's running sums, invoice lines and invoices beside what its facts come to.

Everything is compared with the recomputed total, never with another row of the books: a row that is wrong is
named once, and rows that agree with each other in a mistake are named all. Design: billing rules, "Aggregation",
"Days, periods, late facts" and "Invoice, deduction, service control".
"""

from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from billing_center.reconcile.compare_credits import compare_credits
from billing_center.reconcile.compare_deductions import compare_deduction
from billing_center.reconcile.difference import (
    Difference,
    Rule,
    compare_fields,
    line_name,
    period_name,
    told,
)
from billing_center.reconcile.expected import ZERO
from billing_center.reconcile.expected_invoice import ExpectedInvoice, money
from billing_center.reconcile.raw_facts import Facts, PayerFacts
from billing_center.reconcile.recomputed import SUMMED, Recomputed, SumKey, Total

LINED = ("amount", "list_amount", "rated_amount", "quantity", "charges")
"""What is compared of an invoice's line."""

TOTALLED = ("amount", "list_amount", "rate", "base_amount")
"""What is compared of its totals."""

_summed, _lined, _totalled = attrgetter(*SUMMED), attrgetter(*LINED), attrgetter(*TOTALLED)
_key_of_sum = attrgetter("period_start", "order_id", "product_id", "currency")
_key_of_line = attrgetter("order_id", "product_id", "currency")

NOTHING_CLOSED = date(1970, 1, 1)


def compare_books(facts: Facts, one: PayerFacts, out: Recomputed) -> list[Difference]:
    """Sums, lines, totals, invoices, credit notes, deductions and periods of one payer."""
    found = _compare_sums(one, out)
    for row in one.invoices:
        expected = {key: values for key, values in out.sums.items() if key[0] == row.period_start}
        invoice = ExpectedInvoice(row)
        found += _compare_lines(facts, one, invoice, expected, out)
        found += _compare_totals(facts, one, invoice)
        found += _compare_invoice(one, row, invoice.worth)
        found += compare_credits(facts, one, invoice)
        found += compare_deduction(facts, one, invoice)
    return found + _compare_closing(facts, one)


def _compare_sums(one: PayerFacts, out: Recomputed) -> list[Difference]:
    found: list[Difference] = []
    stand = {_key_of_sum(row): _summed(row) for row in one.sums}
    should = {key: _summed(total) for key, total in out.sums.items()}
    if stand == should:
        return found
    for key in sorted(stand.keys() | should.keys()):
        wanted, stands = (
            dict(zip(SUMMED, sums[key], strict=True)) if key in sums else None for sums in (should, stand)
        )
        subject = f"{period_name(key[0])}, {line_name(*key[1:])}"
        found += compare_fields(one.payer_id, Rule.SUM, subject, wanted, stands, _behind(out, key))
    return found


def _behind(out: Recomputed, key: SumKey) -> str:
    """The facts whose charges differ, as far as there are any."""
    doubted = out.doubted.get(key, [])
    more = f" and {len(doubted) - 5} more" if len(doubted) > 5 else ""
    return ("see " + "; ".join(doubted[:5]) + more) if doubted else ""


def _compare_lines(
    facts: Facts, one: PayerFacts, invoice: ExpectedInvoice, expected: dict[SumKey, Total], out: Recomputed
) -> list[Difference]:
    """Each line beside the total of its facts, rounded once; of `expected` is left what has no line."""
    found: list[Difference] = []
    start = invoice.row.period_start
    for row in facts.lines.get(invoice.invoice_id, ()):
        key = (start, *_key_of_line(row))
        wanted = _expected_line(invoice, row, key, expected.pop(key, None))
        if _lined(row) != wanted:
            found += _line_differs(one, invoice, key, wanted, row, out)
    for key in sorted(expected):
        wanted = _expected_line(invoice, None, key, expected[key])
        found += _line_differs(one, invoice, key, wanted, None, out)
    return found


Line = tuple[Decimal, Decimal, Decimal, Decimal, int]
"""The values of a line that are compared: `LINED`."""


def _expected_line(invoice: ExpectedInvoice, row: Any, key: SumKey, total: Total | None) -> Line | None:
    """What the line of a total should say, which the invoice then expects."""
    if total is None:
        return None
    currency, rated, listed = key[3], total.amount, total.list_amount
    amount = money(rated, currency)
    list_amount = amount if listed == rated else money(listed, currency)
    invoice.expect(row, currency, amount, list_amount)
    return amount, list_amount, rated, total.quantity, total.charges


def _line_differs(
    one: PayerFacts, invoice: ExpectedInvoice, key: SumKey, wanted: Line | None, row: Any, out: Recomputed
) -> list[Difference]:
    number = f"line {row.line_no}" if row is not None else "line"
    subject = f"invoice {invoice.invoice_id}, {number}: {line_name(*key[1:])}"
    expects = None if wanted is None else dict(zip(LINED, wanted, strict=True))
    stands = None if row is None else {field: getattr(row, field) for field in (expects or {"amount": ZERO})}
    behind = _behind(out, key) if wanted is not None else ""
    return compare_fields(one.payer_id, Rule.LINE, subject, expects, stands, behind)


def _compare_totals(facts: Facts, one: PayerFacts, invoice: ExpectedInvoice) -> list[Difference]:
    """Each currency's total beside what its lines should add up to; what all are worth in the base currency."""
    rows = {row.currency: row for row in facts.totals.get(invoice.invoice_id, ())}
    expected, header = invoice.totals, invoice.row
    found: list[Difference] = []
    for currency in sorted(rows.keys() | expected.keys()):
        row, wanted, stands = rows.get(currency), None, None
        if currency in expected:
            rate = facts.catalog.rate(
                currency, header.billed_on, base=header.base_currency, known_at=header.issued_at
            )
            rate = rate if rate is not None else (row.rate if row is not None else ZERO)
            invoice.rates[currency] = rate
            in_base = invoice.in_base({currency: expected[currency]["amount"]})
            invoice.worth += in_base
            amounts = expected[currency]
            totals = (amounts["amount"], amounts["list_amount"], rate, in_base)
            if row is not None and _totalled(row) == totals:
                continue
            wanted = dict(zip(TOTALLED, totals, strict=True))
        if row is not None:
            stands = {name: getattr(row, name) for name in (wanted or {"amount": ZERO})}
        subject = f"invoice {invoice.invoice_id}, total in {currency}"
        found += compare_fields(one.payer_id, Rule.TOTAL, subject, wanted, stands)
    return found


def _compare_invoice(one: PayerFacts, row: Any, worth: Decimal) -> list[Difference]:
    """The invoice's own columns: its sum, the period that it is of, its identity and the year of its number."""
    start, end, _ = one.terms.billing_days.period(row.period_start)
    identity = f"{one.payer_id}-{row.period_start.isoformat().replace('-', '')}"
    wanted = {"invoice_id": identity, "base_amount": worth, "period_start": start, "period_end": end}
    stands = {
        "invoice_id": row.invoice_id, "base_amount": row.base_amount, "period_start": row.period_start,
        "period_end": row.period_end,
    }  # fmt: skip
    if row.invoice_no:
        wanted["year of number"] = str(row.billed_on.year)
        stands["year of number"] = row.invoice_no.partition("-")[0]
    return compare_fields(one.payer_id, Rule.INVOICE, f"invoice {row.invoice_id}", wanted, stands)


def _compare_closing(facts: Facts, one: PayerFacts) -> list[Difference]:
    """Periods tile: each running sum is of a whole period of the payer; and what is closed is invoiced."""
    found: list[Difference] = []
    invoices = {row.period_start: row.invoice_id for row in one.invoices}
    for row in one.sums:
        start, end, _ = one.terms.billing_days.period(row.period_start)
        invoice_id = invoices.get(row.period_start, "")
        owed = not invoice_id and row.period_end <= one.row.closed_until
        if (row.period_start, row.period_end, row.invoice_id) == (start, end, invoice_id) and not owed:
            continue
        subject = f"{period_name(row.period_start)}, {line_name(row.order_id, row.product_id, row.currency)}"
        wanted = {"period_start": start, "period_end": end}
        stands = {name: getattr(row, name) for name in wanted}
        found += compare_fields(one.payer_id, Rule.PERIOD, subject, wanted, stands)
        if row.invoice_id != invoice_id or owed:
            expected = invoice_id or f"an invoice, because {one.row.closed_until} is closed"
            text = row.invoice_id or "no invoice"
            found.append(Difference(one.payer_id, Rule.CLOSED, subject, expected, text))
    ends = [one.terms.billing_days.period(row.period_start)[1] for row in one.invoices]
    closed = max(ends, default=NOTHING_CLOSED)
    # A period without charges is closed too, on its billing day, so later than the last invoice is sound.
    if not closed <= one.row.closed_until <= max(closed, facts.today):
        text = told(one.row.closed_until)
        found.append(Difference(one.payer_id, Rule.CLOSED, "closed until", told(closed), text))
    return found
