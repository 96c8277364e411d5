"""What was done, by whom: the audit's newest entries. Where it stands in the walk: beside it, for operators."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from billing_center.center import UnitOfWork
from schema.tables.access import audit_entry


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which thing, and what else was kept about it."""

    entry_id: str
    at: datetime
    actor: str
    act: str
    subject: str
    detail: Mapping[str, Any]


def list_entries(
    work: UnitOfWork,
    *,
    subject: str | None = None,
    actor: str | None = None,
    act: str | None = None,
    before: str = "",
    limit: int = 100,
) -> list[AuditEntry]:
    """The newest entries first; of one subject, actor or act when named, from before the id `before` on."""
    table = audit_entry.c
    statement = select(*(table[name] for name in AuditEntry.__dataclass_fields__))
    for column, value in ((table.subject, subject), (table.actor, actor), (table.act, act)):
        if value is not None:
            statement = statement.where(column == value)
    if before:
        statement = statement.where(table.entry_id < before)
    rows = work.connection.execute(statement.order_by(table.entry_id.desc()).limit(limit))
    return [AuditEntry(r.entry_id, r.at, r.actor, r.act, r.subject, json.loads(r.detail)) for r in rows]
