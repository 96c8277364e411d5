"""What a run, its tasks and its failures are: values read from the rows.

Where it stands in the walk: a run is one carrying out of a job for one business period (`job`, `period_key`,
`attempt`). It is cut into tasks, ranges of the 256 shards, so that any number of workers can share it.
Design: architecture, "How facts move"; scale, section 6.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands."""

    RUNNING = "RUNNING"
    STOPPING = "STOPPING"  # its tasks stop after the chunk under way
    STOPPED = "STOPPED"  # goes on when a person says so
    DONE = "DONE"
    FAILED = "FAILED"  # a task could not go on; goes on when it is asked for again


class TaskState(StrEnum):
    """Where a task of a run stands."""

    TODO = "TODO"
    RUNNING = "RUNNING"  # a worker holds it until its lease ends
    DONE = "DONE"
    FAILED = "FAILED"


UNFINISHED = (RunState.RUNNING, RunState.STOPPING)


@dataclass(frozen=True, slots=True)
class Run:
    """One row of runs. Instants are the business clock's, the duration is the machine's."""

    run_id: str
    job: str
    period_key: str
    attempt: int
    business_day: date
    state: RunState
    tasks: int
    items: int
    failures: int
    node: str
    started_at: datetime
    finished_at: datetime | None
    duration_ms: int
    error: str


@dataclass(frozen=True, slots=True)
class Task:
    """A range of shards of a run, and how far the work in it has come."""

    run_id: str
    task_no: int
    first_shard: int
    last_shard: int
    state: TaskState
    position: str  # '' at the beginning; the next chunk begins after it
    items: int
    failures: int
    worker: str
    duration_ms: int
    error: str


@dataclass(frozen=True, slots=True)
class RunFailure:
    """One payer, order, event or message that a run could not do, and why. The others went on."""

    subject: str
    at: datetime
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run with its tasks and failures, as `job status` shows it."""

    run: Run
    tasks: Sequence[Task]
    failures: Sequence[RunFailure]

    @property
    def percent(self) -> int:
        """How much of the run is finished, by tasks: 0 to 100."""
        finished = sum(task.state in (TaskState.DONE, TaskState.FAILED) for task in self.tasks)
        if not self.tasks:
            return 100 if self.run.state is RunState.DONE else 0
        return finished * 100 // len(self.tasks)


def run_id_of(job: str, period_key: str, attempt: int) -> str:
    """The run's identity by construction, readable and typeable."""
    return f"{job}:{period_key}:{attempt}"


def job_of(run_id: str) -> str:
    """The job whose run it is: `run_id_of` the other way round."""
    return run_id.partition(":")[0]


def shard_ranges(tasks: int, shards: int) -> list[tuple[int, int]]:
    """The shards cut into `tasks` ranges of (nearly) equal size: first and last of each, both included."""
    return [(n * shards // tasks, (n + 1) * shards // tasks - 1) for n in range(tasks)]


def tasks_for(subjects: int, *, per_task: int, most: int) -> int:
    """How many tasks so much work is cut into: at least one, at most `most`."""
    return max(1, min(-(-subjects // per_task), most))
