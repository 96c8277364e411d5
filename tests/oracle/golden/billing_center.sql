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
WHERE usage_queue.state = :state_1
FETCH FIRST :param_1 ROWS ONLY) anon_1;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_1;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_10;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_11;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_12;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_13;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_14;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_2;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_3;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_4;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_5;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_6;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_7;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_8;

-- billing_center/group_commit.py: _perform_one
ROLLBACK TO SAVEPOINT sa_savepoint_9;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_1;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_10;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_11;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_12;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_13;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_14;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_2;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_3;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_4;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_5;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_6;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_7;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_8;

-- billing_center/group_commit.py: _perform_one
SAVEPOINT sa_savepoint_9;

-- billing_center/test_clock.py: _begin
MERGE INTO system_fact t USING dual ON (t.name = :g_name)
WHEN NOT MATCHED THEN INSERT (name, fact)
VALUES (:g_name, :g_fact);

-- billing_center/test_clock.py: _fact
SELECT system_fact.fact
FROM system_fact
WHERE system_fact.name = :named;
