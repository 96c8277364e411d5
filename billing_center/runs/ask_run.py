"""A person at a door asks a run to stop, or to go on: the door drives nothing, it only says so in the row.

Where it stands in the walk: the console asks; the scheduler's next sweep (under the test clock, the next
advance) finds a run that nobody drives and goes on with it. The command line drives a retry itself.
"""

from billing_center.audit.write_entry import write_entry
from billing_center.center import UnitOfWork
from billing_center.runs import store
from billing_center.runs.close_run import retry_run, stop_run
from billing_center.runs.run import UNFINISHED, Run
from billing_center.runs.worker import Worker


def ask_to_stop(work: UnitOfWork, run_id: str, worker: Worker) -> Run:
    """Stop a run after the chunks under way; kept in the audit.

    Raises: OutOfRange when there is no such run, or it is not under way.
    """
    run = stop_run(work, run_id, worker)
    write_entry(work, "run_stop_asked", run_id, {"state": run.state.value})
    return run


def ask_to_retry(work: UnitOfWork, run_id: str, worker: Worker) -> Run:
    """Let a failed or stopped run go on from where its tasks stood, driven by whoever finds it; kept in the audit.

    Raises: OutOfRange when there is no such run, it is done, or it is under way.
    """
    retry_run(work, run_id, worker)
    nobody = {"node": "-", "lease_until": None, "driven_at": None}
    store.set_run(work.connection, run_id, nobody, from_states=[state.value for state in UNFINISHED])
    write_entry(work, "run_retry_asked", run_id, {})
    run = store.find_run(work.connection, run_id)
    assert run is not None
    return run
