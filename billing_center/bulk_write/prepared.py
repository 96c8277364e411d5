"""The columns of a batch as a driver takes them: each column's conversion is found once per table.

SQLAlchemy builds a dictionary and walks all types for every row; here a batch is turned column by column, with
the conversions of the very same column types, so what is stored is the same.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

from sqlalchemy import Column as TableColumn
from sqlalchemy import Date, Dialect, Table

from billing_center.bulk_write.way import EPOCH, Column
from schema.types import Amount, Filled, Flag, Instant, Words

Conversion = Callable[[Column], Column]


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
        self._conversions = [
            _of_millionths(column, dialect) if column.name in millionths else _conversion(column, dialect)
            for column in columns
        ]

    def columns(self, rows: Sequence[Any]) -> list[Column]:
        """The rows as columns of what the driver takes. Raises: what a type raises for a value it refuses."""
        return self.converted(zip(*map(self._pick, rows), strict=True))

    def converted(self, columns: Iterable[Column]) -> list[Column]:
        """The same for columns."""
        return [
            values if convert is None else convert(values)
            for values, convert in zip(columns, self._conversions, strict=True)
        ]


def _conversion(column: TableColumn[Any], dialect: Dialect) -> Conversion | None:
    """What the type of the column does with each value, done with a whole column; None for nothing."""
    convert: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    kind, on_postgresql = type(column.type), dialect.name == "postgresql"
    if kind is Words:
        return _words
    if convert is None:
        return None
    if kind is Filled:
        return partial(_filled, convert)
    if kind is Instant and on_postgresql:
        return _instants
    if kind is Amount and on_postgresql:
        return partial(_amounts, convert)
    if kind in (Instant, Date, Flag):  # many rows say the same
        return partial(_each_once, convert)
    return partial(_each, convert)


def _of_millionths(column: TableColumn[Any], dialect: Dialect) -> Conversion | None:
    """Instants as text; an amount is whole already, as SQLite stores it, for others it gets an exponent."""
    if isinstance(column.type, Instant):
        return partial(_instants_of, "" if dialect.name == "sqlite" else "+00")
    return None if dialect.name == "sqlite" else _exponents


def _exponents(values: Column) -> Column:
    if None in values:
        return [value if value is None else f"{value}e-6" for value in values]
    return list(map("{}e-6".format, values))


def _instants_of(zone: str, values: Column) -> Column:
    """The texts of whole microseconds since 1970. Those of one minute share its text."""
    if values.count(values[0]) == len(values):
        values, times = values[:1], len(values)
    else:
        times = 1
    parts = [divmod(value, _MINUTE) for value in values]
    minutes = {since: str(EPOCH + timedelta(minutes=since))[:16] for since in {since for since, _ in parts}}
    return [
        f"{minutes[since]}:{part // _MILLION:02d}.{part % _MILLION:06d}{zone}" for since, part in parts
    ] * times


def _filled(convert: Callable[[Any], Any], values: Column) -> Column:
    if "" in values:
        convert("")  # raises
    return values


def _words(values: Column) -> Column:
    return [value or None for value in values] if "" in values else values


def _amounts(convert: Callable[[Any], Any], values: Column) -> Column:
    """Amounts that were read have all their decimals: those are taken as they are."""
    return [value if type(value) is Decimal and value.same_quantum(_STEP) else convert(value) for value in values]


def _instants(values: Column) -> Column:
    """The text of each, in the zone that it came in: the server knows the same instant by it."""
    if values.count(values[0]) == len(values):  # as a batch's own instant
        return [_instant(values[0])] * len(values)
    return list(map(_instant, values))


def _instant(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return str(value)


def _each_once(convert: Callable[[Any], Any], values: Column) -> Column:
    distinct = {value: convert(value) for value in set(values)}
    return [distinct[value] for value in values]


def _each(convert: Callable[[Any], Any], values: Column) -> Column:
    return [convert(value) for value in values]


_STEP = Decimal("0.000001")
_MILLION = 10**6
_MINUTE = 60 * _MILLION


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
