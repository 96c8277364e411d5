-- What metrics sends. Made by `make oracle-sql`.

-- billing_center/metrics/store.py: _count
SELECT count(*) AS count_1
FROM (SELECT invoice.invoice_id AS invoice_id
FROM invoice
WHERE invoice.state = :state_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: _count
SELECT count(*) AS count_1
FROM (SELECT reconcile_difference.run_id AS run_id
FROM reconcile_difference
WHERE reconcile_difference.run_id = :run_id_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: _count
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'HELD'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: _count
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'PARKED'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: _count
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'WAITING'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: last_numbers
SELECT number_series.series, number_series.last_number
FROM number_series;

-- billing_center/metrics/store.py: messages_by_kind
SELECT anon_1.kind, count(*) AS count_1
FROM (SELECT outbox_message.kind AS kind
FROM outbox_message
WHERE outbox_message.state = :state_1
FETCH FIRST :param_1 ROWS ONLY) anon_1
GROUP BY anon_1.kind;

-- billing_center/metrics/store.py: money_of
SELECT invoice_total.currency, sum(invoice_total.amount) AS sum_1
FROM invoice_total JOIN invoice ON invoice.invoice_id = invoice_total.invoice_id
WHERE invoice.invoice_no BETWEEN :invoice_no_1 AND :invoice_no_2
GROUP BY invoice_total.currency;

-- billing_center/metrics/store.py: newest_run
SELECT job_run.run_id
FROM job_run
WHERE job_run.job = :job_1
ORDER BY job_run.period_key DESC, job_run.attempt DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/metrics/store.py: oldest_due_message
SELECT min(outbox_message.next_try_at) AS min_1
FROM outbox_message
WHERE outbox_message.state = :state_1 AND outbox_message.kind = :kind_1;

-- billing_center/metrics/store.py: oldest_due_use
SELECT min(anon_1.next_try_at) AS min_1
FROM (SELECT usage_queue.next_try_at AS next_try_at
FROM usage_queue
WHERE usage_queue.state = 'WAITING'
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/metrics/store.py: runs_under_way
SELECT job_run.job, count(*) AS tasks, sum(CASE WHEN (job_task.state = :state_1) THEN :param_1 ELSE :param_2 END)
    AS done, sum(job_task.items) AS did
FROM job_run JOIN job_task ON job_task.run_id = job_run.run_id
WHERE job_run.state IN (:state_2, ...)
GROUP BY job_run.job;

-- billing_center/metrics/store.py: undone_runs
SELECT anon_1.job, anon_1.state, count(*) AS count_1
FROM (SELECT job_run.job AS job, job_run.state AS state
FROM job_run
WHERE job_run.state IN (:state_1, ...)
FETCH FIRST :param_1 ROWS ONLY) anon_1
GROUP BY anon_1.job, anon_1.state;
