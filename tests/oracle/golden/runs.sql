-- What runs sends. Made by `make oracle-sql`.

-- billing_center/runs/list_runs.py: _percents
SELECT job_task.run_id, count(*) AS count_1, sum(CASE WHEN (job_task.state = :state_1) THEN :param_1 ELSE :param_2
    END) AS sum_1
FROM job_task
WHERE job_task.run_id IN (:run_id_1, ...)
GROUP BY job_task.run_id;

-- billing_center/runs/list_runs.py: list_runs
SELECT job_run.run_id
FROM job_run
ORDER BY job_run.started_at DESC, job_run.run_id DESC OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/runs/list_runs.py: list_runs
SELECT job_run.run_id
FROM job_run
WHERE job_run.job = :job_1
ORDER BY job_run.started_at DESC, job_run.run_id DESC OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/runs/list_runs.py: list_runs
SELECT job_run.run_id
FROM job_run
WHERE job_run.state IN (:state_1, ...)
ORDER BY job_run.started_at DESC, job_run.run_id DESC OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/runs/store.py: attempts_of
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.started_at, job_run.finished_at,
    job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.job = :job_1 AND job_run.period_key = :period_key_1
ORDER BY job_run.attempt;

-- billing_center/runs/store.py: claim_task
SELECT job_task.run_id, job_task.task_no, job_task.first_shard, job_task.last_shard, job_task.state,
    job_task.position, job_task.items, job_task.failures, job_task.worker, job_task.duration_ms, job_task.error,
    job_task.lease_until
FROM job_task
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1
FOR UPDATE SKIP LOCKED;

-- billing_center/runs/store.py: count_failures
SELECT count(*) AS count_1
FROM job_failure
WHERE job_failure.run_id = :run_id_1;

-- billing_center/runs/store.py: count_payers
SELECT count(*) AS count_1
FROM payer;

-- billing_center/runs/store.py: delete_old_tasks
DELETE
FROM job_task
WHERE job_task.run_id IN (:run_id_1, ...);

-- billing_center/runs/store.py: delete_old_tasks
SELECT job_run.run_id
FROM job_run
WHERE job_run.state = :state_1 AND job_run.finished_at < :finished_at_1 AND (EXISTS (SELECT job_task.run_id
FROM job_task
WHERE job_task.run_id = job_run.run_id))
ORDER BY job_run.run_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/runs/store.py: failures_of
SELECT job_failure.run_id, job_failure.subject, job_failure.at, job_failure.code, job_failure.message
FROM job_failure
WHERE job_failure.run_id = :run_id_1
ORDER BY job_failure.subject
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/runs/store.py: find_run
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.started_at, job_run.finished_at,
    job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.run_id = :run_id_1;

-- billing_center/runs/store.py: free_tasks
UPDATE job_task SET state=:state, worker=:worker, lease_until=:lease_until
WHERE job_task.run_id = :run_id_1 AND job_task.state = :state_1;

-- billing_center/runs/store.py: free_tasks
UPDATE job_task SET state=:state, worker=:worker, lease_until=:lease_until
WHERE job_task.run_id = :run_id_1 AND job_task.state = :state_1 AND job_task.worker = :worker_1;

-- billing_center/runs/store.py: held_leases
SELECT job_task.worker, job_task.lease_until
FROM job_task
WHERE job_task.run_id = :run_id_1 AND job_task.state = :state_1;

-- billing_center/runs/store.py: insert_run
INSERT INTO job_run (run_id, job, period_key, attempt, business_day, state, tasks, items, failures, node,
    lease_until, driven_at, started_at, duration_ms)
VALUES (:run_id, :job, :period_key, :attempt, :business_day, :state, :tasks, :items, :failures, :node,
    :lease_until, :driven_at, :started_at, :duration_ms);

-- billing_center/runs/store.py: insert_run
ROLLBACK TO SAVEPOINT sa_savepoint_n;

-- billing_center/runs/store.py: insert_run
SAVEPOINT sa_savepoint_n;

-- billing_center/runs/store.py: insert_tasks
INSERT INTO job_task (run_id, task_no, first_shard, last_shard, state, items, failures)
VALUES (:run_id, :task_no, :first_shard, :last_shard, :state, :items, :failures);

-- billing_center/runs/store.py: last_day
SELECT max(job_run.business_day) AS max_1
FROM job_run
WHERE job_run.job = :job_1 AND job_run.state IN (:state_1, ...);

-- billing_center/runs/store.py: locked_run
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.lease_until, job_run.driven_at,
    job_run.started_at, job_run.finished_at, job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.run_id = :run_id_1 FOR UPDATE;

-- billing_center/runs/store.py: newest_of_period
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.lease_until, job_run.driven_at,
    job_run.started_at, job_run.finished_at, job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.job = :job_1 AND job_run.period_key = :period_key_1 AND job_run.attempt = (SELECT
    max(job_run.attempt) AS max_1
FROM job_run
WHERE job_run.job = :job_2 AND job_run.period_key = :period_key_2) FOR UPDATE;

-- billing_center/runs/store.py: put_failure
MERGE INTO job_failure t USING dual ON (t.run_id = :g_run_id AND t.subject = :g_subject)
WHEN MATCHED THEN UPDATE SET t.at = :g_at, t.code = :g_code, t.message = :g_message
WHEN NOT MATCHED THEN INSERT (run_id, subject, at, code, message)
VALUES (:g_run_id, :g_subject, :g_at, :g_code, :g_message);

-- billing_center/runs/store.py: recent_runs
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.started_at, job_run.finished_at,
    job_run.duration_ms, job_run.error
FROM job_run
ORDER BY job_run.started_at DESC, job_run.run_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/runs/store.py: reopen_tasks
UPDATE job_task SET state=:state, worker=:worker, lease_until=:lease_until, error=:error
WHERE job_task.run_id = :run_id_1 AND job_task.state = :state_1;

-- billing_center/runs/store.py: set_run
UPDATE job_run SET node=:node, lease_until=:lease_until, driven_at=:driven_at
WHERE job_run.run_id = :run_id_1 AND job_run.state IN (:state_1, ...);

-- billing_center/runs/store.py: set_run
UPDATE job_run SET state=:state
WHERE job_run.run_id = :run_id_1 AND job_run.state IN (:state_1, ...);

-- billing_center/runs/store.py: set_run
UPDATE job_run SET state=:state, items=:items, failures=:failures, lease_until=:lease_until, driven_at=:driven_at,
    finished_at=:finished_at, duration_ms=:duration_ms, error=:error
WHERE job_run.run_id = :run_id_1 AND job_run.state IN (:state_1, ...);

-- billing_center/runs/store.py: set_run
UPDATE job_run SET state=:state, node=:node, lease_until=:lease_until, driven_at=:driven_at,
    finished_at=:finished_at, error=:error
WHERE job_run.run_id = :run_id_1 AND job_run.state IN (:state_1, ...);

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state, items=:items
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state, lease_until=:lease_until, error=:error
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state, position=:position, failures=:failures, worker=:worker, lease_until=:lease_until
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state, position=:position, items=:items, worker=:worker, lease_until=:lease_until,
    duration_ms=:duration_ms
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: set_task
UPDATE job_task SET state=:state, worker=:worker, lease_until=:lease_until
WHERE job_task.run_id = :run_id_1 AND job_task.task_no = :task_no_1;

-- billing_center/runs/store.py: tasks_of
SELECT job_task.run_id, job_task.task_no, job_task.first_shard, job_task.last_shard, job_task.state,
    job_task.position, job_task.items, job_task.failures, job_task.worker, job_task.duration_ms, job_task.error
FROM job_task
WHERE job_task.run_id = :run_id_1
ORDER BY job_task.task_no;

-- billing_center/runs/store.py: unfinished_runs
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.lease_until, job_run.driven_at,
    job_run.started_at, job_run.finished_at, job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.state IN (:state_1, ...)
ORDER BY job_run.started_at, job_run.run_id;

-- billing_center/runs/store.py: unfinished_runs
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.lease_until, job_run.driven_at,
    job_run.started_at, job_run.finished_at, job_run.duration_ms, job_run.error
FROM job_run
WHERE job_run.state IN (:state_1, ...) AND job_run.job = :job_1
ORDER BY job_run.started_at, job_run.run_id;
