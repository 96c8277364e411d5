"""Where closed months of facts lie once they have moved out, and what is known of each move.

Reads that may go back that far read both tables of a pair: `billing_center.history.whole` joins them.
"""

from sqlalchemy import BigInteger, Column, Date, Table

from schema.tables.base import history_of, metadata
from schema.tables.charges import charge
from schema.tables.usage import usage_event, usage_filtered
from schema.types import Amount, Filled, Instant, key

usage_event_history = history_of(usage_event)
usage_filtered_history = history_of(usage_filtered)
charge_history = history_of(charge)

MOVES = {
    usage_event: usage_event_history,
    usage_filtered: usage_filtered_history,
    charge: charge_history,
}
"""The tables whose closed months move out, and where to. Roll-ups stay: they are small, and outlive the facts."""

history_month = Table(
    "history_month",
    metadata,
    Column("month", Date, primary_key=True),  # its first day
    Column("table_name", key(30), primary_key=True),
    Column("state", Filled(10), nullable=False),  # MOVING, MOVED, RESTORING, HOT (kept there by hand), DROPPED
    Column("row_count", BigInteger, nullable=False),  # what lay in the month when it moved
    Column("quantity", Amount, nullable=False),  # their sums: 0 where the table has no such column
    Column("amount", Amount, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("actor", Filled(64), nullable=False),
)
