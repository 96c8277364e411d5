"""A chunk's running sums become the rows of its invoices: `make_invoice` for many, in whole millionths. Pure.

What it makes is what `make_invoice` and `deduction_of` say of each payer and period, to the last digit and letter,
at a tenth of their price: amounts stay whole numbers, and a line is never an object. A test holds them together.
Where it stands in the walk: between `ended_sums` and the tables. Design: billing rules, "One principle".
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import groupby, repeat
from typing import Any

from billing_center.errors import BillingError, Broken, ResultCode, Unknown
from billing_center.ids import NONE
from billing_center.invoice.deduction_text import DeductionTexts, Lines
from billing_center.invoice.ended_sums import EndedSums
from billing_center.invoice.invoice import invoice_id_of
from billing_center.invoice.make_invoice import LONGEST_NAMES, Issuing, least, taken_off
from billing_center.invoice.state import InvoiceState
from billing_center.money import exact, to_minor_unit, to_minor_units
from billing_center.payer.store import PayerRow
from billing_center.rating.discount_shares import Share
from billing_center.rating.promotion_stack import SEPARATOR
from billing_center.rating.whole_numbers import from_millionths, millionths

HEADER = (
    "invoice_id", "invoice_no", "payer_id", "shard", "cust_id", "cust_name", "period_start", "period_end", "state",
    "base_currency", "base_amount", "billed_on", "due_day", "control_day", "issued_at", "settled_at", "flagged",
    "run_id",
)  # fmt: skip
TOTAL = ("invoice_id", "currency", "amount", "list_amount", "rate", "base_amount")
LINE = (
    "invoice_id", "payer_id", "shard", "line_no", "order_id", "order_code", "product_id", "product_name",
    "currency", "quantity", "amount", "list_amount", "rated_amount", "charges", "promotion_ids",
)  # fmt: skip
"""The columns of each table, in the order of the rows' values."""
MILLIONTHS = frozenset({"quantity", "amount", "list_amount", "rated_amount", "rate", "base_amount"})
"""Those of them that hold whole millionths."""

_LARGEST = 10**18
Tuple = tuple[Any, ...]


@dataclass(slots=True)
class Bill:
    """One invoice as rows. `deduction` is the text of its message, "" when nothing is to be deducted."""

    payer: PayerRow
    header: Tuple
    period_end: date
    totals: list[Tuple]
    lines: list[Tuple]
    deduction: str
    shares: Sequence[Share] = ()

    @property
    def invoice_id(self) -> str:
        """The invoice's."""
        return str(self.header[0])


@dataclass(slots=True)
class Bills:
    """What a chunk bills: each payer's invoices, oldest period first, or why it cannot be billed."""

    of_payers: dict[str, list[Bill]] = field(default_factory=dict)
    failures: dict[str, BillingError] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Bill]:
        return (bill for bills in self.of_payers.values() for bill in bills)


def bill_sums(
    sums: EndedSums, payers: Mapping[str, PayerRow], issuing: Issuing, *, known: Collection[str]
) -> Bills:
    """The invoices of every payer of the sums; all of one payer's, or none of them. `known` are invoices that are.

    Of `issuing` the order codes and the orders' promotions are not asked: the sums carry them.
    """
    biller = _Biller(sums, issuing)
    made = Bills()
    for payer_id, places in groupby(sums.periods(), lambda place: sums.payer_ids[place[0]]):
        try:
            payer = payers.get(payer_id)
            if payer is None:
                raise Unknown("the payer of these charges is not known", code=ResultCode.UNKNOWN_PAYER)
            bills = [biller.bill(payer, first, last) for first, last in places]
            for bill in bills:
                if bill.invoice_id in known:
                    raise Broken(f"charges were born in the closed period of invoice {bill.invoice_id}")
        except BillingError as error:
            made.failures[payer_id] = error
        else:
            made.of_payers[payer_id] = bills
    return made


class _Biller:
    """Bills periods, and keeps what many of them share: names, rates, days."""

    def __init__(self, sums: EndedSums, issuing: Issuing) -> None:
        self._sums = sums
        self._issuing = issuing
        self._base = issuing.settings.base_currency
        products = issuing.catalog.products
        self._names = {
            one: products[one].product.name if one in products else one for one in set(sums.product_ids)
        }
        self._texts = DeductionTexts(self._names, self._base)
        self._days: dict[Sequence[str], tuple[int, int]] = {}
        self._rates: dict[tuple[str, date], Decimal] = {}

    def bill(self, payer: PayerRow, first: int, last: int) -> Bill:
        """The invoice of one payer's period. Raises: NoPrice, OutOfRange."""
        sums, issuing = self._sums, self._issuing
        period_start, period_end = sums.starts[first], min(sums.ends[first:last])
        invoice_id = invoice_id_of(payer.payer_id, period_start)
        rated, shares, counts, promotions = self._taken_off(payer, first, last)
        currencies, product_ids = sums.currencies[first:last], sums.product_ids[first:last]
        listed = sums.list_amounts[first:last]
        amounts = _money(rated, currencies)
        lines = Lines(
            sums.order_codes[first:last], product_ids, currencies, amounts,
            amounts if listed == rated else _money(listed, currencies),
        )  # fmt: skip
        totals = [(invoice_id, *total) for total in self._totals(lines, period_end)]
        base_amount = sum(total[-1] for total in totals)
        if abs(base_amount) >= _LARGEST:
            exact(from_millionths(base_amount), field="base_amount")
        is_zero = not any(total[2] for total in totals)
        is_deducted = not is_zero and base_amount > 0
        grace, control = self._days_of(product_ids)
        counted_from = max(period_end, issuing.today)
        header = (
            invoice_id, "", payer.payer_id, payer.shard, payer.cust_id, payer.name, period_start, period_end,
            (InvoiceState.PAID if is_zero else InvoiceState.ISSUED).value, self._base, base_amount, period_end,
            counted_from + timedelta(grace if payer.grace_days is None else payer.grace_days),
            counted_from + timedelta(control), issuing.at, issuing.at if is_zero else None,
            not is_zero and base_amount <= 0, issuing.run_id,
        )  # fmt: skip
        rows = zip(
            repeat(invoice_id), repeat(payer.payer_id), repeat(payer.shard), range(1, last - first + 1),
            sums.order_ids[first:last], lines.order_codes, product_ids, [self._names[one] for one in product_ids],
            currencies, sums.quantities[first:last], lines.amounts, lines.list_amounts, rated, counts, promotions,
            strict=False,
        )  # fmt: skip
        text = self._texts.text(invoice_id, payer, base_amount, totals, lines) if is_deducted else ""
        return Bill(payer, header, period_end, totals, list(rows), text, shares)

    def _taken_off(
        self, payer: PayerRow, first: int, last: int
    ) -> tuple[Sequence[int], Sequence[Share], Sequence[int], Sequence[str]]:
        """Rated amounts, shares of promotions over the invoice, charges and promotions of each line."""
        sums = self._sums
        rated, counts, own = sums.amounts[first:last], sums.charges[first:last], sums.promotion_ids[first:last]
        over = self._issuing.over_invoices.get((payer.payer_id, sums.starts[first]))
        if not over and own.count(NONE) == len(own):
            return rated, (), counts, [""] * len(own)
        shares = taken_off(sums.as_running_sums(first, last, shard=payer.shard), self._issuing) if over else []
        keys = list(zip(sums.order_ids[first:last], sums.product_ids[first:last], sums.currencies[first:last],
                        strict=True))  # fmt: skip
        of_line: dict[tuple[str, str, str], list[Share]] = {key: [] for key in keys}
        for share in shares:
            of_line[share.line].append(share)
        names = [
            SEPARATOR.join([
                *([stack] if stack != NONE and amount != listed else []),
                *(share.promotion_id for share in of_line[key]),
            ])[:LONGEST_NAMES]
            for key, stack, amount, listed in zip(
                keys, own, rated, sums.list_amounts[first:last], strict=True
            )
        ]  # fmt: skip
        left = tuple(
            amount - sum(millionths(share.rated) for share in of_line[key])
            for key, amount in zip(keys, rated, strict=True)
        )
        more = [count + len(of_line[key]) for key, count in zip(keys, counts, strict=True)]
        return left, shares, more, names

    def _totals(self, lines: Lines, billed_on: date) -> list[tuple[str, int, int, int, int]]:
        """Currency, amount, list amount, rate and base amount, in the order of the currencies."""
        if lines.is_of_one_currency:
            added = {lines.currencies[0]: [sum(lines.amounts), sum(lines.list_amounts)]}
        else:
            added = {}
            for currency, amount, listed in zip(lines.currencies, lines.amounts, lines.list_amounts, strict=True):
                both = added.setdefault(currency, [0, 0])
                both[0] += amount
                both[1] += listed
        totals = []
        for currency, (amount, listed) in sorted(added.items()):
            rate = self._rate(currency, billed_on)
            in_base = amount
            if currency != self._base:
                with localcontext(prec=60):
                    in_base = millionths(to_minor_unit(from_millionths(amount) * rate, self._base))
            for value, name in ((amount, "amount"), (listed, "list_amount"), (in_base, "base_amount")):
                if abs(value) >= _LARGEST:
                    exact(from_millionths(value), field=name)
            totals.append((currency, amount, listed, millionths(rate), in_base))
        return totals

    def _rate(self, currency: str, day: date) -> Decimal:
        found = self._rates.get((currency, day))
        if found is None:
            found = self._issuing.catalog.rate(currency, day, base=self._base)
            self._rates[currency, day] = found
        return found

    def _days_of(self, product_ids: Sequence[str]) -> tuple[int, int]:
        """Grace days where the payer has none of its own, and control days: the least of the lines' products."""
        found = self._days.get(product_ids)
        if found is None:
            settings = self._issuing.settings
            products = [self._issuing.catalog.products.get(one) for one in set(product_ids)]
            found = (
                least([p.grace_days if p else None for p in products], settings.grace_days),
                least([p.control_days if p else None for p in products], settings.control_days),
            )
            self._days[product_ids] = found
        return found


def _money(rated: Sequence[int], currencies: Sequence[str]) -> list[int]:
    """Each line's amount as money of its currency."""
    if currencies.count(currencies[0]) == len(currencies):
        return to_minor_units(rated, currencies[0])
    return [to_minor_units([amount], currency)[0] for amount, currency in zip(rated, currencies, strict=True)]
