"""Every table, one module per subject. Importing this package fills `metadata`.

Names stay within 30 characters and off the reserved words of Oracle 12.2. Every row that belongs to a payer
carries `shard`, 0 to 255. Keys are never empty: '-' stands for none.
"""

from schema.tables import (
    access,
    alerts,
    allowances,
    catalog,
    charges,
    corrections,
    history,
    invoices,
    jobs,
    orders,
    outbox,
    reconciliation,
    usage,
)
from schema.tables.base import metadata

__all__ = [
    "access",
    "alerts",
    "allowances",
    "catalog",
    "charges",
    "corrections",
    "history",
    "invoices",
    "jobs",
    "metadata",
    "orders",
    "outbox",
    "reconciliation",
    "usage",
]
