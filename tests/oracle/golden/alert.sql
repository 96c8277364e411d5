-- What alert sends. Made by `make oracle-sql`.

-- billing_center/alert/store.py: alerts
SELECT spend_alert.alert_id, spend_alert.payer_id, spend_alert.shard, spend_alert.product_id, spend_alert.currency,
    spend_alert.threshold, spend_alert.created_at, spend_alert.actor
FROM spend_alert
WHERE spend_alert.alert_id > :alert_id_1
ORDER BY spend_alert.alert_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/alert/store.py: alerts
SELECT spend_alert.alert_id, spend_alert.payer_id, spend_alert.shard, spend_alert.product_id, spend_alert.currency,
    spend_alert.threshold, spend_alert.created_at, spend_alert.actor
FROM spend_alert
WHERE spend_alert.alert_id > :alert_id_1 AND spend_alert.payer_id = :payer_id_1
ORDER BY spend_alert.alert_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/alert/store.py: any_crossed
-- billing_center/alert/store.py: crossed
SELECT spend_alert.alert_id, spend_alert.payer_id, spend_alert.shard, spend_alert.product_id, spend_alert.currency,
    spend_alert.threshold, running_sum.period_start, min(running_sum.period_end) AS period_end,
    sum(running_sum.amount) AS amount
FROM spend_alert JOIN running_sum ON running_sum.payer_id = spend_alert.payer_id AND running_sum.currency =
    spend_alert.currency
WHERE running_sum.invoice_id IS NULL AND (spend_alert.product_id = :product_id_1 OR spend_alert.product_id =
    running_sum.product_id) AND NOT (EXISTS (SELECT *
FROM spend_notice
WHERE spend_notice.alert_id = spend_alert.alert_id AND spend_notice.period_start = running_sum.period_start))
GROUP BY spend_alert.alert_id, spend_alert.payer_id, spend_alert.shard, spend_alert.product_id,
    spend_alert.currency, spend_alert.threshold, running_sum.period_start
HAVING sum(running_sum.amount) >= spend_alert.threshold
ORDER BY spend_alert.alert_id, running_sum.period_start
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/alert/store.py: delete_alert
DELETE
FROM spend_alert
WHERE spend_alert.alert_id = :alert_id_1;

-- billing_center/alert/store.py: find_alert
SELECT spend_alert.alert_id, spend_alert.payer_id, spend_alert.shard, spend_alert.product_id, spend_alert.currency,
    spend_alert.threshold, spend_alert.created_at, spend_alert.actor
FROM spend_alert
WHERE spend_alert.alert_id = :alert_id_1;

-- billing_center/alert/store.py: insert_alert
MERGE INTO spend_alert t USING dual ON (t.alert_id = :g_alert_id)
WHEN NOT MATCHED THEN INSERT (alert_id, payer_id, shard, product_id, currency, threshold, created_at, actor)
VALUES (:g_alert_id, :g_payer_id, :g_shard, :g_product_id, :g_currency, :g_threshold, :g_created_at, :g_actor);

-- billing_center/alert/store.py: keep_notices
MERGE INTO spend_notice t USING dual ON (t.alert_id = :g_alert_id AND t.period_start = :g_period_start)
WHEN NOT MATCHED THEN INSERT (alert_id, period_start, period_end, payer_id, shard, product_id, currency, threshold,
    amount, at, acknowledged_at, acknowledged_by)
VALUES (:g_alert_id, :g_period_start, :g_period_end, :g_payer_id, :g_shard, :g_product_id, :g_currency,
    :g_threshold, :g_amount, :g_at, :g_acknowledged_at, :g_acknowledged_by);

-- billing_center/alert/store.py: notices
SELECT spend_notice.alert_id, spend_notice.period_start, spend_notice.period_end, spend_notice.payer_id,
    spend_notice.shard, spend_notice.product_id, spend_notice.currency, spend_notice.threshold,
    spend_notice.amount, spend_notice.at, spend_notice.acknowledged_at, spend_notice.acknowledged_by
FROM spend_notice
ORDER BY spend_notice.at DESC, spend_notice.alert_id, spend_notice.period_start OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/alert/store.py: notices
SELECT spend_notice.alert_id, spend_notice.period_start, spend_notice.period_end, spend_notice.payer_id,
    spend_notice.shard, spend_notice.product_id, spend_notice.currency, spend_notice.threshold,
    spend_notice.amount, spend_notice.at, spend_notice.acknowledged_at, spend_notice.acknowledged_by
FROM spend_notice
WHERE spend_notice.acknowledged_at IS NULL
ORDER BY spend_notice.at DESC, spend_notice.alert_id, spend_notice.period_start OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/alert/store.py: notices
SELECT spend_notice.alert_id, spend_notice.period_start, spend_notice.period_end, spend_notice.payer_id,
    spend_notice.shard, spend_notice.product_id, spend_notice.currency, spend_notice.threshold,
    spend_notice.amount, spend_notice.at, spend_notice.acknowledged_at, spend_notice.acknowledged_by
FROM spend_notice
WHERE spend_notice.payer_id = :payer_id_1
ORDER BY spend_notice.at DESC, spend_notice.alert_id, spend_notice.period_start OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/alert/store.py: notices
SELECT spend_notice.alert_id, spend_notice.period_start, spend_notice.period_end, spend_notice.payer_id,
    spend_notice.shard, spend_notice.product_id, spend_notice.currency, spend_notice.threshold,
    spend_notice.amount, spend_notice.at, spend_notice.acknowledged_at, spend_notice.acknowledged_by
FROM spend_notice
WHERE spend_notice.payer_id = :payer_id_1 AND spend_notice.acknowledged_at IS NULL
ORDER BY spend_notice.at DESC, spend_notice.alert_id, spend_notice.period_start OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/alert/store.py: notices_of
SELECT spend_notice.alert_id, spend_notice.period_start, spend_notice.period_end, spend_notice.payer_id,
    spend_notice.shard, spend_notice.product_id, spend_notice.currency, spend_notice.threshold,
    spend_notice.amount, spend_notice.at, spend_notice.acknowledged_at, spend_notice.acknowledged_by
FROM spend_notice
WHERE spend_notice.alert_id IN (:alert_id_1, ...);

-- billing_center/alert/store.py: set_seen
UPDATE spend_notice SET acknowledged_at=:acknowledged_at, acknowledged_by=:acknowledged_by
WHERE spend_notice.alert_id = :alert_id_1 AND spend_notice.period_start = :period_start_1 AND
    spend_notice.acknowledged_at IS NULL;
