"""The figures that the database knows: SQL and nothing else. Each question is bounded and goes by an index."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, case, func, select

from billing_center.outbox.message import MessageKind, MessageState
from billing_center.runs.run import UNFINISHED, RunState, TaskState
from billing_center.usage.park import WAITING, in_state
from schema.tables.invoices import invoice, invoice_total, number_series
from schema.tables.jobs import job_run, job_task
from schema.tables.outbox import outbox_message
from schema.tables.reconciliation import reconcile_difference
from schema.tables.usage import usage_queue

MOST = 100_000
"""Rows of one kind that are counted at most."""

OLDEST = 1_000
"""Uses that are looked at for the one that has been due longest: ids are in order of arrival."""


def queued_uses(connection: Connection, state: str) -> int:
    """How many uses of the queue are in a state, counted to `MOST`."""
    return _count(connection, select(usage_queue.c.event_id).where(in_state(state)))


def oldest_due_use(connection: Connection) -> datetime | None:
    """Since when the use is due that has waited longest: when it came in, or was put back into the queue."""
    queue = usage_queue.c
    oldest = select(queue.next_try_at).where(in_state(WAITING)).order_by(queue.event_id).limit(OLDEST).subquery()
    found: datetime | None = connection.execute(select(func.min(oldest.c.next_try_at))).scalar_one()
    return found


def messages_by_kind(connection: Connection, state: MessageState) -> dict[str, int]:
    """How many messages of each kind are in a state, counted to `MOST` in all."""
    table = outbox_message.c
    some = select(table.kind).where(table.state == state.value).limit(MOST).subquery()
    rows = connection.execute(select(some.c.kind, func.count()).group_by(some.c.kind))
    return {row[0]: row[1] for row in rows}


def oldest_due_message(connection: Connection, kind: MessageKind) -> datetime | None:
    """Since when the message of a kind is due that has waited longest."""
    table = outbox_message.c
    statement = select(func.min(table.next_try_at)).where(
        table.state == MessageState.WAITING.value, table.kind == kind.value
    )
    found: datetime | None = connection.execute(statement).scalar_one()
    return found


def undone_runs(connection: Connection) -> dict[tuple[str, str], int]:
    """How many runs are not done, by job and state."""
    states = [state.value for state in RunState if state is not RunState.DONE]
    some = select(job_run.c.job, job_run.c.state).where(job_run.c.state.in_(states)).limit(MOST).subquery()
    rows = connection.execute(select(some.c.job, some.c.state, func.count()).group_by(some.c.job, some.c.state))
    return {(row[0], row[1]): row[2] for row in rows}


def runs_under_way(connection: Connection) -> Sequence[Any]:
    """(job, tasks, done, items) of the runs under way: of a few dozen at most."""
    done = func.sum(case((job_task.c.state == TaskState.DONE.value, 1), else_=0))
    statement = (
        select(
            job_run.c.job,
            func.count().label("tasks"),
            done.label("done"),
            func.sum(job_task.c["items"]).label("did"),
        )
        .join(job_task, job_task.c.run_id == job_run.c.run_id)
        .where(job_run.c.state.in_([state.value for state in UNFINISHED]))
        .group_by(job_run.c.job)
    )
    return connection.execute(statement).all()


def newest_run(connection: Connection, job: str) -> str | None:
    """The run of the newest period that a job was asked for."""
    table = job_run.c
    statement = (
        select(table.run_id)
        .where(table.job == job)
        .order_by(table.period_key.desc(), table.attempt.desc())
        .limit(1)
    )
    return connection.execute(statement).scalar_one_or_none()


def differences(connection: Connection, run_id: str) -> int:
    """How many differences a run of the reconciliation found, counted to `MOST`."""
    return _count(connection, select(reconcile_difference.c.run_id).where(reconcile_difference.c.run_id == run_id))


def invoices_in(connection: Connection, state: str) -> int:
    """How many invoices are in a state, counted to `MOST`."""
    return _count(connection, select(invoice.c.invoice_id).where(invoice.c.state == state))


def last_numbers(connection: Connection) -> dict[str, int]:
    """The last number of each series: without gaps, so also how many there are."""
    return {
        row[0]: row[1] for row in connection.execute(select(number_series.c.series, number_series.c.last_number))
    }


def money_of(connection: Connection, first: str, last: str) -> dict[str, Decimal]:
    """What the invoices with these numbers (both included) come to, by currency."""
    statement = (
        select(invoice_total.c.currency, func.sum(invoice_total.c.amount))
        .join(invoice, invoice.c.invoice_id == invoice_total.c.invoice_id)
        .where(invoice.c.invoice_no.between(first, last))
        .group_by(invoice_total.c.currency)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


def _count(connection: Connection, statement: Any) -> int:
    counted: int = connection.execute(
        select(func.count()).select_from(statement.limit(MOST).subquery())
    ).scalar_one()
    return counted
