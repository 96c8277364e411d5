"""What a run of the reconciliation found, for people."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from billing_center.center import UnitOfWork
from billing_center.reconcile.difference import Difference
from billing_center.reconcile.store import counts_of, delete_differences, differences_of


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The differences of a run (at most so many), and how much it compared by name."""

    run_id: str
    differences: list[Difference]
    counts: Counter[str]

    @property
    def summary(self) -> str:
        """`4 payers, 120 charges, 9 invoices compared`."""
        return compared(self.counts)

    @property
    def left_out(self) -> dict[str, int]:
        """What was left out of the recomputation, by name."""
        return left_out(self.counts)


def show_run(work: UnitOfWork, run_id: str, *, limit: int = 1000) -> Reconciliation:
    """What a run found and compared; a run that is under way has found what it has found so far."""
    differences = differences_of(work.connection, run_id, limit=limit) if limit else []
    return Reconciliation(run_id, differences, counts_of(work.connection, run_id))


def purge_differences(work: UnitOfWork, *, limit: int = 100) -> int:
    """Delete what at most `limit` runs found longer ago than the setting `runs_kept_days`; returns how many."""
    before = work.at - timedelta(days=work.settings.runs_kept_days)
    return delete_differences(work.connection, before, limit)


def compared(counts: Counter[str]) -> str:
    """How much was compared, in words."""
    return f"{counts['payers']} payers, {counts['charges']} charges, {counts['invoices']} invoices compared"


def left_out(counts: Counter[str]) -> dict[str, int]:
    """What was left out, by name: uses that wait, are parked, held or filtered."""
    prefix = "left out: "
    return {name.removeprefix(prefix): counts[name] for name in sorted(counts) if name.startswith(prefix)}
