"""The corrections behind charges and lines: who corrected what and why, what a fact came to before and after.

Where it stands in the walk: `explain_invoice` asks for them, `correction_words` tells them. A correction's charges
bear its id in their run. Design: billing rules, "A correction never edits", "What an invoice must be able to say".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from billing_center.bulk import rows_by_key
from billing_center.correction.credit_notes import CreditNote
from billing_center.history.whole import charge
from billing_center.invoice.explain_store import ChargeRow
from billing_center.rating.facts import OF_USE, Cause
from billing_center.usage.usage_event import UsageEvent, usage_events
from schema.tables.corrections import correction, usage_correction

RUN = "correct:"
"""The run of a correction's charges begins with it; the correction's id follows."""

Fact = tuple[str, str, date]
"""What charges came from: (use, day or true_up, the event or order, the civil day)."""

_DAYS = (Cause.DAY, Cause.RERATE_DAY)
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Corrected:
    """Who corrected, when and why. All but the id are empty while a re-rating of many payers is not done."""

    correction_id: str
    kind: str = ""
    at: datetime | None = None
    actor: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class FactCorrected:
    """One correction of a fact: what the fact came to before it and after it, rated, in the charge's currency.

    `replaced` is the use in whose place the corrected one stands, and `before` what that one came to.
    """

    by: Corrected
    before: Decimal
    after: Decimal
    billed_from: date  # the first day of the period that the difference is invoiced in
    replaced: UsageEvent | None = None


@dataclass(frozen=True, slots=True)
class LineCorrected:
    """What one correction added to a line, or took off it."""

    by: Corrected
    charges: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineCredited:
    """What a credit note took off a line, and what it left of it; money."""

    credit_no: str
    at: datetime
    actor: str
    why: str
    amount: Decimal
    left: Decimal


def fact_of(cause: str, cause_id: str, day: date) -> Fact:
    """The fact that a charge came from, whether first or by a correction."""
    kind = "use" if cause in OF_USE else "day" if cause in _DAYS else cause
    return kind, cause_id, day


def corrections_of(
    connection: Connection, charges: Sequence[ChargeRow]
) -> dict[tuple[Fact, str], tuple[FactCorrected, ...]]:
    """The corrections of each charge's fact, oldest first, by fact and currency; uncorrected ones are left out."""
    if not charges:
        return {}
    payer_id = charges[0].payer_id
    facts = {fact_of(c.cause, c.cause_id, c.day) for c in charges}
    in_place_of = _in_place_of(connection, [cause_id for kind, cause_id, _ in facts if kind == "use"])
    events = usage_events(connection, sorted(set(in_place_of.values())))
    asked = {(day, cause_id) for _, cause_id, day in facts} | {(e.day, e.event_id) for e in events.values()}
    rows = _charges(connection, payer_id, asked)
    told = corrected(connection, {row.run_id.removeprefix(RUN) for row in rows if row.run_id.startswith(RUN)})
    by_fact: dict[tuple[Fact, str], list[Any]] = {}
    for row in rows:
        by_fact.setdefault((fact_of(row.cause, row.cause_id, row.day), row.currency), []).append(row)
    found = {}
    for fact, currency in {(fact_of(c.cause, c.cause_id, c.day), c.currency) for c in charges}:
        event = events.get(in_place_of.get(fact[1], ""))
        earlier = [] if event is None else by_fact.get((("use", event.event_id, event.day), currency), [])
        chain = tuple(_chain(by_fact[fact, currency], told, event, earlier))
        if chain:
            found[fact, currency] = chain
    return found


def corrections_of_line(connection: Connection, where: Iterable[ColumnElement[bool]]) -> tuple[LineCorrected, ...]:
    """What corrections added to the line that these conditions choose the charges of, oldest first."""
    c = charge.c
    statement = (
        select(c.run_id, func.count(), func.sum(c.amount), func.min(c.rated_at))
        .where(*where, c.run_id.startswith(RUN, autoescape=True))
        .group_by(c.run_id)
    )
    rows = sorted(connection.execute(statement), key=lambda row: (row[3], row[0]))
    told = corrected(connection, {row[0].removeprefix(RUN) for row in rows})
    return tuple(LineCorrected(told[row[0].removeprefix(RUN)], row[1], row[2]) for row in rows)


def credits_of_line(notes: Sequence[CreditNote], line_no: int, amount: Decimal) -> tuple[LineCredited, ...]:
    """What credit notes took off a line of that amount, in their order."""
    found, left = [], amount
    for note in notes:
        for line in note.lines:
            if line.line_no == line_no:
                left -= line.amount
                found.append(LineCredited(note.credit_no, note.at, note.actor, note.why, line.amount, left))
    return tuple(found)


def corrected(connection: Connection, correction_ids: Collection[str]) -> dict[str, Corrected]:
    """Who and why of each of the corrections."""
    c = correction.c
    statement = select(c.correction_id, c.kind, c.at, c.actor, c.why)
    found = {correction_id: Corrected(correction_id) for correction_id in correction_ids}
    for row in rows_by_key(connection, statement, [c.correction_id], list(correction_ids)):
        found[row.correction_id] = Corrected(*row)
    return found


def _chain(
    rows: Sequence[Any], told: Mapping[str, Corrected], replaced: UsageEvent | None, earlier: Sequence[Any]
) -> Iterable[FactCorrected]:
    """The corrections of one fact in their order; the first one of a replacement began with what it replaced."""
    runs: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: (row.rated_at, row.cause != Cause.USE, row.run_id)):
        runs.setdefault(row.run_id, []).append(row)
    came_to = _ZERO
    for nth, (run_id, made) in enumerate(runs.items()):
        after = came_to + sum((row.amount for row in made), _ZERO)
        if run_id.startswith(RUN):
            first = replaced is not None and nth == 0
            if first:
                came_to = sum((row.amount for row in earlier if row.run_id != run_id), _ZERO)
            by = told[run_id.removeprefix(RUN)]
            yield FactCorrected(
                by, came_to, after, max(row.period_start for row in made), replaced if first else None
            )
        came_to = after


def _in_place_of(connection: Connection, event_ids: Sequence[str]) -> dict[str, str]:
    c = usage_correction.c
    rows = rows_by_key(connection, select(c.event_id, c.corrects), [c.event_id], list(event_ids))
    return {row.event_id: row.corrects for row in rows}


def _charges(connection: Connection, payer_id: str, facts: Collection[tuple[date, str]]) -> list[Any]:
    c = charge.c
    days = [day for day, _ in facts]
    statement = select(
        c.day, c.cause, c.cause_id, c.currency, c.amount, c.run_id, c.rated_at, c.period_start
    ).where(c.payer_id == payer_id, c.day.between(min(days), max(days)))
    return list(rows_by_key(connection, statement, [c.day, c.cause_id], list(facts)))
