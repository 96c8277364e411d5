-- What allowance sends. Made by `make oracle-sql`.

-- billing_center/allowance/store.py: _rows
SELECT allowance_grant.grant_id, allowance_grant.payer_id, allowance_grant.shard, allowance_grant.product_id,
    allowance_grant.kind, allowance_grant.quantity, allowance_grant.currency, allowance_grant.valid_from,
    allowance_grant.valid_to, allowance_grant.priority, allowance_grant.package_id, allowance_grant.granted_at,
    allowance_grant.actor, allowance_grant.why
FROM allowance_grant
WHERE allowance_grant.grant_id IN (:grant_id_1, ...);

-- billing_center/allowance/store.py: _rows
SELECT allowance_grant.grant_id, allowance_grant.payer_id, allowance_grant.shard, allowance_grant.product_id,
    allowance_grant.kind, allowance_grant.quantity, allowance_grant.currency, allowance_grant.valid_from,
    allowance_grant.valid_to, allowance_grant.priority, allowance_grant.package_id, allowance_grant.granted_at,
    allowance_grant.actor, allowance_grant.why
FROM allowance_grant
WHERE allowance_grant.payer_id IN (:payer_id_1, ...);

-- billing_center/allowance/store.py: insert_grant
INSERT INTO allowance_grant (grant_id, payer_id, shard, product_id, kind, quantity, currency, valid_from, valid_to,
    priority, package_id, granted_at, actor, why)
VALUES (:grant_id, :payer_id, :shard, :product_id, :kind, :quantity, :currency, :valid_from, :valid_to, :priority,
    :package_id, :granted_at, :actor, :why);

-- billing_center/allowance/store.py: taken_by
SELECT charge.meter_component, charge.product_id, charge.meter_order_id, charge.version_id,
    sum(charge.reading_after) AS sum_1, sum(charge.reading_before) AS sum_2
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
WHERE charge.payer_id = :payer_id_1 AND charge.meter_scope = :meter_scope_1 AND charge.rated_at <= :rated_at_1 AND
    ((charge.meter_component LIKE :meter_component_1 || '%' ESCAPE '/') OR (charge.meter_component LIKE
    :meter_component_2 || '%' ESCAPE '/'))
GROUP BY charge.meter_component, charge.product_id, charge.meter_order_id, charge.version_id;

-- billing_center/allowance/store.py: takings
SELECT charge.rated_at, charge.cause, charge.cause_id, charge.product_id, charge.amount, charge.reading_before,
    charge.reading_after, charge.note
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
WHERE charge.payer_id = :payer_id_1 AND charge.meter_component = :meter_component_1 AND charge.rated_at <=
    :rated_at_1
ORDER BY charge.rated_at, charge.reading_after, charge.cause_id;

-- billing_center/allowance/store.py: takings
SELECT charge.rated_at, charge.cause, charge.cause_id, charge.product_id, charge.amount, charge.reading_before,
    charge.reading_after, charge.note
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
WHERE charge.payer_id = :payer_id_1 AND charge.meter_component = :meter_component_1 AND charge.rated_at <=
    :rated_at_1 AND charge.product_id = :product_id_1 AND charge.meter_order_id = :meter_order_id_1
ORDER BY charge.rated_at, charge.reading_after, charge.cause_id;
