"""Booking: charges, the meters whose growth they are, and the running sums, in one transaction.

Every charge is born with the billing period that it will be invoiced in: that of its own day while it is
open, else the payer's open period. The payers' rows are locked, so closing a period and rating into it
cannot interleave. Design: billing rules, "Days, periods, late facts" and "Aggregation".
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing_center.bulk import add_up, insert_missing, insert_rows, put
from billing_center.center import UnitOfWork
from billing_center.charge.store import charge_row
from billing_center.ids import shard_of
from billing_center.payer.store import PayerRow
from billing_center.period import BillingSchedule, Period
from billing_center.rating.facts import Charge, MeterKey, Meters
from schema.tables.charges import charge, meter, rollup_dirty, running_sum

SumKey = tuple[str, str, str, str, str]


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
    periods = [_billing_period(c, payers[c.payer_id], schedules[c.payer_id]) for c in charges]
    rows = [
        charge_row(c, period_start=period.start, run_id=run_id, rated_at=work.at)
        for c, period in zip(charges, periods, strict=True)
    ]
    insert_rows(work.connection, charge, rows)
    put(
        work.connection,
        meter,
        [_meter_row(key, meters.readings[key]) for key in meters.touched],
        replace=["reading"],
    )
    add_up(
        work.connection,
        running_sum,
        list(_sums(charges, periods).values()),
        add=["quantity", "amount", "list_amount", "charges"],
    )
    dirty = {(shard_of(c.payer_id), c.day) for c in charges}
    insert_missing(work.connection, rollup_dirty, [{"shard": shard, "day": day} for shard, day in dirty])
    meters.touched.clear()


def _billing_period(c: Charge, payer: PayerRow, schedule: BillingSchedule) -> Period:
    return schedule.period_of(max(c.day, payer.closed_until))


def _meter_row(key: MeterKey, reading: Decimal) -> dict[str, object]:
    return {
        "payer_id": key.payer_id, "product_id": key.product_id, "order_id": key.order_id, "scope": key.scope,
        "version_id": key.version_id, "component": key.component, "shard": shard_of(key.payer_id),
        "reading": reading,
    }  # fmt: skip


def _sums(charges: Sequence[Charge], periods: Sequence[Period]) -> dict[SumKey, dict[str, object]]:
    """The growth of each running sum."""
    totals: dict[SumKey, list[Decimal]] = {}
    found: dict[SumKey, dict[str, object]] = {}
    for c, period in zip(charges, periods, strict=True):
        key = (c.payer_id, period.start.isoformat(), c.order_id, c.product_id, c.currency)
        total = totals.setdefault(key, [Decimal(0), Decimal(0), Decimal(0), Decimal(0)])
        for n, growth in enumerate((c.quantity, c.amount, c.list_amount, Decimal(1))):
            total[n] += growth
        if key not in found:
            found[key] = {
                "payer_id": c.payer_id, "period_start": period.start, "order_id": c.order_id,
                "product_id": c.product_id, "currency": c.currency, "period_end": period.end,
                "shard": shard_of(c.payer_id), "invoice_id": "",
            }  # fmt: skip
    for key, (quantity, amount, list_amount, count) in totals.items():
        found[key] |= {"quantity": quantity, "amount": amount, "list_amount": list_amount, "charges": int(count)}
    return found
