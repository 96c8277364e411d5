-- What audit sends. Made by `make oracle-sql`.

-- billing_center/audit/list_entries.py: list_entries
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
ORDER BY audit_entry.entry_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/audit/list_entries.py: list_entries
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
WHERE audit_entry.act = :act_1
ORDER BY audit_entry.entry_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/audit/list_entries.py: list_entries
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
WHERE audit_entry.act = :act_1 AND audit_entry.entry_id < :entry_id_1
ORDER BY audit_entry.entry_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/audit/list_entries.py: list_entries
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
WHERE audit_entry.actor = :actor_1
ORDER BY audit_entry.entry_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/audit/list_entries.py: list_entries
SELECT audit_entry.entry_id, audit_entry.at, audit_entry.actor, audit_entry.act, audit_entry.subject,
    audit_entry.detail
FROM audit_entry
WHERE audit_entry.subject = :subject_1
ORDER BY audit_entry.entry_id DESC
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/audit/write_entry.py: write_entry
INSERT INTO audit_entry (entry_id, at, actor, act, subject, detail)
VALUES (:entry_id, :at, :actor, :act, :subject, :detail);
