"""Group commit: calls that arrive together share one transaction, and each is answered after its commit.

Where it stands in the walk: between the doors and the use cases that write. There is no timed window: a
writer thread takes whatever queued while the previous commit ran, so a lone call waits for nobody and a crowd
pays for one commit. The order of the calls in a batch is kept: neighbours with the same bulk verb become one
call of it, every other command runs in a savepoint of its own, so a refused one is taken back alone. When a
batch fails in any way that no use case named, each of its calls is tried again alone, in its own transaction:
a bad one spoils nobody's. Design: architecture, "Ingest".
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import structlog

from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Busy, Refused
from billing_center.gathering import Gathering
from billing_center.metrics.counted import commit_calls, commit_seconds
from billing_center.tracing import span

log = structlog.get_logger()

Verb = Callable[[UnitOfWork, Any], object]
"""A use case that writes, raising BillingError for what it will not do."""

BulkVerb = Callable[[UnitOfWork, Sequence[Any]], Sequence[BillingError | None]]
"""A use case that takes many commands at once; one outcome per command, in order."""

ACTOR = "door"
"""The actor of a batch as a whole; each single command runs under its own caller."""


@dataclass(slots=True, eq=False)
class Act:
    """One command, the use case that carries it out, and what keeps its refusal in the same transaction."""

    actor: str
    command: object
    verb: Verb | None = None
    bulk_verb: BulkVerb | None = None  # exactly one of the two is given
    keep_refusal: Callable[[UnitOfWork, Refused], None] | None = None


@dataclass(slots=True, eq=False)
class Waiting:
    """An act in the queue, and whom to tell how it ended."""

    act: Act
    tell: Callable[[BaseException | None], None]
    loop: asyncio.AbstractEventLoop | None = None
    withdrawn: bool = False


Outcome = BaseException | None


class GroupCommit:
    """The queue and its one writer thread. `hand_in` is for the loop's thread, all else for any."""

    def __init__(self, center: Center, *, queue_limit: int | None = None, batch_limit: int | None = None) -> None:
        settings = center.settings
        self._center = center
        self._queue: Gathering[Waiting] = Gathering(settings.queue_limit if queue_limit is None else queue_limit)
        self._batch_limit = settings.batch_limit if batch_limit is None else batch_limit
        self._writer = threading.Thread(target=self._write, name="group-commit", daemon=True)

    def start(self) -> "GroupCommit":
        """Start the writer thread."""
        self._writer.start()
        return self

    def submit(self, act: Act) -> "Future[None]":
        """Queue an act; the future is done once its outcome is durable.

        The future ends with None, or with what the use case raised. Raises: Busy at once when the queue is
        full; ShuttingDown.
        """
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        self._queue.put(Waiting(act, lambda outcome: _settle(future, outcome)))
        return future

    async def commit(self, act: Act) -> None:
        """The same from a coroutine: returns after the commit, raises what the use case raised.

        When the coroutine is cancelled (a time limit) while the act still waits, the act is withdrawn and
        nothing of it is kept; one that the writer already has is carried out, and its caller may repeat it.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        waiting = self.hand_in(act, lambda outcome: _settle(future, outcome), loop)
        try:
            await future
        except asyncio.CancelledError:
            self.withdraw(waiting)
            raise

    def hand_in(
        self, act: Act, tell: Callable[[BaseException | None], None], loop: asyncio.AbstractEventLoop
    ) -> Waiting:
        """The same for a caller that waits for nothing: `tell` is called in its event loop with the outcome.

        To be called in that loop. A writer that sleeps is woken at the end of the loop's turn, so that all calls
        that came with it share the commit; all who waited for one are told in one turn.
        Raises: Busy; ShuttingDown.
        """
        waiting = Waiting(act, tell, loop)
        self._queue.put(waiting, loop)
        return waiting

    def withdraw(self, waiting: Waiting) -> None:
        """Take an act back that the writer has not taken yet; one that it has is carried out."""
        waiting.withdrawn = True

    def close(self, timeout_s: float | None = None) -> None:
        """Take no new work, finish what is queued, stop the thread. Harmless when repeated."""
        self._queue.close()
        if self._writer.ident is not None and self._writer is not threading.current_thread():
            self._writer.join(timeout_s)

    def __len__(self) -> int:
        """How many acts wait for the writer."""
        return len(self._queue)

    def _write(self) -> None:
        while (taken := self._queue.take(self._batch_limit)) is not None:
            batch = [waiting for waiting in taken if not waiting.withdrawn]
            if not batch:
                continue
            acts = [waiting.act for waiting in batch]
            began = perf_counter()
            with span("commit", calls=len(acts)):
                outcomes = perform(self._center, acts)
            _tell(batch, outcomes)
            commit_seconds.add(perf_counter() - began)
            commit_calls.add(len(acts))


def perform(center: Center, acts: Sequence[Act]) -> list[Outcome]:
    """Carry out the acts in one transaction, else each alone; one outcome per act, in order. Never raises.

    An outcome is None (durable), a Refused whose row is durable, or whatever kept the act from happening.
    """
    if len(acts) > 1:
        try:
            return center.transact(ACTOR, lambda work: _perform_together(work, acts))
        except Busy as error:
            if type(error) is not Busy:
                return [error] * len(acts)  # the database is away: asking once for each call would not help
        except Exception as error:  # noqa: BLE001 (whatever one call broke, the others must still be answered)
            log.warning("batch_failed", calls=len(acts), error=type(error).__name__)
    return [_perform_alone(center, act) for act in acts]


def _perform_alone(center: Center, act: Act) -> Outcome:
    try:
        return center.transact(act.actor, lambda work: _perform_together(work, [act]))[0]
    except Refused as error:
        return _keep_alone(center, act, error)
    except Exception as error:  # noqa: BLE001 (it is this call's answer; the door reports it)
        return error


def _keep_alone(center: Center, act: Act, refused: Refused) -> Outcome:
    """Keep the refusal of an act that was rolled back as a whole."""
    if act.keep_refusal is None:
        return refused
    keep = act.keep_refusal
    try:
        center.transact(act.actor, lambda work: keep(work, refused))
    except Exception as error:  # noqa: BLE001 (without its row a refusal is not answered "-1")
        return error
    return refused


def _perform_together(work: UnitOfWork, acts: Sequence[Act]) -> list[Outcome]:
    """The outcomes of the acts within one transaction. Raises what no use case named."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(acts):
        first = acts[len(outcomes)]
        if first.bulk_verb is None:
            outcomes.append(_perform_one(work, first))
        else:
            outcomes.extend(_perform_bulk(work, _neighbours(acts, len(outcomes)), first.bulk_verb))
    for act, outcome in zip(acts, outcomes, strict=True):
        if isinstance(outcome, Refused) and act.keep_refusal is not None:
            act.keep_refusal(replace(work, actor=act.actor), outcome)
    return outcomes


def _neighbours(acts: Sequence[Act], at: int) -> Sequence[Act]:
    """The acts from `at` on that have the same bulk verb."""
    end = at
    while end < len(acts) and acts[end].bulk_verb is acts[at].bulk_verb:
        end += 1
    return acts[at:end]


def _perform_bulk(work: UnitOfWork, acts: Sequence[Act], verb: BulkVerb) -> Sequence[Outcome]:
    outcomes = verb(work, [act.command for act in acts])
    if len(outcomes) != len(acts):
        raise AssertionError("a bulk verb answers every command")
    return outcomes


def _perform_one(work: UnitOfWork, act: Act) -> Outcome:
    """One command in a savepoint. What a use case refuses is taken back; anything else fails the batch."""
    assert act.verb is not None
    steps = len(work.after_commit)
    savepoint = work.connection.begin_nested()
    try:
        act.verb(replace(work, actor=act.actor), act.command)
    except Busy:
        raise  # a lost race is tried again from the start, with all the others
    except BillingError as error:
        savepoint.rollback()
        del work.after_commit[steps:]
        return error
    savepoint.commit()
    return None


def _tell(batch: Sequence[Waiting], outcomes: Sequence[Outcome]) -> None:
    """Answer everyone; each event loop is woken once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Outcome]]] = {}
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.loop is None:
            waiting.tell(outcome)
        else:
            by_loop.setdefault(waiting.loop, []).append((waiting, outcome))
    for loop, told in by_loop.items():
        try:
            loop.call_soon_threadsafe(_tell_all, told)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            log.warning("answers_undeliverable", calls=len(told))


def _tell_all(told: Sequence[tuple[Waiting, Outcome]]) -> None:
    for waiting, outcome in told:
        waiting.tell(outcome)


def _settle(future: "Future[None] | asyncio.Future[None]", outcome: Outcome) -> None:
    if future.done():
        return  # cancelled by its time limit
    if outcome is None:
        future.set_result(None)
    else:
        future.set_exception(outcome)
