"""Counting no further than anyone cares: what an operator sees is exact up to a bound and never slow.

Where it stands in the walk: below the queries of the terms' folders that the console and the command line ask.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

MOST = 10_000
"""Rows counted at most."""


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """How many rows there are; `more` when there are more than were counted."""

    number: int
    more: bool = False

    def __bool__(self) -> bool:
        return self.number > 0


def count_rows(connection: Connection, statement: Select[Any], *, most: int = MOST) -> BoundedCount:
    """How many rows the statement selects, counting at most `most`."""
    bounded = statement.limit(most + 1).subquery()
    number = connection.execute(select(func.count()).select_from(bounded)).scalar_one()
    return BoundedCount(min(number, most), more=number > most)
