"""Corrections in the tables: charges and meters read back, and what was corrected, by whom and why."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import insert_rows, rows_by_key
from billing_center.center import UnitOfWork
from billing_center.correction.position import Position, meter_of, own_component, positions
from billing_center.correction.report import Correction
from billing_center.errors import Busy
from billing_center.history.whole import charge, usage_filtered
from billing_center.ids import NONE, shard_of
from billing_center.rating.facts import OF_USE, Cause, Charge, MeterKey, Meters
from billing_center.usage.usage_event import UsageEvent, usage_events
from schema.tables.charges import meter
from schema.tables.corrections import correction, correction_payer, usage_correction, usage_withdrawal
from schema.tables.usage import usage_queue

_USE_CAUSES = sorted(cause.value for cause in OF_USE)


def newest_of(connection: Connection, event_id: str) -> str:
    """The use that stands in this one's place after every correction; itself when it was never corrected."""
    table = usage_correction.c
    while True:
        statement = select(table.event_id).where(table.corrects == event_id)
        found = connection.execute(statement).scalar_one_or_none()
        if found is None:
            return event_id
        event_id = found


def withdrawn(connection: Connection, event_ids: Collection[str]) -> dict[str, str]:
    """Those of the uses that are withdrawn, with the correction that did it."""
    table = usage_withdrawal.c
    rows = rows_by_key(connection, select(table.event_id, table.correction_id), [table.event_id], list(event_ids))
    return {row.event_id: row.correction_id for row in rows}


def filtered_by(connection: Connection, event_id: str) -> str | None:
    """The rule that kept the use from being rated."""
    statement = select(usage_filtered.c.rule).where(usage_filtered.c.event_id == event_id)
    return connection.execute(statement).scalar_one_or_none()


def leave_queue_for_good(connection: Connection, event_id: str) -> str | None:
    """Take a use that is not rated yet out of the queue; the state it was in, None when it is not there."""
    state = connection.execute(
        select(usage_queue.c.state).where(usage_queue.c.event_id == event_id).with_for_update()
    ).scalar_one_or_none()
    if state is not None:
        connection.execute(usage_queue.delete().where(usage_queue.c.event_id == event_id))
    return state


def keep_withdrawal(work: UnitOfWork, event_id: str, *, correction_id: str, found: str) -> None:
    """The fact that a use is withdrawn, and where it was. Raises: Busy when another one withdraws it now."""
    row = {"event_id": event_id, "correction_id": correction_id, "found": found, "at": work.at}
    _insert_once(work, usage_withdrawal, row)


def keep_replacement(work: UnitOfWork, event_id: str, *, corrects: str, correction_id: str) -> None:
    """The fact that a use stands in the place of another."""
    row = {"event_id": event_id, "corrects": corrects, "correction_id": correction_id, "at": work.at}
    _insert_once(work, usage_correction, row)


def payer_charged(connection: Connection, event: UsageEvent) -> str | None:
    """Who was charged for a use; None when nobody was."""
    table = charge.c
    statement = select(table.payer_id).where(
        table.day == event.day, table.cause == Cause.USE.value, table.cause_id == event.event_id
    )
    if event.payer_id:
        statement = statement.where(table.payer_id == event.payer_id)
    return connection.execute(statement.limit(1)).scalar_one_or_none()


def positions_of_uses(
    connection: Connection,
    payer_id: str,
    product_id: str,
    event_ids: Sequence[str] | None = None,
    *,
    days: tuple[date, date] | None = None,
) -> list[Position]:
    """Where the payer's uses of a product stand, in the order of rating; of `days` both are included."""
    statement = _charges(payer_id, product_id, days).where(charge.c.cause.in_(_USE_CAUSES))
    if event_ids is None:
        return _positions(connection.execute(statement))
    return _positions(rows_by_key(connection, statement, [charge.c.cause_id], event_ids))


def places_of(connection: Connection, found: Sequence[Position]) -> dict[str, tuple[datetime, str]]:
    """When each use was first rated, and its id; of a corrected use, those of the first that it stands for."""
    places = {p.cause_id: (p.rated_at, p.cause_id) for p in found}
    before = _replaced(connection, list(places))
    ancestors = sorted({one for chain in before.values() for one in chain})
    days = {event_id: event.day for event_id, event in usage_events(connection, ancestors).items()}
    table = charge.c
    statement = select(table.day, table.cause_id, table.rated_at).where(table.cause == Cause.USE.value)
    rated: dict[str, datetime] = {}
    pairs = [(day, event_id) for event_id, day in days.items()]
    for row in rows_by_key(connection, statement, [table.day, table.cause_id], pairs):
        rated[row.cause_id] = min(row.rated_at, rated.get(row.cause_id, row.rated_at))
    for event_id, chain in before.items():
        first = next((one for one in reversed(chain) if one in rated), None)
        if first is not None:
            places[event_id] = (rated[first], first)
    return places


def _replaced(connection: Connection, event_ids: Sequence[str]) -> dict[str, list[str]]:
    """The uses that each one stands in the place of, the newest first; those that stand for none are left out."""
    table = usage_correction.c
    chains: dict[str, list[str]] = {}
    ends = {event_id: event_id for event_id in event_ids}  # by the last one of the chain so far
    while ends:
        statement = select(table.event_id, table.corrects)
        rows = rows_by_key(connection, statement, [table.event_id], list(ends))
        found = {row.event_id: row.corrects for row in rows}
        for end, corrects in found.items():
            chains.setdefault(ends[end], []).append(corrects)
        ends = {corrects: ends[end] for end, corrects in found.items()}
    return chains


def positions_of_days(
    connection: Connection, payer_id: str, product_id: str, days: tuple[date, date], order_id: str | None = None
) -> list[Position]:
    """Where the days of the payer's orders of a product stand, in the order of rating; `days` both included."""
    causes = [Cause.DAY.value, Cause.RERATE_DAY.value]
    statement = _charges(payer_id, product_id, days).where(charge.c.cause.in_(causes))
    if order_id is not None:
        statement = statement.where(charge.c.cause_id == order_id)
    return _positions(connection.execute(statement))


def payers_charged(connection: Connection, product_id: str, days: tuple[date, date]) -> list[str]:
    """Every payer that was charged for the product on one of the days, both included, in id order."""
    table = charge.c
    statement = (
        select(table.payer_id)
        .distinct()
        .where(table.day.between(*days), table.product_id == product_id)
        .order_by(table.payer_id)
    )
    return list(connection.execute(statement).scalars())


def meters_of(connection: Connection, payer_id: str, product_id: str) -> Meters:
    """Every meter of the payer's product; others read 0. The payer's row must be locked."""
    table = meter.c
    columns = (table.product_id, table.order_id, table.scope, table.version_id, table.component, table.reading)
    of_product = table.product_id.in_([product_id, NONE])  # money may be granted for any product
    statement = select(*columns).where(table.payer_id == payer_id, of_product)
    return Meters(
        {
            MeterKey(payer_id, row.product_id, row.order_id, row.scope, row.version_id, row.component): row.reading
            for row in connection.execute(statement)
        }
    )


def find_correction(connection: Connection, correction_id: str) -> tuple[str, str, str] | None:
    """(kind, content hash, report) of a correction that was booked."""
    table = correction.c
    statement = select(table.kind, table.content_hash, table.report).where(table.correction_id == correction_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.kind, row.content_hash, row.report)


def keep_correction(work: UnitOfWork, made: Correction, *, content_hash: str) -> None:
    """Who corrected what and why. Raises: Busy when the same correction was booked at the same moment."""
    row = {
        "correction_id": made.correction_id, "kind": made.kind, "subject": made.subject[:100], "at": work.at,
        "actor": work.actor[:64], "why": made.why[:400], "content_hash": content_hash, "report": made.as_text(),
    }  # fmt: skip
    _insert_once(work, correction, row)


def part_of(connection: Connection, correction_id: str, payer_id: str) -> str | None:
    """The report of one payer's part of a correction that is done."""
    table = correction_payer.c
    chosen = (table.correction_id == correction_id) & (table.payer_id == payer_id)
    return connection.execute(select(table.report).where(chosen)).scalar_one_or_none()


def keep_part(work: UnitOfWork, correction_id: str, payer_id: str, report: str) -> None:
    """One payer's part of a correction is done."""
    row = {
        "correction_id": correction_id, "payer_id": payer_id, "shard": shard_of(payer_id), "at": work.at,
        "report": report,
    }  # fmt: skip
    _insert_once(work, correction_payer, row)


def corrections(connection: Connection, *, limit: int, subject: str | None = None) -> list[dict[str, Any]]:
    """The newest corrections, with who and why."""
    statement = select(correction).order_by(correction.c.at.desc(), correction.c.correction_id.desc()).limit(limit)
    if subject is not None:
        statement = statement.where(correction.c.subject == subject)
    return [dict(row) | {"report": json.loads(row["report"])} for row in connection.execute(statement).mappings()]


def _insert_once(work: UnitOfWork, table: Any, row: dict[str, object]) -> None:
    try:
        with work.connection.begin_nested():
            insert_rows(work.connection, table, [row])
    except IntegrityError as error:
        raise Busy("the same correction is being booked at this moment") from error


def _charges(payer_id: str, product_id: str, days: tuple[date, date] | None) -> Select[Any]:
    statement = select(charge).where(charge.c.payer_id == payer_id, charge.c.product_id == product_id)
    return statement if days is None else statement.where(charge.c.day.between(*days))


def _positions(rows: Iterable[Any]) -> list[Position]:
    return positions((_charge(row), row.rated_at) for row in rows)


def _charge(row: Any) -> Charge:
    cause = Cause(row.cause)
    return Charge(
        day=row.day, payer_id=row.payer_id, cause=cause, cause_id=row.cause_id,
        component=own_component(cause, row.component), order_id=row.order_id, product_id=row.product_id,
        user_id=row.user_id, currency=row.currency, quantity=row.quantity, amount=row.amount,
        list_amount=row.list_amount,
        meter=meter_of(
            payer_id=row.payer_id, product_id=row.product_id, order_id=row.meter_order_id, scope=row.meter_scope,
            version_id=row.version_id, component=row.meter_component,
        ),
        reading_before=row.reading_before, reading_after=row.reading_after, version_id=row.version_id,
        promotion_id=row.promotion_id, note=row.note,
    )  # fmt: skip
