"""What comes out of recomputing a payer's charges: expected running sums and meters, and what was found."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from billing_center.ids import NONE
from billing_center.reconcile.difference import Difference, Rule
from billing_center.reconcile.expected import ExpectedCharge, PriceOf, meter_of
from billing_center.reconcile.raw_facts import MeterName

SumKey = tuple[date, str, str, str]
"""(first day of the billing period, order, product, currency) within a payer."""

ListKey = tuple[str, str, str]
"""(product, currency, promotion) of list amounts that can only be compared together."""

SUMMED = ("quantity", "amount", "list_amount", "charges")


@dataclass(slots=True)
class Total:
    """What a running sum should say; amounts are not rounded to money."""

    quantity: Decimal
    amount: Decimal
    list_amount: Decimal
    charges: int


@dataclass(slots=True)
class Recomputed:
    """What a payer's facts come to: expected running sums, and what was found on the way."""

    sums: dict[SumKey, Total] = field(default_factory=dict)
    meters: dict[MeterName, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    differences: list[Difference] = field(default_factory=list)
    doubted: dict[SumKey, list[str]] = field(default_factory=lambda: defaultdict(list))
    credited: dict[SumKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))  # granted money
    trued_up_again: dict[SumKey, Decimal] = field(
        default_factory=lambda: defaultdict(Decimal)
    )  # of earlier periods
    untold: set[MeterName] = field(default_factory=set)  # meters that no charge names
    settled_orders: set[str] = field(default_factory=set)  # whose days are all as they should be
    settled_products: set[str] = field(default_factory=set)  # whose uses are
    tiled: set[MeterName] = field(default_factory=set)  # meters that settled charges fill without a gap
    doubted_meters: set[MeterName] = field(default_factory=set)
    unlisted: set[tuple[str, str]] = field(default_factory=set)  # (product, promotion) of such
    left_out: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    list_prices: dict[MeterName, tuple[ListKey, PriceOf]] = field(default_factory=dict)
    listed: dict[ListKey, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def add(self, key: SumKey, quantity: Decimal, amount: Decimal, list_amount: Decimal, charges: int) -> None:
        """Let a running sum grow."""
        total = self.sums.get(key)
        if total is None:
            self.sums[key] = Total(quantity, amount, list_amount, charges)
            return
        total.quantity += quantity
        total.amount += amount
        total.list_amount += list_amount
        total.charges += charges

    def grow(self, expected: ExpectedCharge, listed: Decimal) -> None:
        """Let meters grow as a charge should have let them; `listed` stands where only a total is compared."""
        if expected.meter is not None:
            self.meters[expected.meter] += expected.growth
        together = (expected.product_id, expected.currency, expected.promotion_id)
        for name, growth, price in expected.listed_on:
            self.meters[name] += growth
            if expected.list_amount is None:
                self.list_prices[name] = (together, price)
        if expected.list_amount is None:
            self.listed[together] += listed

    def credit(self, key: SumKey, component: str, amount: Decimal) -> None:
        """Note granted money, which commitments do not see. The component is a charge's, or that of its meter."""
        if component.startswith("grant:"):
            self.credited[key] += amount

    def doubt(self, key: SumKey, subject: str, *meters: MeterName | None) -> None:
        """A charge differs: its sum will too, and its meters need not be looked at."""
        self.doubted[key].append(subject)
        self.doubted_meters |= {name for name in meters if name is not None}

    def differ(self, payer_id: str, rule: Rule, subject: str, expected: str, found: str, detail: str = "") -> None:
        """Note a difference."""
        self.differences.append(Difference(payer_id, rule, subject, expected, found, detail))

    def take_as_it_stands(self, row: Any) -> None:
        """A charge that is not recomputed: it counts in sums and meters."""
        self.add(sum_key(row), row.quantity, row.amount, row.list_amount, 1)
        self.credit(sum_key(row), row.meter_component, row.amount)
        name = meter_of(row)
        if name is not None:
            self.meters[name] += row.reading_after - row.reading_before
        if row.promotion_id != NONE:
            self.unlisted.add((row.product_id, row.promotion_id))

    def believe(self, name: str, rows: Iterable[Any]) -> None:
        """Take the charges of a fact that is left out as they stand, and count it."""
        self.left_out[name] += 1
        for row in rows:
            self.take_as_it_stands(row)


def sum_key(row: Any) -> SumKey:
    """The running sum that a charge is in."""
    return row.period_start, row.order_id, row.product_id, row.currency
