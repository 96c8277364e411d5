"""Every job, one row each."""

from collections.abc import Mapping

from billing_center.errors import ResultCode, Unknown
from jobs import (
    check_alerts,
    control_services,
    issue_invoices,
    make_partitions,
    move_history,
    purge,
    rate_days,
    rate_usage,
    reconcile,
    reconcile_invoices,
    release_parked,
    roll_up,
    send_controls,
    send_deductions,
)
from jobs.job import Job

STEPS: tuple[Job, ...] = (
    make_partitions.JOB,
    release_parked.JOB,
    rate_usage.JOB,
    rate_days.JOB,
    roll_up.JOB,
    check_alerts.JOB,
    issue_invoices.JOB,
    send_deductions.JOB,
    control_services.JOB,
    send_controls.JOB,
    reconcile_invoices.JOB,
    move_history.JOB,
    purge.JOB,
)
"""The steps of the day, in order."""

JOBS: tuple[Job, ...] = (*STEPS, reconcile.JOB)
"""What is no step of the day comes last."""

BY_ID: Mapping[str, Job] = {job.job_id: job for job in JOBS}


def job_named(job_id: str) -> Job:
    """The job. Raises Unknown (UNKNOWN_JOB), naming those there are."""
    found = BY_ID.get(job_id)
    if found is None:
        message = f"no job is named {job_id!r}; there are {', '.join(BY_ID)}"
        raise Unknown(message, code=ResultCode.UNKNOWN_JOB, field="job", job=job_id)
    return found
