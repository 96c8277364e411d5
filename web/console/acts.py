"""What a person may do here: stop a run and let it go on, release uses and messages. Each leaves an audit row.

Where it stands in the walk: a form of a page asks, `door` has checked who asks, and the use case decides.
"""

from datetime import date

from billing_center.access.refused_calls import clean
from billing_center.alert.spend_alert import acknowledge
from billing_center.center import UnitOfWork
from billing_center.errors import MissingField, OutOfRange
from billing_center.outbox.release import release_held
from billing_center.runs.ask_run import ask_to_retry, ask_to_stop
from billing_center.runs.worker import this_process
from billing_center.usage.park import release
from web.console.door import Done, Fields


def stop_run(work: UnitOfWork, fields: Fields) -> Done:
    """Stop a run after the chunks under way."""
    run_id = _one(fields, "id")
    ask_to_stop(work, run_id, this_process())
    return Done("/run", {"id": run_id}, "stopped")


def retry_run(work: UnitOfWork, fields: Fields) -> Done:
    """Let a failed or stopped run go on; whoever sweeps next drives it."""
    run_id = _one(fields, "id")
    ask_to_retry(work, run_id, this_process())
    return Done("/run", {"id": run_id}, "retried")


def release_uses(work: UnitOfWork, fields: Fields) -> Done:
    """Put parked and held uses back into the queue: all of them or none."""
    ids = sorted({clean(one, 100) for one in fields.get("id", ())})
    if not ids:
        raise MissingField("choose at least one use", field="id")
    release(work, ids)
    return Done("/use", {"id": ids[0]}, "uses") if len(ids) == 1 else Done("/uses", {}, "uses")


def release_message(work: UnitOfWork, fields: Fields) -> Done:
    """Send a held message again, with a full series of tries."""
    message_id = _one(fields, "id")
    release_held(work, message_id)
    return Done("/message", {"id": message_id}, "message")


def acknowledge_notices(work: UnitOfWork, fields: Fields) -> Done:
    """Note that a person has seen spend notices; each is named by its alert and the first day of its period."""
    named = sorted({clean(one, 100) for one in fields.get("id", ())})
    if not named:
        raise MissingField("choose at least one notice", field="id")
    for one in named:
        alert_id, _, day = one.partition(":")
        try:
            period_start = date.fromisoformat(day)
        except ValueError:
            raise OutOfRange(f"{one!r} names no notice", field="id") from None
        acknowledge(work, alert_id, period_start)
    return Done("/alerts", {}, "seen")


def _one(fields: Fields, name: str) -> str:
    values = fields.get(name, [])
    if len(values) != 1:
        raise MissingField(f"the form must carry {name} once", field=name)
    return clean(values[0], 200)
