"""What some payers' books and raw facts are: rows as they stand, for a bounded number of payers.

Nothing is worked out here. Where it stands in the walk: `reconcile_payers` reads one of these for each chunk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from billing_center.history.whole import charge, usage_event
from billing_center.ids import NONE
from billing_center.reconcile.alike import Alike
from billing_center.reconcile.known_then import Catalog, PayerTerms
from billing_center.reconcile.read_rows import Row, columns_of

MeterName = tuple[str, str, str, str, str]
"""(product, order, scope, price version, component) within a payer."""

EVER = "ever"
CLOCKS_DIFFER = timedelta(minutes=10)
OUTLIVES_VERSIONS = ("allowance", "promotion", "paid-until")
BALANCES = ("included:", "grant:")
CHARGE_COLUMNS = columns_of(charge)
USE_COLUMNS = columns_of(usage_event)
_PLACES = {column.name: place for place, column in enumerate(CHARGE_COLUMNS)}


def of_charge(*names: str) -> Callable[[Row], tuple[Any, ...]]:
    """Takes several columns out of a charge's row, together."""
    return itemgetter(*(_PLACES[name] for name in names))


def meter_name(product_id: str, order_id: str, scope: str, version_id: str, component: str) -> MeterName:
    """A meter's name. Free units outlive price versions, and a grant may be for any product."""
    if component.startswith("grant:"):
        return NONE, NONE, scope, NONE, component
    return product_id, order_id, scope, NONE if component in OUTLIVES_VERSIONS else version_id, component


class RowsNeeded(Exception):
    """A payer's charges were read brought together, and something is asked that only their rows tell."""


@dataclass(frozen=True, slots=True)
class Rerating:
    """A payer's days of a product were rated anew at an instant, `first` to `last`, both included.

    No product where it is not told yet: the re-rating has not come to its end for other payers.
    """

    correction_id: str
    at: datetime
    product_id: str
    first: date
    last: date


@dataclass(slots=True)
class PayerFacts:
    """One payer: its row, its facts, its books; and what was found out by product, so as not to ask twice."""

    payer_id: str
    row: Row
    terms: PayerTerms
    orders: list[Row] = field(default_factory=list)
    alike: list[Alike] = field(default_factory=list)  # all charges, brought together
    rows: list[Row] | None = None  # the same as rows; None where they were not read
    meters: dict[MeterName, Decimal] = field(default_factory=dict)
    sums: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    openings: dict[str, date] = field(default_factory=dict)
    grants: list[Row] = field(default_factory=list)
    reratings: list[Rerating] = field(default_factory=list)
    told_openings: dict[str, tuple[Sequence[tuple[datetime, date]], date | None]] = field(default_factory=dict)
    orders_for: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    ends: set[date] | None = None
    moves: dict[MeterName, list[Row]] = field(default_factory=dict)
    used: list[Row] | None = None
    alike_used: dict[str, list[Alike]] | None = None
    used_by: dict[str, list[Row]] = field(default_factory=dict)
    ordered: dict[str, list[Row]] | None = None
    rated: dict[str, datetime] = field(default_factory=dict)
    rest: list[Row] = field(default_factory=list)  # the charges that are not settled (`settle`)

    @property
    def charges(self) -> list[Row]:
        """All charges as rows. Raises: RowsNeeded."""
        if self.rows is None:
            raise RowsNeeded(self.payer_id)
        return self.rows

    def most_read(self, name: MeterName, at: datetime) -> Decimal:
        """The most that a meter may have read at about an instant, by its charges: clocks of nodes differ."""
        return max(self._read_about(name, at))

    def least_read(self, name: MeterName, at: datetime) -> Decimal:
        """The least that it may have read."""
        return min(self._read_about(name, at))

    def _read_about(self, name: MeterName, at: datetime) -> list[Decimal]:
        if not self.moves:
            for row in self.charges:
                if row.meter_scope == EVER:
                    of = meter_name(row.product_id, row.meter_order_id, EVER, row.version_id, row.meter_component)
                    self.moves.setdefault(of, []).append(row)
        before, found = Decimal(0), []
        for row in self.moves.get(name, ()):
            if row.rated_at < at - CLOCKS_DIFFER:
                before += row.reading_after - row.reading_before
            elif row.rated_at <= at + CLOCKS_DIFFER:
                found += [row.reading_before, row.reading_after]
        return [before, *found]

    def closed_ends(self) -> set[date]:
        """The days on which periods ended that are invoiced."""
        if self.ends is None:
            self.ends = {self.terms.billing_days.period(row.period_start)[1] for row in self.invoices}
        return self.ends

    def uses(self) -> list[Row]:
        """The charges of uses, corrections apart."""
        if self.used is None:
            self.used = [row for row in self.charges if row.cause == "use"]
        return self.used

    def uses_of(self, product_id: str) -> list[Row]:
        """The charges of uses of a product, corrections apart."""
        if not self.used_by:
            for row in self.uses():
                self.used_by.setdefault(row.product_id, []).append(row)
        return self.used_by.get(product_id, [])

    def users_alone(self) -> set[str]:
        """The users whose uses named no payer."""
        return {user for one in self.alike if one.cause == "use" for user in one.users_alone()}

    def alike_uses(self) -> dict[str, list[Alike]]:
        """The charges of uses by product, corrections apart, brought together."""
        if self.alike_used is None:
            self.alike_used = {}
            for one in self.alike:
                if one.cause == "use":
                    self.alike_used.setdefault(one.product_id, []).append(one)
        return self.alike_used

    def orders_of(self, product_id: str) -> list[Row]:
        """The orders of a product."""
        if self.ordered is None:
            self.ordered = {}
            for order in self.orders:
                self.ordered.setdefault(order.product_id, []).append(order)
        return self.ordered.get(product_id, [])

    def first_rated(self) -> dict[str, datetime]:
        """When each use was first rated."""
        if not self.rated:
            rated = self.rated
            for row in self.uses():
                use_id, at = row.cause_id, row.rated_at
                if rated.setdefault(use_id, at) > at:
                    rated[use_id] = at
        return self.rated

    def began(self) -> date:
        """The first day that the payer may have facts of, by its orders and running sums."""
        days = [order.start_day for order in self.orders] + [row.period_start for row in self.sums]
        return min(days, default=date.max)


@dataclass(slots=True)
class Facts:
    """The payers of a chunk, and what their rows lead to."""

    zone: ZoneInfo
    today: date
    base_currency: str
    catalog: Catalog
    payers: dict[str, PayerFacts]
    uses: dict[str, Row]
    users_orders: dict[str, list[Row]]  # of users whose uses named no payer, by user
    changes: dict[str, list[Row]]  # of state, by order, in order
    accounts: dict[tuple[str, str], list[tuple[datetime, Decimal]]]
    lines: dict[str, list[Row]]  # by invoice
    totals: dict[str, list[Row]]  # by invoice
    messages: dict[str, list[Row]]  # by invoice or order
    first_tries: dict[str, datetime]  # when a deduction was first sent, by message
    notes: dict[str, list[Row]]  # credit notes by invoice, in the order in which they were issued
    note_lines: dict[str, list[Row]]  # by credit note
    corrections: dict[str, list[Row]]  # by the invoice or order that they are about
    recorded: dict[tuple[str, int], datetime]  # when changes of state were dated back, by order and number
    withdrawn: dict[str, Row]  # by use
    factors: dict[str, list[tuple[datetime, Decimal]]]
    corrects: dict[str, str]  # the use in whose place each corrected one stands
    granted: dict[str, Mapping[str, Any]]  # what the audit says of grants, by their ids
    redeemed: dict[str, list[Row]]  # promotions that orders of a payer were promised, by payer
    deleted_through: date | None  # the last day of which history policy has deleted facts
    has_use: Callable[[str, str, date], bool]  # whether the payer (or nobody) used the product on the day
    alike: dict[Any, Any] = field(default_factory=dict)  # what was worked out for one payer and holds for others

    def known_since(self, change: Row) -> datetime:
        """When a change of state became known: what an operator dated back, later than it holds from."""
        at: datetime = self.recorded.get((change.order_id, change.seq), change.at)
        return at
