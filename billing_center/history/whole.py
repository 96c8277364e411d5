"""Facts wherever they lie: hot or moved to history. For reads that may go back that far, under the same names.

The days that a statement asks for decide which months of either are looked into. The ways of a call and of
rating never come here: what they touch is hot.
"""

from sqlalchemy import Subquery, Table, select, union_all

from schema.tables import charges, usage
from schema.tables.history import MOVES


def _whole(table: Table) -> Subquery:
    return union_all(select(table), select(MOVES[table])).subquery(table.name)


charge = _whole(charges.charge)
usage_event = _whole(usage.usage_event)
usage_filtered = _whole(usage.usage_filtered)
