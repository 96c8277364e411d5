"""A check, what it is limited to, and what it finds.

Where it stands in the walk: `run_checks` takes the checks in order; each cuts its facts into slices and asks
the database of each slice what does not agree.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at: facts of days (periods, billing days) from `since` on, all when it is None."""

    today: date
    since: date | None = None
    months_ahead: int = 0  # partitions that should be there
    limit: int = 1000  # findings of one check at most


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not agree. `subject` names the row or the rows, `what` says it in one line."""

    check: str
    subject: str
    what: str


Found = tuple[str, str]
"""Subject and what is wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check by name. `slices` cuts its facts; `find` looks into one slice and yields what is wrong in it."""

    name: str
    proves: str
    slices: Callable[[Connection, Scope], Iterator[Any]]
    find: Callable[[Connection, Scope, Any], Iterator[Found]]


def in_one(connection: Connection, scope: Scope) -> Iterator[Any]:
    """A check that is not cut."""
    yield None


def rows_of(connection: Connection, scope: Scope, statement: Select[Any]) -> Sequence[Any]:
    """What a statement finds, never more than may be told."""
    return connection.execute(statement.limit(scope.limit)).all()
