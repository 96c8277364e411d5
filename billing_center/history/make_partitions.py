"""Partitions made ahead, and for facts of months that have none: the database does the rest by itself.

Where it stands in the walk: beside it; the job `make_partitions` begins the day with it. Nothing waits for it: a
fact of a month without a partition is kept in the catch-all and moves into its month here.
"""

from collections.abc import Sequence

import structlog

from billing_center.center import UnitOfWork
from schema.partitions import MissingPartition, make_partition, missing_partitions

log = structlog.get_logger()


def missing(work: UnitOfWork) -> Sequence[MissingPartition]:
    """The months, up to `partition_months_ahead`, that have facts or soon will, and no partition."""
    ahead = work.settings.partition_months_ahead
    return missing_partitions(work.connection, today=work.today, months_ahead=ahead)


def make_next(work: UnitOfWork) -> int:
    """Make the next missing partition; returns how many are left to make after it.

    Raises: Busy when other transactions held its table for long.
    """
    found = missing(work)
    if not found:
        return 0
    one = found[0]
    rows = make_partition(work.connection, one.table, one.month, hashes=work.settings.partition_hashes)
    log.info("partition_made", table=one.table, month=one.month.isoformat(), rows=rows)
    return len(found) - 1
