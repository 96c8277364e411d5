-- What reconcile sends. Made by `make oracle-sql`.

-- billing_center/reconcile/store.py: keep_differences
INSERT INTO reconcile_difference (run_id, difference_id, payer_id, shard, rule, subject, expected, found, detail)
VALUES (:run_id, :difference_id, :payer_id, :shard, :rule, :subject, :expected, :found, :detail);
