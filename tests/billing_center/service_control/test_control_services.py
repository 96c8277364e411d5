"""Fixed service control, and how it meets payments: who is suspended when, and who is served again."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from billing_center.errors import OutOfRange
from billing_center.order.change_state import ChangeOrderState, change_order_state
from billing_center.order.state import OrderState, StoppedFor
from billing_center.service_control.control_services import ServicesControlled, control_services

APRIL = date(2026, 4, 1)
CONTROL_DAY = date(2026, 4, 11)


def control(books: Any, on: date, *, limit: int = 1000) -> ServicesControlled:
    """Every chunk of one run; payers and orders added up."""
    payers = orders = 0
    after = ""
    while True:
        done = books.center.transact(
            "jobs",
            lambda work, after=after: control_services(
                work, first_shard=0, last_shard=255, on=on, after_payer=after, limit=limit, run_id="run-1"
            ),
        )
        payers, orders, after = payers + done.payers, orders + done.orders, done.last_payer_id
        if not after:
            return ServicesControlled(payers, orders, "")


def test_every_active_order_is_suspended_on_the_control_day_and_not_before(
    issued: Callable[..., str], books: Any
) -> None:
    issued()
    books.order("o-1", "p-1")
    books.order("o-2", "p-1", product_id="disk")
    books.order("o-3", "p-1", state=OrderState.PENDING)
    books.payer("p-2")
    books.order("o-4", "p-2")
    for day in (date(2026, 4, 9), date(2026, 4, 10)):  # in arrears since the 9th
        books.day(day)
        assert control(books, day).orders == 0
    books.day(CONTROL_DAY)
    assert control(books, CONTROL_DAY) == ServicesControlled(1, 2, "")
    states = [(books.order_now(f"o-{n}").state, books.order_now(f"o-{n}").stopped_for) for n in (1, 2, 3, 4)]
    assert states == [("SUSPENDED", "ARREARS"), ("SUSPENDED", "ARREARS"), ("PENDING", "-"), ("ACTIVE", "-")]
    change = [row for row in books.rows("order_state_change", "order_id", "seq") if row.order_id == "o-1"][1]
    assert (change.from_state, change.to_state, change.actor, change.reason) == (
        "ACTIVE", "SUSPENDED", "center", "arrears",
    )  # fmt: skip
    assert change.at == books.clock.at


def test_the_command_to_the_order_system_is_written_with_the_decision(
    issued: Callable[..., str], books: Any
) -> None:
    issued()
    books.order("o-1", "p-1")
    books.day(CONTROL_DAY)
    control(books, CONTROL_DAY)
    message = next(row for row in books.rows("outbox_message") if row.kind == "CONTROL")
    assert (message.message_id, message.subject_id, message.seq) == ("control:o-1:1", "o-1", 1)
    assert json.loads(message.payload) == {"orderId": "o-1", "action": "SUSPEND", "reason": "arrears", "seq": 1}


def test_running_again_suspends_only_what_has_become_active_since(issued: Callable[..., str], books: Any) -> None:
    issued()
    books.order("o-1", "p-1")
    books.day(CONTROL_DAY)
    assert control(books, CONTROL_DAY).orders == 1
    assert control(books, CONTROL_DAY).orders == 0
    books.order("o-2", "p-1")
    books.day(date(2026, 4, 12))
    assert control(books, date(2026, 4, 12)).orders == 1


def test_a_payer_who_paid_in_time_is_left_alone(issued: Callable[..., str], books: Any) -> None:
    issued()
    books.order("o-1", "p-1")
    books.callback("p-1-20260301", "PAID")
    books.day(CONTROL_DAY)
    assert control(books, CONTROL_DAY).orders == 0


def test_a_control_day_before_the_due_day_waits_for_arrears(books: Any) -> None:
    books.product("mail", grace_days=30, control_days=2)
    books.payer("p-1")
    books.sum("p-1", "10")
    books.order("o-1", "p-1")
    books.day(APRIL)
    books.issue(APRIL)
    books.day(date(2026, 4, 3))
    assert control(books, date(2026, 4, 3)).orders == 0
    books.callback("p-1-20260301", "FAILED")
    assert control(books, date(2026, 4, 3)).orders == 1


def test_chunks_of_one_payer_do_what_one_chunk_does(books: Any) -> None:
    for n in range(5):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", "10")
        books.order(f"o-{n}", f"p-{n}")
    books.day(APRIL)
    books.issue(APRIL)
    books.day(CONTROL_DAY)
    assert control(books, CONTROL_DAY, limit=1) == ServicesControlled(5, 5, "")


def test_a_day_that_has_not_come_is_refused(books: Any) -> None:
    with pytest.raises(OutOfRange):
        control(books, books.clock.at.date() + timedelta(days=1))


def test_paid_before_control_is_never_suspended_and_paid_after_is_served_again(
    issued: Callable[..., str], books: Any
) -> None:
    first, second = issued("p-1"), issued("p-2")
    books.order("o-1", "p-1")
    books.order("o-2", "p-2")
    books.day(CONTROL_DAY)
    books.callback(first, "PAID")
    control(books, CONTROL_DAY)
    assert books.order_now("o-1").state is OrderState.ACTIVE
    assert books.order_now("o-2").state is OrderState.SUSPENDED
    books.callback(second, "PAID")
    assert books.order_now("o-2").state is OrderState.ACTIVE
    kinds = [
        json.loads(row.payload)["action"] for row in books.rows("outbox_message", "seq") if row.subject_id == "o-2"
    ]
    assert kinds == ["SUSPEND", "RESUME"]


def test_payments_and_control_at_the_same_moment_never_leave_a_payer_stopped_who_paid(books: Any) -> None:
    for n in range(12):
        books.payer(f"p-{n:02d}")
        books.sum(f"p-{n:02d}", "10")
        books.order(f"o-{n:02d}", f"p-{n:02d}")
    books.day(APRIL)
    books.issue(APRIL)
    books.day(CONTROL_DAY)
    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(control, books, CONTROL_DAY, limit=3)]
        work += [pool.submit(books.callback, f"p-{n:02d}-20260301", "PAID") for n in reversed(range(12))]
        work += [pool.submit(control, books, CONTROL_DAY, limit=2)]
        for one in work:
            one.result()
    for n in range(12):
        order = books.order_now(f"o-{n:02d}")
        assert (order.state, order.stopped_for) == ("ACTIVE", "-")
    for row in books.rows("outbox_message"):
        assert row.kind == "CONTROL" or row.message_id.startswith("deduct:")


def test_an_order_that_the_order_system_resumed_itself_is_its_own_again(
    issued: Callable[..., str], books: Any
) -> None:
    """What the order system suspends later is not restored by a payment."""
    invoice_id = issued()
    books.order("o-1", "p-1")
    books.day(CONTROL_DAY)
    control(books, CONTROL_DAY)
    for word in ("ACTIVE", "SUSPENDED"):
        books.center.transact("orders", lambda work, w=word: change_order_state(work, ChangeOrderState("o-1", w)))
    assert books.order_now("o-1").stopped_for is StoppedFor.NOTHING
    books.callback(invoice_id, "PAID")
    assert books.order_now("o-1").state is OrderState.SUSPENDED
