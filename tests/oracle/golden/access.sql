-- What access sends. Made by `make oracle-sql`.

-- billing_center/access/store.py: caller_row
SELECT caller.caller_id, caller.secret_hash, caller.operations, caller.products, caller.reply_form, caller.active,
    caller.created_at, caller.revoked_at
FROM caller
WHERE caller.caller_id = :caller_id_1;

-- billing_center/access/store.py: caller_rows
SELECT caller.caller_id, caller.secret_hash, caller.operations, caller.products, caller.reply_form, caller.active,
    caller.created_at, caller.revoked_at
FROM caller
ORDER BY caller.caller_id;

-- billing_center/access/store.py: close_caller
UPDATE caller SET active=:active, revoked_at=:revoked_at
WHERE caller.caller_id = :caller_id_1 AND caller.active = :active_1;

-- billing_center/access/store.py: delete_refused_calls
DELETE
FROM refused_call
WHERE refused_call.refused_id IN (:refused_id_1, ...);

-- billing_center/access/store.py: delete_refused_calls
SELECT refused_call.refused_id
FROM refused_call
WHERE refused_call.at < :at_1
ORDER BY refused_call.at
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: insert_refused_call
INSERT INTO refused_call (refused_id, at, caller, operation, code, field, message, arguments)
VALUES (:refused_id, :at, :caller, :operation, :code, :field, :message, :arguments);

-- billing_center/access/store.py: put_caller
MERGE INTO caller t USING dual ON (t.caller_id = :g_caller_id)
WHEN MATCHED THEN UPDATE SET t.secret_hash = :g_secret_hash, t.operations = :g_operations, t.products =
    :g_products, t.reply_form = :g_reply_form, t.active = :g_active, t.created_at = :g_created_at, t.revoked_at =
    :g_revoked_at
WHEN NOT MATCHED THEN INSERT (caller_id, secret_hash, operations, products, reply_form, active, created_at,
    revoked_at)
VALUES (:g_caller_id, :g_secret_hash, :g_operations, :g_products, :g_reply_form, :g_active, :g_created_at,
    :g_revoked_at);

-- billing_center/access/store.py: refused_call_row
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.refused_id = :refused_id_1;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.caller = :caller_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.caller = :caller_1 AND refused_call.operation = :operation_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.caller = :caller_1 AND refused_call.operation = :operation_1 AND refused_call.code = :code_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.code = :code_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.operation = :operation_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/access/store.py: refused_call_rows
SELECT refused_call.refused_id, refused_call.at, refused_call.caller, refused_call.operation, refused_call.code,
    refused_call.field, refused_call.message, refused_call.arguments
FROM refused_call
WHERE refused_call.refused_id < :refused_id_1
ORDER BY refused_call.at DESC, refused_call.refused_id DESC
FETCH FIRST :param_1 ROWS ONLY;
