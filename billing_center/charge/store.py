"""Meters in the tables."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.rating.facts import MeterKey, Meters
from schema.tables.charges import meter


def load_meters(connection: Connection, keys: Iterable[MeterKey]) -> Meters:
    """The readings of these meters; one that has never grown reads 0. The payers' rows must be locked."""
    wanted = set(keys)
    readings = dict.fromkeys(wanted, Decimal(0))
    table = meter.c
    named = {(k.payer_id, k.product_id, k.order_id, k.scope, k.version_id, k.component): k for k in wanted}
    columns = [table.payer_id, table.product_id, table.order_id, table.scope, table.version_id, table.component]
    for row in rows_by_key(connection, select(*columns, table.reading), columns, named):
        readings[named[row[:6]]] = row[6]
    return Meters(readings)
