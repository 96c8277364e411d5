"""Claiming: one owner at a time, for as long as the lease lasts, in order per subject."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

from billing_center.outbox.claim import claim
from billing_center.outbox.message import Answer, Message, MessageKind, NewMessage, Outcome
from billing_center.outbox.put import put_messages
from billing_center.outbox.record_answer import record_answer

YES = Answer(Outcome.ACCEPTED, "1")


def put(books: Any, order_id: str, *seqs: int) -> None:
    messages = [
        NewMessage(f"control:{order_id}:{seq}", MessageKind.CONTROL, order_id, seq, "p-1", 7, {"seq": seq})
        for seq in seqs
    ]
    books.center.transact("test", lambda work: put_messages(work, messages))


def claimed(
    books: Any, owner: str = "a", *, limit: int = 100, kind: MessageKind = MessageKind.CONTROL
) -> list[Message]:
    found: list[Message] = books.center.transact(
        "outbox", lambda work: claim(work, kinds=[kind], limit=limit, owner=owner)
    )
    return found


def answer(books: Any, message: Message, what: Answer = YES) -> None:
    books.center.transact("outbox", lambda work: record_answer(work, message, what))


def ids(messages: list[Message]) -> list[str]:
    return [message.message_id for message in messages]


def test_a_message_put_twice_is_one(books: Any) -> None:
    put(books, "o-1", 1)
    put(books, "o-1", 1)
    assert len(books.rows("outbox_message")) == 1


def test_a_claimed_message_is_not_claimed_again_until_its_lease_ends(books: Any) -> None:
    put(books, "o-1", 1)
    first = claimed(books, "a")
    assert (ids(first), first[0].lease_owner, first[0].fields) == (["control:o-1:1"], "a", {"seq": 1})
    assert claimed(books, "b") == []
    lease_until = books.rows("outbox_message")[0].lease_until
    assert lease_until - books.clock.at >= timedelta(seconds=books.center.settings.send_timeout_s)
    books.clock.at = lease_until - timedelta(milliseconds=1)
    assert claimed(books, "b") == []
    books.clock.at = lease_until  # the first sender was killed: nothing had to be cleaned up
    again = claimed(books, "b")
    assert (ids(again), again[0].lease_owner, again[0].tries) == (["control:o-1:1"], "b", 0)


def test_only_the_first_unsent_message_of_a_subject_is_claimed(books: Any) -> None:
    put(books, "o-1", 4, 2, 9)
    put(books, "o-2", 3)
    assert ids(claimed(books)) == ["control:o-1:2", "control:o-2:3"]
    assert claimed(books) == []
    books.clock.at += timedelta(hours=1)
    first = claimed(books)[0]
    answer(books, first)
    assert ids(claimed(books)) == ["control:o-1:4"]


def test_a_held_message_blocks_the_later_ones_of_its_subject_alone(books: Any) -> None:
    books.settings_changed["send_tries"] = 1
    put(books, "o-1", 1, 2)
    put(books, "o-2", 1, 2)
    no = Answer(Outcome.REFUSED, "2")
    first, second = claimed(books)
    answer(books, first, no)
    answer(books, second)
    assert ids(claimed(books)) == ["control:o-2:2"]


def test_the_limit_is_kept_and_the_longest_due_come_first(books: Any) -> None:
    put(books, "o-2", 1)
    books.clock.at += timedelta(seconds=1)
    put(books, "o-1", 1)
    put(books, "o-3", 1)
    assert ids(claimed(books, limit=1)) == ["control:o-2:1"]
    assert len(claimed(books, limit=1)) == 1


def test_other_kinds_are_left_alone(books: Any) -> None:
    put(books, "o-1", 1)
    assert claimed(books, kind=MessageKind.DEDUCTION) == []


def test_claims_at_once_share_nothing(books: Any) -> None:
    for n in range(40):
        put(books, f"o-{n:02d}", 1)

    def all_of(owner: str) -> list[str]:
        found: list[str] = []
        while got := claimed(books, owner, limit=5):
            found += ids(got)
        return found

    with ThreadPoolExecutor(4) as pool:
        shares = [pool.submit(all_of, f"worker-{n}") for n in range(4)]
    found = sorted(one for share in shares for one in share.result())
    # A worker that finds the rest locked may stop early; what is left is claimed by the next round.
    found += ids(claimed(books, "last"))
    assert sorted(found) == [f"control:o-{n:02d}:1" for n in range(40)]


def test_late_answers_after_the_lease_was_lost_are_kept_and_only_an_acceptance_counts(books: Any) -> None:
    put(books, "o-1", 1)
    late = claimed(books, "a")[0]
    books.clock.at += timedelta(hours=1)
    current = claimed(books, "b")[0]
    answer(books, late, Answer(Outcome.UNKNOWN, "time-out"))
    row = books.rows("outbox_message")[0]
    assert (row.state, row.lease_owner, row.tries) == ("WAITING", "b", 1)
    answer(books, late)
    assert books.rows("outbox_message")[0].state == "SENT"
    answer(books, current, Answer(Outcome.REFUSED, "2"))
    row = books.rows("outbox_message")[0]
    assert (row.state, row.tries) == ("SENT", 3)
    tries = [(t.try_no, t.outcome, t.answer) for t in books.rows("outbox_try", "try_no")]
    assert tries == [(1, "UNKNOWN", "time-out"), (2, "ACCEPTED", "1"), (3, "REFUSED", "2")]


def test_settled_deductions_do_not_hide_those_due_behind_them(books: Any) -> None:
    for n in range(4):
        books.payer(f"p-{n}")
        books.sum(f"p-{n}", "10")
    books.day(date(2026, 4, 1))
    books.issue(date(2026, 4, 1))
    books.number()
    for n, word in ((0, "PAID"), (1, "FAILED"), (3, "PAID")):
        books.callback(f"p-{n}-20260301", word)
    assert ids(claimed(books, limit=1, kind=MessageKind.DEDUCTION)) == ["deduct:p-2-20260301"]
    assert claimed(books, limit=1, kind=MessageKind.DEDUCTION) == []
    assert sorted(row.state for row in books.rows("outbox_message")) == ["SETTLED"] * 3 + ["WAITING"]
