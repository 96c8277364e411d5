"""What a job is, and what it needs to be run. One file per job fills this in; `registry.py` lists them."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol

from billing_center.center import Center, UnitOfWork
from billing_center.outbox.message import MessageKind, Sender
from billing_center.runs.run import Run
from billing_center.runs.work_task import TaskWork
from billing_center.runs.worker import Worker, this_process

Senders = Mapping[MessageKind, Sender]


class Trigger(StrEnum):
    """What makes a job run by itself. Every job can be run by hand the same way."""

    DAILY = "daily"  # once for each business day, as a step of the cycle
    TICK = "tick"  # every few seconds when something is due, and as a step of the cycle


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come; told after every chunk."""

    job: str
    business_day: date
    run_id: str
    state: str  # of the run, or NOTHING_DUE
    tasks: int
    tasks_done: int
    items: int
    failures: int

    @property
    def percent(self) -> int:
        """Finished tasks, 0 to 100."""
        return self.tasks_done * 100 // self.tasks if self.tasks else 0


Watch = Callable[[Progress], None]
NOTHING_DUE = "NOTHING_DUE"


class Executor(Protocol):
    """Who carries out the tasks of a run: this process, worker processes, or workers behind a broker.

    Exactly-once lives in the task rows, so an executor may deliver a task twice, or lose one: what is not ended
    when `submit` returns is submitted again by whoever drives the run next.
    """

    def submit(self, context: "Context", job: "Job", run: Run, tasks: Sequence[int]) -> None:
        """Have the tasks worked on, and return when each has ended, was left, or is held by someone else.

        Raises: Busy when tasks could not go on for now.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


class OneAtATime:
    """One lock per job: a process never runs two of one job at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def of(self, job_id: str) -> threading.Lock:
        """The lock of a job."""
        with self._guard:
            return self._locks[job_id]


def never() -> bool:
    """No, go on."""
    return False


def unwatched(progress: Progress) -> None:
    """Nobody looks."""


def silent() -> None:
    """Nothing follows."""


@dataclass(frozen=True, slots=True)
class Context:
    """What every run needs. `leave` is asked between two chunks whether this process goes down."""

    center: Center
    senders: Senders
    executor: Executor
    worker: Worker = field(default_factory=this_process)
    leave: Callable[[], bool] = never
    watch: Watch = unwatched
    after_chunk: Callable[[], None] = silent  # set by who drives a run
    locks: OneAtATime = field(default_factory=OneAtATime)
    driving: tuple[str, ...] = ()  # the cycle's run, whose lease its steps keep


@dataclass(frozen=True, slots=True)
class Job:
    """A job. It has tasks over the shards (`work`), or acts as a whole in rounds of its own (`act`).

    `due` counts what waits (a bounded count will do): with nothing due no run is made. `finish` follows when
    all tasks have ended; it must be harmless when repeated.
    """

    job_id: str
    title: str
    trigger: Trigger
    work: TaskWork | None = None
    act: Callable[[Context, Run], None] | None = None
    due: Callable[[Context, UnitOfWork], int] | None = None
    finish: Callable[[Context, Run], None] | None = None
