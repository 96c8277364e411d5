-- What settlement sends. Made by `make oracle-sql`.

-- billing_center/settlement/arrears.py: in_arrears
SELECT invoice.invoice_id
FROM invoice
WHERE invoice.payer_id = :payer AND (invoice.state = :state_1 OR invoice.state IN (:state_2, ...) AND
    invoice.due_day < :today AND invoice.base_amount > :base_amount_1)
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/settlement/arrears.py: payers_in_arrears
SELECT DISTINCT invoice.payer_id
FROM invoice
WHERE (invoice.state = :state_1 OR invoice.state IN (:state_2, ...) AND invoice.due_day < :due_day_1 AND
    invoice.base_amount > :base_amount_1) AND invoice.payer_id IN (:payer_id_1, ...);

-- billing_center/settlement/show_arrears.py: list_in_arrears
SELECT invoice.payer_id, count(*) AS count_1, sum(invoice.base_amount) AS sum_1, min(invoice.due_day) AS min_1
FROM invoice
WHERE invoice.payer_id > :payer_id_1 AND invoice.state IN (:state_1, ...) AND (invoice.state = :state_2 OR
    invoice.state IN (:state_3, ...) AND invoice.due_day < :due_day_1 AND invoice.base_amount > :base_amount_1)
GROUP BY invoice.payer_id
ORDER BY invoice.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/settlement/store.py: find_payer
SELECT invoice.payer_id
FROM invoice
WHERE invoice.invoice_id = :invoice_id_1;

-- billing_center/settlement/store.py: keep_notice
INSERT INTO settlement_notice (notice_id, invoice_id, payer_id, shard, at, actor, word, outcome, effect)
VALUES (:notice_id, :invoice_id, :payer_id, :shard, :at, :actor, :word, :outcome, :effect);

-- billing_center/settlement/store.py: locked_invoice
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id IN (:invoice_id_1, ...)
ORDER BY invoice.invoice_id FOR UPDATE;

-- billing_center/settlement/store.py: notices_of
SELECT settlement_notice.notice_id, settlement_notice.at, settlement_notice.actor, settlement_notice.word,
    settlement_notice.outcome, settlement_notice.effect
FROM settlement_notice
WHERE settlement_notice.invoice_id = :invoice_id_1
ORDER BY settlement_notice.at, settlement_notice.notice_id;
