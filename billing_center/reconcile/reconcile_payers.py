"""Reconciling: payers' books beside what their raw facts come to, in chunks of bounded size.

Where it stands in the walk: beside everything, as a job over the shards (`jobs/reconcile.py`) or for one payer
by hand. It reads, and writes only what it found. What belongs to a payer is read without a lock; a payer that
seems to differ is locked and read again, so that a rating that was under way is never taken for a difference.
Design: docs/reconciliation.md.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from billing_center.center import UnitOfWork
from billing_center.errors import ResultCode, Unknown
from billing_center.payer.store import locked_payers
from billing_center.reconcile.compare_charges import recompute
from billing_center.reconcile.compare_invoices import compare_books
from billing_center.reconcile.compare_meters import compare_meters
from billing_center.reconcile.compare_numbers import compare_whole
from billing_center.reconcile.compare_orders import compare_orders
from billing_center.reconcile.compare_uses import USES_FOR_EACH, look_at_uses
from billing_center.reconcile.difference import Difference, Rule
from billing_center.reconcile.raw_facts import Facts, PayerFacts, RowsNeeded
from billing_center.reconcile.read_alike import can_read_alike
from billing_center.reconcile.read_facts import read_facts
from billing_center.reconcile.store import keep_counts, keep_differences, next_payers
from billing_center.uncollected import uncollected

log = structlog.get_logger()

PAYERS, USES, WHOLE = "p:", "u:", "w:"
"""A position begins with what is walked: payers, then days of uses, then what belongs to nobody alone."""

ROWS_OF_PAYER = 50
"""Rows of a payer to reckon with, about."""

MOST_OF_A_PAYER = 200
"""Differences kept of one payer at most: one mistake may show in every charge."""


@dataclass(slots=True)
class Reconciled:
    """What was compared and found. `next_position` is where the next chunk begins; None: nothing is left."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    next_position: str | None = None


def reconcile(
    work: UnitOfWork,
    *,
    first_shard: int,
    last_shard: int,
    position: str,
    limit: int,
    run_id: str,
    billed_on: date | None = None,
) -> Reconciled:
    """Compare the next `limit` payers of the shards, or the next uses; what differs is kept under the run.

    With `billed_on` the payers that have an invoice of that day, and nothing else.
    """
    shards = (first_shard, last_shard)
    if position.startswith(WHOLE):
        done = Reconciled(differences=compare_whole(work.connection) if first_shard == 0 else [])
    elif position.startswith(USES):
        done = _uses(work, shards, position.removeprefix(USES), limit)
    else:
        done = _payers(work, shards, position.removeprefix(PAYERS), limit, billed_on)
    keep_differences(work, run_id, done.differences)
    keep_counts(work.connection, run_id, first_shard, done.counts)
    for one in done.differences:
        log.warning("reconciliation_differs", rule=one.rule.value, payer_id=one.payer_id, subject=one.subject)
    return done


def next_subject(
    work: UnitOfWork, *, first_shard: int, last_shard: int, position: str, billed_on: date | None = None
) -> str | None:
    """The position after the one payer or use that a chunk of one would compare; None in the last step."""
    shards = (first_shard, last_shard)
    if position.startswith(WHOLE):
        return None
    if position.startswith(USES):
        after = position.removeprefix(USES)
        looked = look_at_uses(work.connection, first_shard=shards[0], last_shard=shards[1], after=after, limit=1)
        return USES + looked.last if looked.last else None
    after = position.removeprefix(PAYERS)
    found, _ = next_payers(
        work.connection, first_shard=shards[0], last_shard=shards[1], after=after, limit=1, billed_on=billed_on
    )
    return PAYERS + found[0] if found else None


def reconcile_payer(work: UnitOfWork, payer_id: str) -> Reconciled:
    """Compare one payer's books now; nothing is kept. Raises: Unknown (UNKNOWN_PAYER)."""
    done = _compare(work, [payer_id])
    if not done.compared:
        message = f"payer {payer_id!r} is not known"
        raise Unknown(message, code=ResultCode.UNKNOWN_PAYER, field="payer", payer_id=payer_id)
    return done


def _payers(
    work: UnitOfWork, shards: tuple[int, int], after: str, limit: int, billed_on: date | None
) -> Reconciled:
    chosen, last = next_payers(
        work.connection, first_shard=shards[0], last_shard=shards[1], after=after, limit=limit, billed_on=billed_on
    )
    if not chosen:
        return Reconciled(next_position=USES if billed_on is None else None)
    done = _compare(work, chosen)
    suspects = sorted({one.payer_id for one in done.differences})
    if suspects:
        locked_payers(work.connection, suspects)
        done.differences = _compare(work, suspects).differences
    done.next_position = PAYERS + last
    return done


def _uses(work: UnitOfWork, shards: tuple[int, int], after: str, limit: int) -> Reconciled:
    looked = look_at_uses(
        work.connection, first_shard=shards[0], last_shard=shards[1], after=after, limit=limit * USES_FOR_EACH
    )
    done = Reconciled(looked.counts["uses"], looked.differences, looked.counts)
    done.next_position = USES + looked.last if looked.last else WHOLE
    return done


def _compare(work: UnitOfWork, payer_ids: Sequence[str]) -> Reconciled:
    """Payers whose charges are brought together first; those that are not plain, or not right, as rows."""
    done = Reconciled()
    with uncollected(len(payer_ids) * ROWS_OF_PAYER):
        as_rows = _compare_all(read_facts(work, payer_ids, together=can_read_alike(work.connection)), done)
        if as_rows:
            _compare_all(read_facts(work, as_rows), done)
    return done


def _compare_all(facts: Facts, done: Reconciled) -> list[str]:
    """Compare the payers; returns those of which rows are needed to tell what differs, or if anything does."""
    as_rows = []
    for payer_id in list(facts.payers):
        one = facts.payers.pop(payer_id)  # what was compared takes no room
        counts: dict[str, int] = defaultdict(int)
        try:
            found = _of_payer(facts, one, counts)
        except RowsNeeded:
            as_rows.append(one.payer_id)
            continue
        if found and one.rows is None:
            as_rows.append(one.payer_id)
            continue
        done.compared += 1
        for name, count in counts.items():
            done.counts[name] += count
        done.differences += _at_most(one, found)
    return as_rows


def _of_payer(facts: Facts, one: PayerFacts, counts: dict[str, int]) -> list[Difference]:
    """Raises: RowsNeeded."""
    if facts.deleted_through is not None and one.began() <= facts.deleted_through:
        counts["left out: payers whose facts history has deleted"] += 1
        return []
    out = recompute(facts, one)
    counts["payers"] += 1
    counts["charges"] += sum(alike.count for alike in one.alike)
    counts["invoices"] += len(one.invoices)
    for name, count in out.left_out.items():
        counts[f"left out: {name}"] += count
    return out.differences + compare_meters(one, out) + compare_books(facts, one, out) + compare_orders(facts, one)


def _at_most(one: PayerFacts, found: list[Difference]) -> list[Difference]:
    """The first of very many differences of a payer, and how many more there are of each rule."""
    if len(found) <= MOST_OF_A_PAYER:
        return found
    more = Counter(difference.rule for difference in found[MOST_OF_A_PAYER:])
    return found[:MOST_OF_A_PAYER] + [_more(one, rule, count) for rule, count in sorted(more.items())]


def _more(one: PayerFacts, rule: Rule, count: int) -> Difference:
    return Difference(one.payer_id, rule, "and more", "none", f"{count} more differences of this payer")
