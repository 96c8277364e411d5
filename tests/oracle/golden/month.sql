-- January 2026 moves to the history tables, as a DBA runs it.

INSERT INTO history_month (month, table_name, state, row_count, quantity, amount, changed_at, actor) SELECT TO_DATE('2026-01-01', 'YYYY-MM-DD'), 'charge', 'MOVING', COUNT(*), NVL(SUM(quantity), 0), NVL(SUM(amount), 0), SYSTIMESTAMP, 'dba' FROM charge PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD'));

INSERT INTO history_month (month, table_name, state, row_count, quantity, amount, changed_at, actor) SELECT TO_DATE('2026-01-01', 'YYYY-MM-DD'), 'usage_event', 'MOVING', COUNT(*), NVL(SUM(quantity), 0), NVL(SUM(amount), 0), SYSTIMESTAMP, 'dba' FROM usage_event PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD'));

INSERT INTO history_month (month, table_name, state, row_count, quantity, amount, changed_at, actor) SELECT TO_DATE('2026-01-01', 'YYYY-MM-DD'), 'usage_filtered', 'MOVING', COUNT(*), 0, 0, SYSTIMESTAMP, 'dba' FROM usage_filtered PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD'));

COMMIT;

CREATE TABLE charge_swap PARTITION BY HASH (payer_id) PARTITIONS 2 FOR EXCHANGE WITH TABLE charge;

ALTER TABLE charge_swap ADD CONSTRAINT pk_charge_swap PRIMARY KEY (day, payer_id, cause, cause_id, component) USING INDEX LOCAL;

CREATE INDEX ix_charge_swap_0 ON charge_swap (payer_id, period_start) LOCAL;

LOCK TABLE charge_history PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) IN SHARE MODE;

ALTER TABLE charge EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE charge_swap INCLUDING INDEXES WITHOUT VALIDATION;

ALTER TABLE charge_history EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE charge_swap INCLUDING INDEXES WITHOUT VALIDATION;

DROP TABLE charge_swap PURGE;

CREATE TABLE usage_event_swap PARTITION BY HASH (event_id) PARTITIONS 2 FOR EXCHANGE WITH TABLE usage_event;

ALTER TABLE usage_event_swap ADD CONSTRAINT pk_usage_event_swap PRIMARY KEY (event_id, day) USING INDEX LOCAL;

CREATE INDEX ix_usage_event_swap_0 ON usage_event_swap (day) LOCAL;

LOCK TABLE usage_event_history PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) IN SHARE MODE;

ALTER TABLE usage_event EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE usage_event_swap INCLUDING INDEXES WITHOUT VALIDATION;

ALTER TABLE usage_event_history EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE usage_event_swap INCLUDING INDEXES WITHOUT VALIDATION;

DROP TABLE usage_event_swap PURGE;

CREATE TABLE usage_filtered_swap PARTITION BY HASH (event_id) PARTITIONS 2 FOR EXCHANGE WITH TABLE usage_filtered;

ALTER TABLE usage_filtered_swap ADD CONSTRAINT pk_usage_filtered_swap PRIMARY KEY (event_id, day) USING INDEX LOCAL;

CREATE INDEX ix_usage_filtered_swap_0 ON usage_filtered_swap (day) LOCAL;

LOCK TABLE usage_filtered_history PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) IN SHARE MODE;

ALTER TABLE usage_filtered EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE usage_filtered_swap INCLUDING INDEXES WITHOUT VALIDATION;

ALTER TABLE usage_filtered_history EXCHANGE PARTITION FOR (TO_DATE('2026-01-01', 'YYYY-MM-DD')) WITH TABLE usage_filtered_swap INCLUDING INDEXES WITHOUT VALIDATION;

DROP TABLE usage_filtered_swap PURGE;
