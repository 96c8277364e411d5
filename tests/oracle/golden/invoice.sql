-- What invoice sends. Made by `make oracle-sql`.

-- billing_center/invoice/change_state.py: _move_all
UPDATE invoice SET state=:state
WHERE invoice.invoice_id IN (:invoice_id_1, ...) AND invoice.state IN (:state_1, ...) RETURNING invoice.invoice_id
    INTO :ret_0;

-- billing_center/invoice/change_state.py: _settle
UPDATE invoice SET state=:state, settled_at=:settled_at
WHERE invoice.invoice_id = :invoice_id_1 AND invoice.state IN (:state_1, ...);

-- billing_center/invoice/change_state.py: clear_flag_of
UPDATE invoice SET flagged=:flagged
WHERE invoice.invoice_id = :invoice_id_1 AND invoice.flagged = :flagged_1;

-- billing_center/invoice/change_state.py: flag
UPDATE invoice SET flagged=:flagged
WHERE invoice.invoice_id = :invoice_id_1;

-- billing_center/invoice/ended_sums.py: read_ended_sums
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.period_end, CAST(running_sum.quantity * 1000000 AS NUMBER(19)) AS quantity,
    CAST(running_sum.amount * 1000000 AS NUMBER(19)) AS amount, CAST(running_sum.list_amount * 1000000 AS
    NUMBER(19)) AS list_amount, running_sum.charges, coalesce(service_order.order_code, :coalesce_1) AS order_code,
    coalesce(service_order.promotion_id, :coalesce_2) AS promotion_id
FROM running_sum LEFT OUTER JOIN service_order ON service_order.order_id = running_sum.order_id
WHERE running_sum.invoice_id IS NULL AND running_sum.period_start < :period_start_1 AND running_sum.payer_id IN
    (:payer_id_1, ...);

-- billing_center/invoice/explain_corrections.py: _charges
SELECT charge.day, charge.cause, charge.cause_id, charge.currency, charge.amount, charge.run_id, charge.rated_at,
    charge.period_start
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
WHERE charge.payer_id = :payer_id_1 AND charge.day BETWEEN :day_1 AND :day_2 AND charge.day IN (:day_3, ...) AND
    charge.cause_id IN (:cause_id_1, ...);

-- billing_center/invoice/explain_corrections.py: _in_place_of
SELECT usage_correction.event_id, usage_correction.corrects
FROM usage_correction
WHERE usage_correction.event_id IN (:event_id_1, ...);

-- billing_center/invoice/explain_corrections.py: corrected
SELECT correction.correction_id, correction.kind, correction.at, correction.actor, correction.why
FROM correction
WHERE correction.correction_id IN (:correction_id_1, ...);

-- billing_center/invoice/explain_corrections.py: corrections_of_line
SELECT charge.run_id, count(*) AS count_1, sum(charge.amount) AS sum_1, min(charge.rated_at) AS min_1
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
WHERE charge.payer_id = :payer_id_1 AND charge.day < :day_1 AND charge.period_start = :period_start_1 AND
    charge.order_id = :order_id_1 AND charge.product_id = :product_id_1 AND charge.currency = :currency_1 AND
    (charge.run_id LIKE :run_id_1 || '%' ESCAPE '/')
GROUP BY charge.run_id;

-- billing_center/invoice/explain_store.py: charges_of
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.order_id,
    charge.product_id, charge.user_id, charge.currency, charge.quantity, charge.amount, charge.list_amount,
    charge.meter_order_id, charge.meter_scope, charge.meter_component, charge.reading_before, charge.reading_after,
    charge.version_id, charge.promotion_id, charge.note, charge.period_start, charge.run_id, charge.rated_at
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
WHERE charge.payer_id = :payer_id_1 AND charge.day < :day_1 AND charge.period_start = :period_start_1 AND
    charge.order_id = :order_id_1 AND charge.product_id = :product_id_1 AND charge.currency = :currency_1
ORDER BY charge.day, charge.cause, charge.cause_id, charge.component OFFSET :param_1 ROWS
FETCH FIRST :param_2 ROWS ONLY;

-- billing_center/invoice/explain_store.py: groups_of
SELECT charge.version_id, charge.promotion_id, charge.component, charge.meter_order_id, charge.meter_scope,
    charge.meter_component, charge.note, count(*) AS count_1, sum(charge.quantity) AS sum_1, sum(charge.amount) AS
    sum_2, sum(charge.list_amount) AS sum_3, sum(charge.reading_after) AS sum_4, sum(charge.reading_before) AS
    sum_5, min(charge.reading_before) AS min_1, min(charge.day) AS min_2, max(charge.day) AS max_1
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
WHERE charge.payer_id = :payer_id_1 AND charge.day < :day_1 AND charge.period_start = :period_start_1 AND
    charge.order_id = :order_id_1 AND charge.product_id = :product_id_1 AND charge.currency = :currency_1
GROUP BY charge.version_id, charge.promotion_id, charge.component, charge.meter_order_id, charge.meter_scope,
    charge.meter_component, charge.note
ORDER BY min(charge.day), charge.meter_component, charge.note, charge.version_id;

-- billing_center/invoice/read_issuing.py: over_invoices
SELECT redemption.payer_id, redemption.promotion_id, service_order.start_day, service_order.ended_day
FROM redemption JOIN service_order ON service_order.order_id = redemption.order_id
WHERE redemption.payer_id IN (:payer_id_1, ...);

-- billing_center/invoice/store.py: _children
SELECT invoice_line.invoice_id, invoice_line.line_no, invoice_line.order_id, invoice_line.order_code,
    invoice_line.product_id, invoice_line.product_name, invoice_line.currency, invoice_line.quantity,
    invoice_line.amount, invoice_line.list_amount, invoice_line.rated_amount, invoice_line.charges,
    invoice_line.promotion_ids
FROM invoice_line
WHERE invoice_line.invoice_id IN (:invoice_id_1, ...);

-- billing_center/invoice/store.py: _children
SELECT invoice_total.invoice_id, invoice_total.currency, invoice_total.amount, invoice_total.list_amount,
    invoice_total.rate, invoice_total.base_amount
FROM invoice_total
WHERE invoice_total.invoice_id IN (:invoice_id_1, ...);

-- billing_center/invoice/store.py: _tie_sums
UPDATE running_sum SET invoice_id=(running_sum.payer_id || :payer_id_1)
WHERE running_sum.payer_id IN (:payer_id_2, ...) AND running_sum.period_start = :period_start_1 AND
    running_sum.invoice_id IS NULL;

-- billing_center/invoice/store.py: close_periods
UPDATE payer SET closed_until=:closed_until
WHERE payer.payer_id IN (:payer_id_1, ...) AND payer.closed_until < :closed_until_1;

-- billing_center/invoice/store.py: close_silent_periods
UPDATE payer SET closed_until=:closed_until
WHERE payer.shard BETWEEN :shard_1 AND :shard_2 AND payer.closed_until < :closed_until_1 AND (payer.billing_day IN
    (:billing_day_1, ...) OR (EXISTS (SELECT payer_billing_day.payer_id
FROM payer_billing_day
WHERE payer_billing_day.payer_id = payer.payer_id))) AND NOT (EXISTS (SELECT running_sum.payer_id
FROM running_sum
WHERE running_sum.payer_id = payer.payer_id AND running_sum.invoice_id IS NULL AND running_sum.period_end <=
    :period_end_1));

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
WHERE invoice.invoice_id > :invoice_id_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: headers
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id > :invoice_id_1 AND invoice.flagged = :flagged_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: headers
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id > :invoice_id_1 AND invoice.payer_id = :payer_id_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: headers
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id > :invoice_id_1 AND invoice.payer_id = :payer_id_1 AND invoice.state = :state_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: headers
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id > :invoice_id_1 AND invoice.state = :state_1
ORDER BY invoice.invoice_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: keep_bills
INSERT INTO invoice (invoice_id, invoice_no, payer_id, shard, cust_id, cust_name, period_start, period_end, state,
    base_currency, base_amount, billed_on, due_day, control_day, issued_at, settled_at, flagged, run_id)
VALUES (:invoice_id, :invoice_no, :payer_id, :shard, :cust_id, :cust_name, :period_start, :period_end, :state,
    :base_currency, :base_amount, :billed_on, :due_day, :control_day, :issued_at, :settled_at, :flagged, :run_id);

-- billing_center/invoice/store.py: keep_bills
INSERT INTO invoice_line (invoice_id, line_no, payer_id, shard, order_id, order_code, product_id, product_name,
    currency, quantity, amount, list_amount, rated_amount, charges, promotion_ids)
VALUES (:invoice_id, :line_no, :payer_id, :shard, :order_id, :order_code, :product_id, :product_name, :currency,
    :quantity, :amount, :list_amount, :rated_amount, :charges, :promotion_ids);

-- billing_center/invoice/store.py: keep_bills
INSERT INTO invoice_total (invoice_id, currency, amount, list_amount, rate, base_amount)
VALUES (:invoice_id, :currency, :amount, :list_amount, :rate, :base_amount);

-- billing_center/invoice/store.py: keep_failures
MERGE INTO job_failure t USING dual ON (t.run_id = :g_run_id AND t.subject = :g_subject)
WHEN MATCHED THEN UPDATE SET t.at = :g_at, t.code = :g_code, t.message = :g_message
WHEN NOT MATCHED THEN INSERT (run_id, subject, at, code, message)
VALUES (:g_run_id, :g_subject, :g_at, :g_code, :g_message);

-- billing_center/invoice/store.py: known_invoices
SELECT invoice.invoice_id
FROM invoice
WHERE invoice.invoice_id IN (:invoice_id_1, ...);

-- billing_center/invoice/store.py: last_numbers
SELECT number_series.series, number_series.last_number
FROM number_series;

-- billing_center/invoice/store.py: lock_series
MERGE INTO number_series t USING dual ON (t.series = :g_series)
WHEN NOT MATCHED THEN INSERT (series, last_number)
VALUES (:g_series, :g_last_number);

-- billing_center/invoice/store.py: lock_series
SELECT number_series.series, number_series.last_number
FROM number_series
WHERE number_series.series IN (:series_1, ...)
ORDER BY number_series.series FOR UPDATE;

-- billing_center/invoice/store.py: named_orders
SELECT service_order.order_id, service_order.order_code, service_order.promotion_id
FROM service_order
WHERE service_order.order_id IN (:order_id_1, ...);

-- billing_center/invoice/store.py: open_sums
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.period_end, running_sum.shard, running_sum.quantity, running_sum.amount,
    running_sum.list_amount, running_sum.charges
FROM running_sum
WHERE running_sum.invoice_id IS NULL AND running_sum.payer_id IN (:payer_id_1, ...);

-- billing_center/invoice/store.py: open_sums
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.period_end, running_sum.shard, running_sum.quantity, running_sum.amount,
    running_sum.list_amount, running_sum.charges
FROM running_sum
WHERE running_sum.invoice_id IS NULL AND running_sum.period_start < :period_start_1 AND running_sum.payer_id IN
    (:payer_id_1, ...);

-- billing_center/invoice/store.py: payers_due
SELECT DISTINCT running_sum.shard, running_sum.payer_id
FROM running_sum
WHERE running_sum.shard BETWEEN :shard_1 AND :shard_2 AND running_sum.invoice_id IS NULL AND running_sum.period_end
    <= :period_end_1
ORDER BY running_sum.shard, running_sum.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: payers_due
SELECT DISTINCT running_sum.shard, running_sum.payer_id
FROM running_sum
WHERE running_sum.shard BETWEEN :shard_1 AND :shard_2 AND running_sum.invoice_id IS NULL AND running_sum.period_end
    <= :period_end_1 AND (running_sum.shard > :shard_3 OR running_sum.shard = :shard_4 AND running_sum.payer_id >
    :payer_id_1) AND running_sum.shard >= :shard_5
ORDER BY running_sum.shard, running_sum.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: read_invoices
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.shard, invoice.cust_id, invoice.cust_name,
    invoice.period_start, invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount,
    invoice.billed_on, invoice.due_day, invoice.control_day, invoice.issued_at, invoice.settled_at,
    invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.invoice_id IN (:invoice_id_1, ...);

-- billing_center/invoice/store.py: set_numbers
UPDATE invoice SET invoice_no=:g_invoice_no
WHERE invoice.invoice_id = :g_invoice_id;

-- billing_center/invoice/store.py: set_numbers
UPDATE number_series SET last_number=:last_number
WHERE number_series.series = :series_1;

-- billing_center/invoice/store.py: unnumbered
SELECT invoice.payer_id, invoice.period_start, invoice.invoice_id, invoice.billed_on
FROM invoice
WHERE invoice.invoice_no IS NULL
ORDER BY invoice.payer_id, invoice.period_start
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: unnumbered
SELECT invoice.payer_id, invoice.period_start, invoice.invoice_id, invoice.billed_on
FROM invoice
WHERE invoice.invoice_no IS NULL AND (invoice.payer_id > :payer_id_1 OR invoice.payer_id = :payer_id_2 AND
    invoice.period_start > :period_start_1) AND invoice.payer_id >= :payer_id_3
ORDER BY invoice.payer_id, invoice.period_start
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/invoice/store.py: unnumbered
SELECT invoice.payer_id, invoice.period_start, invoice.invoice_id, invoice.billed_on
FROM invoice
WHERE invoice.invoice_no IS NULL AND invoice.billed_on BETWEEN :billed_on_1 AND :billed_on_2
ORDER BY invoice.payer_id, invoice.period_start
FETCH FIRST :param_1 ROWS ONLY;
