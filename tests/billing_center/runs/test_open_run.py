"""The row decides who acts: one asker per period, dead runs continued, done ones run again only by hand."""

import threading
from datetime import date, timedelta

import pytest

from billing_center.center import Center, UnitOfWork
from billing_center.clock import SettableClock
from billing_center.errors import OutOfRange
from billing_center.payer.store import NewPayer, make_known
from billing_center.runs import store
from billing_center.runs.close_run import close_run, retry_run, stop_run
from billing_center.runs.open_run import Opened, OpenRun, open_run
from billing_center.runs.run import RunState, shard_ranges, tasks_for
from billing_center.runs.worker import Worker, this_process

DAY = date(2026, 3, 1)
COMMAND = OpenRun("rate_days", "2026-03-01", DAY)


def ask(center: Center, worker: Worker, command: OpenRun = COMMAND) -> Opened:
    return center.transact("center", lambda work: open_run(work, command, worker))


def finish(center: Center, opened: Opened, worker: Worker) -> None:
    run_id = opened.run.run_id

    def act(work: UnitOfWork) -> None:
        for task in range(opened.run.tasks):
            store.set_task(work.connection, run_id, task, {"state": "DONE"})
        close_run(work, run_id, worker)

    center.transact("center", act)


def test_first_asker_gets_the_period_and_the_second_does_not(
    center: Center, worker: Worker, other: Worker
) -> None:
    first, second = ask(center, worker), ask(center, other)
    assert (first.yours, second.yours) == (True, False)
    assert first.run.run_id == second.run.run_id == "rate_days:2026-03-01:1"
    assert second.run.state is RunState.RUNNING


def test_the_same_process_does_not_get_its_own_period_twice(center: Center, worker: Worker) -> None:
    ask(center, worker)
    assert not ask(center, worker).yours


def test_of_eight_threads_asking_at_once_one_acts(center: Center, machine: SettableClock) -> None:
    barrier = threading.Barrier(8)
    answers: list[Opened] = []

    def asker(number: int) -> None:
        barrier.wait()
        answers.append(ask(center, Worker(f"node{number}:1:aa", machine)))

    threads = [threading.Thread(target=asker, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.yours for answer in answers) == [False] * 7 + [True]
    assert {answer.run.run_id for answer in answers} == {"rate_days:2026-03-01:1"}


def test_done_period_is_not_the_schedulers_and_is_run_again_by_hand(center: Center, worker: Worker) -> None:
    finish(center, ask(center, worker), worker)
    assert not ask(center, worker).yours
    again = ask(center, worker, OpenRun("rate_days", "2026-03-01", DAY, again=True))
    assert again.yours and again.run.run_id == "rate_days:2026-03-01:2"


def test_run_of_a_silent_process_is_continued_when_its_lease_has_ended(
    center: Center, machine: SettableClock, worker: Worker, other: Worker
) -> None:
    ask(center, worker)
    machine.at += timedelta(seconds=59)
    assert not ask(center, other).yours
    machine.at += timedelta(seconds=1)
    taken = ask(center, other)
    assert taken.yours and taken.run.node == "south:11:bb" and taken.run.attempt == 1
    assert not ask(center, worker).yours


def test_run_whose_task_is_held_is_not_continued(
    center: Center, machine: SettableClock, worker: Worker, other: Worker
) -> None:
    opened = ask(center, worker)
    machine.at += timedelta(seconds=50)
    values = {"state": "RUNNING", "worker": worker.name, "lease_until": worker.lease(60)}
    center.transact("center", lambda work: store.set_task(work.connection, opened.run.run_id, 0, values))
    machine.at += timedelta(seconds=50)
    assert not ask(center, other).yours


def test_leftover_of_a_dead_process_of_this_host_is_taken_at_once(center: Center) -> None:
    alive = this_process()
    host = alive.name.rsplit(":", 2)[0]
    ask(center, Worker(f"{host}:2147483646:aa", alive.clock))  # no process has a number that large
    assert ask(center, alive).yours


def test_day_that_has_not_begun_is_refused(center: Center, worker: Worker) -> None:
    with pytest.raises(OutOfRange, match="2026-03-02 has not begun"):
        ask(center, worker, OpenRun("rate_days", "2026-03-02", date(2026, 3, 2)))


def test_lone_job_waits_for_its_other_run_and_continues_a_dead_one(
    center: Center, machine: SettableClock, worker: Worker, other: Worker
) -> None:
    ask(center, worker, OpenRun("rate_usage", "at-1", DAY, again=True, alone=True))
    later = OpenRun("rate_usage", "at-2", DAY, again=True, alone=True)
    assert not ask(center, other, later).yours
    machine.at += timedelta(seconds=60)
    taken = ask(center, other, later)
    assert taken.yours and taken.run.period_key == "at-1"


def test_tasks_follow_the_number_of_payers_and_cover_every_shard_once(center: Center, worker: Worker) -> None:
    met = [NewPayer(f"P{n}", cust_id="", currency="CNY", billing_day=1) for n in range(3)]
    center.transact("center", lambda work: make_known(work.connection, met, at=work.at))
    small = Center(
        center.settings.model_copy(update={"payers_per_task": 2}),
        center.database, center.clock, center.ids, center.catalogs, center.real_time,
    )  # fmt: skip
    opened = ask(small, worker)
    with center.reading() as work:
        tasks = store.tasks_of(work.connection, opened.run.run_id)
    assert [(task.first_shard, task.last_shard) for task in tasks] == [(0, 127), (128, 255)]


def test_ranges_are_even_and_their_number_is_bounded() -> None:
    assert shard_ranges(3, 256) == [(0, 84), (85, 169), (170, 255)]
    assert shard_ranges(256, 256) == [(n, n) for n in range(256)]
    assert tasks_for(0, per_task=2000, most=64) == 1
    assert tasks_for(2001, per_task=2000, most=64) == 2
    assert tasks_for(10**6, per_task=2000, most=64) == 64


def test_stopping_a_run_that_nobody_drives_stops_it_at_once_and_retry_lets_it_go_on(
    center: Center, machine: SettableClock, worker: Worker, other: Worker
) -> None:
    run_id = ask(center, worker).run.run_id
    machine.at += timedelta(seconds=60)
    stopped = center.transact("center", lambda work: stop_run(work, run_id, other))
    assert stopped.state is RunState.STOPPED
    assert not ask(center, other).yours
    retried = center.transact("center", lambda work: retry_run(work, run_id, other))
    assert retried.yours and retried.run.state is RunState.RUNNING


def test_stopping_or_retrying_what_is_done_is_refused(center: Center, worker: Worker) -> None:
    opened = ask(center, worker)
    finish(center, opened, worker)
    with pytest.raises(OutOfRange, match="nothing to stop"):
        center.transact("center", lambda work: stop_run(work, opened.run.run_id, worker))
    with pytest.raises(OutOfRange, match="is done"):
        center.transact("center", lambda work: retry_run(work, opened.run.run_id, worker))
    with pytest.raises(OutOfRange, match="no run has the id"):
        center.transact("center", lambda work: retry_run(work, "nothing:at:1", worker))
