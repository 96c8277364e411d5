"""How the account system's words settle an invoice: every order of them, and what is refused."""

from collections.abc import Callable
from datetime import date
from itertools import permutations, product
from typing import Any

import pytest
from sqlalchemy import update

from billing_center.errors import MissingField, ResultCode, Unknown
from billing_center.invoice.state import InvoiceState
from billing_center.order.state import OrderState, StoppedFor
from billing_center.outbox.claim import claim
from billing_center.outbox.message import Answer, MessageKind, Outcome
from billing_center.outbox.record_answer import record_answer
from schema.tables.invoices import invoice

APRIL = date(2026, 4, 1)


def effects(books: Any) -> list[tuple[str, str]]:
    return [(row.outcome, row.effect) for row in books.rows("settlement_notice", "at", "notice_id")]


@pytest.mark.parametrize("words", sorted(set(permutations(["PAID", "FAILED", "PAID", "FAILED"], 3))))
def test_paid_is_final_in_every_order_of_the_notices(
    issued: Callable[..., str], books: Any, words: tuple[str, ...]
) -> None:
    invoice_id = issued()
    state, flagged, expected = "ISSUED", False, []
    for hour, word in enumerate(words, start=9):
        books.day(APRIL, hour)
        books.callback(invoice_id, word)
        if word == state:
            effect = "REPEATED"
        elif state == "PAID":
            effect, flagged = "FLAGGED", True
        else:
            effect, state = "CHANGED", word
        expected.append((word, effect))
    found = books.invoice(invoice_id)
    assert (found.state, found.flagged) == (state, flagged)
    assert effects(books) == expected


def test_the_states_before_the_outcome_do_not_matter(books: Any) -> None:
    """ISSUED, SENDING and SENT become PAID and FAILED alike."""
    cases = list(product(["ISSUED", "SENDING", "SENT"], ["PAID", "FAILED"]))
    books.day(APRIL)
    for n in range(len(cases)):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", "10")
    books.issue(APRIL)
    for n, (before, word) in enumerate(cases):
        invoice_id = f"p-{n}-20260301"
        statement = update(invoice).where(invoice.c.invoice_id == invoice_id).values(state=before)
        books.opened.database.transact(lambda connection, s=statement: connection.execute(s))
        books.callback(invoice_id, word)
        assert books.invoice(invoice_id).state == word


def test_a_notice_is_kept_with_who_said_what_and_when(issued: Callable[..., str], books: Any) -> None:
    invoice_id = issued()
    books.day(APRIL, 9)
    books.callback(invoice_id, " 成功 ")
    row = books.rows("settlement_notice")[0]
    assert (row.invoice_id, row.payer_id, row.actor, row.word) == (invoice_id, "p-1", "account-system", "成功")
    assert (row.outcome, row.effect, row.at) == ("PAID", "CHANGED", books.clock.at)
    assert books.invoice(invoice_id).settled_at == books.clock.at


def test_what_is_wrong_is_refused_and_named(issued: Callable[..., str], books: Any) -> None:
    invoice_id = issued()
    for arguments, error, code, field in [
        (("", "PAID"), MissingField, ResultCode.MISSING_FIELD, "invoiceId"),
        ((invoice_id, " "), MissingField, ResultCode.MISSING_FIELD, "state"),
        (("p-9-20260301", "PAID"), Unknown, ResultCode.UNKNOWN_INVOICE, "invoiceId"),
        (("2026-000000001", "PAID"), Unknown, ResultCode.UNKNOWN_INVOICE, "invoiceId"),
        (("p-9-20260301", "maybe"), Unknown, ResultCode.UNKNOWN_INVOICE, "invoiceId"),
        ((invoice_id, "maybe"), Unknown, ResultCode.UNKNOWN_STATE, "state"),
    ]:
        with pytest.raises(error) as refused:
            books.callback(*arguments)
        assert (refused.value.code, refused.value.field) == (code, field)
    assert books.rows("settlement_notice") == []
    assert books.invoice(invoice_id).state is InvoiceState.ISSUED


def test_a_failure_suspends_at_once_where_the_product_says_so(issued: Callable[..., str], books: Any) -> None:
    books.product("strict", suspend_on_failure=True)
    invoice_id = issued()
    books.order("o-1", "p-1", product_id="strict")
    books.order("o-2", "p-1", product_id="mail")
    books.order("o-3", "p-1", product_id="strict", state=OrderState.PENDING)
    books.payer("p-2")
    books.order("o-4", "p-2", product_id="strict")
    books.callback(invoice_id, "FAILED")
    states = [books.order_now(f"o-{n}").state for n in (1, 2, 3, 4)]
    assert states == ["SUSPENDED", "ACTIVE", "PENDING", "ACTIVE"]
    assert books.order_now("o-1").stopped_for is StoppedFor.ARREARS


def test_paying_the_last_arrears_restores_only_what_arrears_had_stopped(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.sum("p-1", "20", start=APRIL, end=date(2026, 5, 1))
    books.day(date(2026, 5, 1))
    books.issue(date(2026, 5, 1))
    books.order("o-1", "p-1", state=OrderState.SUSPENDED, stopped_for=StoppedFor.ARREARS)
    books.order("o-2", "p-1", state=OrderState.SUSPENDED)
    books.day(date(2026, 5, 20))
    books.callback("p-1-20260301", "PAID")
    assert books.order_now("o-1").state is OrderState.SUSPENDED  # April is still overdue
    books.callback("p-1-20260401", "PAID")
    assert (books.order_now("o-1").state, books.order_now("o-1").stopped_for) == ("ACTIVE", "-")
    assert books.order_now("o-2").state is OrderState.SUSPENDED
    [message] = [row for row in books.rows("outbox_message") if row.kind == "CONTROL"]
    assert message.message_id == "control:o-1:1"
    assert '"action": "RESUME"' in message.payload


def test_an_invoice_not_due_yet_does_not_keep_services_stopped(books: Any) -> None:
    books.payer("p-1")
    books.sum("p-1", "10")
    books.day(APRIL)
    books.issue(APRIL)
    books.order("o-1", "p-1", state=OrderState.SUSPENDED, stopped_for=StoppedFor.ARREARS)
    books.sum("p-1", "20", start=APRIL, end=date(2026, 5, 1))
    books.day(date(2026, 5, 1))
    books.issue(date(2026, 5, 1))
    books.callback("p-1-20260301", "PAID")
    assert books.order_now("o-1").state is OrderState.ACTIVE


def test_a_time_out_then_a_late_callback_is_one_deduction(issued: Callable[..., str], books: Any) -> None:
    """The account system took the money, its answer was lost, and its callback came before the next try."""
    invoice_id = issued()
    center = books.center
    kinds = [MessageKind.DEDUCTION]
    message = center.transact("outbox", lambda work: claim(work, kinds=kinds, limit=10, owner="a"))[0]
    assert books.invoice(invoice_id).state is InvoiceState.SENDING
    center.transact("outbox", lambda work: record_answer(work, message, Answer(Outcome.UNKNOWN, "time-out")))
    assert books.invoice(invoice_id).state is InvoiceState.SENDING
    books.callback(invoice_id, "PAID")
    books.day(APRIL, 12)
    assert center.transact("outbox", lambda work: claim(work, kinds=kinds, limit=10, owner="b")) == []
    row = books.rows("outbox_message")[0]
    assert (row.state, row.tries) == ("SETTLED", 1)
    assert books.invoice(invoice_id).state is InvoiceState.PAID


@pytest.mark.parametrize("word", ["PAID", "FAILED"])
def test_a_late_acceptance_never_takes_the_outcome_back(issued: Callable[..., str], books: Any, word: str) -> None:
    invoice_id = issued()
    center = books.center
    message = center.transact(
        "outbox", lambda work: claim(work, kinds=[MessageKind.DEDUCTION], limit=10, owner="a")
    )[0]
    books.callback(invoice_id, word)
    center.transact("outbox", lambda work: record_answer(work, message, Answer(Outcome.ACCEPTED, "1")))
    assert books.invoice(invoice_id).state == word
    assert books.rows("outbox_message")[0].state == "SENT"
