CREATE TABLE alembic_version (
    version_num VARCHAR2(32 CHAR) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
)

/

-- Running upgrade  -> 0001

CREATE TABLE account_change (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    change_id VARCHAR2(26 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    accounts NUMERIC(24, 6) NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    CONSTRAINT pk_account_change PRIMARY KEY (payer_id, product_id, change_id)
)

/

CREATE TABLE allowance_grant (
    grant_id VARCHAR2(40 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    kind VARCHAR2(8 CHAR) NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    currency VARCHAR2(3 CHAR),
    valid_from DATE NOT NULL,
    valid_to DATE,
    priority SMALLINT NOT NULL,
    package_id VARCHAR2(40 CHAR),
    granted_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    why VARCHAR2(200 CHAR),
    CONSTRAINT pk_allowance_grant PRIMARY KEY (grant_id)
)

/

CREATE INDEX ix_allowance_grant_payer ON allowance_grant (payer_id, product_id)

/

CREATE TABLE audit_entry (
    entry_id VARCHAR2(26 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    act VARCHAR2(64 CHAR) NOT NULL,
    subject VARCHAR2(100 CHAR) NOT NULL,
    detail CLOB NOT NULL,
    CONSTRAINT pk_audit_entry PRIMARY KEY (entry_id)
)

/

CREATE INDEX ix_audit_entry_at ON audit_entry (at)

/

CREATE INDEX ix_audit_entry_subject ON audit_entry (subject, at)

/

CREATE TABLE calendar_day (
    calendar_id VARCHAR2(64 CHAR) NOT NULL,
    day DATE NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_calendar_day PRIMARY KEY (calendar_id, day)
)

/

CREATE TABLE caller (
    caller_id VARCHAR2(64 CHAR) NOT NULL,
    secret_hash VARCHAR2(200 CHAR) NOT NULL,
    operations CLOB NOT NULL,
    products CLOB NOT NULL,
    reply_form VARCHAR2(10 CHAR),
    active NUMERIC(1, 0) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_caller PRIMARY KEY (caller_id)
)

/

CREATE TABLE catalog_load (
    load_id VARCHAR2(26 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    file_name VARCHAR2(400 CHAR),
    file_hash VARCHAR2(64 CHAR) NOT NULL,
    changes CLOB NOT NULL,
    CONSTRAINT pk_catalog_load PRIMARY KEY (load_id)
)

/

CREATE TABLE charge (
    day DATE NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    cause VARCHAR2(12 CHAR) NOT NULL,
    cause_id VARCHAR2(64 CHAR) NOT NULL,
    component VARCHAR2(100 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    user_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    meter_order_id VARCHAR2(64 CHAR) NOT NULL,
    meter_scope VARCHAR2(10 CHAR) NOT NULL,
    meter_component VARCHAR2(100 CHAR) NOT NULL,
    reading_before NUMERIC(24, 6) NOT NULL,
    reading_after NUMERIC(24, 6) NOT NULL,
    version_id VARCHAR2(100 CHAR) NOT NULL,
    promotion_id VARCHAR2(200 CHAR) NOT NULL,
    note VARCHAR2(200 CHAR),
    period_start DATE NOT NULL,
    run_id VARCHAR2(100 CHAR) NOT NULL,
    rated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_charge PRIMARY KEY (day, payer_id, cause, cause_id, component)
)

/

CREATE INDEX ix_charge_period ON charge (payer_id, period_start)

/

CREATE TABLE charge_history (
    day DATE NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    cause VARCHAR2(12 CHAR) NOT NULL,
    cause_id VARCHAR2(64 CHAR) NOT NULL,
    component VARCHAR2(100 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    user_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    meter_order_id VARCHAR2(64 CHAR) NOT NULL,
    meter_scope VARCHAR2(10 CHAR) NOT NULL,
    meter_component VARCHAR2(100 CHAR) NOT NULL,
    reading_before NUMERIC(24, 6) NOT NULL,
    reading_after NUMERIC(24, 6) NOT NULL,
    version_id VARCHAR2(100 CHAR) NOT NULL,
    promotion_id VARCHAR2(200 CHAR) NOT NULL,
    note VARCHAR2(200 CHAR),
    period_start DATE NOT NULL,
    run_id VARCHAR2(100 CHAR) NOT NULL,
    rated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_charge_history PRIMARY KEY (day, payer_id, cause, cause_id, component)
)

/

CREATE INDEX ix_charge_history_period ON charge_history (payer_id, period_start)

/

CREATE TABLE correction (
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    kind VARCHAR2(12 CHAR) NOT NULL,
    subject VARCHAR2(100 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    why VARCHAR2(400 CHAR) NOT NULL,
    content_hash VARCHAR2(32 CHAR) NOT NULL,
    report CLOB NOT NULL,
    CONSTRAINT pk_correction PRIMARY KEY (correction_id)
)

/

CREATE INDEX ix_correction_at ON correction (at)

/

CREATE INDEX ix_correction_subject ON correction (subject)

/

CREATE TABLE correction_payer (
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    report CLOB NOT NULL,
    CONSTRAINT pk_correction_payer PRIMARY KEY (correction_id, payer_id)
)

/

CREATE TABLE credit_note (
    credit_no VARCHAR2(20 CHAR) NOT NULL,
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    base_currency VARCHAR2(3 CHAR) NOT NULL,
    base_amount NUMERIC(24, 6) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    why VARCHAR2(400 CHAR) NOT NULL,
    effect VARCHAR2(12 CHAR),
    CONSTRAINT pk_credit_note PRIMARY KEY (credit_no),
    CONSTRAINT uq_credit_note_correction UNIQUE (correction_id)
)

/

CREATE INDEX ix_credit_note_invoice ON credit_note (invoice_id)

/

CREATE TABLE credit_note_line (
    credit_no VARCHAR2(20 CHAR) NOT NULL,
    line_no INTEGER NOT NULL,
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    CONSTRAINT pk_credit_note_line PRIMARY KEY (credit_no, line_no)
)

/

CREATE INDEX ix_credit_note_line_invoice ON credit_note_line (invoice_id)

/

CREATE TABLE exchange_rate (
    currency VARCHAR2(3 CHAR) NOT NULL,
    valid_from DATE NOT NULL,
    rate NUMERIC(24, 6) NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_exchange_rate PRIMARY KEY (currency, valid_from)
)

/

CREATE TABLE factor_value (
    name VARCHAR2(40 CHAR) NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    value NUMERIC(24, 6) NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    why VARCHAR2(200 CHAR),
    CONSTRAINT pk_factor_value PRIMARY KEY (name, valid_from)
)

/

CREATE TABLE first_opening (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT pk_first_opening PRIMARY KEY (payer_id, product_id)
)

/

CREATE TABLE history_month (
    month DATE NOT NULL,
    table_name VARCHAR2(30 CHAR) NOT NULL,
    state VARCHAR2(10 CHAR) NOT NULL,
    row_count NUMBER(19) NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    CONSTRAINT pk_history_month PRIMARY KEY (month, table_name)
)

/

CREATE TABLE invoice (
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    invoice_no VARCHAR2(20 CHAR),
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    cust_id VARCHAR2(64 CHAR),
    cust_name VARCHAR2(200 CHAR),
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    state VARCHAR2(8 CHAR) NOT NULL,
    base_currency VARCHAR2(3 CHAR) NOT NULL,
    base_amount NUMERIC(24, 6) NOT NULL,
    billed_on DATE NOT NULL,
    due_day DATE NOT NULL,
    control_day DATE NOT NULL,
    issued_at TIMESTAMP WITH TIME ZONE NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE,
    flagged NUMERIC(1, 0) NOT NULL,
    run_id VARCHAR2(100 CHAR) NOT NULL,
    CONSTRAINT pk_invoice PRIMARY KEY (invoice_id),
    CONSTRAINT uq_invoice_no UNIQUE (invoice_no),
    CONSTRAINT uq_invoice_period UNIQUE (payer_id, period_start)
)

/

CREATE INDEX ix_invoice_state ON invoice (state, shard, control_day)

/

CREATE INDEX ix_invoice_unnumbered ON invoice (invoice_no, payer_id, period_start)

/

CREATE TABLE invoice_line (
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    line_no INTEGER NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    order_code VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    product_name VARCHAR2(200 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    rated_amount NUMERIC(24, 6) NOT NULL,
    charges INTEGER NOT NULL,
    promotion_ids VARCHAR2(400 CHAR),
    CONSTRAINT pk_invoice_line PRIMARY KEY (invoice_id, line_no)
)

/

CREATE TABLE invoice_total (
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    rate NUMERIC(24, 6) NOT NULL,
    base_amount NUMERIC(24, 6) NOT NULL,
    CONSTRAINT pk_invoice_total PRIMARY KEY (invoice_id, currency)
)

/

CREATE TABLE job_failure (
    run_id VARCHAR2(100 CHAR) NOT NULL,
    subject VARCHAR2(100 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    code VARCHAR2(40 CHAR) NOT NULL,
    message VARCHAR2(400 CHAR),
    CONSTRAINT pk_job_failure PRIMARY KEY (run_id, subject)
)

/

CREATE TABLE job_run (
    run_id VARCHAR2(100 CHAR) NOT NULL,
    job VARCHAR2(40 CHAR) NOT NULL,
    period_key VARCHAR2(40 CHAR) NOT NULL,
    attempt INTEGER NOT NULL,
    business_day DATE NOT NULL,
    state VARCHAR2(8 CHAR) NOT NULL,
    tasks INTEGER NOT NULL,
    items INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    node VARCHAR2(100 CHAR) NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    driven_at TIMESTAMP WITH TIME ZONE,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    duration_ms INTEGER,
    error VARCHAR2(400 CHAR),
    CONSTRAINT pk_job_run PRIMARY KEY (run_id),
    CONSTRAINT uq_job_run_period UNIQUE (job, period_key, attempt)
)

/

CREATE INDEX ix_job_run_started ON job_run (started_at)

/

CREATE INDEX ix_job_run_state ON job_run (state, job)

/

CREATE TABLE job_task (
    run_id VARCHAR2(100 CHAR) NOT NULL,
    task_no INTEGER NOT NULL,
    first_shard SMALLINT NOT NULL,
    last_shard SMALLINT NOT NULL,
    state VARCHAR2(8 CHAR) NOT NULL,
    position VARCHAR2(200 CHAR),
    items INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    worker VARCHAR2(100 CHAR),
    lease_until TIMESTAMP WITH TIME ZONE,
    duration_ms INTEGER,
    error VARCHAR2(400 CHAR),
    CONSTRAINT pk_job_task PRIMARY KEY (run_id, task_no)
)

/

CREATE TABLE meter (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    scope VARCHAR2(10 CHAR) NOT NULL,
    version_id VARCHAR2(100 CHAR) NOT NULL,
    component VARCHAR2(100 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    reading NUMERIC(24, 6) NOT NULL,
    CONSTRAINT pk_meter PRIMARY KEY (payer_id, product_id, order_id, scope, version_id, component)
)

/

CREATE TABLE number_series (
    series VARCHAR2(20 CHAR) NOT NULL,
    last_number INTEGER NOT NULL,
    CONSTRAINT pk_number_series PRIMARY KEY (series)
)

/

CREATE TABLE order_state_change (
    order_id VARCHAR2(64 CHAR) NOT NULL,
    seq INTEGER NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    from_state VARCHAR2(12 CHAR) NOT NULL,
    to_state VARCHAR2(12 CHAR) NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    reason VARCHAR2(200 CHAR),
    CONSTRAINT pk_order_state_change PRIMARY KEY (order_id, seq)
)

/

CREATE TABLE outbox_message (
    message_id VARCHAR2(100 CHAR) NOT NULL,
    kind VARCHAR2(16 CHAR) NOT NULL,
    subject_id VARCHAR2(80 CHAR) NOT NULL,
    seq INTEGER NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    payload CLOB NOT NULL,
    state VARCHAR2(8 CHAR) NOT NULL,
    tries INTEGER NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease_owner VARCHAR2(64 CHAR),
    lease_until TIMESTAMP WITH TIME ZONE,
    last_answer VARCHAR2(400 CHAR),
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_outbox_message PRIMARY KEY (message_id)
)

/

CREATE INDEX ix_outbox_message_due ON outbox_message (state, kind, next_try_at)

/

CREATE INDEX ix_outbox_message_subject ON outbox_message (subject_id, seq)

/

CREATE TABLE outbox_try (
    message_id VARCHAR2(100 CHAR) NOT NULL,
    try_no INTEGER NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    outcome VARCHAR2(12 CHAR) NOT NULL,
    answer VARCHAR2(400 CHAR),
    CONSTRAINT pk_outbox_try PRIMARY KEY (message_id, try_no)
)

/

CREATE TABLE payer (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    name VARCHAR2(200 CHAR),
    cust_id VARCHAR2(64 CHAR),
    currency VARCHAR2(3 CHAR) NOT NULL,
    billing_day SMALLINT NOT NULL,
    grace_days SMALLINT,
    closed_until DATE NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_payer PRIMARY KEY (payer_id)
)

/

CREATE INDEX ix_payer_shard ON payer (shard, payer_id)

/

CREATE TABLE payer_billing_day (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    effective_from DATE NOT NULL,
    shard SMALLINT NOT NULL,
    billing_day SMALLINT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    CONSTRAINT pk_payer_billing_day PRIMARY KEY (payer_id, effective_from)
)

/

CREATE TABLE price_replacement (
    version_id VARCHAR2(100 CHAR) NOT NULL,
    replaced_by VARCHAR2(100 CHAR) NOT NULL,
    valid_to_before DATE,
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_price_replacement PRIMARY KEY (version_id),
    CONSTRAINT uq_price_replacement_by UNIQUE (replaced_by)
)

/

CREATE TABLE price_version (
    version_id VARCHAR2(100 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    plan VARCHAR2(12 CHAR) NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE,
    document CLOB NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_price_version PRIMARY KEY (version_id)
)

/

CREATE INDEX ix_price_version_product ON price_version (product_id, plan, valid_from)

/

CREATE TABLE product (
    product_id VARCHAR2(64 CHAR) NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    on_sale NUMERIC(1, 0) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    document CLOB NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_product PRIMARY KEY (product_id)
)

/

CREATE TABLE promotion (
    promotion_id VARCHAR2(64 CHAR) NOT NULL,
    document CLOB NOT NULL,
    loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_promotion PRIMARY KEY (promotion_id)
)

/

CREATE TABLE reconcile_count (
    run_id VARCHAR2(100 CHAR) NOT NULL,
    name VARCHAR2(100 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    counted INTEGER NOT NULL,
    CONSTRAINT pk_reconcile_count PRIMARY KEY (run_id, name, shard)
)

/

CREATE TABLE reconcile_difference (
    run_id VARCHAR2(100 CHAR) NOT NULL,
    difference_id VARCHAR2(26 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    rule VARCHAR2(20 CHAR) NOT NULL,
    subject VARCHAR2(300 CHAR),
    expected VARCHAR2(1000 CHAR),
    found VARCHAR2(1000 CHAR),
    detail CLOB,
    CONSTRAINT pk_reconcile_difference PRIMARY KEY (run_id, difference_id)
)

/

CREATE INDEX ix_reconcile_difference_payer ON reconcile_difference (payer_id, run_id)

/

CREATE TABLE redemption (
    promotion_id VARCHAR2(64 CHAR) NOT NULL,
    slot VARCHAR2(80 CHAR) NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_redemption PRIMARY KEY (promotion_id, slot),
    CONSTRAINT uq_redemption_order UNIQUE (order_id, promotion_id)
)

/

CREATE INDEX ix_redemption_payer ON redemption (payer_id)

/

CREATE TABLE refused_call (
    refused_id VARCHAR2(26 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    caller VARCHAR2(64 CHAR) NOT NULL,
    operation VARCHAR2(64 CHAR) NOT NULL,
    code VARCHAR2(40 CHAR) NOT NULL,
    field VARCHAR2(64 CHAR),
    message VARCHAR2(400 CHAR),
    arguments CLOB NOT NULL,
    CONSTRAINT pk_refused_call PRIMARY KEY (refused_id)
)

/

CREATE INDEX ix_refused_call_at ON refused_call (at)

/

CREATE TABLE rollup_dirty (
    shard SMALLINT NOT NULL,
    day DATE NOT NULL,
    CONSTRAINT pk_rollup_dirty PRIMARY KEY (shard, day)
)

/

CREATE TABLE running_sum (
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    period_start DATE NOT NULL,
    order_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    period_end DATE NOT NULL,
    shard SMALLINT NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    charges INTEGER NOT NULL,
    invoice_id VARCHAR2(80 CHAR),
    CONSTRAINT pk_running_sum PRIMARY KEY (payer_id, period_start, order_id, product_id, currency)
)

/

CREATE INDEX ix_running_sum_due ON running_sum (shard, invoice_id, period_end, payer_id)

/

CREATE TABLE service_order (
    order_id VARCHAR2(64 CHAR) NOT NULL,
    order_code VARCHAR2(64 CHAR) NOT NULL,
    cust_id VARCHAR2(64 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    plan VARCHAR2(12 CHAR) NOT NULL,
    promotion_id VARCHAR2(200 CHAR) NOT NULL,
    promotion_note VARCHAR2(200 CHAR),
    start_at TIMESTAMP WITH TIME ZONE NOT NULL,
    start_day DATE NOT NULL,
    features CLOB NOT NULL,
    is_quota NUMERIC(1, 0) NOT NULL,
    state VARCHAR2(12 CHAR) NOT NULL,
    stopped_for VARCHAR2(12 CHAR) NOT NULL,
    change_count INTEGER NOT NULL,
    facts_hash VARCHAR2(64 CHAR) NOT NULL,
    installed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    installed_by VARCHAR2(64 CHAR) NOT NULL,
    rated_through DATE NOT NULL,
    ended_day DATE,
    CONSTRAINT pk_service_order PRIMARY KEY (order_id)
)

/

CREATE INDEX ix_service_order_cust ON service_order (cust_id, product_id)

/

CREATE INDEX ix_service_order_payer ON service_order (payer_id, product_id, state)

/

CREATE INDEX ix_service_order_rating ON service_order (shard, payer_id, order_id)

/

CREATE TABLE settlement_notice (
    notice_id VARCHAR2(26 CHAR) NOT NULL,
    invoice_id VARCHAR2(80 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    word VARCHAR2(64 CHAR) NOT NULL,
    outcome VARCHAR2(8 CHAR) NOT NULL,
    effect VARCHAR2(10 CHAR) NOT NULL,
    CONSTRAINT pk_settlement_notice PRIMARY KEY (notice_id)
)

/

CREATE INDEX ix_settlement_notice_invoice ON settlement_notice (invoice_id)

/

CREATE TABLE spend_alert (
    alert_id VARCHAR2(26 CHAR) NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    threshold NUMERIC(24, 6) NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor VARCHAR2(64 CHAR) NOT NULL,
    CONSTRAINT pk_spend_alert PRIMARY KEY (alert_id)
)

/

CREATE INDEX ix_spend_alert_payer ON spend_alert (payer_id)

/

CREATE TABLE spend_notice (
    alert_id VARCHAR2(26 CHAR) NOT NULL,
    period_start DATE NOT NULL,
    period_end DATE NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    threshold NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    acknowledged_at TIMESTAMP WITH TIME ZONE,
    acknowledged_by VARCHAR2(64 CHAR),
    CONSTRAINT pk_spend_notice PRIMARY KEY (alert_id, period_start)
)

/

CREATE INDEX ix_spend_notice_at ON spend_notice (at)

/

CREATE INDEX ix_spend_notice_payer ON spend_notice (payer_id, at)

/

CREATE TABLE system_fact (
    name VARCHAR2(40 CHAR) NOT NULL,
    fact VARCHAR2(400 CHAR) NOT NULL,
    CONSTRAINT pk_system_fact PRIMARY KEY (name)
)

/

CREATE TABLE usage_correction (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    corrects VARCHAR2(26 CHAR) NOT NULL,
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_correction PRIMARY KEY (event_id),
    CONSTRAINT uq_usage_correction_corrects UNIQUE (corrects)
)

/

CREATE TABLE usage_event (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    caller VARCHAR2(64 CHAR) NOT NULL,
    guid VARCHAR2(100 CHAR),
    user_id VARCHAR2(64 CHAR) NOT NULL,
    user_name VARCHAR2(200 CHAR),
    payer_id VARCHAR2(64 CHAR),
    product_id VARCHAR2(64 CHAR) NOT NULL,
    product_name VARCHAR2(200 CHAR),
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    amount NUMERIC(24, 6),
    quantity NUMERIC(24, 6),
    unit VARCHAR2(20 CHAR),
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_event PRIMARY KEY (event_id, day)
)

/

CREATE INDEX ix_usage_event_day ON usage_event (day)

/

CREATE TABLE usage_event_history (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    caller VARCHAR2(64 CHAR) NOT NULL,
    guid VARCHAR2(100 CHAR),
    user_id VARCHAR2(64 CHAR) NOT NULL,
    user_name VARCHAR2(200 CHAR),
    payer_id VARCHAR2(64 CHAR),
    product_id VARCHAR2(64 CHAR) NOT NULL,
    product_name VARCHAR2(200 CHAR),
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    amount NUMERIC(24, 6),
    quantity NUMERIC(24, 6),
    unit VARCHAR2(20 CHAR),
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_event_history PRIMARY KEY (event_id, day)
)

/

CREATE INDEX ix_usage_event_history_day ON usage_event_history (day)

/

CREATE TABLE usage_filtered (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    rule VARCHAR2(40 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_filtered PRIMARY KEY (event_id, day)
)

/

CREATE INDEX ix_usage_filtered_day ON usage_filtered (day)

/

CREATE TABLE usage_filtered_history (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    rule VARCHAR2(40 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_filtered_history PRIMARY KEY (event_id, day)
)

/

CREATE INDEX ix_usage_filtered_history_day ON usage_filtered_history (day)

/

CREATE TABLE usage_identity (
    identity VARCHAR2(40 CHAR) NOT NULL,
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    content_hash VARCHAR2(32 CHAR) NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_identity PRIMARY KEY (identity)
)

/

CREATE INDEX ix_usage_identity_day ON usage_identity (day)

/

CREATE TABLE usage_import (
    digest VARCHAR2(64 CHAR) NOT NULL,
    file_name VARCHAR2(200 CHAR),
    caller VARCHAR2(64 CHAR) NOT NULL,
    lines_done NUMBER(19) NOT NULL,
    kept NUMBER(19) NOT NULL,
    repeated NUMBER(19) NOT NULL,
    refused NUMBER(19) NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_usage_import PRIMARY KEY (digest)
)

/

CREATE TABLE usage_queue (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    day DATE NOT NULL,
    shard SMALLINT NOT NULL,
    state VARCHAR2(8 CHAR) NOT NULL,
    real_time NUMERIC(1, 0) NOT NULL,
    next_try_at TIMESTAMP WITH TIME ZONE NOT NULL,
    tries INTEGER NOT NULL,
    reason VARCHAR2(30 CHAR),
    detail VARCHAR2(400 CHAR),
    CONSTRAINT pk_usage_queue PRIMARY KEY (event_id)
)

/

CREATE INDEX ix_usage_queue_due ON usage_queue (shard, next_try_at)

/

CREATE INDEX ix_usage_queue_parked ON usage_queue (shard, state, next_try_at)

/

CREATE INDEX ix_usage_queue_real_time ON usage_queue (shard, event_id)

/

CREATE INDEX ix_usage_queue_reason ON usage_queue (reason, state)

/

CREATE TABLE usage_rollup (
    day DATE NOT NULL,
    payer_id VARCHAR2(64 CHAR) NOT NULL,
    user_id VARCHAR2(64 CHAR) NOT NULL,
    product_id VARCHAR2(64 CHAR) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    shard SMALLINT NOT NULL,
    quantity NUMERIC(24, 6) NOT NULL,
    amount NUMERIC(24, 6) NOT NULL,
    list_amount NUMERIC(24, 6) NOT NULL,
    charges INTEGER NOT NULL,
    CONSTRAINT pk_usage_rollup PRIMARY KEY (day, payer_id, user_id, product_id, currency)
)

/

CREATE INDEX ix_usage_rollup_shard ON usage_rollup (shard, day)

/

CREATE TABLE usage_withdrawal (
    event_id VARCHAR2(26 CHAR) NOT NULL,
    correction_id VARCHAR2(30 CHAR) NOT NULL,
    found VARCHAR2(8 CHAR) NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_usage_withdrawal PRIMARY KEY (event_id)
)

/

INSERT INTO alembic_version (version_num) VALUES ('0001')

/

-- Running upgrade 0001 -> 0002

ALTER TABLE charge MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (payer_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_charge LOCAL, ix_charge_period LOCAL)

/

ALTER TABLE usage_event MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (event_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_usage_event LOCAL, ix_usage_event_day LOCAL)

/

ALTER TABLE usage_filtered MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (event_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_usage_filtered LOCAL, ix_usage_filtered_day LOCAL)

/

ALTER TABLE usage_rollup MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (payer_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_usage_rollup LOCAL, ix_usage_rollup_shard LOCAL)

/

ALTER TABLE charge_history MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (payer_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_charge_history LOCAL, ix_charge_history_period LOCAL)

/

ALTER TABLE usage_event_history MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (event_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_usage_event_history LOCAL, ix_usage_event_history_day LOCAL)

/

ALTER TABLE usage_filtered_history MODIFY PARTITION BY RANGE (day) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) SUBPARTITION BY HASH (event_id) SUBPARTITIONS 2 (PARTITION p_first VALUES LESS THAN (TO_DATE('2000-01-01', 'YYYY-MM-DD'))) UPDATE INDEXES (pk_usage_filtered_history LOCAL, ix_usage_filtered_history_day LOCAL)

/

UPDATE alembic_version SET version_num='0002' WHERE alembic_version.version_num = '0001'

/
