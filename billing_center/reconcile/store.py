"""Runs of the reconciliation in the tables: whom to compare next, what was found, how much was compared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select

from billing_center.bulk import add_up, insert_rows, rows_by_key
from billing_center.center import UnitOfWork
from billing_center.ids import shard_of
from billing_center.reconcile.difference import Difference, Rule
from schema.tables.charges import running_sum
from schema.tables.invoices import invoice
from schema.tables.jobs import job_run
from schema.tables.orders import payer
from schema.tables.reconciliation import reconcile_count, reconcile_difference

CHARGES_AT_ONCE = 40_000
"""Charges in one chunk at most, so that its memory is bounded; a single payer's are read whole."""

JOBS = ("reconcile", "reconcile_invoices")
"""The jobs whose runs are named by what is kept here."""

LONGEST_SUBJECT, LONGEST_TEXT = 300, 1000


def next_payers(
    connection: Connection, *, first_shard: int, last_shard: int, after: str, limit: int, billed_on: date | None
) -> tuple[list[str], str]:
    """The next payers of the shards, at least one if any is left, with `CHARGES_AT_ONCE` together.

    They come shard by shard, as uses and charges were written: what a chunk reads then lies on few pages. With
    `billed_on` only those with an invoice of that day. Also the last payer that was looked at, '' at the end.
    """
    found = _in_order(connection, (first_shard, last_shard), after, limit)
    while found and billed_on is not None:
        after = found[-1]
        of_day = select(invoice.c.payer_id).where(invoice.c.billed_on == billed_on)
        billed = {row.payer_id for row in rows_by_key(connection, of_day, [invoice.c.payer_id], found)}
        if billed:
            chosen = _bounded(connection, [payer_id for payer_id in found if payer_id in billed])
            return chosen, after if len(chosen) == len(billed) else chosen[-1]
        found = _in_order(connection, (first_shard, last_shard), after, limit)
    chosen = _bounded(connection, found)
    return chosen, chosen[-1] if chosen else ""


def _in_order(connection: Connection, shards: tuple[int, int], after: str, limit: int) -> list[str]:
    first, last = shards
    where = select(payer.c.shard).where(payer.c.payer_id == after)
    shard = first if not after else connection.execute(where).scalar_one()
    statement = (
        select(payer.c.payer_id)
        .where(payer.c.shard.between(shard, last), (payer.c.shard > shard) | (payer.c.payer_id > after))
        .order_by(payer.c.shard, payer.c.payer_id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def _bounded(connection: Connection, found: Sequence[str]) -> list[str]:
    """The first of these payers, whose charges are few enough to be read at once."""
    table = running_sum.c
    counted = select(table.payer_id, func.sum(table.charges).label("charges")).group_by(table.payer_id)
    sizes = {row.payer_id: row.charges for row in rows_by_key(connection, counted, [table.payer_id], found)}
    chosen: list[str] = []
    charges = 0
    for payer_id in found:
        charges += sizes.get(payer_id, 0)
        if chosen and charges > CHARGES_AT_ONCE:
            break
        chosen.append(payer_id)
    return chosen


def keep_differences(work: UnitOfWork, run_id: str, differences: Sequence[Difference]) -> None:
    """Keep what was found."""
    rows = [
        {
            "run_id": run_id, "difference_id": work.new_id(), "payer_id": one.payer_id,
            "shard": shard_of(one.payer_id), "rule": one.rule.value, "subject": one.subject[:LONGEST_SUBJECT],
            "expected": one.expected[:LONGEST_TEXT], "found": one.found[:LONGEST_TEXT],
            "detail": one.detail or None,
        }
        for one in differences
    ]  # fmt: skip
    insert_rows(work.connection, reconcile_difference, rows)


def keep_counts(connection: Connection, run_id: str, first_shard: int, counts: Mapping[str, int]) -> None:
    """Add to how much a task has compared."""
    rows: list[dict[str, Any]] = [
        {"run_id": run_id, "name": name[:100], "shard": first_shard, "counted": counted}
        for name, counted in counts.items()
    ]
    add_up(connection, reconcile_count, rows, add=["counted"])


def differences_of(connection: Connection, run_id: str, *, limit: int) -> list[Difference]:
    """The differences of a run by payer, in the order they were found."""
    table = reconcile_difference.c
    statement = (
        select(table.payer_id, table.rule, table.subject, table.expected, table.found, table.detail)
        .where(table.run_id == run_id)
        .order_by(table.payer_id, table.difference_id)
        .limit(limit)
    )
    return [
        Difference(row.payer_id, Rule(row.rule), row.subject, row.expected, row.found, row.detail or "")
        for row in connection.execute(statement)
    ]


def counts_of(connection: Connection, run_id: str) -> Counter[str]:
    """How much a run has compared, by name; under `differences` how many it found."""
    table = reconcile_count.c
    statement = select(table.name, func.sum(table.counted)).where(table.run_id == run_id).group_by(table.name)
    counts = Counter({str(name): int(counted) for name, counted in connection.execute(statement)})
    of_run = select(func.count()).where(reconcile_difference.c.run_id == run_id)
    counts["differences"] = connection.execute(of_run).scalar_one()
    return counts


def delete_differences(connection: Connection, before: datetime, limit: int) -> int:
    """Delete what at most `limit` runs found that began before the instant; the runs stay. Returns how many."""
    counted = select(reconcile_count.c.run_id).where(reconcile_count.c.run_id == job_run.c.run_id)
    differed = select(reconcile_difference.c.run_id).where(reconcile_difference.c.run_id == job_run.c.run_id)
    old = (job_run.c.job.in_(JOBS), job_run.c.started_at < before, counted.exists() | differed.exists())
    runs = list(connection.execute(select(job_run.c.run_id).where(*old).limit(limit)).scalars())
    for table in (reconcile_difference, reconcile_count):
        connection.execute(delete(table).where(table.c.run_id.in_(runs)))
    return len(runs)
