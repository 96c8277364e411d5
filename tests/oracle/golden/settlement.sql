-- What settlement sends. Made by `make oracle-sql`.

-- billing_center/settlement/arrears.py: in_arrears
SELECT invoice.invoice_id
FROM invoice
WHERE invoice.payer_id = :payer AND (invoice.state = :state_1 OR invoice.state IN (:state_2, ...) AND
    invoice.due_day < :today AND invoice.base_amount > :base_amount_1)
FETCH FIRST :param_1 ROWS ONLY;
