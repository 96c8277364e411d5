"""Grants in the tables, and what was taken from them by any moment: the sum of their charges' growths."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from billing_center.bulk import insert_rows, rows_by_key
from billing_center.history.whole import charge
from billing_center.ids import shard_of
from billing_center.rating.allowance import EVER
from billing_center.rating.facts import Grant, GrantKind
from billing_center.rating.grants import GRANT, INCLUDED
from schema.tables.allowances import allowance_grant


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant as the table holds it."""

    grant: Grant
    payer_id: str
    package_id: str  # "" = granted by an operator
    granted_at: datetime
    actor: str
    why: str


def insert_grant(connection: Connection, row: GrantRow) -> None:
    """Keep a grant. Its primary key makes a second one fail."""
    grant = row.grant
    insert_rows(connection, allowance_grant, [{
        "grant_id": grant.grant_id, "payer_id": row.payer_id, "shard": shard_of(row.payer_id),
        "product_id": grant.product_id, "kind": grant.kind.value, "quantity": grant.quantity,
        "currency": grant.currency, "valid_from": grant.valid_from, "valid_to": grant.valid_to,
        "priority": grant.priority, "package_id": row.package_id, "granted_at": row.granted_at,
        "actor": row.actor[:64], "why": row.why,
    }])  # fmt: skip


def grants_of(connection: Connection, payer_ids: Iterable[str]) -> dict[str, tuple[Grant, ...]]:
    """What each of the payers was ever granted; payers without a grant are not in the answer."""
    found: dict[str, tuple[Grant, ...]] = {}
    for row in _rows(connection, allowance_grant.c.payer_id, payer_ids):
        found[row.payer_id] = (*found.get(row.payer_id, ()), row.grant)
    return found


def grants_made(connection: Connection, payer_ids: Iterable[str]) -> list[GrantRow]:
    """Every grant of the payers, with when it was made."""
    return list(_rows(connection, allowance_grant.c.payer_id, payer_ids))


def find_grant(connection: Connection, grant_id: str) -> GrantRow | None:
    """One grant by its id."""
    return next(iter(_rows(connection, allowance_grant.c.grant_id, [grant_id])), None)


def grants_by(connection: Connection, payer_id: str, at: datetime) -> list[GrantRow]:
    """The payer's grants that had been made by the instant, oldest first."""
    rows = _rows(connection, allowance_grant.c.payer_id, [payer_id])
    return sorted((r for r in rows if r.granted_at <= at), key=lambda r: (r.granted_at, r.grant.grant_id))


class TakenKey(NamedTuple):
    """What tells the balances of a payer apart: a grant by its component, included units by all of it."""

    component: str
    product_id: str
    order_id: str
    version_id: str


def taken_by(connection: Connection, payer_id: str, at: datetime) -> dict[TakenKey, Decimal]:
    """What was taken from each balance of the payer by the instant, in the units of readings.

    Balances are those of grants and of what periods include, told by the component of their meters.
    """
    c = charge.c
    keys = [c.meter_component, c.product_id, c.meter_order_id, c.version_id]
    statement = (
        select(*keys, func.sum(c.reading_after), func.sum(c.reading_before))
        .where(
            c.payer_id == payer_id,
            c.meter_scope == EVER,
            c.rated_at <= at,
            c.meter_component.startswith(GRANT, autoescape=True)
            | c.meter_component.startswith(INCLUDED, autoescape=True),
        )
        .group_by(*keys)
    )
    return {TakenKey(*row[:4]): row[4] - row[5] for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class Taken:
    """One charge that took from a balance, or put back."""

    rated_at: datetime
    cause: str
    cause_id: str
    product_id: str
    amount: Decimal
    before: Decimal
    after: Decimal
    note: str


def takings(
    connection: Connection,
    payer_id: str,
    component: str,
    at: datetime,
    *,
    product_id: str = "",
    order_id: str = "",
) -> list[Taken]:
    """Every charge that moved the balance by the instant, in the order of its readings in time.

    What periods include is told apart by product, and by order ("-") too; a grant's component is enough.
    """
    c = charge.c
    chosen = [c.product_id == product_id, c.meter_order_id == order_id] if product_id else []
    statement = (
        select(c.rated_at, c.cause, c.cause_id, c.product_id, c.amount, c.reading_before, c.reading_after, c.note)
        .where(c.payer_id == payer_id, c.meter_component == component, c.rated_at <= at, *chosen)
        .order_by(c.rated_at, c.reading_after, c.cause_id)
    )
    return [Taken(*row) for row in connection.execute(statement)]


def _rows(connection: Connection, column: object, keys: Iterable[str]) -> list[GrantRow]:
    rows = rows_by_key(connection, select(allowance_grant), [column], list(keys))
    return [
        GrantRow(
            Grant(
                row.grant_id, GrantKind(row.kind), row.product_id, row.quantity, row.currency, row.valid_from,
                row.valid_to, row.priority,
            ),
            row.payer_id, row.package_id, row.granted_at, row.actor, row.why,
        )
        for row in rows
    ]  # fmt: skip
