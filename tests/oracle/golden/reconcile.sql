-- What reconcile sends. Made by `make oracle-sql`.

-- billing_center/reconcile/compare_numbers.py: _compare_notes
SELECT credit_note.credit_no, credit_note.correction_id, credit_note.invoice_id, credit_note.payer_id,
    credit_note.shard, credit_note.base_currency, credit_note.base_amount, credit_note.at, credit_note.actor,
    credit_note.why, credit_note.effect
FROM credit_note
WHERE NOT (EXISTS (SELECT invoice.invoice_id
FROM invoice
WHERE invoice.invoice_id = credit_note.invoice_id))
ORDER BY credit_note.credit_no
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/compare_numbers.py: _compare_replaced
SELECT usage_correction.event_id, usage_correction.corrects
FROM usage_correction
WHERE NOT (EXISTS (SELECT usage_event.event_id
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.event_id = usage_correction.event_id)) OR NOT (EXISTS (SELECT usage_withdrawal.event_id
FROM usage_withdrawal
WHERE usage_withdrawal.event_id = usage_correction.corrects))
ORDER BY usage_correction.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/compare_numbers.py: _compare_series
SELECT count(*) AS count_1, max(credit_note.credit_no) AS max_1
FROM credit_note
WHERE credit_note.credit_no BETWEEN :credit_no_1 AND :credit_no_2;

-- billing_center/reconcile/compare_numbers.py: _compare_series
SELECT count(*) AS count_1, max(invoice.invoice_no) AS max_1
FROM invoice
WHERE invoice.invoice_no BETWEEN :invoice_no_1 AND :invoice_no_2;

-- billing_center/reconcile/compare_numbers.py: _numbers
SELECT credit_note.credit_no
FROM credit_note
WHERE credit_note.credit_no > :credit_no_1 AND credit_note.credit_no <= :credit_no_2
ORDER BY credit_note.credit_no
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/compare_numbers.py: compare_whole
SELECT number_series.series, number_series.last_number
FROM number_series
WHERE (number_series.series LIKE :series_1 || '%')
ORDER BY number_series.series;

-- billing_center/reconcile/compare_numbers.py: compare_whole
SELECT usage_filtered.event_id
FROM (SELECT usage_filtered.event_id AS event_id, usage_filtered.day AS day, usage_filtered.shard AS shard,
    usage_filtered.rule AS rule, usage_filtered.at AS at
FROM usage_filtered UNION ALL SELECT usage_filtered_history.event_id AS event_id, usage_filtered_history.day AS
    day, usage_filtered_history.shard AS shard, usage_filtered_history.rule AS rule, usage_filtered_history.at AS
    at
FROM usage_filtered_history) usage_filtered
WHERE NOT (EXISTS (SELECT usage_event.event_id
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.event_id = usage_filtered.event_id))
ORDER BY usage_filtered.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/compare_numbers.py: compare_whole
SELECT usage_queue.event_id
FROM usage_queue
WHERE NOT (EXISTS (SELECT usage_event.event_id
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.event_id = usage_queue.event_id))
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/compare_uses.py: _days_from
SELECT min(usage_event.day) AS min_1
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event;

-- billing_center/reconcile/compare_uses.py: _days_from
SELECT min(usage_event.day) AS min_1
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.day > :day_1;

-- billing_center/reconcile/compare_uses.py: _events
SELECT usage_event.event_id, usage_event.payer_id, usage_event.user_id, usage_event.product_id, usage_queue.state,
    usage_queue.reason, usage_filtered.rule, anon_1.cause_id, usage_withdrawal.correction_id
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event LEFT OUTER JOIN usage_queue ON usage_queue.event_id = usage_event.event_id
    LEFT OUTER JOIN (SELECT usage_filtered.event_id AS event_id, usage_filtered.day AS day, usage_filtered.shard AS
    shard, usage_filtered.rule AS rule, usage_filtered.at AS at
FROM usage_filtered UNION ALL SELECT usage_filtered_history.event_id AS event_id, usage_filtered_history.day AS
    day, usage_filtered_history.shard AS shard, usage_filtered_history.rule AS rule, usage_filtered_history.at AS
    at
FROM usage_filtered_history) usage_filtered ON usage_filtered.event_id = usage_event.event_id LEFT OUTER JOIN
    usage_withdrawal ON usage_withdrawal.event_id = usage_event.event_id LEFT OUTER JOIN (SELECT DISTINCT
    charge.cause_id AS cause_id
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
WHERE charge.day = :day_1 AND charge.cause = :cause_1) anon_1 ON anon_1.cause_id = usage_event.event_id
WHERE usage_event.day = :day_2 AND usage_event.event_id > :event_id_1
ORDER BY usage_event.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/known_then.py: _calendars
SELECT calendar_day.calendar_id, calendar_day.day
FROM calendar_day;

-- billing_center/reconcile/known_then.py: histories
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
WHERE audit_entry.act IN (:act_1, ...) AND audit_entry.subject IN (:subject_1, ...);

-- billing_center/reconcile/known_then.py: read_catalog
SELECT exchange_rate.currency, exchange_rate.valid_from, exchange_rate.rate, exchange_rate.loaded_at
FROM exchange_rate;

-- billing_center/reconcile/known_then.py: read_catalog
SELECT price_replacement.version_id, price_replacement.replaced_by, price_replacement.valid_to_before,
    price_replacement.correction_id, price_replacement.at
FROM price_replacement;

-- billing_center/reconcile/known_then.py: read_catalog
SELECT price_version.version_id, price_version.product_id, price_version.plan, price_version.valid_from,
    price_version.valid_to, price_version.document, price_version.loaded_at
FROM price_version
WHERE price_version.product_id IN (:product_id_1, ...);

-- billing_center/reconcile/known_then.py: read_catalog
SELECT product.product_id, product.name, product.on_sale, product.currency, product.document, product.loaded_at
FROM product
WHERE product.product_id IN (:product_id_1, ...);

-- billing_center/reconcile/known_then.py: read_catalog
SELECT promotion.promotion_id, promotion.document, promotion.loaded_at
FROM promotion
WHERE promotion.promotion_id IN (:promotion_id_1, ...);

-- billing_center/reconcile/known_then.py: read_terms
SELECT payer_billing_day.payer_id, payer_billing_day.effective_from, payer_billing_day.shard,
    payer_billing_day.billing_day, payer_billing_day.recorded_at, payer_billing_day.actor
FROM payer_billing_day
WHERE payer_billing_day.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_facts.py: _factors
SELECT factor_value.name, factor_value.valid_from, factor_value.value, factor_value.recorded_at,
    factor_value.actor, factor_value.why
FROM factor_value
ORDER BY factor_value.name, factor_value.valid_from;

-- billing_center/reconcile/read_facts.py: _has_use
SELECT usage_event.event_id
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.day = :day_1 AND usage_event.product_id = :product_id_1 AND (usage_event.payer_id = :payer_id_1
    OR usage_event.payer_id IS NULL)
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/read_facts.py: _orders_of
SELECT service_order.cust_id, service_order.order_id
FROM service_order
WHERE service_order.cust_id IN (:cust_id_1, ...);

-- billing_center/reconcile/read_facts.py: _orders_of
SELECT service_order.payer_id, service_order.order_id
FROM service_order
WHERE service_order.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_facts.py: read_facts
SELECT first_opening.payer_id, first_opening.product_id, first_opening.day
FROM first_opening
WHERE first_opening.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_facts.py: read_facts
SELECT meter.payer_id, meter.product_id, meter.order_id, meter.scope, meter.version_id, meter.component,
    meter.reading
FROM meter
WHERE meter.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT account_change.payer_id, account_change.product_id, account_change.change_id, account_change.shard,
    account_change.at, account_change.accounts, account_change.actor
FROM account_change
WHERE account_change.payer_id IN (:payer_id_1, ...) AND account_change.product_id IN (:product_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT allowance_grant.grant_id, allowance_grant.payer_id, allowance_grant.product_id, allowance_grant.kind,
    allowance_grant.quantity, allowance_grant.currency, allowance_grant.valid_from, allowance_grant.valid_to,
    allowance_grant.priority, allowance_grant.package_id, allowance_grant.granted_at, allowance_grant.actor,
    allowance_grant.why
FROM allowance_grant
WHERE allowance_grant.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.order_id,
    charge.product_id, charge.user_id, charge.currency, charge.quantity, charge.amount, charge.list_amount,
    charge.meter_order_id, charge.meter_scope, charge.meter_component, charge.reading_before, charge.reading_after,
    charge.version_id, charge.promotion_id, charge.period_start, charge.run_id, charge.rated_at
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
WHERE charge.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT correction.correction_id, correction.kind, correction.subject, correction.at, correction.actor,
    correction.why, correction.content_hash, correction.report
FROM correction
WHERE correction.correction_id IN (:correction_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT correction.correction_id, correction.kind, correction.subject, correction.at, correction.actor,
    correction.why, correction.content_hash, correction.report
FROM correction
WHERE correction.subject IN (:subject_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT correction_payer.correction_id, correction_payer.payer_id, correction_payer.at, correction_payer.report
FROM correction_payer
WHERE correction_payer.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT credit_note.credit_no, credit_note.correction_id, credit_note.invoice_id, credit_note.payer_id,
    credit_note.base_currency, credit_note.base_amount, credit_note.at, credit_note.actor, credit_note.why,
    credit_note.effect
FROM credit_note
WHERE credit_note.invoice_id IN (:invoice_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT credit_note_line.credit_no, credit_note_line.line_no, credit_note_line.invoice_id,
    credit_note_line.currency, credit_note_line.amount
FROM credit_note_line
WHERE credit_note_line.credit_no IN (:credit_no_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT invoice.invoice_id, invoice.invoice_no, invoice.payer_id, invoice.cust_id, invoice.period_start,
    invoice.period_end, invoice.state, invoice.base_currency, invoice.base_amount, invoice.billed_on,
    invoice.due_day, invoice.issued_at, invoice.settled_at, invoice.flagged, invoice.run_id
FROM invoice
WHERE invoice.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT invoice_line.invoice_id, invoice_line.line_no, invoice_line.payer_id, invoice_line.order_id,
    invoice_line.product_id, invoice_line.currency, invoice_line.quantity, invoice_line.amount,
    invoice_line.list_amount, invoice_line.rated_amount, invoice_line.charges
FROM invoice_line
WHERE invoice_line.invoice_id IN (:invoice_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT invoice_total.invoice_id, invoice_total.currency, invoice_total.amount, invoice_total.list_amount,
    invoice_total.rate, invoice_total.base_amount
FROM invoice_total
WHERE invoice_total.invoice_id IN (:invoice_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT order_state_change.order_id, order_state_change.seq, order_state_change.payer_id, order_state_change.at,
    order_state_change.to_state, order_state_change.actor, order_state_change.reason
FROM order_state_change
WHERE order_state_change.order_id IN (:order_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT outbox_message.message_id, outbox_message.kind, outbox_message.subject_id, outbox_message.seq,
    outbox_message.payer_id, outbox_message.payload, outbox_message.state
FROM outbox_message
WHERE outbox_message.subject_id IN (:subject_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT outbox_try.message_id, outbox_try.try_no, outbox_try.at, outbox_try.outcome, outbox_try.answer
FROM outbox_try
WHERE outbox_try.message_id IN (:message_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT payer.payer_id, payer.name, payer.cust_id, payer.currency, payer.billing_day, payer.grace_days,
    payer.closed_until
FROM payer
WHERE payer.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT redemption.promotion_id, redemption.slot, redemption.order_id, redemption.payer_id, redemption.at
FROM redemption
WHERE redemption.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT running_sum.payer_id, running_sum.period_start, running_sum.order_id, running_sum.product_id,
    running_sum.currency, running_sum.period_end, running_sum.quantity, running_sum.amount,
    running_sum.list_amount, running_sum.charges, running_sum.invoice_id
FROM running_sum
WHERE running_sum.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT service_order.order_id, service_order.cust_id, service_order.payer_id, service_order.product_id,
    service_order.plan, service_order.promotion_id, service_order.start_at, service_order.start_day,
    service_order.features, service_order.state, service_order.stopped_for, service_order.change_count,
    service_order.installed_at, service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.payer_id IN (:payer_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT usage_correction.event_id, usage_correction.corrects, usage_correction.correction_id, usage_correction.at
FROM usage_correction
WHERE usage_correction.event_id IN (:event_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT usage_event.event_id, usage_event.day, usage_event.user_id, usage_event.payer_id, usage_event.product_id,
    usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity, usage_event.unit
FROM (SELECT usage_event.event_id AS event_id, usage_event.day AS day, usage_event.shard AS shard,
    usage_event.caller AS caller, usage_event.guid AS guid, usage_event.user_id AS user_id, usage_event.user_name
    AS user_name, usage_event.payer_id AS payer_id, usage_event.product_id AS product_id, usage_event.product_name
    AS product_name, usage_event.started_at AS started_at, usage_event.ended_at AS ended_at, usage_event.amount AS
    amount, usage_event.quantity AS quantity, usage_event.unit AS unit, usage_event.received_at AS received_at
FROM usage_event UNION ALL SELECT usage_event_history.event_id AS event_id, usage_event_history.day AS day,
    usage_event_history.shard AS shard, usage_event_history.caller AS caller, usage_event_history.guid AS guid,
    usage_event_history.user_id AS user_id, usage_event_history.user_name AS user_name,
    usage_event_history.payer_id AS payer_id, usage_event_history.product_id AS product_id,
    usage_event_history.product_name AS product_name, usage_event_history.started_at AS started_at,
    usage_event_history.ended_at AS ended_at, usage_event_history.amount AS amount, usage_event_history.quantity AS
    quantity, usage_event_history.unit AS unit, usage_event_history.received_at AS received_at
FROM usage_event_history) usage_event
WHERE usage_event.event_id IN (:event_id_1, ...);

-- billing_center/reconcile/read_rows.py: read_rows
SELECT usage_withdrawal.event_id, usage_withdrawal.correction_id, usage_withdrawal.found, usage_withdrawal.at
FROM usage_withdrawal
WHERE usage_withdrawal.event_id IN (:event_id_1, ...);

-- billing_center/reconcile/store.py: _bounded
SELECT running_sum.payer_id, sum(running_sum.charges) AS charges
FROM running_sum
WHERE running_sum.payer_id IN (:payer_id_1, ...)
GROUP BY running_sum.payer_id;

-- billing_center/reconcile/store.py: _in_order
SELECT payer.payer_id
FROM payer
WHERE payer.shard BETWEEN :shard_1 AND :shard_2 AND (payer.shard > :shard_3 OR payer.payer_id > :payer_id_1)
ORDER BY payer.shard, payer.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/store.py: _in_order
SELECT payer.shard
FROM payer
WHERE payer.payer_id = :payer_id_1;

-- billing_center/reconcile/store.py: counts_of
SELECT count(*) AS count_1
FROM reconcile_difference
WHERE reconcile_difference.run_id = :run_id_1;

-- billing_center/reconcile/store.py: counts_of
SELECT reconcile_count.name, sum(reconcile_count.counted) AS sum_1
FROM reconcile_count
WHERE reconcile_count.run_id = :run_id_1
GROUP BY reconcile_count.name;

-- billing_center/reconcile/store.py: delete_differences
DELETE
FROM reconcile_count
WHERE reconcile_count.run_id IN (:run_id_1, ...);

-- billing_center/reconcile/store.py: delete_differences
DELETE
FROM reconcile_difference
WHERE reconcile_difference.run_id IN (:run_id_1, ...);

-- billing_center/reconcile/store.py: delete_differences
SELECT job_run.run_id
FROM job_run
WHERE job_run.job IN (:job_1, ...) AND job_run.started_at < :started_at_1 AND ((EXISTS (SELECT
    reconcile_count.run_id
FROM reconcile_count
WHERE reconcile_count.run_id = job_run.run_id)) OR (EXISTS (SELECT reconcile_difference.run_id
FROM reconcile_difference
WHERE reconcile_difference.run_id = job_run.run_id)))
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/store.py: differences_of
SELECT reconcile_difference.payer_id, reconcile_difference.rule, reconcile_difference.subject,
    reconcile_difference.expected, reconcile_difference.found, reconcile_difference.detail
FROM reconcile_difference
WHERE reconcile_difference.run_id = :run_id_1
ORDER BY reconcile_difference.payer_id, reconcile_difference.difference_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/reconcile/store.py: keep_counts
MERGE INTO reconcile_count t USING dual ON (t.run_id = :g_run_id AND t.name = :g_name AND t.shard = :g_shard)
WHEN MATCHED THEN UPDATE SET t.counted = t.counted + :g_counted
WHEN NOT MATCHED THEN INSERT (run_id, name, shard, counted)
VALUES (:g_run_id, :g_name, :g_shard, :g_counted);

-- billing_center/reconcile/store.py: keep_differences
INSERT INTO reconcile_difference (run_id, difference_id, payer_id, shard, rule, subject, expected, found, detail)
VALUES (:run_id, :difference_id, :payer_id, :shard, :rule, :subject, :expected, :found, :detail);

-- billing_center/reconcile/store.py: next_payers
SELECT invoice.payer_id
FROM invoice
WHERE invoice.billed_on = :billed_on_1 AND invoice.payer_id IN (:payer_id_1, ...);
