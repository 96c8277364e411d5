"""Booking charges that stand in the database already: they go from table to table and never leave it.

Does what `book` does, for charges of one day that are rows of a query. Where it stands in the walk: rating days of
alike orders (`order/rate_crowd.py`), on the databases that have an INSERT .. ON CONFLICT.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, Table, insert, literal, null, select, true
from sqlalchemy.dialects import postgresql, sqlite

from billing_center.center import UnitOfWork
from billing_center.charge.entries import COLUMNS
from schema.tables.charges import charge, meter, rollup_dirty, running_sum

_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
_PARSED = true()
"""SQLite needs a WHERE to tell the ON of a conflict from that of a join."""
_COUNTED = {"preserve_rowcount": True}
_SUMMED = ("quantity", "amount", "list_amount", "charges")


def can_book_inside(connection: Connection) -> bool:
    """Whether this database can."""
    return connection.dialect.name in _INSERTS


def book_inside(
    work: UnitOfWork, charges: FromClause, readings: Sequence[Select[Any]], *, day: date, run_id: str
) -> int:
    """Write the charges, the meters and the sums; how many charges. The payers must be locked in this transaction.

    `charges` has the columns of `charge` (but for the day, the run and the instant) and `period_end`, one row for
    each order; each of `readings` selects rows of `meter` that have grown.
    Raises: IntegrityError when one of the charges is there already, which no caller lets happen.
    """
    connection, c = work.connection, charges.c
    said: dict[str, ColumnElement[Any]] = {
        "day": literal(day, charge.c.day.type),
        "run_id": literal(run_id, charge.c.run_id.type),
        "rated_at": literal(work.at, charge.c.rated_at.type),
    }
    rows = select(*(said[name] if name in said else c[name] for name in COLUMNS))
    written = connection.execute(insert(charge).from_select(COLUMNS, rows), execution_options=_COUNTED).rowcount
    for grown in readings:
        _upsert(connection, meter, grown, add=(), replace=("reading",))
    own = {"charges": literal(1, running_sum.c.charges.type), "invoice_id": null()}
    sums = [(own[one.name] if one.name in own else c[one.name]).label(one.name) for one in running_sum.c]
    _upsert(connection, running_sum, select(*sums).where(_PARSED), add=_SUMMED)
    marked = select(c.shard, said["day"]).where(_PARSED).distinct().order_by(c.shard)
    put_in = _INSERTS[connection.dialect.name](rollup_dirty).from_select(["shard", "day"], marked)
    connection.execute(put_in.on_conflict_do_nothing())
    return written


def _upsert(
    connection: Connection, table: Table, rows: Select[Any], *, add: Sequence[str], replace: Sequence[str] = ()
) -> None:
    """Insert the rows; where the key is there already, add and replace columns of its row."""
    put_in = _INSERTS[connection.dialect.name](table).from_select(list(rows.selected_columns.keys()), rows)
    given = put_in.excluded
    values = {name: table.c[name] + given[name] for name in add} | {name: given[name] for name in replace}
    connection.execute(put_in.on_conflict_do_update(index_elements=list(table.primary_key), set_=values))
