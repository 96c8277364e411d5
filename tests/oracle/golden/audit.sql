-- What audit sends. Made by `make oracle-sql`.

-- billing_center/audit/write_entry.py: write_entry
INSERT INTO audit_entry (entry_id, at, actor, act, subject, detail)
VALUES (:entry_id, :at, :actor, :act, :subject, :detail);
