"""The columns of a batch as a driver takes them: each column's conversion is found once per table.

SQLAlchemy builds a dictionary and walks all types for every row; here a batch is turned column by column, with
the conversions of the very same column types, so what is stored is the same.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Dialect, Table

Column = Sequence[Any]


class Prepared:
    """How certain columns of a table are read from rows and converted for a database."""

    def __init__(self, table: Table, names: tuple[str, ...], dialect: Dialect) -> None:
        quote = dialect.identifier_preparer.quote
        columns = [table.c[name] for name in names]
        self.table = quote(table.name)
        self.names = [quote(name) for name in names]
        self.types = [column.type.compile(dialect) for column in columns]
        self._pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        self._conversions: list[Callable[[Any], Any] | None] = [
            column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns
        ]

    def columns(self, rows: Sequence[Any]) -> list[Column]:
        """The rows as columns of what the driver takes. Raises: what a type raises for a value it refuses."""
        columns: list[Column] = list(zip(*map(self._pick, rows), strict=True))
        for place, convert in enumerate(self._conversions):
            if convert is None:
                continue
            values = columns[place]
            if isinstance(values[0], date):  # many rows say the same day or instant
                converted = {value: convert(value) for value in set(values)}
                columns[place] = [converted[value] for value in values]
            else:
                columns[place] = [convert(value) for value in values]
        return columns


@lru_cache(512)
def prepared(table: Table, names: tuple[str, ...], dialect: Dialect) -> Prepared:
    """The preparation of these columns, made once."""
    return Prepared(table, names, dialect)


@lru_cache(512)
def has_hidden_defaults(table: Table, names: tuple[str, ...]) -> bool:
    """Whether a column that the rows do not name has a default that only SQLAlchemy knows."""
    return any(column.default is not None and column.name not in names for column in table.columns)
