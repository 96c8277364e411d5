"""Plays the story day by day: the night's work at 00:05, callbacks at 09:00, the day's events, the evening.

Nothing is computed here; what was seen at the doors is kept as it came.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from billing_center.cli.demo.acts import Event
from billing_center.cli.demo.doors import Doors
from billing_center.cli.demo.story import BEGIN, END, PAYERS, STORY

MORNING, EVENING = "09:00", "23:00"
MONTHS = ("January", "February", "March")


@dataclass(frozen=True, slots=True)
class Answered:
    """One event of the story with the answer that the rules promise, and the one that came."""

    event: Event
    answer: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """A service command as the order system got it, with the day on which it came."""

    day: str
    order_id: str
    action: str
    reason: str


@dataclass(slots=True)
class Seen:
    """Everything that was seen at the doors. `invoices` are REST's documents by id, deductions the receiver's."""

    answers: list[Answered] = field(default_factory=list)
    commands: list[Commanded] = field(default_factory=list)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    deductions: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[dict[str, Any]] = field(default_factory=list)
    parked: list[dict[str, Any]] = field(default_factory=list)
    arrears: dict[str, bool] = field(default_factory=dict)


Watch = Callable[[int, str], None]
"""Told how many days have passed, and what happens now."""


def days_to_play() -> list[date]:
    """Every day of the story."""
    begin, end = date.fromisoformat(BEGIN), date.fromisoformat(END)
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]


def play(doors: Doors, watch: Watch) -> Seen:
    """Play the whole story and read what came of it."""
    seen = Seen()
    events = {day: list(found) for day, found in groupby(STORY, key=lambda event: event.at[:10])}
    for passed, day in enumerate(days_to_play()):
        _play_day(doors, seen, day, events.get(day.isoformat(), []), partial(watch, passed))
    _read(doors, seen)
    return seen


def _play_day(doors: Doors, seen: Seen, day: date, events: list[Event], say: Callable[[str], None]) -> None:
    morning = f"{day} {MORNING}"
    say(f"{day}")
    _carry_out(doors, seen, [event for event in events if event.at < morning], say)
    doors.advance(morning)
    told = doors.call_back(day)
    for one in told:
        say(f"{day} {payment_words(one)}")
    _carry_out(doors, seen, [event for event in events if event.at >= morning], say)
    if events or told:  # else nothing has happened that the evening could follow up
        doors.advance(f"{day} {EVENING}")
    for command in doors.commands()[len(seen.commands) :]:
        seen.commands.append(Commanded(day.isoformat(), command["order_id"], command["action"], command["reason"]))
        does = "stops" if command["action"] == "SUSPEND" else "restores"
        say(f"{day} the center {does} {command['order_id']}: {command['reason']}")


def _carry_out(doors: Doors, seen: Seen, events: list[Event], say: Callable[[str], None]) -> None:
    for moment, found in groupby(events, key=lambda event: event.at):
        doors.advance(moment)
        for event in found:
            say(f"{moment[:10]} {event.says}")
            seen.answers.append(Answered(event, doors.carry_out(event.act)))


def payment_words(told: dict[str, str]) -> str:
    """What a callback means, for people: 华东商贸 pays its January invoice."""
    name = PAYERS[told["payer_id"]][0]
    period = date.fromisoformat(told["invoice_id"].rpartition("-")[2])
    month = MONTHS[(period + timedelta(days=15)).month - 1]
    return f"{name} {'pays' if told['state'] == 'PAID' else 'cannot pay'} its {month} invoice"


def _read(doors: Doors, seen: Seen) -> None:
    """What the center says over REST at the end, and what the account system took."""
    for payer_id in PAYERS:
        payer = doors.rest(f"payers/{payer_id}")
        seen.arrears[payer_id] = payer["in_arrears"]
        for invoice in payer["invoices"]:
            seen.invoices[invoice["invoice_id"]] = doors.rest(f"invoices/{invoice['invoice_id']}")
    seen.deductions = {deduction["guid"]: deduction for deduction in doors.deductions()}
    seen.refused = doors.rest("refused-calls")
    seen.parked = doors.rest("usage/parked")
