-- What foresight sends. Made by `make oracle-sql`.

-- billing_center/foresight/catalog_contents.py: lay_over
DELETE
FROM price_version
WHERE price_version.product_id = :product_id_1 AND price_version.plan = :plan_1;

-- billing_center/foresight/last_invoices.py: last_invoices
SELECT invoice.payer_id, max(invoice.period_start) AS max_1
FROM invoice
WHERE invoice.payer_id IN (:payer_id_1, ...)
GROUP BY invoice.payer_id;

-- billing_center/foresight/last_invoices.py: payers_invoiced
SELECT DISTINCT invoice.payer_id
FROM invoice
WHERE invoice.payer_id > :payer_id_1
ORDER BY invoice.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/foresight/past_facts.py: charged_between
SELECT charge.payer_id, charge.product_id, charge.currency, sum(charge.amount) AS sum_1, min(charge.rated_at) AS
    min_1, max(charge.rated_at) AS max_1
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.day >= :day_1 AND charge.day < :day_2 AND charge.cause IN
    (:cause_1, ...)
GROUP BY charge.payer_id, charge.product_id, charge.currency;

-- billing_center/foresight/past_facts.py: days_charged
SELECT charge.cause_id, charge.day, min(charge.rated_at) AS min_1
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.day >= :day_1 AND charge.day < :day_2 AND charge.cause =
    :cause_1
GROUP BY charge.cause_id, charge.day;

-- billing_center/foresight/past_facts.py: payer_count
SELECT count(*) AS count_1
FROM payer;

-- billing_center/foresight/past_facts.py: payer_ids
SELECT payer.payer_id
FROM payer
WHERE payer.payer_id > :payer_id_1
ORDER BY payer.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/foresight/past_facts.py: uses_charged
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.user_id, usage_event.payer_id,
    usage_event.product_id, usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity,
    usage_event.unit, anon_1.payer, anon_1.of_order, anon_1.rated_at
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event JOIN (SELECT charge.cause_id AS cause_id, min(charge.payer_id) AS payer,
    min(charge.order_id) AS of_order, min(charge.rated_at) AS rated_at
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.day >= :day_1 AND charge.day < :day_2 AND charge.cause =
    :cause_1
GROUP BY charge.cause_id) anon_1 ON anon_1.cause_id = usage_event.event_id LEFT OUTER JOIN usage_withdrawal ON
    usage_withdrawal.event_id = usage_event.event_id
WHERE usage_withdrawal.event_id IS NULL
ORDER BY anon_1.rated_at, usage_event.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/foresight/past_readings.py: __init__
SELECT charge.payer_id, charge.product_id, charge.meter_order_id, charge.meter_scope, charge.version_id,
    charge.meter_component, sum(charge.reading_after) - sum(charge.reading_before) AS anon_1
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.meter_scope = :meter_scope_1 AND (charge.day >= :day_1 AND
    charge.day < :day_2 OR charge.rated_at > :rated_at_1)
GROUP BY charge.payer_id, charge.product_id, charge.meter_order_id, charge.meter_scope, charge.version_id,
    charge.meter_component;

-- billing_center/foresight/past_readings.py: _grown_since
SELECT charge.payer_id, charge.product_id, charge.meter_order_id, charge.meter_scope, charge.version_id,
    charge.meter_component, sum(charge.reading_after) - sum(charge.reading_before) AS anon_1
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.meter_scope IN (:meter_scope_1, ...) AND charge.day >=
    :day_1
GROUP BY charge.payer_id, charge.product_id, charge.meter_order_id, charge.meter_scope, charge.version_id,
    charge.meter_component;

-- billing_center/foresight/past_readings.py: _paid
SELECT charge.cause_id, charge.meter_scope, charge.day, charge.quantity
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
WHERE charge.payer_id IN (:payer_id_1, ...) AND charge.meter_scope IN (:meter_scope_1, ...) AND charge.day < :day_1
    AND charge.cause = :cause_1 AND charge.quantity > :quantity_1;

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

-- billing_center/foresight/store.py: waiting_anywhere
SELECT count(*) AS count_1
FROM service_order
WHERE service_order.plan != :plan_1 AND service_order.rated_through < CASE WHEN (service_order.ended_day <
    :ended_day_1) THEN service_order.ended_day ELSE :param_1 END AND service_order.start_day <= :start_day_1;

-- billing_center/foresight/store.py: waiting_facts
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.user_id, usage_event.payer_id,
    usage_event.product_id, usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity,
    usage_event.unit, place.tries, place.state
FROM (SELECT usage_queue.event_id AS event_id, usage_queue.day AS day, usage_queue.tries AS tries,
    usage_queue.state AS state
FROM usage_queue
WHERE usage_queue.shard IN (:shard_1, ...) AND usage_queue.state = 'WAITING' UNION ALL SELECT usage_queue.event_id
    AS event_id, usage_queue.day AS day, usage_queue.tries AS tries, usage_queue.state AS state
FROM usage_queue
WHERE usage_queue.shard IN (:shard_1, ...) AND usage_queue.state != 'WAITING') place JOIN usage_event ON
    usage_event.event_id = place.event_id AND usage_event.day = place.day
WHERE usage_event.payer_id = :payer_id_1 OR usage_event.payer_id IS NULL AND usage_event.user_id IN (:user_id_1,
    ...)
ORDER BY place.event_id
FETCH FIRST :param_1 ROWS ONLY;
