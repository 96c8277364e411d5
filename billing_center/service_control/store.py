"""Which payers fixed service control must look at. Only open invoices are read, whatever the history."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, Select, exists, select

from billing_center.bulk import rows_by_key
from billing_center.invoice.state import UNSETTLED, InvoiceState
from billing_center.order.state import OrderState
from billing_center.settlement.arrears import is_arrears
from schema.tables.invoices import invoice
from schema.tables.orders import service_order


def payers_to_control(
    connection: Connection, *, first_shard: int, last_shard: int, on: date, after_payer: str, limit: int
) -> list[str]:
    """Payers of the shards with an invoice of arrears whose control day has come and an ACTIVE order, in order."""
    active = exists().where(
        service_order.c.payer_id == invoice.c.payer_id, service_order.c.state == OrderState.ACTIVE.value
    )
    statement = (
        _due(on)
        .where(
            invoice.c.shard.between(first_shard, last_shard),
            invoice.c.payer_id > after_payer,
            active.correlate(invoice),
        )
        .order_by(invoice.c.payer_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars().all())


def still_to_control(connection: Connection, payer_ids: Sequence[str], *, on: date) -> set[str]:
    """Those of the (locked) payers that still have such an invoice."""
    return {row.payer_id for row in rows_by_key(connection, _due(on), [invoice.c.payer_id], payer_ids)}


def _due(on: date) -> Select[str]:
    open_states = [state.value for state in (*UNSETTLED, InvoiceState.FAILED)]
    return (
        select(invoice.c.payer_id)
        .distinct()
        .where(invoice.c.state.in_(open_states), is_arrears(on), invoice.c.control_day <= on)
    )
