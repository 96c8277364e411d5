"""Every figure that /metrics shows, in one place: name, kind, labels, what it says.

Where it stands in the walk: beside it. `counted` has those that this process counts where something happens,
`standing` those that the database knows; the page in docs/observability.md is made from this table.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of Prometheus."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Source(StrEnum):
    """Who knows a figure."""

    PROCESS = "process"  # counted since the start of the process that is asked: add up over all of them
    DATABASE = "database"  # read when asked, the same from every process: take the greatest, never the sum


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure. Seconds are seconds, money is the currency's own unit (a float here, exact in the database)."""

    name: str
    kind: Kind
    source: Source
    says: str
    labels: tuple[str, ...] = ()


def _counter(name: str, says: str, *labels: str, source: Source = Source.PROCESS) -> Metric:
    return Metric(name, Kind.COUNTER, source, says, labels)


def _gauge(name: str, says: str, *labels: str, source: Source = Source.DATABASE) -> Metric:
    return Metric(name, Kind.GAUGE, source, says, labels)


def _histogram(name: str, says: str, *labels: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, Source.PROCESS, says, labels)


# The doors.
CALLS = _counter("billing_calls_total", "Hessian calls that ended", "operation", "outcome")
CALL_SECONDS = _histogram("billing_call_seconds", "from a call's head to its answer", "operation")
REST_REQUESTS = _counter("billing_rest_requests_total", "REST and console requests answered", "status")
CONNECTIONS = _gauge("billing_connections", "connections that are open", source=Source.PROCESS)
CALLS_WAITING = _gauge("billing_calls_waiting", "calls that wait for the group commit", source=Source.PROCESS)
COMMIT_CALLS = _histogram("billing_commit_calls", "calls that shared one commit")
COMMIT_SECONDS = _histogram("billing_commit_seconds", "from taking a batch of calls to its commit")
REFUSED_TODAY = _gauge("billing_refused_calls_today", "refused calls kept since the business day began")

# Uses on their way to charges.
USES_QUEUED = _gauge("billing_uses_queued", "uses in the rating queue, counted to 100,000 each", "state")
RATING_LAG = _gauge("billing_rating_lag_seconds", "how long the use has waited that has been due longest")

# Messages to other systems.
MESSAGES = _gauge("billing_messages", "outbox messages not yet accepted, counted to 100,000 each", "kind", "state")
MESSAGE_LAG = _gauge(
    "billing_message_lag_seconds", "how long the message has waited that has been due longest", "kind"
)
MESSAGES_ANSWERED = _counter("billing_messages_answered_total", "tries to send a message", "kind", "outcome")
MESSAGE_SECONDS = _histogram("billing_message_seconds", "how long a try took", "kind")

# Jobs.
RUNS = _gauge("billing_runs", "runs that are not done", "job", "state")
RUNS_UNDRIVEN = _gauge("billing_runs_undriven", "runs under way that no living process drives")
RUN_PROGRESS = _gauge("billing_run_progress_ratio", "tasks done of the run under way, 0 to 1", "job")
RUN_ITEMS = _gauge("billing_run_items", "subjects that the run under way has done", "job")
RUNS_CLOSED = _counter("billing_runs_closed_total", "runs that ended here", "job", "state")
RUN_SECONDS = _histogram("billing_run_seconds", "how long runs were driven", "job")
ITEMS_DONE = _counter("billing_items_done_total", "subjects that runs did which ended here", "job")
ITEMS_FAILED = _counter("billing_items_failed_total", "subjects that failed in runs which ended here", "job")
CHUNK_SECONDS = _histogram("billing_chunk_seconds", "transactions of jobs that were committed", "job")
CHUNKS_FAILED = _counter("billing_chunks_failed_total", "chunks that failed and were split or passed", "job")
CYCLE_BEHIND = _gauge("billing_cycle_behind_days", "business days whose cycle has fallen due and is not done")

# Money.
INVOICES_ISSUED = _counter(
    "billing_invoices_issued_total", "invoices that have a number, by series", "series", source=Source.DATABASE
)
INVOICED = _counter(
    "billing_invoiced_total", "money on invoices numbered since this process was first asked", "currency",
    source=Source.DATABASE,
)  # fmt: skip
INVOICES = _gauge("billing_invoices", "invoices that are not paid, counted to 100,000 each", "state")
DIFFERENCES = _gauge("billing_reconcile_differences", "differences that the newest reconciliation found", "job")
ALERTS_UNSEEN = _gauge("billing_spend_alerts_unseen", "spend alerts that nobody has acknowledged")

# The database and the process.
DATABASE_UP = _gauge("billing_database_up", "1 when these figures could be read", source=Source.PROCESS)
PARTITIONS_MISSING = _gauge("billing_partitions_missing", "months that need a partition and have none", "table")
CATCH_ALL_ROWS = _gauge("billing_catch_all_rows", "rows in a catch-all that wait for their month", "table")
INFO = _gauge("billing_info", "1, with what runs here", "version", "database", source=Source.PROCESS)

METRICS: tuple[Metric, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Metric))
"""All of them, in order."""


def series_of(metric: Metric) -> tuple[str, ...]:
    """The names under which its samples are shown."""
    if metric.kind is Kind.HISTOGRAM:
        return tuple(f"{metric.name}_{part}" for part in ("bucket", "sum", "count"))
    return (metric.name,)


def markdown_table() -> list[str]:
    """The table of docs/observability.md."""
    rows = ["| metric | kind | labels | known by | what it says |", "| --- | --- | --- | --- | --- |"]
    for metric in METRICS:
        labels = ", ".join(f"`{label}`" for label in metric.labels)
        rows.append(f"| `{metric.name}` | {metric.kind} | {labels} | {metric.source} | {metric.says} |")
    return rows
