-- What invoice sends. Made by `make oracle-sql`.

-- billing_center/invoice/store.py: find_invoice_id
SELECT invoice.invoice_id
FROM invoice
WHERE invoice.invoice_id = :invoice_id_1;

-- billing_center/invoice/store.py: find_invoice_id
SELECT invoice.invoice_id
FROM invoice
WHERE invoice.invoice_no = :invoice_no_1;

-- billing_center/invoice/store.py: headers
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id > :invoice_id_1 AND invoice.payer_id = :payer_id_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: open_sums
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.period_end, running_sum.shard, running_sum.quantity, running_sum.amount,
    running_sum.list_amount, running_sum.charges
FROM running_sum
WHERE running_sum.invoice_id IS NULL AND running_sum.payer_id IN (:payer_id_1, ...);
