-- What usage sends. Made by `make oracle-sql`.

-- billing_center/usage/find_payer.py: <listcomp>
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.cust_id IN (:cust_id_1, ...) AND service_order.product_id IN (:product_id_1, ...);

-- billing_center/usage/find_payer.py: <listcomp>
SELECT service_order.order_id, service_order.order_code, service_order.cust_id, service_order.payer_id,
    service_order.shard, service_order.product_id, service_order.plan, service_order.promotion_id,
    service_order.start_at, service_order.start_day, service_order.features, service_order.is_quota,
    service_order.state, service_order.stopped_for, service_order.change_count, service_order.facts_hash,
    service_order.rated_through, service_order.ended_day
FROM service_order
WHERE service_order.payer_id IN (:payer_id_1, ...) AND service_order.product_id IN (:product_id_1, ...);

-- billing_center/usage/import_uses.py: _keep
UPDATE usage_import SET lines_done=:lines_done, kept=:kept, repeated=:repeated, refused=:refused,
    finished_at=:finished_at
WHERE usage_import.digest = :digest_1;

-- billing_center/usage/import_uses.py: begin_import
MERGE INTO usage_import t USING dual ON (t.digest = :g_digest)
WHEN NOT MATCHED THEN INSERT (digest, file_name, caller, lines_done, kept, repeated, refused, started_at,
    finished_at)
VALUES (:g_digest, :g_file_name, :g_caller, :g_lines_done, :g_kept, :g_repeated, :g_refused, :g_started_at,
    :g_finished_at);

-- billing_center/usage/import_uses.py: begin_import
-- billing_center/usage/import_uses.py: begin_piece
-- billing_center/usage/import_uses.py: finish_pieces
-- billing_center/usage/import_uses.py: import_lines
SELECT usage_import.digest, usage_import.file_name, usage_import.caller, usage_import.lines_done,
    usage_import.kept, usage_import.repeated, usage_import.refused, usage_import.started_at,
    usage_import.finished_at
FROM usage_import
WHERE usage_import.digest IN (:digest_1, ...)
ORDER BY usage_import.digest FOR UPDATE;

-- billing_center/usage/import_uses.py: finish_pieces
DELETE
FROM usage_import
WHERE usage_import.digest = :g_digest;

-- billing_center/usage/import_uses.py: imports
SELECT usage_import.digest, usage_import.file_name, usage_import.caller, usage_import.lines_done,
    usage_import.kept, usage_import.repeated, usage_import.refused, usage_import.started_at,
    usage_import.finished_at
FROM usage_import
ORDER BY usage_import.started_at DESC, usage_import.digest
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/keep_uses.py: _claim
INSERT INTO usage_identity (identity, event_id, day, content_hash, seen_at)
VALUES (:identity, :event_id, :day, :content_hash, :seen_at);

-- billing_center/usage/keep_uses.py: _claim_or_meet
MERGE INTO usage_identity t USING dual ON (t.identity = :g_identity)
WHEN NOT MATCHED THEN INSERT (identity, event_id, day, content_hash, seen_at)
VALUES (:g_identity, :g_event_id, :g_day, :g_content_hash, :g_seen_at);

-- billing_center/usage/keep_uses.py: _holders
SELECT usage_identity.identity, usage_identity.event_id, usage_identity.content_hash, usage_identity.seen_at
FROM usage_identity
WHERE usage_identity.identity IN (:identity_1, ...);

-- billing_center/usage/keep_uses.py: _insert
INSERT INTO usage_event (event_id, day, shard, caller, guid, user_id, user_name, payer_id, product_id,
    product_name, started_at, ended_at, amount, quantity, unit, received_at)
VALUES (:event_id, :day, :shard, :caller, :guid, :user_id, :user_name, :payer_id, :product_id, :product_name,
    :started_at, :ended_at, :amount, :quantity, :unit, :received_at);

-- billing_center/usage/keep_uses.py: _insert
INSERT INTO usage_queue (event_id, day, shard, state, real_time, next_try_at, tries, reason, detail)
VALUES (:event_id, :day, :shard, :state, :real_time, :next_try_at, :tries, :reason, :detail);

-- billing_center/usage/keep_uses.py: _takes_over
UPDATE usage_identity SET event_id=:event_id, seen_at=:seen_at
WHERE usage_identity.identity = :identity_1 AND usage_identity.event_id = :event_id_1;

-- billing_center/usage/park.py: _to_waiting
UPDATE usage_queue SET state=:state, next_try_at=:next_try_at, tries=CASE WHEN (usage_queue.state = :state_1) THEN
    :param_1 ELSE usage_queue.tries END
WHERE usage_queue.event_id IN (:event_id_1, ...);

-- billing_center/usage/park.py: park
UPDATE usage_queue SET state=:g_state, next_try_at=:g_next_try_at, tries=:g_tries, reason=:g_reason,
    detail=:g_detail
WHERE usage_queue.event_id = :g_event_id;

-- billing_center/usage/park.py: parked_uses
SELECT usage_queue.event_id, usage_queue.state, usage_queue.reason, usage_queue.detail, usage_queue.tries,
    usage_queue.next_try_at, usage_event.product_id, usage_event.user_id, usage_event.payer_id,
    usage_event.started_at
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/park.py: release
SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.event_id IN (:event_id_1, ...) AND usage_queue.state IN (:state_1, ...);

-- billing_center/usage/park.py: release_due
SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.shard BETWEEN :shard_1 AND :shard_2 AND usage_queue.state = 'PARKED' AND usage_queue.next_try_at
    <= :next_try_at_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/park.py: wake_parked
UPDATE usage_queue SET state=:state, next_try_at=:next_try_at, tries=:tries
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.reason = :reason_1 AND (EXISTS (SELECT
    usage_event.event_id
FROM usage_event
WHERE usage_event.event_id = usage_queue.event_id AND usage_event.day = usage_queue.day AND usage_event.product_id
    = :product_id_1));

-- billing_center/usage/purge_identities.py: kept_before
SELECT usage_event.day, usage_event.guid, usage_event.caller, usage_event.event_id
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
WHERE usage_event.day IN (:day_1, ...) AND usage_event.guid IN (:guid_1, ...);

-- billing_center/usage/purge_identities.py: purge_identities
DELETE
FROM usage_identity
WHERE usage_identity.identity = :g_identity;

-- billing_center/usage/purge_identities.py: purge_identities
SELECT usage_identity.identity
FROM usage_identity
WHERE usage_identity.day < :day_1 AND usage_identity.seen_at < :seen_at_1
ORDER BY usage_identity.day
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/record_usage.py: event_of_guid
SELECT usage_identity.event_id
FROM usage_identity
WHERE usage_identity.identity = :identity_1;

-- billing_center/usage/show_uses.py: _charges
SELECT charge.payer_id, charge.day, charge.cause, charge.component, charge.order_id, charge.currency,
    charge.quantity, charge.amount, charge.period_start, charge.run_id
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
WHERE charge.day = :day_1 AND charge.cause IN (:cause_1, ...) AND charge.cause_id = :cause_id_1 AND charge.payer_id
    = :payer_id_1
ORDER BY charge.day, charge.cause, charge.component;

-- billing_center/usage/show_uses.py: show_use
SELECT usage_filtered.rule
FROM (SELECT usage_filtered.event_id AS event_id, usage_filtered.day AS day, usage_filtered.shard AS shard,
    usage_filtered.rule AS rule, usage_filtered.at AS at
FROM usage_filtered UNION ALL SELECT usage_filtered_history.event_id AS event_id, usage_filtered_history.day AS
    day, usage_filtered_history.shard AS shard, usage_filtered_history.rule AS rule, usage_filtered_history.at AS
    at
FROM usage_filtered_history) usage_filtered
WHERE usage_filtered.event_id = :event_id_1;

-- billing_center/usage/show_uses.py: show_use
SELECT usage_queue.state, usage_queue.tries, usage_queue.next_try_at, usage_queue.reason, usage_queue.detail
FROM usage_queue
WHERE usage_queue.event_id = :event_id_1;

-- billing_center/usage/show_uses.py: show_use
SELECT usage_withdrawal.correction_id
FROM usage_withdrawal
WHERE usage_withdrawal.event_id = :event_id_1;

-- billing_center/usage/show_uses.py: uses_waiting
SELECT usage_queue.event_id, usage_queue.state, usage_queue.tries, usage_queue.next_try_at, usage_queue.reason,
    usage_queue.detail
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/show_uses.py: uses_waiting
SELECT usage_queue.event_id, usage_queue.state, usage_queue.tries, usage_queue.next_try_at, usage_queue.reason,
    usage_queue.detail
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1 AND usage_event.payer_id =
    :payer_id_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/show_uses.py: uses_waiting
SELECT usage_queue.event_id, usage_queue.state, usage_queue.tries, usage_queue.next_try_at, usage_queue.reason,
    usage_queue.detail
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1 AND usage_queue.reason =
    :reason_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/show_uses.py: uses_waiting
SELECT usage_queue.event_id, usage_queue.state, usage_queue.tries, usage_queue.next_try_at, usage_queue.reason,
    usage_queue.detail
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1 AND usage_queue.reason =
    :reason_1 AND usage_event.product_id = :product_id_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/usage/store.py: _claim
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.user_id, usage_event.payer_id,
    usage_event.product_id, usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity,
    usage_event.unit, usage_event.shard
FROM usage_event
WHERE usage_event.day BETWEEN :day_1 AND :day_2 AND usage_event.event_id IN (:event_id_1, ...) AND usage_event.day
    IN (:day_3, ...) AND usage_event.shard IN (:shard_1, ...);

-- billing_center/usage/store.py: _claim
SELECT usage_queue.event_id, usage_queue.day, usage_queue.shard, usage_queue.tries, usage_queue.next_try_at
FROM usage_queue
WHERE usage_queue.event_id IN (SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.shard BETWEEN :shard_1 AND :shard_2 AND usage_queue.state = 'WAITING' AND usage_queue.next_try_at
    <= :next_try_at_1
ORDER BY usage_queue.shard, usage_queue.next_try_at, usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY)
ORDER BY usage_queue.shard, usage_queue.next_try_at, usage_queue.event_id
FOR UPDATE SKIP LOCKED;

-- billing_center/usage/store.py: _claim
SELECT usage_queue.event_id, usage_queue.day, usage_queue.shard, usage_queue.tries, usage_queue.next_try_at
FROM usage_queue
WHERE usage_queue.event_id IN (SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.shard BETWEEN :shard_1 AND :shard_2 AND usage_queue.state = 'WAITING' AND usage_queue.next_try_at
    <= :next_try_at_1 AND usage_queue.real_time = 1
ORDER BY usage_queue.shard, usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY)
ORDER BY usage_queue.shard, usage_queue.event_id
FOR UPDATE SKIP LOCKED;

-- billing_center/usage/store.py: _claim
SELECT usage_queue.event_id, usage_queue.day, usage_queue.shard, usage_queue.tries, usage_queue.next_try_at
FROM usage_queue
WHERE usage_queue.event_id IN (SELECT usage_queue.event_id
FROM usage_queue
WHERE usage_queue.shard BETWEEN :shard_1 AND :shard_2 AND usage_queue.state = 'WAITING' AND usage_queue.next_try_at
    <= :next_try_at_1 AND usage_queue.shard = :shard_3 AND usage_queue.next_try_at >= :next_try_at_2 AND
    (usage_queue.next_try_at > :next_try_at_3 OR usage_queue.event_id > :event_id_1)
ORDER BY usage_queue.shard, usage_queue.next_try_at, usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY)
ORDER BY usage_queue.shard, usage_queue.next_try_at, usage_queue.event_id
FOR UPDATE SKIP LOCKED;

-- billing_center/usage/store.py: leave_queue
DELETE
FROM usage_queue
WHERE usage_queue.event_id = :g_event_id;

-- billing_center/usage/store.py: note_filtered
INSERT INTO usage_filtered (event_id, day, shard, rule, at)
VALUES (:event_id, :day, :shard, :rule, :at);

-- billing_center/usage/store.py: note_filtered
SELECT usage_queue.event_id, usage_queue.day, usage_queue.shard
FROM usage_queue
WHERE usage_queue.event_id IN (:event_id_1, ...);

-- billing_center/usage/store.py: parked_due_count
SELECT count(*) AS count_1
FROM usage_queue
WHERE usage_queue.state = 'PARKED' AND usage_queue.next_try_at <= :next_try_at_1;

-- billing_center/usage/store.py: queued_uses
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.user_id, usage_event.payer_id,
    usage_event.product_id, usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity,
    usage_event.unit
FROM usage_event
WHERE usage_event.event_id IN (:event_id_1, ...);

-- billing_center/usage/store.py: use_counts
SELECT count(*) AS count_1
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

-- billing_center/usage/store.py: use_counts
SELECT count(*) AS count_1
FROM (SELECT usage_filtered.event_id AS event_id, usage_filtered.day AS day, usage_filtered.shard AS shard,
    usage_filtered.rule AS rule, usage_filtered.at AS at
FROM usage_filtered UNION ALL SELECT usage_filtered_history.event_id AS event_id, usage_filtered_history.day AS
    day, usage_filtered_history.shard AS shard, usage_filtered_history.rule AS rule, usage_filtered_history.at AS
    at
FROM usage_filtered_history) usage_filtered;

-- billing_center/usage/store.py: use_counts
SELECT count(distinct(charge.cause_id)) AS count_1
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
WHERE charge.cause = :cause_1;

-- billing_center/usage/store.py: use_counts
SELECT usage_queue.state, count(*) AS count_1
FROM usage_queue
GROUP BY usage_queue.state;

-- billing_center/usage/store.py: use_counts
SELECT usage_withdrawal.found, count(*) AS count_1
FROM usage_withdrawal
GROUP BY usage_withdrawal.found;

-- billing_center/usage/store.py: waiting_count
SELECT count(*) AS count_1
FROM usage_queue
WHERE usage_queue.state = 'WAITING' AND usage_queue.next_try_at <= :next_try_at_1;

-- billing_center/usage/usage_event.py: usage_events
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.guid, usage_event.user_id,
    usage_event.user_name, usage_event.payer_id, usage_event.product_id, usage_event.product_name,
    usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity, usage_event.unit,
    usage_event.received_at
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
WHERE usage_event.day BETWEEN :day_1 AND :day_2 AND usage_event.event_id IN (:event_id_1, ...);

-- billing_center/usage/usage_event.py: usage_events
SELECT usage_event.event_id, usage_event.day, usage_event.caller, usage_event.guid, usage_event.user_id,
    usage_event.user_name, usage_event.payer_id, usage_event.product_id, usage_event.product_name,
    usage_event.started_at, usage_event.ended_at, usage_event.amount, usage_event.quantity, usage_event.unit,
    usage_event.received_at
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
