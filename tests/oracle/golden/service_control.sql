-- What service_control sends. Made by `make oracle-sql`.

-- billing_center/service_control/store.py: payers_to_control
SELECT DISTINCT invoice.payer_id
FROM invoice
WHERE invoice.state IN (:state_1, ...) AND (invoice.state = :state_2 OR invoice.state IN (:state_3, ...) AND
    invoice.due_day < :due_day_1 AND invoice.base_amount > :base_amount_1) AND invoice.control_day <=
    :control_day_1 AND invoice.shard BETWEEN :shard_1 AND :shard_2 AND invoice.payer_id > :payer_id_1 AND (EXISTS
    (SELECT *
FROM service_order
WHERE service_order.payer_id = invoice.payer_id AND service_order.state = :state_4))
ORDER BY invoice.payer_id
FETCH FIRST :param_1 ROWS ONLY;

-- billing_center/service_control/store.py: still_to_control
SELECT DISTINCT invoice.payer_id
FROM invoice
WHERE invoice.state IN (:state_1, ...) AND (invoice.state = :state_2 OR invoice.state IN (:state_3, ...) AND
    invoice.due_day < :due_day_1 AND invoice.base_amount > :base_amount_1) AND invoice.control_day <=
    :control_day_1 AND invoice.payer_id IN (:payer_id_1, ...);
