-- What billing_center sends. Made by `make oracle-sql`.

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT DISTINCT invoice.payer_id AS payer_id
FROM invoice
WHERE invoice.state IN (:state_1, ...) AND (invoice.state = :state_2 OR invoice.state IN (:state_3, ...) AND
    invoice.due_day < :due_day_1 AND invoice.base_amount > :base_amount_1)
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT invoice.invoice_id AS invoice_id
FROM invoice
WHERE invoice.flagged = :flagged_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT invoice.invoice_id AS invoice_id
FROM invoice
WHERE invoice.state = :state_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT outbox_message.message_id AS message_id
FROM outbox_message
WHERE outbox_message.state = :state_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT payer.payer_id AS payer_id
FROM payer
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT payer.payer_id AS payer_id
FROM payer
WHERE payer.payer_id = :payer_id_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT refused_call.refused_id AS refused_id
FROM refused_call
WHERE refused_call.at >= :at_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT spend_notice.alert_id AS alert_id
FROM spend_notice
WHERE spend_notice.acknowledged_at IS NULL
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'HELD'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'PARKED'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/bounded_count.py: count_rows
SELECT count(*) AS count_1
FROM (SELECT usage_queue.event_id AS event_id
FROM usage_queue
WHERE usage_queue.state = 'WAITING'
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_n;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_n;

-- billing_center/test_clock.py: <genexpr>
SELECT job_run.run_id, job_run.job, job_run.period_key, job_run.attempt, job_run.business_day, job_run.state,
    job_run.tasks, job_run.items, job_run.failures, job_run.node, job_run.lease_until, job_run.driven_at,
    job_run.started_at, job_run.finished_at, job_run.duration_ms, job_run.error
FROM job_run
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/test_clock.py: <genexpr>
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until, payer.created_at
FROM payer
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/test_clock.py: <genexpr>
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.promotion_note, service_order.start_at, service_order.start_day, service_order.features,
    service_order.is_quota, service_order.state, service_order.stopped_for, service_order.change_count,
    service_order.facts_hash, service_order.installed_at, service_order.installed_by, service_order.rated_through,
    service_order.ended_day
FROM service_order
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/test_clock.py: <genexpr>
SELECT usage_event.event_id, usage_event.day, usage_event.shard, usage_event.caller, usage_event.guid,
    usage_event.user_id, usage_event.user_name, usage_event.payer_id, usage_event.product_id,
    usage_event.product_name, usage_event.started_at, usage_event.ended_at, usage_event.amount,
    usage_event.quantity, usage_event.unit, usage_event.received_at
FROM usage_event
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/test_clock.py: _begin
MERGE INTO system_fact t USING dual ON (t.name = :g_name)
WHEN MATCHED THEN UPDATE SET t.fact = :g_fact
WHEN NOT MATCHED THEN INSERT (name, fact)
VALUES (:g_name, :g_fact);

-- billing_center/test_clock.py: _begin
MERGE INTO system_fact t USING dual ON (t.name = :g_name)
WHEN NOT MATCHED THEN INSERT (name, fact)
VALUES (:g_name, :g_fact);

-- billing_center/test_clock.py: _fact
SELECT system_fact.fact
FROM system_fact
WHERE system_fact.name = :named;

-- billing_center/test_clock.py: _move
UPDATE system_fact SET fact=:fact
WHERE system_fact.name = :name_1 AND system_fact.fact = :fact_1;
