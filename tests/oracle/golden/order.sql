-- What order sends. Made by `make oracle-sql`.

-- billing_center/order/move_first_opening.py: move_first_opening
-- billing_center/order/store.py: note_first_opening
MERGE INTO first_opening t USING dual ON (t.payer_id = :g_payer_id AND t.product_id = :g_product_id)
WHEN MATCHED THEN UPDATE SET t.day = :g_day
WHEN NOT MATCHED THEN INSERT (payer_id, product_id, shard, day)
VALUES (:g_payer_id, :g_product_id, :g_shard, :g_day);

-- billing_center/order/orders_to_rate.py: orders_to_rate
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

-- billing_center/order/promise_promotion.py: _take_slot
INSERT INTO redemption (promotion_id, slot, order_id, payer_id, shard, at)
VALUES (:promotion_id, :slot, :order_id, :payer_id, :shard, :at);

-- billing_center/order/promise_promotion.py: _take_slot
SAVEPOINT sa_savepoint_1;

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

-- billing_center/order/store.py: set_rated_through
UPDATE service_order SET rated_through=:rated_through
WHERE service_order.order_id IN (:order_id_1, ...);

-- billing_center/order/store.py: set_states
UPDATE service_order SET state=:state, stopped_for=:stopped_for, change_count=:change_count
WHERE service_order.order_id IN (:order_id_1, ...) AND service_order.change_count = :change_count_1;

-- billing_center/order/store.py: state_changes
SELECT order_state_change.order_id, order_state_change.seq, order_state_change.at, order_state_change.from_state,
    order_state_change.to_state, order_state_change.actor, order_state_change.reason
FROM order_state_change
WHERE order_state_change.order_id IN (:order_id_1, ...);
