"""The processes that the fault tests kill: whole nodes as `serve` makes them, and schedulers by themselves.

They are forked from a server that has imported everything, so that a new one begins within a moment.
"""

import multiprocessing
import random
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any
from unittest.mock import patch

from sqlalchemy import create_engine, text

from billing_center.bootstrap import open_center
from billing_center.cli.serve import serve_center
from billing_center.clock import SettableClock
from billing_center.settings import LoadedSettings, Settings
from jobs import scheduler
from jobs.cycle import days_due
from jobs.executor import InThisProcess
from tests.other_processes import LONGEST_S


def serve_node(settings: Settings) -> None:
    """Doors, scheduler and real-time rating, until killed."""
    with patch.object(scheduler, "SWEEP_S", 1):
        serve_center(open_center(settings), LoadedSettings(settings, {}))


def run_schedules(settings: Settings, at: datetime) -> None:
    """A scheduler under a clock that stands at `at`, until every day before it is done."""
    center = open_center(settings, clock=SettableClock(at))
    with patch.object(scheduler, "SWEEP_S", 1):
        running = scheduler.start(center, {}, executor=InThisProcess())
        while days_due(center):
            threading.Event().wait(0.1)
        running.stop()


class Nodes:
    """Several processes of one kind, each replaced as soon as it is killed."""

    def __init__(self, targets: list[tuple[Callable[..., None], tuple[Any, ...]]], *, seed: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.faults.nodes", "web.app", "rpc.server"])
        self._dice = random.Random(seed)
        self._targets = targets
        self._running = [self._begin(target) for target in targets]
        self.kills = 0

    def kill_one(self, progress: Callable[[], int], *, most: int) -> None:
        """Kill one of them with SIGKILL after a number of steps forward that nobody foresees, and begin it anew.

        `progress` counts the steps; up to `most` are waited for, or some seconds if none come.
        """
        place = self._dice.randrange(len(self._running))
        victim = self._running[place]
        wanted = progress() + self._dice.randrange(most)
        patience = self._dice.randrange(50, 200)
        while progress() < wanted and patience:
            victim.join(0.02)
            patience -= 1
        victim.join(self._dice.uniform(0, 0.02))
        victim.kill()
        victim.join(LONGEST_S)
        self.kills += victim.exitcode == -signal.SIGKILL
        self._running[place] = self._begin(self._targets[place])

    def wait(self) -> list[int | None]:
        """Wait until all of them have ended by themselves; their exit codes."""
        for one in self._running:
            one.join(LONGEST_S)
        return [one.exitcode for one in self._running]

    def end(self) -> None:
        """Kill them all."""
        for one in self._running:
            one.kill()
            one.join(LONGEST_S)

    def _begin(self, target: tuple[Callable[..., None], tuple[Any, ...]]) -> Any:
        process = self._context.Process(target=target[0], args=target[1], daemon=True)
        process.start()
        return process


def cut_connections(url: str) -> int:
    """Have PostgreSQL end every connection to this database but the one that asks; returns how many."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    with engine.connect() as connection:
        ended = len(connection.execute(text(cut)).all())
    engine.dispose()
    return ended
