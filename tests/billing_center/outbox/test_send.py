"""Rounds of sending: waits that grow, a receiver that is down, a sender that breaks, and a person's release."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from billing_center.errors import ForbiddenTransition, ResultCode, Unknown
from billing_center.invoice.state import InvoiceState
from billing_center.outbox.message import Answer, Message, MessageKind, MessageState, NewMessage, Outcome
from billing_center.outbox.put import put_messages
from billing_center.outbox.release import release_held
from billing_center.outbox.send import SendRound, send_due, send_round
from billing_center.outbox.store import messages_in

YES, NO, LOST = Answer(Outcome.ACCEPTED, "1"), Answer(Outcome.REFUSED, "2"), Answer(Outcome.UNKNOWN, "time-out")


class Receiver:
    """A system that answers as it was told, and remembers what came."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.came: list[str] = []
        self.lock = threading.Lock()

    def __call__(self, message: Message) -> Answer:
        with self.lock:
            self.came.append(message.message_id)
            return self.answers.pop(0) if self.answers else YES


def put(books: Any, order_id: str, *seqs: int) -> None:
    messages = [
        NewMessage(f"control:{order_id}:{seq}", MessageKind.CONTROL, order_id, seq, "p-1", 7, {}) for seq in seqs
    ]
    books.center.transact("test", lambda work: put_messages(work, messages))


def send(books: Any, receiver: Callable[[Message], Answer], kind: MessageKind = MessageKind.CONTROL) -> SendRound:
    return send_round(books.center, {kind: receiver}, limit=100)


def test_an_accepted_deduction_makes_the_invoice_sent(issued: Callable[..., str], books: Any) -> None:
    invoice_id = issued()
    during = []

    def account_system(message: Message) -> Answer:
        during.append((message.message_id, books.invoice(invoice_id).state))
        return YES

    assert send(books, account_system, MessageKind.DEDUCTION) == SendRound(1, 1)
    assert during == [(f"deduct:{invoice_id}", "SENDING")]
    assert books.invoice(invoice_id).state is InvoiceState.SENT
    row = books.rows("outbox_message")[0]
    assert (row.state, row.tries, row.sent_at, row.last_answer) == ("SENT", 1, books.clock.at, "1")
    assert send(books, account_system, MessageKind.DEDUCTION) == SendRound(0, 0)


def test_a_callback_that_comes_while_sending_stands(issued: Callable[..., str], books: Any) -> None:
    invoice_id = issued()

    def account_system(message: Message) -> Answer:
        books.callback(invoice_id, "PAID")
        return YES

    send(books, account_system, MessageKind.DEDUCTION)
    assert books.invoice(invoice_id).state is InvoiceState.PAID


def test_waits_double_up_to_the_longest_and_then_a_person_is_asked(books: Any) -> None:
    books.settings_changed |= {"send_tries": 5, "send_first_wait_s": 30, "send_longest_wait_s": 100}
    put(books, "o-1", 1)
    receiver = Receiver(NO, LOST, NO, NO, NO)
    waits = []
    for _ in range(5):
        assert send(books, receiver) == SendRound(1, 0)
        row = books.rows("outbox_message")[0]
        if row.state == "HELD":
            break
        waits.append((row.next_try_at - books.clock.at).total_seconds())
        books.clock.at = row.next_try_at - timedelta(milliseconds=1)
        assert send(books, receiver) == SendRound(0, 0)
        books.clock.at = row.next_try_at
    assert waits == [30, 60, 100, 100]
    assert (row.state, row.tries, row.last_answer) == ("HELD", 5, "2")
    assert receiver.came == ["control:o-1:1"] * 5  # the same id each time
    assert [t.outcome for t in books.rows("outbox_try", "try_no")] == [
        "REFUSED", "UNKNOWN", "REFUSED", "REFUSED", "REFUSED",
    ]  # fmt: skip
    books.clock.at += timedelta(days=30)
    assert send(books, receiver) == SendRound(0, 0)
    with books.center.reading() as work:
        assert [m.message_id for m in messages_in(work.connection, MessageState.HELD)] == ["control:o-1:1"]


def test_a_person_releases_a_held_message_for_another_series_of_tries(books: Any) -> None:
    books.settings_changed |= {"send_tries": 2, "send_first_wait_s": 30}
    put(books, "o-1", 1)
    receiver = Receiver(NO, NO, NO)
    send(books, receiver)
    books.clock.at += timedelta(seconds=30)
    send(books, receiver)
    books.center.transact("anna", lambda work: release_held(work, "control:o-1:1"))
    entry = books.rows("audit_entry")[0]
    assert (entry.actor, entry.act, entry.subject) == ("anna", "message_released", "control:o-1:1")
    send(books, receiver)
    row = books.rows("outbox_message")[0]
    assert (row.state, row.tries) == ("WAITING", 3)
    assert row.next_try_at == books.clock.at + timedelta(seconds=30)
    books.clock.at += timedelta(seconds=30)
    assert send(books, receiver) == SendRound(1, 1)


def test_only_held_messages_can_be_released(books: Any) -> None:
    put(books, "o-1", 1)
    with pytest.raises(ForbiddenTransition):
        books.center.transact("anna", lambda work: release_held(work, "control:o-1:1"))
    with pytest.raises(Unknown) as unknown:
        books.center.transact("anna", lambda work: release_held(work, "control:o-9:1"))
    assert unknown.value.code is ResultCode.UNKNOWN_MESSAGE


def test_a_receiver_that_was_down_gets_each_message_once_and_in_order(books: Any) -> None:
    books.settings_changed |= {"send_first_wait_s": 600, "send_longest_wait_s": 600}
    put(books, "o-1", 1, 2, 3)
    put(books, "o-2", 1, 2)
    down = Receiver(*[LOST] * 12)
    for _ in range(6):  # an hour
        send(books, down)
        books.clock.at += timedelta(seconds=600)
    assert set(down.came) == {"control:o-1:1", "control:o-2:1"}
    up = Receiver()
    while send(books, up).claimed:
        pass
    assert sorted(up.came) == ["control:o-1:1", "control:o-1:2", "control:o-1:3", "control:o-2:1", "control:o-2:2"]
    assert [m for m in up.came if "o-1" in m] == ["control:o-1:1", "control:o-1:2", "control:o-1:3"]


def test_without_a_sender_messages_wait_and_no_try_is_counted(issued: Callable[..., str], books: Any) -> None:
    issued()
    put(books, "o-1", 1)
    assert send_round(books.center, {}) == SendRound(0, 0)
    assert send(books, Receiver()) == SendRound(1, 1)
    row = next(row for row in books.rows("outbox_message") if row.kind == "DEDUCTION")
    assert (row.state, row.tries, row.lease_until) == ("WAITING", 0, None)
    assert books.invoice("p-1-20260301").state is InvoiceState.ISSUED


def test_a_sender_that_breaks_costs_a_try_and_not_the_other_answers(books: Any) -> None:
    for n in range(5):
        put(books, f"o-{n}", 1)

    def broken(message: Message) -> Answer:
        if message.subject_id == "o-2":
            raise ZeroDivisionError
        return YES

    done = send(books, broken)
    assert (done.claimed, done.accepted, done.failed) == (5, 4, 1)
    states = {row.subject_id: (row.state, row.tries) for row in books.rows("outbox_message")}
    assert states["o-2"] == ("WAITING", 1)
    assert {states[f"o-{n}"] for n in (0, 1, 3, 4)} == {("SENT", 1)}


def test_a_process_that_died_while_sending_is_taken_over(books: Any) -> None:
    from billing_center.outbox.claim import claim

    put(books, "o-1", 1)
    books.center.transact("outbox", lambda work: claim(work, kinds=[MessageKind.CONTROL], limit=9, owner="dead"))
    receiver = Receiver()
    assert send(books, receiver).claimed == 0
    books.clock.at = books.rows("outbox_message")[0].lease_until
    assert send(books, receiver) == SendRound(1, 1)


def test_several_are_sent_at_once(books: Any) -> None:
    books.settings_changed["send_parallel"] = 4
    for n in range(4):
        put(books, f"o-{n}", 1)
    together = threading.Barrier(4, timeout=20)

    def waits_for_the_others(message: Message) -> Answer:
        together.wait()
        return YES

    assert send(books, waits_for_the_others) == SendRound(4, 4)


def test_more_messages_than_one_claim_takes_are_each_sent_once(books: Any) -> None:
    books.settings_changed["send_parallel"] = 8
    for n in range(3):
        put(books, f"o-{n}", 1)
    put(books, "o-9", *range(1, 601))  # of one order only the first unsent one is under way
    receiver = Receiver()
    kept: list[int] = []
    done = send_due(books.center, {MessageKind.CONTROL: receiver}, go_on=lambda: len(kept) < 9, kept=kept.append)
    assert done.claimed == done.accepted == sum(kept) == len(receiver.came) == len(set(receiver.came))
    of_order = [message_id for message_id in receiver.came if message_id.startswith("control:o-9")]
    assert of_order == [f"control:o-9:{seq}" for seq in range(1, len(of_order) + 1)]


def test_sending_that_breaks_off_ends_its_threads_and_leaves_the_rest_to_their_lease(books: Any) -> None:
    books.settings_changed["send_parallel"] = 2
    for n in range(40):
        put(books, f"o-{n:02}", 1)

    def breaks(answers: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        send_due(books.center, {MessageKind.CONTROL: Receiver()}, go_on=lambda: True, kept=breaks)
    rows = books.rows("outbox_message")
    assert {row.state for row in rows} == {"SENT", "WAITING"}
    assert all(row.lease_owner for row in rows if row.state == "WAITING")
    assert not [one for one in threading.enumerate() if one.name.startswith("send_")]


def test_an_answer_of_any_length_is_kept_cut(books: Any) -> None:
    put(books, "o-1", 1)
    send(books, Receiver(Answer(Outcome.REFUSED, "x" * 5000)))
    assert len(books.rows("outbox_try")[0].answer) == len(books.rows("outbox_message")[0].last_answer) == 400


def test_a_failed_callback_ends_a_held_deduction(issued: Callable[..., str], books: Any) -> None:
    books.settings_changed["send_tries"] = 1
    invoice_id = issued()
    send(books, Receiver(LOST), MessageKind.DEDUCTION)
    assert books.rows("outbox_message")[0].state == "HELD"
    books.callback(invoice_id, "FAILED")
    assert books.rows("outbox_message")[0].state == "SETTLED"
