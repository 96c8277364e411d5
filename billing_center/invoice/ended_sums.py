"""The running sums that the bill run closes, as columns: nothing is built for a line before it is a line.

Where it stands in the walk: read by `issue_invoices` under the payers' locks, made into invoices by `bill_sums`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, literal_column, select, type_coerce

from billing_center.bulk import rows_by_key
from billing_center.ids import NONE
from billing_center.invoice.invoice import RunningSum
from billing_center.rating.whole_numbers import from_millionths
from schema.tables.charges import running_sum
from schema.tables.orders import service_order


@dataclass(frozen=True, slots=True)
class EndedSums:
    """Running sums in the order of payer, period, order, product and currency; amounts are whole millionths."""

    payer_ids: Sequence[str] = ()
    starts: Sequence[date] = ()
    order_ids: Sequence[str] = ()
    product_ids: Sequence[str] = ()
    currencies: Sequence[str] = ()
    ends: Sequence[date] = ()
    quantities: Sequence[int] = ()
    amounts: Sequence[int] = ()
    list_amounts: Sequence[int] = ()
    charges: Sequence[int] = ()
    order_codes: Sequence[str] = ()  # "-" where no order is known
    promotion_ids: Sequence[str] = ()  # the order's own; "-" for none

    def periods(self) -> Iterator[tuple[int, int]]:
        """The first place of each payer's period, and the one after its last."""
        payers, starts = self.payer_ids, self.starts
        first = 0
        for place in range(1, len(payers)):
            if starts[place] != starts[first] or payers[place] != payers[first]:
                yield first, place
                first = place
        if payers:
            yield first, len(payers)

    def as_running_sums(self, first: int, last: int, *, shard: int) -> list[RunningSum]:
        """Some of them as values."""
        return [
            RunningSum(
                self.payer_ids[n], self.starts[n], self.order_ids[n], self.product_ids[n], self.currencies[n],
                self.ends[n], shard, from_millionths(self.quantities[n]), from_millionths(self.amounts[n]),
                from_millionths(self.list_amounts[n]), self.charges[n],
            )
            for n in range(first, last)
        ]  # fmt: skip


def read_ended_sums(connection: Connection, payer_ids: Sequence[str], *, on: date) -> EndedSums:
    """Sums on no invoice of the payers' periods that ended by the day, with their orders' codes and promotions.

    A period has ended when one of its sums says so; it then comes with all of them.
    """
    table, order = running_sum.c, service_order.c
    statement = (
        select(
            table.payer_id, table.period_start, table.order_id, table.product_id, table.currency, table.period_end,
            _in_millionths(connection, table.quantity), _in_millionths(connection, table.amount),
            _in_millionths(connection, table.list_amount), table.charges,
            func.coalesce(order.order_code, NONE).label("order_code"),
            func.coalesce(order.promotion_id, NONE).label("promotion_id"),
        )
        .outerjoin(service_order, order.order_id == table.order_id)
        .where(table.invoice_id.is_(None), table.period_start < on)
    )  # fmt: skip
    rows = sorted(map(tuple, rows_by_key(connection, statement, [table.payer_id], payer_ids)))
    found = EndedSums(*zip(*rows, strict=True))
    if max(found.ends, default=on) <= on:
        return found
    ended = [rows[first:last] for first, last in found.periods() if min(found.ends[first:last]) <= on]
    return EndedSums(*zip(*(row for of_period in ended for row in of_period), strict=True))


def _in_millionths(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[int]:
    """An amount as a whole number, which is how SQLite stores it."""
    name = str(column.key)
    if connection.dialect.name == "sqlite":
        return type_coerce(column, BigInteger).label(name)
    return cast(column.op("*")(literal_column("1000000")), BigInteger).label(name)
