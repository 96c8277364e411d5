-- What payer sends. Made by `make oracle-sql`.

-- billing_center/payer/store.py: locked_payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until, payer.created_at
FROM payer
WHERE payer.payer_id IN (:payer_id_1, ...)
ORDER BY payer.payer_id FOR UPDATE;

-- billing_center/payer/store.py: payers
SELECT payer.payer_id, payer.shard, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id IN (:payer_id_1, ...);

-- billing_center/payer/store.py: set_columns
UPDATE payer SET name=:name
WHERE payer.payer_id = :payer_id_1;
