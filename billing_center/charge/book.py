"""Booking: charges, the meters whose growth they are, and the running sums, in one transaction.

Every charge is born with the billing period that it will be invoiced in: that of its own day while it is
open, else the payer's open period. The payers' rows are locked, so closing a period and rating into it
cannot interleave. Design: billing rules, "Days, periods, late facts" and "Aggregation".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from billing_center.bulk import add_up, insert_missing, insert_tuples, put
from billing_center.center import UnitOfWork
from billing_center.charge.entries import COLUMNS, MILLIONTHS, Entries
from billing_center.ids import shard_of
from billing_center.payer.store import PayerRow
from billing_center.period import BillingSchedule
from billing_center.rating.facts import Charge, MeterKey, Meters
from schema.tables.charges import charge, meter, rollup_dirty, running_sum


def book(
    work: UnitOfWork,
    charges: Sequence[Charge],
    meters: Meters,
    *,
    payers: Mapping[str, PayerRow],
    schedules: Mapping[str, BillingSchedule],
    run_id: str,
) -> None:
    """Write the charges, the touched meters and the sums. The payers must be locked in this transaction.

    Raises: IntegrityError when one of the charges is there already, which no caller lets happen.
    """
    entries = Entries(payers, schedules, run_id=run_id, rated_at=work.at)
    for one in charges:
        entries.add(one)
    book_entries(work, entries, {key: meters.readings[key] for key in meters.touched})
    meters.touched.clear()


def book_entries(work: UnitOfWork, entries: Entries, readings: Mapping[MeterKey, Decimal]) -> None:
    """The same for charges that were entered already; `readings` are those of the meters that grew."""
    connection = work.connection
    # Payer by payer, as the table's indexes are ordered: neighbours are then written to the same pages.
    rows = sorted(entries.rows, key=itemgetter(COLUMNS.index("payer_id")))
    insert_tuples(connection, charge, COLUMNS, rows, millionths=MILLIONTHS)
    put(connection, meter, [_meter_row(key, reading) for key, reading in readings.items()], replace=["reading"])
    add_up(connection, running_sum, entries.sums(), add=["quantity", "amount", "list_amount", "charges"])
    insert_missing(connection, rollup_dirty, [{"shard": shard, "day": day} for shard, day in entries.cells()])


def _meter_row(key: MeterKey, reading: Decimal) -> dict[str, object]:
    return {
        "payer_id": key.payer_id, "product_id": key.product_id, "order_id": key.order_id, "scope": key.scope,
        "version_id": key.version_id, "component": key.component, "shard": shard_of(key.payer_id),
        "reading": reading,
    }  # fmt: skip
