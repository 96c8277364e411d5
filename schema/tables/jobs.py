"""Runs of scheduled work, the tasks they are cut into, what failed in them, and facts about the system itself."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger, Table, UniqueConstraint

from schema.tables.base import metadata
from schema.types import Filled, Instant, Words, key

job_run = Table(
    "job_run",
    metadata,
    Column("run_id", key(100), primary_key=True),
    Column("job", key(40), nullable=False),
    Column("period_key", key(40), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("business_day", Date, nullable=False),
    Column("state", Filled(8), nullable=False),  # RUNNING, STOPPING, STOPPED, DONE, FAILED
    Column("tasks", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("node", Filled(100), nullable=False),  # the process that drives it
    Column("lease_until", Instant),  # by the machine's clock: until then nobody else drives it
    Column("driven_at", Instant),  # by the machine's clock: since when it has been driven, for the duration
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("duration_ms", Integer),
    Column("error", Words(400)),
    UniqueConstraint("job", "period_key", "attempt", name="uq_job_run_period"),
    Index("ix_job_run_started", "started_at"),
    Index("ix_job_run_state", "state", "job"),
)

job_task = Table(
    "job_task",
    metadata,
    Column("run_id", key(100), primary_key=True),
    Column("task_no", Integer, primary_key=True),
    Column("first_shard", SmallInteger, nullable=False),
    Column("last_shard", SmallInteger, nullable=False),
    Column("state", Filled(8), nullable=False),  # TODO, RUNNING, DONE, FAILED
    Column("position", Words(200)),  # where the next chunk begins
    Column("items", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("worker", Words(100)),
    Column("lease_until", Instant),  # by the machine's clock: then another worker may take the task over
    Column("duration_ms", Integer),
    Column("error", Words(400)),
)

job_failure = Table(
    "job_failure",
    metadata,
    Column("run_id", key(100), primary_key=True),
    Column("subject", key(100), primary_key=True),  # the payer, order or event that failed
    Column("at", Instant, nullable=False),
    Column("code", Filled(40), nullable=False),
    Column("message", Words(400)),
)

system_fact = Table(
    "system_fact",
    metadata,
    Column("name", key(40), primary_key=True),
    Column("fact", Filled(400), nullable=False),
)
