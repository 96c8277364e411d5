"""What a person or a door did, kept in the transaction that did it. Entries are added and never changed."""

import json
from collections.abc import Mapping

from billing_center.bulk import insert_rows
from billing_center.center import UnitOfWork
from schema.tables.access import audit_entry


def write_entry(work: UnitOfWork, act: str, subject: str, detail: Mapping[str, object]) -> None:
    """Keep who (`work.actor`) did what (`act`, a fixed word) to which thing (`subject`, an id).

    `detail` is kept as JSON with decimals and dates as text; it must hold no secrets.
    """
    row = {
        "entry_id": work.new_id(), "at": work.at, "actor": work.actor[:64], "act": act,
        "subject": subject[:100] or "-",
        "detail": json.dumps(dict(detail), ensure_ascii=False, sort_keys=True, default=str),
    }  # fmt: skip
    insert_rows(work.connection, audit_entry, [row])
