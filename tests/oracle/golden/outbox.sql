-- What outbox sends. Made by `make oracle-sql`.

-- billing_center/outbox/put.py: put_messages
MERGE INTO outbox_message t USING dual ON (t.message_id = :g_message_id)
WHEN NOT MATCHED THEN INSERT (message_id, kind, subject_id, seq, payer_id, shard, payload, state, tries,
    next_try_at, lease_owner, lease_until, last_answer, created_at, sent_at)
VALUES (:g_message_id, :g_kind, :g_subject_id, :g_seq, :g_payer_id, :g_shard, :g_payload, :g_state, :g_tries,
    :g_next_try_at, :g_lease_owner, :g_lease_until, :g_last_answer, :g_created_at, :g_sent_at);

-- billing_center/outbox/put.py: put_new_messages
INSERT INTO outbox_message (message_id, kind, subject_id, seq, payer_id, shard, payload, state, tries, next_try_at,
    lease_owner, lease_until, last_answer, created_at, sent_at)
VALUES (:message_id, :kind, :subject_id, :seq, :payer_id, :shard, :payload, :state, :tries, :next_try_at,
    :lease_owner, :lease_until, :last_answer, :created_at, :sent_at);

-- billing_center/outbox/show_messages.py: show_message
SELECT outbox_message.subject_id, outbox_message.kind, outbox_message.payload
FROM outbox_message
WHERE outbox_message.message_id = :message_id_1;

-- billing_center/outbox/store.py: due_ids
SELECT outbox_message.message_id
FROM outbox_message
WHERE outbox_message.message_id IN (SELECT outbox_message.message_id
FROM outbox_message
WHERE outbox_message.state = :state_1 AND (outbox_message.lease_until IS NULL OR outbox_message.lease_until <=
    :lease_until_1) AND outbox_message.kind = :kind_1 AND outbox_message.next_try_at <= :next_try_at_1 AND NOT
    (EXISTS (SELECT *
FROM outbox_message earlier
WHERE earlier.subject_id = outbox_message.subject_id AND earlier.kind = outbox_message.kind AND earlier.seq <
    outbox_message.seq AND earlier.state IN (:state_2, ...)))
ORDER BY outbox_message.next_try_at
FETCH FIRST :param_1 ROWS ONLY)
ORDER BY outbox_message.next_try_at
FOR UPDATE SKIP LOCKED;

-- billing_center/outbox/store.py: keep_tries
INSERT INTO outbox_try (message_id, try_no, at, outcome, answer)
VALUES (:message_id, :try_no, :at, :outcome, :answer);

-- billing_center/outbox/store.py: lease
UPDATE outbox_message SET lease_owner=:lease_owner, lease_until=:lease_until
WHERE outbox_message.message_id IN (:message_id_1, ...) AND outbox_message.state = :state_1 AND
    (outbox_message.lease_until IS NULL OR outbox_message.lease_until <= :lease_until_1) RETURNING
    outbox_message.message_id, outbox_message.kind, outbox_message.subject_id, outbox_message.seq,
    outbox_message.payer_id, outbox_message.payload, outbox_message.tries, outbox_message.lease_owner INTO :ret_0,
    :ret_1, :ret_2, :ret_3, :ret_4, :ret_5, :ret_6, :ret_7;

-- billing_center/outbox/store.py: lock_messages
SELECT outbox_message.message_id, outbox_message.kind, outbox_message.subject_id, outbox_message.seq,
    outbox_message.payer_id, outbox_message.shard, outbox_message.payload, outbox_message.state,
    outbox_message.tries, outbox_message.next_try_at, outbox_message.lease_owner, outbox_message.lease_until,
    outbox_message.last_answer, outbox_message.created_at, outbox_message.sent_at
FROM outbox_message
WHERE outbox_message.message_id IN (:message_id_1, ...)
ORDER BY outbox_message.message_id FOR UPDATE;

-- billing_center/outbox/store.py: lock_standing
SELECT outbox_message.state, outbox_message.tries, outbox_message.next_try_at, outbox_message.lease_owner,
    outbox_message.lease_until, outbox_message.last_answer, outbox_message.sent_at, outbox_message.message_id
FROM outbox_message
WHERE outbox_message.message_id IN (:message_id_1, ...)
ORDER BY outbox_message.message_id FOR UPDATE;

-- billing_center/outbox/store.py: messages_in
SELECT outbox_message.message_id, outbox_message.kind, outbox_message.subject_id, outbox_message.seq,
    outbox_message.payer_id, outbox_message.shard, outbox_message.payload, outbox_message.state,
    outbox_message.tries, outbox_message.next_try_at, outbox_message.lease_owner, outbox_message.lease_until,
    outbox_message.last_answer, outbox_message.created_at, outbox_message.sent_at
FROM outbox_message
WHERE outbox_message.state = :state_1
ORDER BY outbox_message.next_try_at, outbox_message.message_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/outbox/store.py: messages_of
SELECT outbox_message.message_id, outbox_message.kind, outbox_message.subject_id, outbox_message.seq,
    outbox_message.payer_id, outbox_message.shard, outbox_message.payload, outbox_message.state,
    outbox_message.tries, outbox_message.next_try_at, outbox_message.lease_owner, outbox_message.lease_until,
    outbox_message.last_answer, outbox_message.created_at, outbox_message.sent_at
FROM outbox_message
WHERE outbox_message.subject_id = :subject_id_1 AND outbox_message.kind = :kind_1
ORDER BY outbox_message.seq;

-- billing_center/outbox/store.py: messages_of
SELECT outbox_try.message_id, outbox_try.try_no, outbox_try.at, outbox_try.outcome, outbox_try.answer
FROM outbox_try
WHERE outbox_try.message_id IN (:message_id_1, ...);

-- billing_center/outbox/store.py: set_messages
UPDATE outbox_message SET state=:g_state, tries=:g_tries, next_try_at=:g_next_try_at, lease_owner=:g_lease_owner,
    lease_until=:g_lease_until, last_answer=:g_last_answer, sent_at=:g_sent_at
WHERE outbox_message.message_id = :g_message_id;

-- billing_center/outbox/store.py: settle
UPDATE outbox_message SET state=:state, lease_owner=:lease_owner, lease_until=:lease_until
WHERE outbox_message.message_id IN (:message_id_1, ...) AND outbox_message.state IN (:state_1, ...);
