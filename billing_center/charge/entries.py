"""Charges on their way into the tables: rows of whole numbers, and the growth of the running sums that equal them.

An entry is a tuple in the order of `COLUMNS`; its amounts, quantities and readings are whole millionths, so that
sums are plain additions and drivers get numbers as they stand. Where it stands in the walk: `book` fills it with
`Charge`s, the quick way of rating uses (`usage/quick_rating`) with entries that it makes itself.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from billing_center.ids import NONE
from billing_center.payer.store import PayerRow
from billing_center.period import BillingSchedule, Period
from billing_center.rating.facts import Charge
from billing_center.rating.whole_numbers import from_millionths, millionths

COLUMNS = (
    "day", "payer_id", "cause", "cause_id", "component", "shard", "order_id", "product_id", "user_id", "currency",
    "quantity", "amount", "list_amount", "meter_order_id", "meter_scope", "meter_component", "reading_before",
    "reading_after", "version_id", "promotion_id", "note", "period_start", "run_id", "rated_at",
)  # fmt: skip
"""The columns of `charge`."""

MILLIONTHS = frozenset({"quantity", "amount", "list_amount", "reading_before", "reading_after"})
"""Those of them that an entry holds in millionths."""

Entry = tuple[Any, ...]


class SumGrowth:
    """How far one running sum grows: quantity, amount and list amount in millionths, and charges."""

    __slots__ = ("amount", "charges", "currency", "list_amount", "order_id", "payer_id", "period", "product_id",
                 "quantity", "shard")  # fmt: skip

    def __init__(
        self, payer_id: str, period: Period, order_id: str, product_id: str, currency: str, shard: int
    ) -> None:
        self.payer_id, self.period, self.order_id = payer_id, period, order_id
        self.product_id, self.currency, self.shard = product_id, currency, shard
        self.quantity = self.amount = self.list_amount = self.charges = 0

    def row(self) -> dict[str, object]:
        """As the table of running sums holds it."""
        return {
            "payer_id": self.payer_id, "period_start": self.period.start, "order_id": self.order_id,
            "product_id": self.product_id, "currency": self.currency, "period_end": self.period.end,
            "shard": self.shard, "quantity": from_millionths(self.quantity),
            "amount": from_millionths(self.amount), "list_amount": from_millionths(self.list_amount),
            "charges": self.charges, "invoice_id": "",
        }  # fmt: skip


class Entries:
    """The charges of one transaction. The payers must be locked in it."""

    def __init__(
        self,
        payers: Mapping[str, PayerRow],
        schedules: Mapping[str, BillingSchedule],
        *,
        run_id: str,
        rated_at: datetime,
    ) -> None:
        self._payers, self._schedules = payers, schedules
        self._periods: dict[tuple[str, date], Period] = {}
        self._sums: dict[tuple[str, date, str, str, str], SumGrowth] = {}
        self.run_id, self.rated_at = run_id, rated_at
        self.rows: list[Entry] = []

    def add(self, c: Charge) -> None:
        """Enter a charge. Raises: ValueError for an amount with more than six decimals."""
        key, payer_id = c.meter, c.payer_id
        period = self.billing_period(payer_id, c.day)
        shard = self._payers[payer_id].shard
        quantity, amount, listed = millionths(c.quantity), millionths(c.amount), millionths(c.list_amount)
        self.rows.append((
            c.day, payer_id, c.cause.value, c.cause_id, c.component, shard, c.order_id, c.product_id, c.user_id,
            c.currency, quantity, amount, listed, key.order_id if key else NONE, key.scope if key else NONE,
            key.component if key else NONE, millionths(c.reading_before), millionths(c.reading_after),
            c.version_id, c.promotion_id, c.note, period.start, self.run_id, self.rated_at,
        ))  # fmt: skip
        total = self.sum_of(payer_id, period, c.order_id, c.product_id, c.currency)
        total.quantity += quantity
        total.amount += amount
        total.list_amount += listed
        total.charges += 1

    def billing_period(self, payer_id: str, day: date) -> Period:
        """The period in which a day is invoiced: its own while that is open, else the payer's open one."""
        known = self._periods.get((payer_id, day))
        if known is None:
            open_day = max(day, self._payers[payer_id].closed_until)
            known = self._periods[payer_id, day] = self._schedules[payer_id].period_of(open_day)
        return known

    def sum_of(self, payer_id: str, period: Period, order_id: str, product_id: str, currency: str) -> SumGrowth:
        """The growth of a running sum, to be added to."""
        key = (payer_id, period.start, order_id, product_id, currency)
        found = self._sums.get(key)
        if found is None:
            shard = self._payers[payer_id].shard
            found = self._sums[key] = SumGrowth(payer_id, period, order_id, product_id, currency, shard)
        return found

    def sums(self) -> list[dict[str, object]]:
        """The rows to add to the running sums."""
        return [growth.row() for growth in self._sums.values() if growth.charges]

    def cells(self) -> set[tuple[int, date]]:
        """The (shard, day) whose roll-ups are no longer what the charges say."""
        return {(row[_SHARD], row[_DAY]) for row in self.rows}


_SHARD, _DAY = COLUMNS.index("shard"), COLUMNS.index("day")
