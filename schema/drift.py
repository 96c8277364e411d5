"""How a database differs from the declared tables: tables, columns, types, indexes, unique and primary keys.

Alembic compares all but the primary keys. Partitions belong to their parents and are no tables of their own here.
"""

from collections.abc import Iterator
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect

from schema.partitions import is_declared
from schema.tables import metadata

_WORDS = {
    "add_table": "table {} is missing",
    "remove_table": "table {} is not declared",
    "add_index": "index {} is missing",
    "remove_index": "index {} is not declared",
    "add_constraint": "unique key {} is missing",
    "remove_constraint": "unique key {} is not declared",
}


def drift(connection: Connection) -> Iterator[tuple[str, str]]:
    """(subject, what differs) of everything that is not as declared. Reads the catalog alone."""
    options = {"compare_type": True, "include_name": is_declared}
    for change in compare_metadata(MigrationContext.configure(connection, opts=options), metadata):
        yield from (_told(one) for one in (change if isinstance(change, list) else [change]))
    yield from _keys(connection)


def _told(change: tuple[Any, ...]) -> tuple[str, str]:
    act = change[0]
    if act in ("add_column", "remove_column"):
        name = f"{change[2]}.{change[3].name}"
        return name, f"column {name} is {'missing' if act == 'add_column' else 'not declared'}"
    if act.startswith("modify_"):
        name = f"{change[2]}.{change[3]}"
        return name, f"{act.removeprefix('modify_')} of column {name} is {change[5]!r}, declared is {change[6]!r}"
    name = str(change[1].name)
    return name, _WORDS.get(act, act + " {}").format(name)


def _keys(connection: Connection) -> Iterator[tuple[str, str]]:
    """Primary keys, in the order of their columns where it decides what an index finds."""
    there = inspect(connection).get_multi_pk_constraint()
    for (_, table), key in sorted(there.items(), key=lambda one: one[0][1]):
        declared = metadata.tables.get(table)
        if declared is None:
            continue
        columns = [column.name for column in declared.primary_key]
        found = list(key["constrained_columns"]) if key else []
        if found != columns:
            yield table, f"primary key of {table} is ({', '.join(found)}), declared is ({', '.join(columns)})"
