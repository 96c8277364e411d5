-- What usage sends. Made by `make oracle-sql`.

-- billing_center/usage/park.py: parked_uses
SELECT usage_queue.event_id, usage_queue.state, usage_queue.reason, usage_queue.detail, usage_queue.tries,
    usage_queue.next_try_at, usage_event.product_id, usage_event.user_id, usage_event.payer_id,
    usage_event.started_at
FROM usage_queue JOIN usage_event ON usage_event.event_id = usage_queue.event_id AND usage_event.day =
    usage_queue.day
WHERE usage_queue.state IN (:state_1, ...) AND usage_queue.event_id > :event_id_1
ORDER BY usage_queue.event_id
FETCH FIRST :param_1 ROWS ONLY;
