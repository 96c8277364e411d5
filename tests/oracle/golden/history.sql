-- What history sends. Made by `make oracle-sql`.

-- billing_center/history/copy_rows.py: first_span
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2
ORDER BY charge.day DESC, charge.payer_id DESC, charge.cause DESC, charge.cause_id DESC, charge.component DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2
ORDER BY charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2
ORDER BY charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT charge_history.day, charge_history.payer_id, charge_history.cause, charge_history.cause_id,
    charge_history.component
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2
ORDER BY charge_history.day DESC, charge_history.payer_id DESC, charge_history.cause DESC, charge_history.cause_id
    DESC, charge_history.component DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT charge_history.day, charge_history.payer_id, charge_history.cause, charge_history.cause_id,
    charge_history.component
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2
ORDER BY charge_history.day, charge_history.payer_id, charge_history.cause, charge_history.cause_id,
    charge_history.component
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT charge_history.day, charge_history.payer_id, charge_history.cause, charge_history.cause_id,
    charge_history.component
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2
ORDER BY charge_history.day, charge_history.payer_id, charge_history.cause, charge_history.cause_id,
    charge_history.component OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event.day, usage_event.event_id
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event.day DESC, usage_event.event_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event.day, usage_event.event_id
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event.day, usage_event.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event.day, usage_event.event_id
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event.day, usage_event.event_id OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event_history.day, usage_event_history.event_id
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event_history.day DESC, usage_event_history.event_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event_history.day, usage_event_history.event_id
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event_history.day, usage_event_history.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_event_history.day, usage_event_history.event_id
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2
ORDER BY usage_event_history.day, usage_event_history.event_id OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_filtered.day, usage_filtered.event_id
FROM usage_filtered
WHERE usage_filtered.day BETWEEN :day_1 AND :day_2
ORDER BY usage_filtered.day, usage_filtered.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: first_span
SELECT usage_filtered_history.day, usage_filtered_history.event_id
FROM usage_filtered_history
WHERE usage_filtered_history.day BETWEEN :day_1 AND :day_2
ORDER BY usage_filtered_history.day, usage_filtered_history.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/copy_rows.py: move_rows
DELETE
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2 AND (charge.day > :day_3 OR charge.day = :day_4 AND (charge.payer_id >
    :payer_id_1 OR charge.payer_id = :payer_id_2 AND (charge.cause > :cause_1 OR charge.cause = :cause_2 AND
    (charge.cause_id > :cause_id_1 OR charge.cause_id = :cause_id_2 AND charge.component >= :component_1)))) AND
    (charge.day < :day_5 OR charge.day = :day_6 AND (charge.payer_id < :payer_id_3 OR charge.payer_id = :payer_id_4
    AND (charge.cause < :cause_3 OR charge.cause = :cause_4 AND (charge.cause_id < :cause_id_3 OR charge.cause_id =
    :cause_id_4 AND charge.component <= :component_2))));

-- billing_center/history/copy_rows.py: move_rows
DELETE
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2 AND (usage_event.day > :day_3 OR usage_event.day = :day_4 AND
    usage_event.event_id >= :event_id_1) AND (usage_event.day < :day_5 OR usage_event.day = :day_6 AND
    usage_event.event_id <= :event_id_2);

-- billing_center/history/copy_rows.py: move_rows
INSERT INTO charge (day, payer_id, cause, cause_id, component, shard, order_id, product_id, user_id, currency,
    quantity, amount, list_amount, meter_order_id, meter_scope, meter_component, reading_before, reading_after,
    version_id, promotion_id, note, period_start, run_id, rated_at) SELECT charge_history.day,
    charge_history.payer_id, charge_history.cause, charge_history.cause_id, charge_history.component,
    charge_history.shard, charge_history.order_id, charge_history.product_id, charge_history.user_id,
    charge_history.currency, charge_history.quantity, charge_history.amount, charge_history.list_amount,
    charge_history.meter_order_id, charge_history.meter_scope, charge_history.meter_component,
    charge_history.reading_before, charge_history.reading_after, charge_history.version_id,
    charge_history.promotion_id, charge_history.note, charge_history.period_start, charge_history.run_id,
    charge_history.rated_at
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2 AND (charge_history.day > :day_3 OR charge_history.day = :day_4
    AND (charge_history.payer_id > :payer_id_1 OR charge_history.payer_id = :payer_id_2 AND (charge_history.cause >
    :cause_1 OR charge_history.cause = :cause_2 AND (charge_history.cause_id > :cause_id_1 OR
    charge_history.cause_id = :cause_id_2 AND charge_history.component >= :component_1)))) AND (charge_history.day
    < :day_5 OR charge_history.day = :day_6 AND (charge_history.payer_id < :payer_id_3 OR charge_history.payer_id =
    :payer_id_4 AND (charge_history.cause < :cause_3 OR charge_history.cause = :cause_4 AND
    (charge_history.cause_id < :cause_id_3 OR charge_history.cause_id = :cause_id_4 AND charge_history.component <=
    :component_2))));

-- billing_center/history/copy_rows.py: move_rows
INSERT INTO charge_history (day, payer_id, cause, cause_id, component, shard, order_id, product_id, user_id,
    currency, quantity, amount, list_amount, meter_order_id, meter_scope, meter_component, reading_before,
    reading_after, version_id, promotion_id, note, period_start, run_id, rated_at) SELECT charge.day,
    charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.shard, charge.order_id,
    charge.product_id, charge.user_id, charge.currency, charge.quantity, charge.amount, charge.list_amount,
    charge.meter_order_id, charge.meter_scope, charge.meter_component, charge.reading_before, charge.reading_after,
    charge.version_id, charge.promotion_id, charge.note, charge.period_start, charge.run_id, charge.rated_at
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2 AND (charge.day > :day_3 OR charge.day = :day_4 AND (charge.payer_id >
    :payer_id_1 OR charge.payer_id = :payer_id_2 AND (charge.cause > :cause_1 OR charge.cause = :cause_2 AND
    (charge.cause_id > :cause_id_1 OR charge.cause_id = :cause_id_2 AND charge.component >= :component_1)))) AND
    (charge.day < :day_5 OR charge.day = :day_6 AND (charge.payer_id < :payer_id_3 OR charge.payer_id = :payer_id_4
    AND (charge.cause < :cause_3 OR charge.cause = :cause_4 AND (charge.cause_id < :cause_id_3 OR charge.cause_id =
    :cause_id_4 AND charge.component <= :component_2))));

-- billing_center/history/copy_rows.py: move_rows
INSERT INTO usage_event (event_id, day, shard, caller, guid, user_id, user_name, payer_id, product_id,
    product_name, started_at, ended_at, amount, quantity, unit, received_at) SELECT usage_event_history.event_id,
    usage_event_history.day, usage_event_history.shard, usage_event_history.caller, usage_event_history.guid,
    usage_event_history.user_id, usage_event_history.user_name, usage_event_history.payer_id,
    usage_event_history.product_id, usage_event_history.product_name, usage_event_history.started_at,
    usage_event_history.ended_at, usage_event_history.amount, usage_event_history.quantity,
    usage_event_history.unit, usage_event_history.received_at
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2 AND (usage_event_history.day > :day_3 OR
    usage_event_history.day = :day_4 AND usage_event_history.event_id >= :event_id_1) AND (usage_event_history.day
    < :day_5 OR usage_event_history.day = :day_6 AND usage_event_history.event_id <= :event_id_2);

-- billing_center/history/copy_rows.py: move_rows
INSERT INTO usage_event_history (event_id, day, shard, caller, guid, user_id, user_name, payer_id, product_id,
    product_name, started_at, ended_at, amount, quantity, unit, received_at) SELECT usage_event.event_id,
    usage_event.day, usage_event.shard, usage_event.caller, usage_event.guid, usage_event.user_id,
    usage_event.user_name, usage_event.payer_id, usage_event.product_id, usage_event.product_name,
    usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity, usage_event.unit,
    usage_event.received_at
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2 AND (usage_event.day > :day_3 OR usage_event.day = :day_4 AND
    usage_event.event_id >= :event_id_1) AND (usage_event.day < :day_5 OR usage_event.day = :day_6 AND
    usage_event.event_id <= :event_id_2);

-- billing_center/history/copy_rows.py: move_rows
-- billing_center/history/drop_month.py: go_on
DELETE
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2 AND (charge_history.day > :day_3 OR charge_history.day = :day_4
    AND (charge_history.payer_id > :payer_id_1 OR charge_history.payer_id = :payer_id_2 AND (charge_history.cause >
    :cause_1 OR charge_history.cause = :cause_2 AND (charge_history.cause_id > :cause_id_1 OR
    charge_history.cause_id = :cause_id_2 AND charge_history.component >= :component_1)))) AND (charge_history.day
    < :day_5 OR charge_history.day = :day_6 AND (charge_history.payer_id < :payer_id_3 OR charge_history.payer_id =
    :payer_id_4 AND (charge_history.cause < :cause_3 OR charge_history.cause = :cause_4 AND
    (charge_history.cause_id < :cause_id_3 OR charge_history.cause_id = :cause_id_4 AND charge_history.component <=
    :component_2))));

-- billing_center/history/copy_rows.py: move_rows
-- billing_center/history/drop_month.py: go_on
DELETE
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2 AND (usage_event_history.day > :day_3 OR
    usage_event_history.day = :day_4 AND usage_event_history.event_id >= :event_id_1) AND (usage_event_history.day
    < :day_5 OR usage_event_history.day = :day_6 AND usage_event_history.event_id <= :event_id_2);

-- billing_center/history/drop_month.py: _forget_corrections
DELETE
FROM usage_correction
WHERE usage_correction.event_id IN (SELECT usage_event_history.event_id
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2 AND (usage_event_history.day > :day_3 OR
    usage_event_history.day = :day_4 AND usage_event_history.event_id >= :event_id_1) AND (usage_event_history.day
    < :day_5 OR usage_event_history.day = :day_6 AND usage_event_history.event_id <= :event_id_2));

-- billing_center/history/drop_month.py: _forget_corrections
DELETE
FROM usage_withdrawal
WHERE usage_withdrawal.event_id IN (SELECT usage_event_history.event_id
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2 AND (usage_event_history.day > :day_3 OR
    usage_event_history.day = :day_4 AND usage_event_history.event_id >= :event_id_1) AND (usage_event_history.day
    < :day_5 OR usage_event_history.day = :day_6 AND usage_event_history.event_id <= :event_id_2));

-- billing_center/history/history_month.py: months_known
SELECT history_month.month, history_month.table_name, history_month.state, history_month.row_count,
    history_month.quantity, history_month.amount, history_month.changed_at, history_month.actor
FROM history_month
ORDER BY history_month.month, history_month.table_name;

-- billing_center/history/history_month.py: months_known
SELECT history_month.month, history_month.table_name, history_month.state, history_month.row_count,
    history_month.quantity, history_month.amount, history_month.changed_at, history_month.actor
FROM history_month
WHERE history_month.state IN (:state_1, ...)
ORDER BY history_month.month, history_month.table_name;

-- billing_center/history/history_month.py: note
MERGE INTO history_month t USING dual ON (t.month = :g_month AND t.table_name = :g_table_name)
WHEN MATCHED THEN UPDATE SET t.state = :g_state, t.row_count = :g_row_count, t.quantity = :g_quantity, t.amount =
    :g_amount, t.changed_at = :g_changed_at, t.actor = :g_actor
WHEN NOT MATCHED THEN INSERT (month, table_name, state, row_count, quantity, amount, changed_at, actor)
VALUES (:g_month, :g_table_name, :g_state, :g_row_count, :g_quantity, :g_amount, :g_changed_at, :g_actor);

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1
FROM usage_filtered_history
WHERE usage_filtered_history.day BETWEEN :day_1 AND :day_2;

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(charge.quantity) AS sum_1, sum(charge.amount) AS sum_2
FROM (SELECT charge.day AS day, charge.payer_id AS payer_id, charge.cause AS cause, charge.cause_id AS cause_id,
    charge.component AS component, charge.shard AS shard, charge.order_id AS order_id, charge.product_id AS
    product_id, charge.user_id AS user_id, charge.currency AS currency, charge.quantity AS quantity, charge.amount
    AS amount, charge.list_amount AS list_amount, charge.meter_order_id AS meter_order_id, charge.meter_scope AS
    meter_scope, charge.meter_component AS meter_component, charge.reading_before AS reading_before,
    charge.reading_after AS reading_after, charge.version_id AS version_id, charge.promotion_id AS promotion_id,
    charge.note AS note, charge.period_start AS period_start, charge.run_id AS run_id, charge.rated_at AS rated_at
FROM charge UNION ALL SELECT charge_history.day AS day, charge_history.payer_id AS payer_id, charge_history.cause
    AS cause, charge_history.cause_id AS cause_id, charge_history.component AS component, charge_history.shard AS
    shard, charge_history.order_id AS order_id, charge_history.product_id AS product_id, charge_history.user_id AS
    user_id, charge_history.currency AS currency, charge_history.quantity AS quantity, charge_history.amount AS
    amount, charge_history.list_amount AS list_amount, charge_history.meter_order_id AS meter_order_id,
    charge_history.meter_scope AS meter_scope, charge_history.meter_component AS meter_component,
    charge_history.reading_before AS reading_before, charge_history.reading_after AS reading_after,
    charge_history.version_id AS version_id, charge_history.promotion_id AS promotion_id, charge_history.note AS
    note, charge_history.period_start AS period_start, charge_history.run_id AS run_id, charge_history.rated_at AS
    rated_at
FROM charge_history) charge
WHERE charge.day <= :day_1;

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(charge.quantity) AS sum_1, sum(charge.amount) AS sum_2
FROM charge
WHERE charge.day BETWEEN :day_1 AND :day_2 AND (charge.day > :day_3 OR charge.day = :day_4 AND (charge.payer_id >
    :payer_id_1 OR charge.payer_id = :payer_id_2 AND (charge.cause > :cause_1 OR charge.cause = :cause_2 AND
    (charge.cause_id > :cause_id_1 OR charge.cause_id = :cause_id_2 AND charge.component >= :component_1)))) AND
    (charge.day < :day_5 OR charge.day = :day_6 AND (charge.payer_id < :payer_id_3 OR charge.payer_id = :payer_id_4
    AND (charge.cause < :cause_3 OR charge.cause = :cause_4 AND (charge.cause_id < :cause_id_3 OR charge.cause_id =
    :cause_id_4 AND charge.component <= :component_2))));

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(charge_history.quantity) AS sum_1, sum(charge_history.amount) AS sum_2
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2;

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(charge_history.quantity) AS sum_1, sum(charge_history.amount) AS sum_2
FROM charge_history
WHERE charge_history.day BETWEEN :day_1 AND :day_2 AND (charge_history.day > :day_3 OR charge_history.day = :day_4
    AND (charge_history.payer_id > :payer_id_1 OR charge_history.payer_id = :payer_id_2 AND (charge_history.cause >
    :cause_1 OR charge_history.cause = :cause_2 AND (charge_history.cause_id > :cause_id_1 OR
    charge_history.cause_id = :cause_id_2 AND charge_history.component >= :component_1)))) AND (charge_history.day
    < :day_5 OR charge_history.day = :day_6 AND (charge_history.payer_id < :payer_id_3 OR charge_history.payer_id =
    :payer_id_4 AND (charge_history.cause < :cause_3 OR charge_history.cause = :cause_4 AND
    (charge_history.cause_id < :cause_id_3 OR charge_history.cause_id = :cause_id_4 AND charge_history.component <=
    :component_2))));

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(usage_event.quantity) AS sum_1, sum(usage_event.amount) AS sum_2
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2 AND (usage_event.day > :day_3 OR usage_event.day = :day_4 AND
    usage_event.event_id >= :event_id_1) AND (usage_event.day < :day_5 OR usage_event.day = :day_6 AND
    usage_event.event_id <= :event_id_2);

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(usage_event_history.quantity) AS sum_1, sum(usage_event_history.amount) AS sum_2
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2;

-- billing_center/history/history_month.py: totals_of
SELECT count(*) AS count_1, sum(usage_event_history.quantity) AS sum_1, sum(usage_event_history.amount) AS sum_2
FROM usage_event_history
WHERE usage_event_history.day BETWEEN :day_1 AND :day_2 AND (usage_event_history.day > :day_3 OR
    usage_event_history.day = :day_4 AND usage_event_history.event_id >= :event_id_1) AND (usage_event_history.day
    < :day_5 OR usage_event_history.day = :day_6 AND usage_event_history.event_id <= :event_id_2);

-- billing_center/history/history_month.py: why_open
SELECT running_sum.payer_id
FROM running_sum
WHERE running_sum.invoice_id IS NULL AND running_sum.period_start <= :period_start_1 AND running_sum.period_end >
    :period_end_1
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/history/history_month.py: why_open
SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.day BETWEEN :day_1 AND :day_2
FETCH FIRST :param_1 ROWS ONLY;
