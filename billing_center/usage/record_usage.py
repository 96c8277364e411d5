"""A use is collected: checked, told apart from a repeat, kept with its place in the rating queue.

Many calls share one transaction, so this takes a batch and answers each alone. Identity is claimed in the
same transaction that stores the event. Design: contract, insertServiceOp; field problems 6 and 7.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from operator import attrgetter

import structlog
from sqlalchemy import select, update

from billing_center.bulk import insert_missing, insert_tuples, rows_by_key
from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import BillingError, MissingField, OutOfRange, Refused
from billing_center.ids import shard_of
from billing_center.money import exact
from billing_center.rating.quick import quick
from billing_center.rating.unit_conversion import convert
from billing_center.usage.park import WAITING
from billing_center.usage.purge_identities import first_day_kept, is_deleted_by_now, kept_before
from billing_center.usage.usage_event import EVENT_COLUMNS
from schema.tables.usage import usage_event, usage_identity, usage_queue

log = structlog.get_logger()

YEARS_BACK = timedelta(days=20 * 366)
AHEAD = timedelta(days=366)
"""How far from now a use may lie: beyond, a date is a mistake and not a late fact."""


@dataclass(frozen=True, slots=True)
class RecordUsage:
    """One act of use as its product reports it; '' and None where the caller said nothing. Instants are UTC."""

    caller: str
    guid: str
    user_id: str
    user_name: str
    payer_id: str
    product_id: str
    product_name: str
    started_at: datetime
    ended_at: datetime
    amount: Decimal | None
    quantity: Decimal | None
    unit: str


_values_of = attrgetter(*(field.name for field in fields(RecordUsage)))
_QUEUE_COLUMNS = ("event_id", "day", "shard", "state", "real_time", "next_try_at", "tries", "reason", "detail")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sound use on its way into the tables."""

    place: int
    event_id: str
    shard: int
    day: date  # the civil day that it began on
    identity: str  # "" when identical uses are real for the product
    content_hash: str
    command: RecordUsage
    product: CatalogProduct


_new_candidate = quick(_Candidate)


def record_usages(work: UnitOfWork, commands: Sequence[RecordUsage]) -> list[BillingError | None]:
    """Keep the uses; one outcome per command, in order: None when it is kept or is a repeat of a kept one.

    A refused use (Refused and its children) changes nothing for the others.
    """
    return keep_usages(work, commands)[0]


def keep_usages(work: UnitOfWork, commands: Sequence[RecordUsage]) -> tuple[list[BillingError | None], int]:
    """The same, and how many of the uses are new."""
    outcomes: list[BillingError | None] = [None] * len(commands)
    candidates: list[_Candidate] = []
    for place, command in enumerate(commands):
        try:
            candidates.append(_checked(work, place, command))
        except Refused as refused:
            outcomes[place] = refused
    new = _claim_identities(work, _without_old_repeats(work, candidates))
    _insert(work, new)
    if any(c.product.real_time for c in new):
        work.after_commit.append(work.real_time.wake)
    return outcomes, len(new)


def enter_corrected(work: UnitOfWork, command: RecordUsage) -> str:
    """Keep a use that stands in the place of a withdrawn one; its event id. It waits in the queue as any other.

    It claims no identity: that stays with the first use, so a late repeat of the wrong one is still a repeat.
    Raises: what makes `record_usages` refuse a use.
    """
    candidate = _checked(work, 0, command)
    _insert(work, [candidate])
    return candidate.event_id


def event_of_guid(work: UnitOfWork, caller: str, guid: str) -> str | None:
    """The use that this caller reported under this guid; None when there is none."""
    identity = _guid_identity(caller, guid)
    statement = select(usage_identity.c.event_id).where(usage_identity.c.identity == identity)
    return work.connection.execute(statement).scalar_one_or_none()


def _checked(work: UnitOfWork, place: int, command: RecordUsage) -> _Candidate:
    """The rules of insertServiceOp that need the catalog or the clock."""
    product = work.catalog.product(command.product_id)
    if command.ended_at < command.started_at:
        raise OutOfRange("endDate must not be before startDate", field="endDate")
    if not work.at - YEARS_BACK <= command.started_at <= work.at + AHEAD:
        raise OutOfRange("startDate is too far from now", field="startDate")
    day = civil_day(command.started_at, work.zone)
    if is_deleted_by_now(work, day):
        raise OutOfRange("startDate is in a month whose facts are not kept any more", field="startDate")
    if command.amount is not None:
        exact(command.amount, field="amount")
        if command.amount < 0:
            raise OutOfRange("amount must be 0 or more", field="amount")
    if command.quantity is None:
        if command.amount is None:
            raise MissingField("useAge is required unless amount is given", field="useAge")
    else:
        exact(command.quantity, field="useAge")
        if command.quantity <= 0 and command.amount is None:
            raise OutOfRange("useAge must be more than 0", field="useAge")
    if command.amount is None and command.quantity is not None and command.unit and product.unit:
        try:
            convert(command.quantity, command.unit, product.unit)
        except Refused as refused:
            refused.field = "useUnit"
            raise
    content = _content_hash(command)
    shard = shard_of(command.payer_id or command.user_id)
    identity = _identity(command, product, content)
    return _new_candidate(place, work.new_id(), shard, day, identity, content, command, product)


def _content_hash(command: RecordUsage) -> str:
    """All fields of the record, numbers by value (1.5 and 1.50 are the same use)."""
    c = command
    text = (
        f"{c.caller}\x1f{c.guid}\x1f{c.user_id}\x1f{c.user_name}\x1f{c.payer_id}\x1f{c.product_id}\x1f{c.product_name}"
        f"\x1f{c.started_at.timestamp()}\x1f{c.ended_at.timestamp()}"
        f"\x1f{_by_value(c.amount)}\x1f{_by_value(c.quantity)}\x1f{c.unit}"
    )
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _by_value(number: Decimal | None) -> Decimal | None:
    return None if number is None else number.normalize()


def _identity(command: RecordUsage, product: CatalogProduct, content_hash: str) -> str:
    """What tells this use apart: the caller's own id of it, else its content; '' when nothing does."""
    if command.guid:
        return _guid_identity(command.caller, command.guid)
    return f"c-{content_hash}" if product.content_identity else ""


def _guid_identity(caller: str, guid: str) -> str:
    source = f"{caller}\x1f{guid}".encode("utf-8", "surrogatepass")
    return "g-" + hashlib.blake2b(source, digest_size=16).hexdigest()


def _without_old_repeats(work: UnitOfWork, candidates: list[_Candidate]) -> list[_Candidate]:
    """Of days so old that identities are purged, a use with a guid is compared with the uses of its day."""
    first_day = first_day_kept(work)
    old = {
        (c.day, c.command.caller, c.command.guid): c for c in candidates if c.day < first_day and c.command.guid
    }
    kept = kept_before(work, list(old))
    for key, event_id in kept.items():
        log.info("usage_repeated", event_id=event_id, product_id=old[key].command.product_id)
    return [c for c in candidates if (c.day, c.command.caller, c.command.guid) not in kept] if kept else candidates


def _claim_identities(work: UnitOfWork, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The candidates that are no repeats. Each claims its identity by inserting it: the index decides."""
    first: dict[str, _Candidate] = {}
    for candidate in candidates:
        if candidate.identity:
            first.setdefault(candidate.identity, candidate)
    rows = [
        {"identity": c.identity, "event_id": c.event_id, "day": c.day,
         "content_hash": c.content_hash, "seen_at": work.at}
        for c in first.values()
    ]  # fmt: skip
    if insert_missing(work.connection, usage_identity, rows) == len(candidates):
        return list(candidates)  # all of them are new: nobody needs to be asked
    table = usage_identity
    statement = select(table.c.identity, table.c.event_id, table.c.content_hash, table.c.seen_at)
    holders = {
        row.identity: row for row in rows_by_key(work.connection, statement, [table.c.identity], list(first))
    }
    new = []
    for candidate in candidates:
        if not candidate.identity:
            new.append(candidate)
        elif first[candidate.identity] is candidate:
            holder = holders[candidate.identity]
            if holder.event_id == candidate.event_id or _takes_over(work, candidate, holder):
                new.append(candidate)
            else:
                _note_repeat(candidate, holder.event_id, holder.content_hash)
        else:
            _note_repeat(candidate, first[candidate.identity].event_id, first[candidate.identity].content_hash)
    return new


def _takes_over(work: UnitOfWork, candidate: _Candidate, holder: object) -> bool:
    """Whether equal content came so long ago that this is another use; it then holds the identity."""
    if candidate.command.guid:
        return False
    window_h = candidate.product.identity_window_h or work.settings.identity_window_h
    held_by, seen_at = getattr(holder, "event_id"), getattr(holder, "seen_at")  # noqa: B009 (a Row has no type)
    if seen_at > work.at - timedelta(hours=window_h):
        return False
    table = usage_identity.c
    statement = (
        update(usage_identity)
        .where(table.identity == candidate.identity, table.event_id == held_by)
        .values(event_id=candidate.event_id, seen_at=work.at)
    )
    return work.connection.execute(statement).rowcount == 1


def _note_repeat(candidate: _Candidate, event_id: str, content_hash: str) -> None:
    """A repeat is harmless; a guid that comes again with other content is shown to a person."""
    if candidate.content_hash == content_hash:
        log.info("usage_repeated", event_id=event_id, product_id=candidate.command.product_id)
    else:
        log.warning("usage_guid_with_other_content", event_id=event_id, product_id=candidate.command.product_id)


def _insert(work: UnitOfWork, new: Sequence[_Candidate]) -> None:
    """The events as they came, and their places in the queue."""
    at = work.at
    events = [(c.event_id, c.day, *_values_of(c.command), at, c.shard) for c in new]
    insert_tuples(work.connection, usage_event, EVENT_COLUMNS, events, millionths=frozenset())
    waiting = [
        # a use that lies ahead is rated when it has come
        (c.event_id, c.day, c.shard, WAITING, c.product.real_time, max(at, c.command.started_at), 0, None, None)
        for c in new
    ]
    insert_tuples(work.connection, usage_queue, _QUEUE_COLUMNS, waiting, millionths=frozenset())
