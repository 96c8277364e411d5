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

from schema.types import Filled, Words

Column = Sequence[Any]


class Prepared:
    """How certain columns of a table are read from rows and converted for a database."""

    def __init__(
        self, table: Table, names: tuple[str, ...], dialect: Dialect, millionths: frozenset[str] = frozenset()
    ) -> None:
        quote = dialect.identifier_preparer.quote
        columns = [table.c[name] for name in names]
        self.table = quote(table.name)
        self.names = [quote(name) for name in names]
        # Without a length or a scale: a cast would cut a text, or round a number, where the column refuses it.
        self.types = [column.type.compile(dialect).partition("(")[0] for column in columns]
        self._pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        self._conversions: list[Callable[[Any], Any] | None] = [
            column.type.dialect_impl(dialect).bind_processor(dialect) for column in columns
        ]
        self._kinds = [type(column.type) for column in columns]
        for name in millionths:  # a whole number already: as SQLite stores it, for others with an exponent
            self._conversions[names.index(name)] = None if dialect.name == "sqlite" else "{}e-6".format

    def columns(self, rows: Sequence[Any]) -> list[Column]:
        """The rows as columns of what the driver takes. Raises: what a type raises for a value it refuses."""
        return self.converted(list(zip(*map(self._pick, rows), strict=True)))

    def converted(self, columns: list[Column]) -> list[Column]:
        """The same for columns; the list is changed."""
        for place, convert in enumerate(self._conversions):
            if convert is not None:
                columns[place] = _converted(columns[place], convert, self._kinds[place])
        return columns


def _converted(values: Column, convert: Callable[[Any], Any], kind: type) -> Column:
    """One column. What its type says of each value is said of all texts at once."""
    if kind is Filled:
        if "" in values:
            convert("")  # raises
        return values
    if kind is Words:
        return [value or None for value in values] if "" in values else values
    if isinstance(values[0], date):  # many rows say the same day or instant
        distinct = {value: convert(value) for value in set(values)}
        return [distinct[value] for value in values]
    return [convert(value) for value in values]


@lru_cache(512)
def prepared(
    table: Table, names: tuple[str, ...], dialect: Dialect, millionths: frozenset[str] = frozenset()
) -> Prepared:
    """The preparation of these columns, made once. Values of `millionths` are whole numbers of 0.000001."""
    return Prepared(table, names, dialect, millionths)


@lru_cache(512)
def has_hidden_defaults(table: Table, names: tuple[str, ...]) -> bool:
    """Whether a column that the rows do not name has a default that only SQLAlchemy knows."""
    return any(column.default is not None and column.name not in names for column in table.columns)
