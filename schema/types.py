"""Column types that mean the same on SQLite, PostgreSQL and Oracle.

SQLite has no exact decimal, so amounts are scaled integers there; Oracle has no yes/no before 23ai, so flags
are 0 or 1 everywhere; an instant is UTC, aware in Python, with milliseconds. Oracle reads '' as NULL: a text is
either optional (`Words`: '' and NULL are one) or never empty (`Filled`), and each is so on every database.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, SmallInteger, String, Text
from sqlalchemy.dialects import oracle, sqlite
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator, TypeEngine

SCALE = 6
_FACTOR = 10**SCALE
_STEP = Decimal(1).scaleb(-SCALE)


class Amount(TypeDecorator[Decimal]):
    """An exact decimal with six decimals below 10^12: NUMERIC(24,6), a scaled 64-bit integer on SQLite.

    A value with more decimals is refused instead of rounded: rounding belongs to the rules.
    """

    impl = Numeric(24, SCALE)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Decimal]:
        """The scaled integer on SQLite, the exact numeric elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())  # type: ignore[arg-type]
        return dialect.type_descriptor(Numeric(24, SCALE))

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | int | None:
        """Python to database; raises ValueError for a float or for digits that would be lost."""
        if value is None:
            return None
        if type(value) is Decimal and dialect.name == "postgresql" and value.same_quantum(_STEP):
            return value  # as every amount that was read
        if isinstance(value, float):
            raise ValueError("an amount is never a float")
        if dialect.name != "sqlite":
            if value.quantize(_STEP, rounding=ROUND_HALF_EVEN) != value:
                raise ValueError(f"an amount keeps {SCALE} decimals")
            return value
        scaled = value * _FACTOR
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"an amount keeps {SCALE} decimals")
        return whole

    def process_result_value(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        """Database to Python."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return Decimal(value).scaleb(-SCALE)
        amount = Decimal(value)
        return amount.quantize(_STEP) if dialect.name == "oracle" else amount  # NUMBER keeps no zeros at the end

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Decimal | None] | None:
        """The same for millions of rows: what psycopg reads is the exact decimal already."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Without a call in between, for the same reason."""
        if dialect.name == "oracle":
            return super().bind_processor(dialect)
        return lambda value: self.process_bind_param(value, dialect)


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. Naive values are refused: a time without a zone is a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """TIMESTAMP WITH TIME ZONE where there is one; sortable UTC text on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sqlite.DATETIME())  # type: ignore[no-untyped-call]
        if dialect.name == "oracle":
            return dialect.type_descriptor(oracle.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Python to database, in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry its time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Database to Python, aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """The same for millions of rows. Sessions of PostgreSQL speak UTC (`schema.engine`): nothing is to do."""
        if dialect.name == "postgresql":
            return None
        if dialect.name == "sqlite":
            return super().result_processor(dialect, coltype)
        return lambda value: self.process_result_value(value, dialect)


class InstantInKey(Instant):
    """An instant that is part of a key. Oracle takes no TIMESTAMP WITH TIME ZONE there (ORA-02329), but one WITH
    LOCAL TIME ZONE, which is the same instant without a zone of its own."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """As an instant, but on Oracle."""
        if dialect.name == "oracle":
            return dialect.type_descriptor(oracle.TIMESTAMP(local_timezone=True))
        return super().load_dialect_impl(dialect)


class Flag(TypeDecorator[bool]):
    """Yes or no as 1 or 0: NUMBER(1) on Oracle."""

    impl = SmallInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """One digit on Oracle, whose SMALLINT has 38."""
        if dialect.name == "oracle":
            return dialect.type_descriptor(oracle.NUMBER(1, 0))  # type: ignore[no-untyped-call]
        return dialect.type_descriptor(SmallInteger())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        """Python to database."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """Database to Python."""
        return None if value is None else bool(value)


class _Text(TypeDecorator[str]):
    """Text of at most `length` characters, in the order of its code points on every database.

    PostgreSQL orders by the rules of the language that the database was made for unless it is told: walks along
    keys would then pass in another order than Python's, and every comparison in an index would cost more.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """With its collation on PostgreSQL; SQLite and Oracle compare bytes by themselves."""
        collation = "C" if dialect.name == "postgresql" else None
        return dialect.type_descriptor(String(self.impl_instance.length, collation=collation))  # type: ignore[attr-defined]


class Words(_Text):
    """Optional text of at most `length` characters. Oracle reads '' as NULL, so '' is stored as NULL everywhere
    and read back as ''."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Python to database."""
        return value or None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str:
        """Database to Python."""
        return value or ""

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], str] | None:
        """The same without two calls in between."""
        return lambda value: value or ""


class Document(TypeDecorator[str]):
    """A JSON or YAML text of any length."""

    impl = Text
    cache_ok = True


LOWEST = "\x01"
"""Comes before every text that is kept, and is none of them: what '' is to Oracle when it is compared with."""


class _Compared(TypeDecorator[str]):
    """What a `Filled` column is compared with. On Oracle '' would be NULL, and nothing comes after NULL: a walk
    through keys that begins after '' would find nothing."""

    impl = String
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Python to database; no work where '' is a text."""
        return (lambda value: LOWEST if value == "" else value) if dialect.name == "oracle" else None


class Filled(_Text):
    """Text of at most `length` characters that is never empty, as a key is: '-' stands for none.

    An empty one is refused with ValueError on every database, since Oracle would take it for NULL. Comparing with
    '' is allowed and means the same everywhere: every key comes after it, none equals it.
    """

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Python to database."""
        if value == "":
            raise ValueError("this text is never empty: '-' stands for none")
        return value

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """The same without a call in between."""
        if dialect.name == "oracle":
            return super().bind_processor(dialect)
        return lambda value: self.process_bind_param(value, dialect)

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> TypeEngine[Any]:
        """The type of what stands on the other side of a comparison."""
        return _Compared() if isinstance(value, str) else self


def key(length: int = 64) -> Filled:
    """A text that is part of a key, or names one."""
    return Filled(length)
