"""Which tasks of a run have not ended, and whether a living worker holds each.

Where it stands in the walk: who has given the tasks to workers elsewhere looks here for what became of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from billing_center.center import UnitOfWork
from billing_center.runs import store
from billing_center.runs.run import RunState, TaskState
from billing_center.runs.show_runs import state_of
from billing_center.runs.worker import Worker


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that has not ended. `held` by a living worker; `begun` by one that lives no more, when not held."""

    task_no: int
    held: bool
    begun: bool
    items: int


def open_tasks(
    work: UnitOfWork, run_id: str, tasks: Sequence[int], worker: Worker
) -> tuple[RunState, list[OpenTask]]:
    """Where the run stands, and those of the tasks that have not ended.

    Raises: OutOfRange when there is no such run.
    """
    wanted = set(tasks)
    leases = store.leases_of(work.connection, run_id)
    left = [
        OpenTask(
            task.task_no,
            held=task.state is TaskState.RUNNING and not worker.may_take_over(task.worker, leases[task.task_no]),
            begun=task.state is TaskState.RUNNING,
            items=task.items,
        )
        for task in store.tasks_of(work.connection, run_id)
        if task.task_no in wanted and task.state in (TaskState.TODO, TaskState.RUNNING)
    ]
    return state_of(work, run_id), left
