"""Compares what was seen at the doors with the hand-computed expectations, one row for every number."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from billing_center.cli.demo import expectations as hand_made
from billing_center.cli.demo.doors import civil_day_of, money
from billing_center.cli.demo.expectations import Bill, Line, Stop
from billing_center.cli.demo.play import Seen


class Kind(StrEnum):
    """What a comparison is about; its words head the rows."""

    AMOUNT = "amounts"
    PAYMENT = "paid on the day that was expected"
    DEDUCTION = "deducted once, with the invoice's total, after as many tries"
    ANSWER = "acts of the story answered as the rules promise"
    CONTROL = "stopped and restored"
    END = "at the end"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: what it is about, how it was computed by hand, both results."""

    kind: Kind
    group: str  # the invoice, where it is about one
    about: str
    how: str
    by_hand: str
    seen: str

    @property
    def holds(self) -> bool:
        """Whether the program agrees with the hand."""
        return self.by_hand == self.seen


@dataclass(frozen=True, slots=True)
class Expected:
    """Everything that the story must come to. The default is what stands in `expectations`."""

    bills: tuple[Bill, ...] = hand_made.BILLS
    stops: tuple[Stop, ...] = hand_made.STOPS
    in_arrears: frozenset[str] = hand_made.IN_ARREARS
    refused: Mapping[str, int] = field(default_factory=lambda: hand_made.REFUSED)
    parked: int = hand_made.PARKED_AT_THE_END
    grand_total: str = hand_made.GRAND_TOTAL
    grand_total_how: str = hand_made.GRAND_TOTAL_HOW


def check(seen: Seen, expected: Expected) -> list[Row]:
    """Every comparison, in the order of the expectations; what was not expected at all comes last."""
    rows: list[Row] = []
    for bill in expected.bills:
        rows += _check_bill(bill, seen)
    for stop in expected.stops:
        rows += _check_stop(stop, seen)
    for one in seen.answers:
        answer, promised = one.answer or "done", one.event.answer or "done"
        rows.append(Row(Kind.ANSWER, "", one.event.at, one.event.says, promised, answer))
    rows += _check_end(seen, expected)
    rows += _unexpected(seen, expected)
    return rows


def _check_bill(bill: Bill, seen: Seen) -> Iterator[Row]:
    document = seen.invoices.get(bill.invoice_id)
    if document is None:
        yield Row(Kind.AMOUNT, bill.invoice_id, "total", "an invoice", bill.total, "none")
        return
    invoice = document["invoice"]
    lines = {(line["order_id"], line["currency"]): line for line in invoice["lines"]}
    for line in bill.lines:
        yield from _check_line(bill.invoice_id, line, lines.pop((line.order_id, line.currency), None))
    for found in lines.values():
        yield Row(Kind.AMOUNT, bill.invoice_id, found["order_id"], "no such line", "none", _with_currency(found))
    how = bill.how or " + ".join(line.amount for line in bill.lines)
    yield Row(Kind.AMOUNT, bill.invoice_id, "total", how, bill.total, money(invoice["base_amount"]))
    settled = civil_day_of(invoice["settled_at"]) if invoice["state"] == "PAID" else "never"
    yield Row(Kind.PAYMENT, bill.invoice_id, "paid on", "", bill.settled or "never", settled)
    yield _check_deduction(bill, document, seen)


def _check_line(invoice_id: str, line: Line, found: dict[str, Any] | None) -> Iterator[Row]:
    by_hand = line.amount if line.currency == "CNY" else f"{line.amount} {line.currency}"
    if found is None:
        yield Row(Kind.AMOUNT, invoice_id, line.order_id, line.how, by_hand, "none")
        return
    yield Row(Kind.AMOUNT, invoice_id, line.order_id, line.how, by_hand, _with_currency(found))
    if line.listed:
        listed = money(found["list_amount"])
        yield Row(Kind.AMOUNT, invoice_id, "  listed", "without the promotion", line.listed, listed)


def _with_currency(line: dict[str, Any]) -> str:
    amount = money(line["amount"])
    return amount if line["currency"] == "CNY" else f"{amount} {line['currency']}"


def _check_deduction(bill: Bill, document: dict[str, Any], seen: Seen) -> Row:
    """What the account system holds, and whether the center and it count the same tries."""
    taken = seen.deductions.get(bill.invoice_id)
    found = "not taken"
    if taken is not None:
        tries = {taken["tries"], document["deduction"]["tries"]}
        words = [money(taken["invoice"]["totalAmount"]), *(str(one) for one in sorted(tries)), *taken["problems"]]
        found = ", ".join(words)
    return Row(Kind.DEDUCTION, bill.invoice_id, "deducted", "total, tries", f"{bill.total}, {bill.tries}", found)


def _check_stop(stop: Stop, seen: Seen) -> Iterator[Row]:
    """The days of its commands, of which there must be as many as expected."""
    expected = (("SUSPEND", "stopped", stop.stopped, stop.why), ("RESUME", "restored", stop.restored, stop.until))
    for action, about, day, how in expected:
        came = [one.day for one in seen.commands if (one.order_id, one.action) == (stop.order_id, action)]
        yield Row(Kind.CONTROL, stop.order_id, about, how, day or "never", " ".join(came) or "never")


def _check_end(seen: Seen, expected: Expected) -> Iterator[Row]:
    total = sum((Decimal(one["invoice"]["base_amount"]) for one in seen.invoices.values()), Decimal(0))
    yield Row(Kind.END, "", "all invoices", expected.grand_total_how, expected.grand_total, money(str(total)))
    owing = " ".join(sorted(payer for payer, owes in seen.arrears.items() if owes))
    yield Row(Kind.END, "", "in arrears", "feedbackUser says -1", " ".join(sorted(expected.in_arrears)), owing)
    yield Row(Kind.END, "", "parked uses", "its order came later", str(expected.parked), str(len(seen.parked)))
    refused = Counter(str(call["operation"]) for call in seen.refused)
    for operation in sorted({*expected.refused, *refused}):
        by_hand, came = expected.refused.get(operation, 0), refused[operation]
        yield Row(Kind.END, "", "refused calls", f"{operation} answered -1, and kept", str(by_hand), str(came))


def _unexpected(seen: Seen, expected: Expected) -> Iterator[Row]:
    for invoice_id in sorted(set(seen.invoices) - {bill.invoice_id for bill in expected.bills}):
        amount = money(seen.invoices[invoice_id]["invoice"]["base_amount"])
        yield Row(Kind.AMOUNT, invoice_id, "total", "no such invoice", "none", amount)
    for command in seen.commands:
        if command.order_id not in {stop.order_id for stop in expected.stops}:
            yield Row(Kind.CONTROL, command.order_id, command.action, "no such command", "never", command.day)
