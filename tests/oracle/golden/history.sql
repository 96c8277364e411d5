-- What history sends. Made by `make oracle-sql`.

-- billing_center/history/history_month.py: months_known
SELECT history_month.month, history_month.table_name, history_month.state, history_month.row_count,
    history_month.quantity, history_month.amount, history_month.changed_at, history_month.actor
FROM history_month
ORDER BY history_month.month, history_month.table_name;

-- billing_center/history/history_month.py: months_known
SELECT history_month.month, history_month.table_name, history_month.state, history_month.row_count,
    history_month.quantity, history_month.amount, history_month.changed_at, history_month.actor
FROM history_month
WHERE history_month.state IN (:state_1, ...)
ORDER BY history_month.month, history_month.table_name;
