-- What foresight sends. Made by `make oracle-sql`.

-- billing_center/foresight/store.py: charged_once
SELECT charge.order_id, charge.product_id, charge.currency, sum(charge.amount) AS sum_1
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
WHERE charge.payer_id = :payer_id_1 AND charge.period_start = :period_start_1 AND (charge.cause IN (:cause_1, ...)
    OR charge.day < :day_1)
GROUP BY charge.order_id, charge.product_id, charge.currency;

-- billing_center/foresight/store.py: waiting_facts
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.user_id, usage_event.payer_id,
    usage_event.product_id, usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity,
    usage_event.unit, usage_queue.tries, usage_queue.state
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.shard IN (:shard_1, ...) AND (usage_event.payer_id = :payer_id_1 OR usage_event.payer_id IS NULL
    AND usage_event.user_id IN (:user_id_1, ...))
ORDER BY usage_event.event_id
FETCH FIRST :param_1 ROWS ONLY;
