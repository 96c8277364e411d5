"""Callers, refused calls and refused access in the database.

Where it stands in the walk: below the use cases of this folder, which check before and decide what is kept.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from billing_center import bulk
from schema.tables.access import caller, refused_call


def caller_row(connection: Connection, caller_id: str) -> Row[Any] | None:
    """The row of one caller, revoked ones included."""
    return connection.execute(select(caller).where(caller.c.caller_id == caller_id)).one_or_none()


def caller_rows(connection: Connection) -> Sequence[Row[Any]]:
    """Every caller, by id."""
    return connection.execute(select(caller).order_by(caller.c.caller_id)).all()


def put_caller(
    connection: Connection,
    caller_id: str,
    secret_hash: str,
    *,
    operations: Sequence[str],
    products: Sequence[str],
    reply_form: str,
    at: datetime,
) -> None:
    """Write an active caller, in place of a revoked one of the same id."""
    row = {
        "caller_id": caller_id,
        "secret_hash": secret_hash,
        "operations": json.dumps(sorted(operations), ensure_ascii=False),
        "products": json.dumps(sorted(products), ensure_ascii=False),
        "reply_form": reply_form,
        "active": True,
        "created_at": at,
        "revoked_at": None,
    }
    bulk.put(connection, caller, [row], replace=[name for name in row if name != "caller_id"])


def close_caller(connection: Connection, caller_id: str, at: datetime) -> bool:
    """Revoke an active caller; False when none is active under this id."""
    statement = (
        update(caller)
        .where(caller.c.caller_id == caller_id, caller.c.active == True)  # noqa: E712 (a column)
        .values(active=False, revoked_at=at)
    )
    return connection.execute(statement).rowcount == 1


def insert_refused_call(connection: Connection, values: dict[str, Any]) -> None:
    """Keep one refused call."""
    connection.execute(insert(refused_call), [values])


def refused_call_rows(
    connection: Connection,
    *,
    limit: int,
    caller_id: str | None = None,
    operation: str | None = None,
    code: str | None = None,
    before: str = "",
) -> Sequence[Row[Any]]:
    """Refused calls, the newest first; from before the (time-ordered) id `before` on."""
    statement = select(refused_call).order_by(refused_call.c.at.desc(), refused_call.c.refused_id.desc())
    if caller_id is not None:
        statement = statement.where(refused_call.c.caller == caller_id)
    if operation is not None:
        statement = statement.where(refused_call.c.operation == operation)
    if code is not None:
        statement = statement.where(refused_call.c.code == code)
    if before:
        statement = statement.where(refused_call.c.refused_id < before)
    return connection.execute(statement.limit(limit)).all()


def refused_call_row(connection: Connection, refused_id: str) -> Row[Any] | None:
    """One refused call."""
    return connection.execute(select(refused_call).where(refused_call.c.refused_id == refused_id)).one_or_none()


def refused_since(since: datetime) -> Select[Any]:
    """The ids of the refused calls from an instant on."""
    return select(refused_call.c.refused_id).where(refused_call.c.at >= since)


def count_refused_calls(connection: Connection) -> int:
    """How many refused calls are kept."""
    return int(connection.execute(select(func.count()).select_from(refused_call)).scalar_one())


def delete_refused_calls(connection: Connection, before: datetime, limit: int) -> int:
    """Delete at most `limit` refused calls older than an instant; returns how many went."""
    oldest = (
        select(refused_call.c.refused_id)
        .where(refused_call.c.at < before)
        .order_by(refused_call.c.at)
        .limit(limit)
    )
    ids = list(connection.execute(oldest).scalars())
    gone = 0
    for at in range(0, len(ids), 500):
        part = ids[at : at + 500]
        gone += connection.execute(delete(refused_call).where(refused_call.c.refused_id.in_(part))).rowcount
    return gone
