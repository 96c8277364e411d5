"""Calls that arrive together share a commit; each is answered alone, and only once it is durable."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace

import pytest
from sqlalchemy import insert, select

from billing_center.center import Center, UnitOfWork
from billing_center.errors import BillingError, Broken, Busy, OutOfRange, Refused, ShuttingDown
from billing_center.group_commit import Act, GroupCommit, perform
from schema.tables.jobs import system_fact

WAIT_S = 30


def put(work: UnitOfWork, name: str) -> None:
    """A use case: keeps a name, refuses those that begin with 'bad', breaks on those that begin with 'broken'."""
    work.connection.execute(insert(system_fact).values(name=name, fact=work.actor))
    if name.startswith("bad"):
        raise OutOfRange(f"{name} is bad", field="name")
    if name.startswith("broken"):
        raise ZeroDivisionError(name)


def put_all(work: UnitOfWork, names: Sequence[str]) -> list[BillingError | None]:
    """The same for many at once; one that begins with 'broken' spoils the whole statement."""
    if any(name.startswith("broken") for name in names):
        raise ZeroDivisionError
    good = [name for name in names if not name.startswith("bad")]
    if good:
        work.connection.execute(
            insert(system_fact), [{"name": name, "fact": f"{len(names)} together"} for name in good]
        )
    return [OutOfRange(f"{name} is bad") if name.startswith("bad") else None for name in names]


def keep(work: UnitOfWork, error: Refused) -> None:
    work.connection.execute(insert(system_fact).values(name=f"kept {error.message}"[:40], fact=work.actor))


def single(name: str, actor: str = "a") -> Act:
    return Act(actor, name, verb=put, keep_refusal=keep)


def many(name: str) -> Act:
    return Act("a", name, bulk_verb=put_all, keep_refusal=keep)


def facts(center: Center) -> dict[str, str]:
    with center.reading() as work:
        rows = work.connection.execute(select(system_fact))
        return {row.name: row.fact for row in rows if row.name not in ("clock_kind", "test_clock_at")}


class Gate:
    """Holds the writer inside a transaction until it is opened, so that a test can let calls gather."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.opened = threading.Event()

    def act(self) -> Act:
        def hold(work: UnitOfWork, command: object) -> None:
            self.reached.set()
            assert self.opened.wait(WAIT_S)

        return Act("gate", "gate", verb=hold)


@pytest.fixture
def group(center: Center) -> Iterator[GroupCommit]:
    made = GroupCommit(center).start()
    yield made
    made.close(WAIT_S)


def gathered(group: GroupCommit, acts: Sequence[Act]) -> list["Future[None]"]:
    """Submit the acts while the writer is held, so that they become one batch, and let it go."""
    gate = Gate()
    first = group.submit(gate.act())
    assert gate.reached.wait(WAIT_S)
    futures = [group.submit(act) for act in acts]
    gate.opened.set()
    first.result(WAIT_S)
    return futures


def outcomes(futures: Sequence["Future[None]"]) -> list[type[BaseException] | None]:
    return [type(error) if (error := future.exception(WAIT_S)) else None for future in futures]


def test_what_gathers_is_written_in_one_bulk_and_one_commit(center: Center, group: GroupCommit) -> None:
    assert outcomes(gathered(group, [many("u1"), many("u2"), many("u3")])) == [None, None, None]
    assert facts(center) == dict.fromkeys(("u1", "u2", "u3"), "3 together")


def test_a_refused_one_is_taken_back_alone_and_its_refusal_is_kept(center: Center, group: GroupCommit) -> None:
    found = outcomes(gathered(group, [single("s1"), single("bad1", "b"), many("bad2"), many("u1"), single("s2")]))
    assert found == [None, OutOfRange, OutOfRange, None, None]
    assert facts(center) == {
        "s1": "a",
        "kept bad1 is bad": "b",
        "kept bad2 is bad": "a",
        "u1": "2 together",
        "s2": "a",
    }


def test_a_broken_one_spoils_nobody_s(center: Center, group: GroupCommit) -> None:
    found = outcomes(
        gathered(group, [single("s1"), single("broken1"), many("broken2"), many("u1"), single("bad1")])
    )
    assert found == [None, ZeroDivisionError, ZeroDivisionError, None, OutOfRange]
    assert facts(center) == {"s1": "a", "u1": "1 together", "kept bad1 is bad": "a"}


def test_the_order_within_a_batch_is_kept(center: Center, group: GroupCommit) -> None:
    seen: list[str] = []

    def note(work: UnitOfWork, name: str) -> None:
        seen.append(name)

    def note_all(work: UnitOfWork, names: Sequence[str]) -> list[BillingError | None]:
        seen.extend(names)
        return [None] * len(names)

    acts = [Act("a", str(n), bulk_verb=note_all) if n % 3 else Act("a", str(n), verb=note) for n in range(20)]
    outcomes(gathered(group, acts))
    assert seen == [str(n) for n in range(20)]


def test_a_step_after_the_commit_of_a_refused_one_is_dropped(center: Center) -> None:
    done: list[str] = []

    def then(work: UnitOfWork, name: str) -> None:
        work.after_commit.append(lambda: done.append(name))
        put(work, name)

    perform(center, [Act("a", "s1", verb=then), Act("a", "bad1", verb=then)])
    assert done == ["s1"]


def test_a_full_queue_is_busy_at_once_and_never_a_silent_drop(center: Center) -> None:
    group = GroupCommit(center, queue_limit=2).start()
    gate = Gate()
    first = group.submit(gate.act())
    assert gate.reached.wait(WAIT_S)
    futures = [group.submit(single("s1")), group.submit(single("s2"))]
    with pytest.raises(Busy):
        group.submit(single("s3"))
    gate.opened.set()
    assert outcomes([first, *futures]) == [None, None, None]
    group.close(WAIT_S)
    assert set(facts(center)) == {"s1", "s2"}


def test_closing_finishes_what_is_queued_and_takes_no_more(center: Center) -> None:
    group = GroupCommit(center).start()
    gate = Gate()
    first = group.submit(gate.act())
    assert gate.reached.wait(WAIT_S)
    futures = [group.submit(single(f"s{n}")) for n in range(5)]
    closer = threading.Thread(target=group.close)
    closer.start()
    gate.opened.set()
    closer.join(WAIT_S)
    assert outcomes([first, *futures]) == [None] * 6
    with pytest.raises(ShuttingDown):
        group.submit(single("late"))
    assert set(facts(center)) == {f"s{n}" for n in range(5)}


def test_many_threads_are_each_answered_with_their_own_outcome(center: Center, group: GroupCommit) -> None:
    def kinds(n: int) -> Act:
        names = (f"s-{n}", f"bad-{n}", f"u-{n}", f"broken-{n}" if n % 50 == 3 else f"v-{n}")
        return (single, single, many, many)[n % 4](names[n % 4])

    found: dict[int, type[BaseException] | None] = {}

    def call(first: int) -> None:
        for n in range(first, 320, 16):
            found[n] = outcomes([group.submit(kinds(n))])[0]

    threads = [threading.Thread(target=call, args=(first,)) for first in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    expected = {n: OutOfRange if n % 4 == 1 else ZeroDivisionError if n % 100 == 3 else None for n in range(320)}
    assert found == expected
    kept = facts(center)
    for n in range(320):
        name = str(kinds(n).command)
        assert (name in kept) == (expected[n] is None)
        assert (f"kept {name} is bad" in kept) == (expected[n] is OutOfRange)


def test_a_coroutine_is_answered_and_one_that_gives_up_is_withdrawn(center: Center, group: GroupCommit) -> None:
    async def story() -> None:
        await group.commit(single("s1"))
        with pytest.raises(OutOfRange):
            await group.commit(single("bad1"))
        gate = Gate()
        first = group.submit(gate.act())
        await asyncio.to_thread(gate.reached.wait, WAIT_S)
        waiting = asyncio.create_task(group.commit(single("s2")))
        while not len(group):
            await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gate.opened.set()
        await asyncio.wrap_future(first)
        await group.commit(single("s3"))

    asyncio.run(story())
    assert set(facts(center)) == {"s1", "kept bad1 is bad", "s3"}


def test_a_lost_race_is_tried_again_with_the_whole_batch(center: Center) -> None:
    tries: list[str] = []

    def racing(work: UnitOfWork, name: str) -> None:
        tries.append(name)
        if len(tries) < 3:
            raise Busy("another transaction was faster")
        put(work, name)

    assert perform(center, [single("s1"), Act("a", "s2", verb=racing)]) == [None, None]
    assert len(tries) == 3
    assert set(facts(center)) == {"s1", "s2"}


def test_a_named_failure_is_answered_alone_without_another_try(center: Center) -> None:
    calls: list[str] = []

    def failing(work: UnitOfWork, name: str) -> None:
        calls.append(name)
        raise Broken("the sums differ")

    found = perform(center, [single("s1"), Act("a", "x", verb=failing, keep_refusal=keep)])
    assert [type(outcome) for outcome in found] == [type(None), Broken]
    assert (calls, facts(center)) == (["x"], {"s1": "a"})


def test_a_refusal_that_cannot_be_kept_is_not_answered_as_one(center: Center) -> None:
    def cannot(work: UnitOfWork, error: Refused) -> None:
        raise ZeroDivisionError

    (found,) = perform(center, [replace(single("bad1"), keep_refusal=cannot)])
    assert isinstance(found, ZeroDivisionError)
    assert facts(center) == {}
