"""Messages are counted while they concern anyone, and shown with every try and what they say."""

from collections.abc import Callable
from typing import Any

import pytest

from billing_center.errors import Unknown
from billing_center.outbox.claim import claim
from billing_center.outbox.message import Answer, MessageKind, MessageState, Outcome
from billing_center.outbox.record_answer import record_answer
from billing_center.outbox.show_messages import message_counts, show_message


def refuse(books: Any) -> None:
    def act(work: Any) -> None:
        [message] = claim(work, kinds=[MessageKind.DEDUCTION], limit=1, owner="a")
        record_answer(work, message, Answer(Outcome.REFUSED, "2"))

    books.center.transact("outbox", act)


def test_a_message_is_shown_with_its_tries_and_payload(books: Any, issued: Callable[..., str]) -> None:
    invoice_id = issued()
    refuse(books)
    with books.center.reading() as work:
        shown = show_message(work, f"deduct:{invoice_id}")
    assert [(one.try_no, one.outcome, one.answer) for one in shown.message.history] == [(1, Outcome.REFUSED, "2")]
    assert shown.payload["payerMemId"] == "p-1"
    assert shown.message.state is MessageState.WAITING


def test_messages_that_wait_and_that_are_held_are_counted(books: Any, issued: Callable[..., str]) -> None:
    books.settings_changed["send_tries"] = 1
    issued()
    for waiting, held in ((1, 0), (0, 1)):
        with books.center.reading() as work:
            counts = message_counts(work)
        assert (counts[MessageState.WAITING].number, counts[MessageState.HELD].number) == (waiting, held)
        if waiting:
            refuse(books)


def test_a_message_that_there_is_not_is_refused(books: Any) -> None:
    with books.center.reading() as work, pytest.raises(Unknown, match="no message has the id 'x'"):
        show_message(work, "x")
