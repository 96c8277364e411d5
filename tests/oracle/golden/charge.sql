-- What charge sends. Made by `make oracle-sql`.

-- billing_center/charge/book.py: book_entries
INSERT INTO charge (day, payer_id, cause, cause_id, component, shard, order_id, product_id, user_id, currency,
    quantity, amount, list_amount, meter_order_id, meter_scope, meter_component, reading_before, reading_after,
    version_id, promotion_id, note, period_start, run_id, rated_at)
VALUES (:day, :payer_id, :cause, :cause_id, :component, :shard, :order_id, :product_id, :user_id, :currency,
    :quantity, :amount, :list_amount, :meter_order_id, :meter_scope, :meter_component, :reading_before,
    :reading_after, :version_id, :promotion_id, :note, :period_start, :run_id, :rated_at);

-- billing_center/charge/book.py: book_entries
MERGE INTO meter t USING dual ON (t.payer_id = :g_payer_id AND t.product_id = :g_product_id AND t.order_id =
    :g_order_id AND t.scope = :g_scope AND t.version_id = :g_version_id AND t.component = :g_component)
WHEN MATCHED THEN UPDATE SET t.reading = :g_reading
WHEN NOT MATCHED THEN INSERT (payer_id, product_id, order_id, scope, version_id, component, shard, reading)
VALUES (:g_payer_id, :g_product_id, :g_order_id, :g_scope, :g_version_id, :g_component, :g_shard, :g_reading);

-- billing_center/charge/book.py: book_entries
MERGE INTO running_sum t USING dual ON (t.payer_id = :g_payer_id AND t.period_start = :g_period_start AND
    t.order_id = :g_order_id AND t.product_id = :g_product_id AND t.currency = :g_currency)
WHEN MATCHED THEN UPDATE SET t.quantity = t.quantity + :g_quantity, t.amount = t.amount + :g_amount, t.list_amount
    = t.list_amount + :g_list_amount, t.charges = t.charges + :g_charges
WHEN NOT MATCHED THEN INSERT (payer_id, period_start, order_id, product_id, currency, period_end, shard, quantity,
    amount, list_amount, charges, invoice_id)
VALUES (:g_payer_id, :g_period_start, :g_order_id, :g_product_id, :g_currency, :g_period_end, :g_shard,
    :g_quantity, :g_amount, :g_list_amount, :g_charges, :g_invoice_id);

-- billing_center/charge/book.py: book_entries
-- billing_center/charge/roll_up.py: rebuild
MERGE INTO rollup_dirty t USING dual ON (t.shard = :g_shard AND t.day = :g_day)
WHEN NOT MATCHED THEN INSERT (shard, day)
VALUES (:g_shard, :g_day);

-- billing_center/charge/roll_up.py: _recompute
DELETE
FROM rollup_dirty
WHERE rollup_dirty.day = :day_1 AND rollup_dirty.shard IN (:shard_1, ...);

-- billing_center/charge/roll_up.py: _recompute
DELETE
FROM usage_rollup
WHERE usage_rollup.day = :day_1 AND usage_rollup.shard IN (:shard_1, ...);

-- billing_center/charge/roll_up.py: _recompute
INSERT INTO usage_rollup (day, payer_id, user_id, product_id, currency, shard, quantity, amount, list_amount,
    charges) SELECT charge.day, charge.payer_id, charge.user_id, charge.product_id, charge.currency, charge.shard,
    sum(charge.quantity) AS sum_1, sum(charge.amount) AS sum_2, sum(charge.list_amount) AS sum_3, count(*) AS
    count_1
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
WHERE charge.day = :day_1 AND charge.shard IN (:shard_1, ...)
GROUP BY charge.day, charge.payer_id, charge.user_id, charge.product_id, charge.currency, charge.shard;

-- billing_center/charge/roll_up.py: _recompute
INSERT INTO usage_rollup (day, payer_id, user_id, product_id, currency, shard, quantity, amount, list_amount,
    charges) SELECT charge.day, charge.payer_id, charge.user_id, charge.product_id, charge.currency, charge.shard,
    sum(charge.quantity) AS sum_1, sum(charge.amount) AS sum_2, sum(charge.list_amount) AS sum_3, count(*) AS
    count_1
FROM charge
WHERE charge.day = :day_1 AND charge.shard IN (:shard_1, ...)
GROUP BY charge.day, charge.payer_id, charge.user_id, charge.product_id, charge.currency, charge.shard;

-- billing_center/charge/roll_up.py: rebuild
SELECT DISTINCT charge.shard, charge.day
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
FROM charge_history) charge;

-- billing_center/charge/roll_up.py: roll_up
SELECT rollup_dirty.shard, rollup_dirty.day
FROM rollup_dirty
WHERE (rollup_dirty.shard, rollup_dirty.day) IN (SELECT rollup_dirty.shard, rollup_dirty.day
FROM rollup_dirty
WHERE rollup_dirty.shard BETWEEN :shard_1 AND :shard_2
ORDER BY rollup_dirty.shard, rollup_dirty.day
FETCH FIRST :param_1 ROWS ONLY)
ORDER BY rollup_dirty.shard, rollup_dirty.day
FOR UPDATE SKIP LOCKED;

-- billing_center/charge/store.py: load_meters
SELECT meter.payer_id, meter.product_id, meter.order_id, meter.scope, meter.version_id, meter.component,
    meter.reading
FROM meter
WHERE meter.payer_id IN (:payer_id_1, ...) AND meter.product_id IN (:product_id_1, ...) AND meter.order_id IN
    (:order_id_1, ...) AND meter.scope IN (:scope_1, ...) AND meter.version_id IN (:version_id_1, ...) AND
    meter.component IN (:component_1, ...);
