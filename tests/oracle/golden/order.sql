-- What order sends. Made by `make oracle-sql`.

-- billing_center/order/charged_in_period.py: _of_lines
SELECT charge.payer_id, charge.period_start, charge.order_id, charge.product_id, charge.currency,
    sum(charge.amount) AS sum_1
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
WHERE (charge.day < charge.period_start OR charge.cause IN (:cause_1, ...) OR charge.meter_component LIKE
    :meter_component_1) AND charge.payer_id IN (:payer_id_1, ...) AND charge.period_start IN (:period_start_1, ...)
GROUP BY charge.payer_id, charge.period_start, charge.order_id, charge.product_id, charge.currency;

-- billing_center/order/charged_in_period.py: _of_lines
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.amount
FROM running_sum
WHERE running_sum.payer_id IN (:payer_id_1, ...) AND running_sum.period_start IN (:period_start_1, ...);

-- billing_center/order/charged_in_period.py: charged_in
SELECT charge.currency, sum(charge.amount) AS sum_1
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
WHERE charge.payer_id = :payer_id_1 AND charge.day BETWEEN :day_1 AND :day_2 AND charge.order_id = :order_id_1 AND
    charge.product_id = :product_id_1 AND (charge.cause NOT IN (:cause_1, ...)) AND charge.meter_component NOT LIKE
    :meter_component_1
GROUP BY charge.currency;

-- billing_center/order/charged_in_period.py: late_days
SELECT DISTINCT charge.payer_id, charge.order_id, charge.day, charge.period_start
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
WHERE charge.period_start >= :period_start_1 AND charge.period_start < :period_start_2 AND charge.day <
    charge.period_start AND charge.payer_id IN (:payer_id_1, ...);

-- billing_center/order/move_first_opening.py: move_first_opening
DELETE
FROM first_opening
WHERE first_opening.payer_id = :payer_id_1 AND first_opening.product_id = :product_id_1;

-- billing_center/order/move_first_opening.py: move_first_opening
-- billing_center/order/store.py: note_first_opening
MERGE INTO first_opening t USING dual ON (t.payer_id = :g_payer_id AND t.product_id = :g_product_id)
WHEN MATCHED THEN UPDATE SET t.day = :g_day
WHEN NOT MATCHED THEN INSERT (payer_id, product_id, shard, day)
VALUES (:g_payer_id, :g_product_id, :g_shard, :g_day);

-- billing_center/order/orders_to_rate.py: orders_of
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.shard BETWEEN :shard_1 AND :shard_2 AND service_order.plan != :plan_1 AND
    service_order.rated_through < CASE WHEN (service_order.ended_day < :ended_day_1) THEN service_order.ended_day
    ELSE :param_1 END AND service_order.start_day <= :start_day_1
ORDER BY service_order.shard, service_order.payer_id, service_order.order_id
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/order/orders_to_rate.py: orders_of
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.shard BETWEEN :shard_1 AND :shard_2 AND service_order.plan != :plan_1 AND
    service_order.rated_through < CASE WHEN (service_order.ended_day < :ended_day_1) THEN service_order.ended_day
    ELSE :param_1 END AND service_order.start_day <= :start_day_1 AND (service_order.shard > :shard_3 OR
    service_order.shard = :shard_4 AND (service_order.payer_id > :payer_id_1 OR service_order.payer_id =
    :payer_id_2 AND service_order.order_id > :order_id_1)) AND service_order.shard >= :shard_5
ORDER BY service_order.shard, service_order.payer_id, service_order.order_id
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/order/orders_to_rate.py: stretch_from
SELECT service_order.shard, service_order.payer_id, service_order.order_id
FROM service_order
WHERE service_order.order_id = :order_id_1;

-- billing_center/order/promise_promotion.py: _take_slot
INSERT INTO redemption (promotion_id, slot, order_id, payer_id, shard, at)
VALUES (:promotion_id, :slot, :order_id, :payer_id, :shard, :at);

-- billing_center/order/promise_promotion.py: _take_slot
SAVEPOINT sa_savepoint_n;

-- billing_center/order/store.py: account_changes
SELECT account_change.payer_id, account_change.product_id, account_change.at, account_change.accounts,
    account_change.change_id
FROM account_change
WHERE account_change.payer_id IN (:payer_id_1, ...) AND account_change.product_id IN (:product_id_1, ...);

-- billing_center/order/store.py: find_order
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.order_id = :order_id_1;

-- billing_center/order/store.py: first_openings
SELECT first_opening.payer_id, first_opening.product_id, first_opening.day
FROM first_opening
WHERE first_opening.payer_id IN (:payer_id_1, ...) AND first_opening.product_id IN (:product_id_1, ...);

-- billing_center/order/store.py: insert_account_change
INSERT INTO account_change (payer_id, product_id, change_id, shard, at, accounts, actor)
VALUES (:payer_id, :product_id, :change_id, :shard, :at, :accounts, :actor);

-- billing_center/order/store.py: insert_order
INSERT INTO service_order (order_id, order_code, cust_id, payer_id, shard, product_id, plan, promotion_id,
    promotion_note, start_at, start_day, features, is_quota, state, stopped_for, change_count, facts_hash,
    installed_at, installed_by, rated_through, ended_day)
VALUES (:order_id, :order_code, :cust_id, :payer_id, :shard, :product_id, :plan, :promotion_id, :promotion_note,
    :start_at, :start_day, :features, :is_quota, :state, :stopped_for, :change_count, :facts_hash, :installed_at,
    :installed_by, :rated_through, :ended_day);

-- billing_center/order/store.py: insert_state_changes
INSERT INTO order_state_change (order_id, seq, payer_id, shard, at, from_state, to_state, actor, reason)
VALUES (:order_id, :seq, :payer_id, :shard, :at, :from_state, :to_state, :actor, :reason);

-- billing_center/order/store.py: locked_order
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.promotion_note, service_order.start_at, service_order.start_day, service_order.features,
    service_order.is_quota, service_order.state, service_order.stopped_for, service_order.change_count,
    service_order.facts_hash, service_order.installed_at, service_order.installed_by, service_order.rated_through,
    service_order.ended_day
FROM service_order
WHERE service_order.order_id IN (:order_id_1, ...)
ORDER BY service_order.order_id FOR UPDATE;

-- billing_center/order/store.py: orders_by_id
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.order_id IN (:order_id_1, ...);

-- billing_center/order/store.py: orders_of_payers
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.state IN (:state_1, ...) AND service_order.payer_id IN (:payer_id_1, ...);

-- billing_center/order/store.py: orders_of_payers
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.state IN (:state_1, ...) AND service_order.product_id IN (:product_id_1, ...) AND
    service_order.payer_id IN (:payer_id_1, ...);

-- billing_center/order/store.py: set_rated_through
UPDATE service_order SET rated_through=:rated_through
WHERE service_order.order_id IN (:order_id_1, ...);

-- billing_center/order/store.py: set_state
UPDATE service_order SET state=:state, stopped_for=:stopped_for, change_count=:change_count, ended_day=:ended_day
WHERE service_order.order_id = :order_id_1 AND service_order.change_count = :change_count_1;

-- billing_center/order/store.py: set_states
UPDATE service_order SET state=:state, stopped_for=:stopped_for, change_count=:change_count
WHERE service_order.order_id IN (:order_id_1, ...) AND service_order.change_count = :change_count_1;

-- billing_center/order/store.py: state_changes
SELECT order_state_change.order_id, order_state_change.seq, order_state_change.at, order_state_change.from_state,
    order_state_change.to_state, order_state_change.actor, order_state_change.reason
FROM order_state_change
WHERE order_state_change.order_id IN (:order_id_1, ...);

-- billing_center/order/true_up.py: _booked
SELECT charge.day, charge.payer_id, charge.cause_id, charge.product_id, charge.meter_scope, charge.version_id,
    charge.meter_component
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
WHERE charge.cause = :cause_1 AND charge.day IN (:day_1, ...) AND charge.payer_id IN (:payer_id_1, ...);

-- billing_center/order/true_up.py: _candidates
SELECT DISTINCT service_order.payer_id
FROM service_order JOIN payer ON payer.payer_id = service_order.payer_id
WHERE service_order.shard BETWEEN :shard_1 AND :shard_2 AND service_order.payer_id > :payer_id_1 AND
    service_order.product_id IN (:product_id_1, ...) AND service_order.start_day < :start_day_1 AND
    (service_order.ended_day IS NULL OR service_order.ended_day >= payer.closed_until)
ORDER BY service_order.payer_id
FETCH FIRST :param_1 ROWS ONLY;
