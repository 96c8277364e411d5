"""Named factors that change over time, such as demand: recorded before they hold, kept with every charge.

A price version that names one counts each use as its quantity times the value in force when the use began. A value
begins now or later, so what was rated stays what it was; only the first value of a name may begin in the past.
Where it stands in the walk: `catalog factor` records, `usage/rate_usage.py` reads. Design: docs/prices.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from billing_center.audit.write_entry import write_entry
from billing_center.bulk import insert_rows, rows_by_key
from billing_center.center import UnitOfWork
from billing_center.errors import NoPrice, OutOfRange
from billing_center.money import exact, plain
from schema.tables.catalog import factor_value

LARGEST_FACTOR = Decimal(1000)
LONGEST_NAME = 40

Factors = Mapping[str, tuple[tuple[datetime, Decimal], ...]]
"""The values of each name with the instants from which they hold, oldest first."""


@dataclass(frozen=True, slots=True)
class SetFactor:
    """A value (0 to 1000, six decimals at most) from an instant on; None: from now on."""

    name: str
    value: Decimal
    valid_from: datetime | None = None
    why: str = ""


def set_factor(work: UnitOfWork, command: SetFactor) -> None:
    """Record a value. Raises: OutOfRange for a value, a name or an instant that cannot be."""
    name, value = command.name, exact(command.value, field="value")
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or any(c.isspace() for c in name):
        raise OutOfRange(f"a factor's name is 1 to {LONGEST_NAME} characters without blanks", field="name")
    if not 0 <= value <= LARGEST_FACTOR:
        raise OutOfRange(f"a factor is 0 to {LARGEST_FACTOR}", field="value")
    valid_from = command.valid_from or work.at
    known = factors(work.connection, [name]).get(name, ())
    if known and valid_from < work.at:
        raise OutOfRange("a factor changes now or later: uses were priced by the value before", field="valid_from")
    if any(at == valid_from for at, _ in known):
        raise OutOfRange(f"{name} has a value from {valid_from.isoformat()} on already", field="valid_from")
    row = {"name": name, "valid_from": valid_from, "value": value, "recorded_at": work.at,
           "actor": work.actor[:64], "why": command.why[:200]}  # fmt: skip
    insert_rows(work.connection, factor_value, [row])
    detail = {"value": plain(value), "valid_from": valid_from, "why": command.why}
    write_entry(work, "factor_set", name, detail)


def factors(connection: Connection, names: Iterable[str]) -> Factors:
    """Every value of these names, oldest first."""
    table = factor_value.c
    statement = select(table.name, table.valid_from, table.value)
    rows = rows_by_key(connection, statement, [table.name], list(names))
    found: dict[str, tuple[tuple[datetime, Decimal], ...]] = {}
    for row in sorted(rows, key=lambda r: (r.name, r.valid_from)):
        found[row.name] = (*found.get(row.name, ()), (row.valid_from, row.value))
    return found


def factor_at(known: Factors, name: str, at: datetime) -> Decimal:
    """The value in force at an instant. Raises: NoPrice when none had begun."""
    values = [value for valid_from, value in known.get(name, ()) if valid_from <= at]
    if not values:
        raise NoPrice(f"factor {name} has no value at {at.isoformat()}", field="factor")
    return values[-1]
