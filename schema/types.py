"""Column types that mean the same on SQLite, PostgreSQL and Oracle.

SQLite has no exact decimal, so amounts are scaled integers there; Oracle has no yes/no before 23ai, so flags
are 0 or 1 everywhere; an instant is UTC, aware in Python, with milliseconds.
"""

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from sqlalchemy import BigInteger, DateTime, Dialect, Numeric, SmallInteger, String, Text
from sqlalchemy.dialects import oracle, sqlite
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
        return Decimal(value).scaleb(-SCALE) if dialect.name == "sqlite" else Decimal(value)


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


class Flag(TypeDecorator[bool]):
    """Yes or no as 1 or 0."""

    impl = SmallInteger
    cache_ok = True

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        """Python to database."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> bool | None:
        """Database to Python."""
        return None if value is None else bool(value)


class Words(TypeDecorator[str]):
    """Optional text of at most `length` characters. Oracle reads '' as NULL, so '' is stored as NULL everywhere
    and read back as ''."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Python to database."""
        return value or None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str:
        """Database to Python."""
        return value or ""


class Document(TypeDecorator[str]):
    """A JSON or YAML text of any length."""

    impl = Text
    cache_ok = True


def key(length: int = 64) -> String:
    """A text that is part of a key, never empty (use '-' for none)."""
    return String(length)
