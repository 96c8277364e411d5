"""Reading charges that PostgreSQL has brought together (`alike`): a row for a run of days, or for many uses.

A use's facts are put beside its charge inside the server, by the use's key and the charge's day, and only what
both say is sent. What is not beside its fact is told as such, and read as rows.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    case,
    cast,
    false,
    func,
    literal_column,
    select,
    true,
)

from billing_center.bulk import rows_by_key
from billing_center.bulk_write.postgresql import planned_without
from billing_center.history.whole import charge, usage_event
from billing_center.ids import NONE
from billing_center.reconcile.alike import BETWEEN, NAMED, NOT_NAMED, SAME, Alike, made
from schema.tables.corrections import usage_correction, usage_withdrawal

LISTS = 9
NUMBERS = ("reading_before", "reading_after", "quantity", "amount")


def can_read_alike(connection: Connection) -> bool:
    """Whether the database can put texts together and use a table for each row of another."""
    return connection.dialect.name == "postgresql"


def read_alike(connection: Connection, payer_ids: Iterable[str]) -> list[Alike]:
    """All charges of these payers, brought together; their lists are not read yet.

    They come by hashing: it leaves the lists in the order of the rows, which nearly always is the one that is
    wanted, where sorting takes longer and mixes them.
    """
    with planned_without(connection, "sort"):
        rows = rows_by_key(connection, STATEMENT, [charge.c.payer_id], payer_ids)
    return list(map(_unread, rows))


def _unread(row: Any) -> Alike:
    return made(*row[:-LISTS], [], [], [], [], [], [], [], [], [], row[-LISTS:])


def _text(value: str) -> ColumnElement[str]:
    """A text that stands in the statement, which then is the same for all that ask."""
    return literal_column(f"'{value}'", String)


def _statement() -> Select[Any]:
    c, is_use = charge.c, charge.c.cause == _text("use")
    use = usage_event.c
    used = (
        select(
            use.event_id, use.user_id, use.payer_id, use.product_id, use.quantity, use.amount, use.unit,
            use.started_at,
        )
        .where(is_use, use.event_id == c.cause_id, use.day == c.day)
        .correlate(charge)
        .offset(0)  # by the key, charge by charge
        .lateral("used")
    )  # fmt: skip
    u, withdrawn, corrected = used.c, usage_withdrawal.c.event_id, usage_correction.c.event_id
    of_its_use = (
        (u.user_id == c.user_id)
        & (u.product_id == c.product_id)
        & u.amount.is_(None)
        & (u.quantity >= literal_column("0"))
        & (func.coalesce(u.payer_id, c.payer_id) == c.payer_id)
    )
    of_its_day = (c.cause == _text("day")) & (c.cause_id == c.order_id) & (c.user_id == _text(NONE))
    named = case((u.payer_id.is_(None), _text(NOT_NAMED)), else_=_text(NAMED))
    of_use = u.event_id.is_not(None)
    same = (c.payer_id, *(c[name] for name in SAME))
    return (
        select(
            *same,
            func.count(),
            func.bool_and(func.coalesce(of_its_use | of_its_day, false()) & (c.list_amount == c.amount)),
            func.bool_or(withdrawn.is_not(None) | corrected.is_not(None)),
            func.min(c.rated_at),
            func.max(c.rated_at),
            func.min(u.started_at),
            func.max(u.started_at),
            _listed(cast(c.day, String)),
            *(_listed(cast(c[name], String)) for name in NUMBERS),
            _listed(case((c.cause != _text("day"), c.cause_id))),
            _listed(cast(u.quantity, String)),
            _listed(case((of_use, func.coalesce(u.unit, _text(""))))),
            _listed(case((of_use, named + u.user_id))),
        )
        .select_from(charge)
        .outerjoin(used, true())
        .outerjoin(usage_withdrawal, is_use & (withdrawn == c.cause_id))
        .outerjoin(usage_correction, is_use & (corrected == c.cause_id))
        .group_by(*same, case((is_use & (c.order_id == _text(NONE)), c.rated_at)))
    )


def _listed(values: ColumnElement[str]) -> ColumnElement[str]:
    return func.string_agg(values, _text(BETWEEN))


STATEMENT = _statement()
