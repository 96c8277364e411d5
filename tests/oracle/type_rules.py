"""What Oracle would do to the tables that their types do not say: rules over columns, keys and indexes."""

from collections.abc import Callable, Iterator

from sqlalchemy import Column, DateTime, Float, MetaData, Numeric, String, Table, Text
from sqlalchemy.dialects.oracle.oracledb import OracleDialect_oracledb
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine

from schema.types import Filled, Instant
from tests.oracle.golden import oracle_19c

DIALECT = oracle_19c()


def broken_type_rules(metadata: MetaData) -> list[str]:
    """`rule: table.column` for everything that breaks a rule."""
    return [
        f"{rule.__name__}: {place}" for rule in TYPE_RULES for t in metadata.sorted_tables for place in rule(t)
    ]


def moments_keep_their_fraction(table: Table) -> Iterator[str]:
    """SQLAlchemy's DateTime is a DATE on Oracle, which ends at whole seconds."""
    for column in table.columns:
        if isinstance(_plain(column), DateTime) and _on_oracle(column) == "DATE":
            yield f"{table.name}.{column.name}"


def numbers_are_exact(table: Table) -> Iterator[str]:
    """No binary fractions, and no more digits than NUMBER has."""
    for column in table.columns:
        plain = _plain(column)
        too_long = isinstance(plain, Numeric) and (plain.precision or 39) > 38
        if isinstance(plain, Float) or too_long:
            yield f"{table.name}.{column.name}"


def flags_are_numbers(table: Table) -> Iterator[str]:
    """BOOLEAN came with 23ai, before it SQLAlchemy takes a number: a table would differ by server."""
    yield from _those(table, lambda column: isinstance(_plain(column), Boolean))


def texts_that_must_be_are_never_empty(table: Table) -> Iterator[str]:
    """'' is NULL on Oracle: a NOT NULL text must refuse it everywhere, or be optional everywhere."""

    def may_be_empty(column: Column[object]) -> bool:
        text = isinstance(_plain(column), String) and not isinstance(_plain(column), Text)
        return text and not column.nullable and not isinstance(column.type, Filled)

    yield from _those(table, may_be_empty)


def texts_fit_a_varchar2(table: Table) -> Iterator[str]:
    """4,000 bytes, and a character has up to four: beyond 1,000 characters the byte limit may strike first."""

    def too_long(column: Column[object]) -> bool:
        plain = _plain(column)
        return isinstance(plain, String) and not isinstance(plain, Text) and (plain.length or 4001) > 1000

    yield from _those(table, too_long)


def keys_hold_no_zone_and_no_clob(table: Table) -> Iterator[str]:
    """Neither TIMESTAMP WITH TIME ZONE (ORA-02329) nor a LOB can be in a unique key."""
    for key in [
        table.primary_key,
        *(one for one in table.constraints if one.__visit_name__ == "unique_constraint"),
    ]:
        for column in key.columns:
            if " WITH TIME ZONE" in _on_oracle(column) or isinstance(_plain(column), Text):
                yield f"{table.name}.{column.name}"


def no_columns_are_indexed_twice(table: Table) -> Iterator[str]:
    """Oracle refuses a second index over the same columns (ORA-01408); a key has its own."""
    seen = [tuple(table.primary_key.columns.keys())]
    seen += [tuple(one.columns.keys()) for one in table.constraints if one.__visit_name__ == "unique_constraint"]
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        columns = tuple(index.columns.keys())
        if columns in seen:
            yield f"{table.name}: {index.name}"
        seen.append(columns)


def instants_are_of_our_type(table: Table) -> Iterator[str]:
    """A bare TIMESTAMP says nothing of its zone."""
    yield from _those(table, lambda c: isinstance(_plain(c), DateTime) and not isinstance(c.type, Instant))


def unique_keys_hold_what_the_table_is_cut_by(table: Table) -> Iterator[str]:
    """The index of a unique key is local only when it holds the partitioning columns (ORA-14039)."""
    cut_by = {"day", table.info["hash_by"]} if "hash_by" in table.info else set()
    for key in [
        table.primary_key,
        *(one for one in table.constraints if one.__visit_name__ == "unique_constraint"),
    ]:
        if not cut_by <= set(key.columns.keys()):
            yield f"{table.name}: {key.name}"


def _those(table: Table, breaks: Callable[[Column[object]], bool]) -> Iterator[str]:
    return (f"{table.name}.{column.name}" for column in table.columns if breaks(column))


def _plain(column: Column[object]) -> TypeEngine[object]:
    return column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type


def _on_oracle(column: Column[object], dialect: OracleDialect_oracledb = DIALECT) -> str:
    return column.type.compile(dialect)


TYPE_RULES = (
    moments_keep_their_fraction,
    numbers_are_exact,
    flags_are_numbers,
    texts_that_must_be_are_never_empty,
    texts_fit_a_varchar2,
    keys_hold_no_zone_and_no_clob,
    no_columns_are_indexed_twice,
    instants_are_of_our_type,
    unique_keys_hold_what_the_table_is_cut_by,
)
