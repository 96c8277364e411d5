-- What runs sends. Made by `make oracle-sql`.

-- billing_center/runs/store.py: find_run
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.started_at, job_run.finished_at,
    job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.run_id = :run_id_1;

-- billing_center/runs/store.py: recent_runs
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.started_at, job_run.finished_at,
    job_run.duration_ms, job_run.error
FROM job_run
ORDER BY job_run.started_at DESC, job_run.run_id DESC
FETCH FIRST :param_1 ROWS ONLY;
