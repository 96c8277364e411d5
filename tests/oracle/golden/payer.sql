-- What payer sends. Made by `make oracle-sql`.

-- billing_center/payer/find_payers.py: find_payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id > :payer_id_1
ORDER BY payer.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/payer/find_payers.py: find_payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id > :payer_id_1 AND (payer.payer_id LIKE :payer_id_2 || '%' ESCAPE '/')
ORDER BY payer.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/payer/store.py: locked_payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id IN (:payer_id_1, ...)
ORDER BY payer.payer_id FOR UPDATE;

-- billing_center/payer/store.py: make_known
MERGE INTO payer t USING dual ON (t.payer_id = :g_payer_id)
WHEN NOT MATCHED THEN INSERT (payer_id, shard, name, cust_id, currency, billing_day, grace_days, closed_until,
    created_at)
VALUES (:g_payer_id, :g_shard, :g_name, :g_cust_id, :g_currency, :g_billing_day, :g_grace_days, :g_closed_until,
    :g_created_at);

-- billing_center/payer/store.py: payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id IN (:payer_id_1, ...);

-- billing_center/payer/store.py: replace_billing_days
DELETE
FROM payer_billing_day
WHERE payer_billing_day.payer_id = :payer_id_1 AND (payer_billing_day.effective_from NOT IN (:effective_from_1,
    ...));

-- billing_center/payer/store.py: replace_billing_days
MERGE INTO payer_billing_day t USING dual ON (t.payer_id = :g_payer_id AND t.effective_from = :g_effective_from)
WHEN MATCHED THEN UPDATE SET t.billing_day = :g_billing_day
WHEN NOT MATCHED THEN INSERT (payer_id, effective_from, shard, billing_day, recorded_at, actor)
VALUES (:g_payer_id, :g_effective_from, :g_shard, :g_billing_day, :g_recorded_at, :g_actor);

-- billing_center/payer/store.py: schedules_of
SELECT payer_billing_day.payer_id, payer_billing_day.effective_from, payer_billing_day.billing_day
FROM payer_billing_day
WHERE payer_billing_day.payer_id IN (:payer_id_1, ...);

-- billing_center/payer/store.py: set_columns
UPDATE payer SET currency=:currency
WHERE payer.payer_id = :payer_id_1;

-- billing_center/payer/store.py: set_columns
UPDATE payer SET name=:name
WHERE payer.payer_id = :payer_id_1;
