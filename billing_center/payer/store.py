"""Payers in the tables: their rows, their billing days, and making one known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, select, update

from billing_center.bulk import insert_missing, put, rows_by_key
from billing_center.ids import shard_of
from billing_center.period import BillingDayFrom, BillingSchedule
from billing_center.rating.quick import quick
from schema.tables.orders import payer, payer_billing_day

NOTHING_CLOSED = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class PayerRow:
    """A payer as the table holds it."""

    payer_id: str
    shard: int
    name: str
    cust_id: str
    currency: str
    billing_day: int
    grace_days: int | None
    closed_until: date


_COLUMNS = [payer.c[name] for name in PayerRow.__dataclass_fields__]
_payer = quick(PayerRow)


def payers(connection: Connection, payer_ids: Iterable[str]) -> dict[str, PayerRow]:
    """The payers that exist, by id."""
    rows = rows_by_key(connection, select(*_COLUMNS), [payer.c.payer_id], payer_ids)
    return {row[0]: _payer(*row) for row in rows}


def locked_payers(connection: Connection, payer_ids: Iterable[str]) -> dict[str, PayerRow]:
    """The same, their rows locked in id order until the transaction ends."""
    statement = select(*_COLUMNS).order_by(payer.c.payer_id).with_for_update()
    return {row[0]: _payer(*row) for row in rows_by_key(connection, statement, [payer.c.payer_id], payer_ids)}


def schedules(connection: Connection, payer_ids: Iterable[str]) -> dict[str, BillingSchedule]:
    """The billing schedule of each payer that exists."""
    return schedules_of(connection, payers(connection, payer_ids).values())


def schedules_of(connection: Connection, known: Iterable[PayerRow]) -> dict[str, BillingSchedule]:
    """The billing schedules of payers whose rows are at hand."""
    first = {row.payer_id: row.billing_day for row in known}
    table = payer_billing_day
    changes: dict[str, list[BillingDayFrom]] = {}
    statement = select(table.c.payer_id, table.c.effective_from, table.c.billing_day)
    for row in rows_by_key(connection, statement, [table.c.payer_id], list(first)):
        changes.setdefault(row.payer_id, []).append(BillingDayFrom(row.effective_from, row.billing_day))
    return {
        payer_id: BillingSchedule(billing_day, sorted(changes.get(payer_id, ())))
        for payer_id, billing_day in first.items()
    }


@dataclass(frozen=True, slots=True)
class NewPayer:
    """A payer that was met for the first time, with what holds for it until someone says otherwise."""

    payer_id: str
    cust_id: str
    currency: str
    billing_day: int


def make_known(connection: Connection, met: Iterable[NewPayer], *, at: datetime) -> None:
    """Add the payers that are not there yet; one that is there stays as it is."""
    rows = [
        {"payer_id": new.payer_id, "shard": shard_of(new.payer_id), "name": "", "cust_id": new.cust_id,
         "currency": new.currency, "billing_day": new.billing_day, "grace_days": None,
         "closed_until": NOTHING_CLOSED, "created_at": at}
        for new in met
    ]  # fmt: skip
    insert_missing(connection, payer, rows)


def set_columns(connection: Connection, payer_id: str, values: dict[str, object]) -> None:
    """Change columns of one payer."""
    connection.execute(update(payer).where(payer.c.payer_id == payer_id).values(**values))


def replace_billing_days(
    connection: Connection, payer_id: str, changes: Iterable[BillingDayFrom], *, at: datetime, actor: str
) -> None:
    """Keep exactly these changes; those that have taken effect are among them."""
    table = payer_billing_day
    kept = {change.effective_from: change for change in changes}
    gone = table.c.payer_id == payer_id
    if kept:
        gone &= table.c.effective_from.not_in(list(kept))
    connection.execute(delete(table).where(gone))
    rows = [
        {"payer_id": payer_id, "effective_from": c.effective_from, "shard": shard_of(payer_id),
         "billing_day": c.billing_day, "recorded_at": at, "actor": actor}
        for c in kept.values()
    ]  # fmt: skip
    put(connection, table, rows, replace=["billing_day"])
