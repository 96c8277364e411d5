"""Charges and meters in the tables."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.ids import NONE, shard_of
from billing_center.rating.facts import Charge, MeterKey, Meters
from schema.tables.charges import meter


def charge_row(c: Charge, *, period_start: date, run_id: str, rated_at: datetime) -> dict[str, object]:
    """A charge as its table holds it."""
    key = c.meter
    return {
        "day": c.day, "payer_id": c.payer_id, "cause": c.cause.value, "cause_id": c.cause_id,
        "component": c.component, "shard": shard_of(c.payer_id), "order_id": c.order_id,
        "product_id": c.product_id, "user_id": c.user_id, "currency": c.currency, "quantity": c.quantity,
        "amount": c.amount, "list_amount": c.list_amount,
        "meter_order_id": key.order_id if key else NONE, "meter_scope": key.scope if key else NONE,
        "meter_component": key.component if key else NONE, "reading_before": c.reading_before,
        "reading_after": c.reading_after, "version_id": c.version_id, "promotion_id": c.promotion_id,
        "note": c.note, "period_start": period_start, "run_id": run_id, "rated_at": rated_at,
    }  # fmt: skip


def load_meters(connection: Connection, keys: Iterable[MeterKey]) -> Meters:
    """The readings of these meters; one that has never grown reads 0. The payers' rows must be locked."""
    wanted = set(keys)
    readings = dict.fromkeys(wanted, Decimal(0))
    table = meter.c
    scopes = sorted({key.scope for key in wanted})
    for at in range(0, len(scopes), 200):
        statement = select(
            table.payer_id, table.product_id, table.order_id, table.scope, table.version_id, table.component,
            table.reading,
        ).where(table.scope.in_(scopes[at : at + 200]))  # fmt: skip
        payer_ids = [key.payer_id for key in wanted]
        for row in rows_by_key(connection, statement, [table.payer_id], payer_ids):
            key = MeterKey(row.payer_id, row.product_id, row.order_id, row.scope, row.version_id, row.component)
            if key in readings:
                readings[key] = row.reading
    return Meters(readings)
