-- What correction sends. Made by `make oracle-sql`.

-- billing_center/correction/credit_invoice.py: _left
UPDATE outbox_message SET payload=:payload
WHERE outbox_message.message_id = :message_id_1;

-- billing_center/correction/credit_notes.py: keep_note
INSERT INTO credit_note (credit_no, correction_id, invoice_id, payer_id, shard, base_currency, base_amount, at,
    actor, why, effect)
VALUES (:credit_no, :correction_id, :invoice_id, :payer_id, :shard, :base_currency, :base_amount, :at, :actor,
    :why, :effect);

-- billing_center/correction/credit_notes.py: keep_note
INSERT INTO credit_note_line (credit_no, line_no, invoice_id, currency, amount)
VALUES (:credit_no, :line_no, :invoice_id, :currency, :amount);

-- billing_center/correction/credit_notes.py: notes_of
SELECT credit_note.credit_no, credit_note.correction_id, credit_note.base_currency, credit_note.base_amount,
    credit_note.at, credit_note.actor, credit_note.why, credit_note.effect
FROM credit_note
WHERE credit_note.invoice_id = :invoice_id_1
ORDER BY credit_note.at, credit_note.credit_no;

-- billing_center/correction/credit_notes.py: notes_of
SELECT credit_note_line.credit_no, credit_note_line.line_no, credit_note_line.currency, credit_note_line.amount
FROM credit_note_line
WHERE credit_note_line.invoice_id = :invoice_id_1
ORDER BY credit_note_line.line_no;

-- billing_center/correction/replace_prices.py: _keep
INSERT INTO price_replacement (version_id, replaced_by, valid_to_before, correction_id, at)
VALUES (:version_id, :replaced_by, :valid_to_before, :correction_id, :at);

-- billing_center/correction/store.py: _insert_once
INSERT INTO correction (correction_id, kind, subject, at, actor, why, content_hash, report)
VALUES (:correction_id, :kind, :subject, :at, :actor, :why, :content_hash, :report);

-- billing_center/correction/store.py: _insert_once
INSERT INTO correction_payer (correction_id, payer_id, shard, at, report)
VALUES (:correction_id, :payer_id, :shard, :at, :report);

-- billing_center/correction/store.py: _insert_once
INSERT INTO usage_correction (event_id, corrects, correction_id, at)
VALUES (:event_id, :corrects, :correction_id, :at);

-- billing_center/correction/store.py: _insert_once
INSERT INTO usage_withdrawal (event_id, correction_id, found, at)
VALUES (:event_id, :correction_id, :found, :at);

-- billing_center/correction/store.py: _insert_once
SAVEPOINT sa_savepoint_n;

-- billing_center/correction/store.py: _replaced
SELECT usage_correction.event_id, usage_correction.corrects
FROM usage_correction
WHERE usage_correction.event_id IN (:event_id_1, ...);

-- billing_center/correction/store.py: corrections
SELECT correction.correction_id, correction.kind, correction.subject, correction.at, correction.actor,
    correction.why, correction.content_hash, correction.report
FROM correction
ORDER BY correction.at DESC, correction.correction_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/correction/store.py: find_correction
SELECT correction.kind, correction.content_hash, correction.report
FROM correction
WHERE correction.correction_id = :correction_id_1;

-- billing_center/correction/store.py: leave_queue_for_good
DELETE
FROM usage_queue
WHERE usage_queue.event_id = :event_id_1;

-- billing_center/correction/store.py: leave_queue_for_good
SELECT usage_queue.state
FROM usage_queue
WHERE usage_queue.event_id = :event_id_1 FOR UPDATE;

-- billing_center/correction/store.py: meters_of
SELECT meter.product_id, meter.order_id, meter.scope, meter.version_id, meter.component, meter.reading
FROM meter
WHERE meter.payer_id = :payer_id_1 AND meter.product_id IN (:product_id_1, ...);

-- billing_center/correction/store.py: newest_of
SELECT usage_correction.event_id
FROM usage_correction
WHERE usage_correction.corrects = :corrects_1;

-- billing_center/correction/store.py: part_of
SELECT correction_payer.report
FROM correction_payer
WHERE correction_payer.correction_id = :correction_id_1 AND correction_payer.payer_id = :payer_id_1;

-- billing_center/correction/store.py: payer_charged
SELECT charge.payer_id
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
WHERE charge.day = :day_1 AND charge.cause = :cause_1 AND charge.cause_id = :cause_id_1
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/correction/store.py: payer_charged
SELECT charge.payer_id
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
WHERE charge.day = :day_1 AND charge.cause = :cause_1 AND charge.cause_id = :cause_id_1 AND charge.payer_id =
    :payer_id_1
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/correction/store.py: payers_charged
SELECT DISTINCT charge.payer_id
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
WHERE charge.day BETWEEN :day_1 AND :day_2 AND charge.product_id = :product_id_1
ORDER BY charge.payer_id;

-- billing_center/correction/store.py: places_of
SELECT charge.day, charge.cause_id, charge.rated_at
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
WHERE charge.cause = :cause_1 AND charge.day IN (:day_1, ...) AND charge.cause_id IN (:cause_id_1, ...);

-- billing_center/correction/store.py: positions_of_days
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.shard, charge.order_id,
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
WHERE charge.payer_id = :payer_id_1 AND charge.product_id = :product_id_1 AND charge.day BETWEEN :day_1 AND :day_2
    AND charge.cause IN (:cause_1, ...) AND charge.cause_id = :cause_id_1;

-- billing_center/correction/store.py: positions_of_days
-- billing_center/correction/store.py: positions_of_uses
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.shard, charge.order_id,
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
WHERE charge.payer_id = :payer_id_1 AND charge.product_id = :product_id_1 AND charge.day BETWEEN :day_1 AND :day_2
    AND charge.cause IN (:cause_1, ...);

-- billing_center/correction/store.py: positions_of_uses
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.shard, charge.order_id,
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
WHERE charge.payer_id = :payer_id_1 AND charge.product_id = :product_id_1 AND charge.cause IN (:cause_1, ...);

-- billing_center/correction/store.py: positions_of_uses
SELECT charge.day, charge.payer_id, charge.cause, charge.cause_id, charge.component, charge.shard, charge.order_id,
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
WHERE charge.payer_id = :payer_id_1 AND charge.product_id = :product_id_1 AND charge.cause IN (:cause_1, ...) AND
    charge.cause_id IN (:cause_id_1, ...);

-- billing_center/correction/store.py: withdrawn
SELECT usage_withdrawal.event_id, usage_withdrawal.correction_id
FROM usage_withdrawal
WHERE usage_withdrawal.event_id IN (:event_id_1, ...);
