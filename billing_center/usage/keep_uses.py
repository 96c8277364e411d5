"""A batch of reported uses is kept: checked, told apart from repeats, stored with its places in the rating queue.

Identity is claimed in the same transaction that stores the event. The work goes column by column: what it costs a
use is a few texts and hashes. Where it stands in the walk: `record_usage` hands calls over, `import_uses` lines.
Design: contract, insertServiceOp; field problems 6 and 7.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from billing_center.bulk import insert_columns, insert_missing, rows_by_key
from billing_center.center import UnitOfWork
from billing_center.clock import civil_day, start_of_day
from billing_center.errors import BillingError, Busy, Refused
from billing_center.ids import SHARDS, shard_of
from billing_center.period import ONE_DAY
from billing_center.usage.check_uses import check_use, doubtful
from billing_center.usage.park import WAITING
from billing_center.usage.purge_identities import first_day_kept, kept_before
from billing_center.usage.reported_uses import (
    RecordUsage,
    UseColumns,
    WholeFields,
    chosen,
    columns_of,
    content_hashes,
    guid_identities,
    microseconds,
    whole_fields,
)
from billing_center.usage.usage_event import EVENT_COLUMNS
from schema.tables.usage import usage_event, usage_identity, usage_queue

log = structlog.get_logger()

LOOK_FROM = 500
"""Uses from which it is cheaper to look for repeats first, and then to write only what is new."""

BY_SHARD_FROM = 2 * SHARDS
"""Uses from which ids are given shard by shard: rating reads one shard after the other, and finds the uses of a
batch on neighbouring pages. Fewer would not be neighbours, and keep the order in which they came."""

_EVENT_MILLIONTHS = frozenset({"started_at", "ended_at", "amount", "quantity", "received_at"})
_IDENTITY = ("identity", "event_id", "day", "content_hash", "seen_at")
_QUEUE = ("event_id", "day", "shard", "state", "real_time", "next_try_at", "tries", "reason", "detail")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Sound uses on their way into the tables, as columns."""

    uses: UseColumns
    whole: WholeFields
    event_ids: Sequence[str]
    days: Sequence[date]  # the civil days that they began on
    shards: Sequence[int]
    order: Sequence[int]  # the places in the order of ids
    identities: Sequence[str]  # "" when identical uses are real for the product
    contents: Sequence[str]

    def at(self, places: Sequence[int]) -> "_Batch":
        """Those at certain places."""
        w = self.whole
        whole = (chosen(column, places) for column in (w.started_at, w.ended_at, w.amount, w.quantity))
        shards = chosen(self.shards, places)
        return _Batch(
            self.uses.at(places),
            WholeFields(*whole),  # type: ignore[arg-type]  # each column keeps its kind
            chosen(self.event_ids, places),
            chosen(self.days, places),
            shards,
            _by_shard(shards),
            chosen(self.identities, places),
            chosen(self.contents, places),
        )


def keep_uses(work: UnitOfWork, uses: UseColumns) -> tuple[list[BillingError | None], int]:
    """Keep the uses: one outcome for each, in order, None when it is kept or is a repeat; how many are new.

    A refused use changes nothing for the others. Raises: Busy when another transaction kept one of them meanwhile.
    """
    outcomes: list[BillingError | None] = [None] * len(uses)
    for place in sorted(doubtful(work, uses)) if len(uses) else ():
        try:
            check_use(work, uses.use(place))
        except Refused as refused:
            outcomes[place] = refused
    if len(uses) > outcomes.count(None):
        uses = uses.at([place for place, outcome in enumerate(outcomes) if outcome is None])
    if not len(uses):
        return outcomes, 0
    batch = _without_old_repeats(work, _prepared(work, uses))
    places = _claimed(work, batch)
    _insert(work, batch, places)
    return outcomes, len(places)


def enter_alone(work: UnitOfWork, use: RecordUsage) -> str:
    """Keep a use that claims no identity; its event id. Raises: Refused."""
    check_use(work, use)
    batch = _prepared(work, columns_of([use]))
    _insert(work, batch, batch.order)
    return batch.event_ids[0]


def _prepared(work: UnitOfWork, uses: UseColumns) -> _Batch:
    """What is written beside the fields."""
    whole = whole_fields(uses)
    contents = content_hashes(uses, whole)
    of_content = {product: work.catalog.product(product).content_identity for product in set(uses.product_id)}
    identities = [
        of_guid if guid else f"c-{content}" if of_content[product] else ""
        for of_guid, guid, product, content in zip(
            guid_identities(uses.caller, uses.guid), uses.guid, uses.product_id, contents, strict=True
        )
    ]
    who = [payer or user for payer, user in zip(uses.payer_id, uses.user_id, strict=True)]
    of_who = {one: shard_of(one) for one in set(who)}
    shards = [of_who[one] for one in who]
    order = _by_shard(shards)
    return _Batch(
        uses,
        whole,
        _event_ids(work, order),
        _days(work, uses.started_at, whole.started_at),
        shards,
        order,
        identities,
        contents,
    )


def _by_shard(shards: Sequence[int]) -> Sequence[int]:
    """The places in the order in which they get ids: within a shard that in which they came."""
    places = range(len(shards))
    return sorted(places, key=shards.__getitem__) if len(shards) >= BY_SHARD_FROM else places


def _event_ids(work: UnitOfWork, order: Sequence[int]) -> Sequence[str]:
    """A new id for each place."""
    ids = [""] * len(order)
    for place, event_id in zip(order, work.ids.several(work.at, len(order)), strict=True):
        ids[place] = event_id
    return ids


def _days(work: UnitOfWork, instants: Sequence[datetime], whole: Sequence[int]) -> Sequence[date]:
    """The civil day of each instant."""
    first, last = civil_day(min(instants), work.zone), civil_day(max(instants), work.zone)
    days = [first + n * ONE_DAY for n in range((last - first).days + 1)]
    begins = microseconds([start_of_day(day, work.zone) for day in days[1:]])
    return [days[bisect_right(begins, at)] for at in whole]


def _without_old_repeats(work: UnitOfWork, batch: _Batch) -> _Batch:
    """Of days so old that identities are purged, a use with a guid is compared with the uses of its day."""
    first_day = first_day_kept(work)
    if min(batch.days) >= first_day:
        return batch
    keys = list(zip(batch.days, batch.uses.caller, batch.uses.guid, strict=True))
    kept = kept_before(work, [key for key in keys if key[0] < first_day and key[2]])
    for (_, _, _), event_id in kept.items():
        log.info("usage_repeated", event_id=event_id)
    return batch.at([place for place, key in enumerate(keys) if key not in kept]) if kept else batch


def _claimed(work: UnitOfWork, batch: _Batch) -> Sequence[int]:
    """The places of the uses that are no repeats, in the order of ids.

    Each claims its identity by inserting it: the index decides.
    """
    count = len(batch.identities)
    first = dict(zip(reversed(batch.identities), range(count - 1, -1, -1), strict=True))
    first.pop("", None)
    if count >= LOOK_FROM:
        holders = _holders(work, first)
        _claim(work, batch, sorted(first.keys() - holders.keys()), first)
    else:
        holders = _claim_or_meet(work, batch, first)
    if not holders and len(first) + batch.identities.count("") == count:
        return batch.order
    again = {
        place
        for place, identity in enumerate(batch.identities)
        if (identity in holders or first.get(identity, place) != place)
        and not _is_new(work, batch, place, first, holders)
    }
    return [place for place in batch.order if place not in again]


def _claim(work: UnitOfWork, batch: _Batch, identities: Sequence[str], first: Mapping[str, int]) -> None:
    places = [first[identity] for identity in identities]
    others = (chosen(column, places) for column in (batch.event_ids, batch.days, batch.contents))
    at = microseconds([work.at]) * len(places)
    columns = [identities, *others, at]
    try:
        insert_columns(work.connection, usage_identity, _IDENTITY, columns, millionths=frozenset({"seen_at"}))
    except IntegrityError as error:
        raise Busy("another transaction kept one of these uses meanwhile") from error


def _claim_or_meet(work: UnitOfWork, batch: _Batch, first: Mapping[str, int]) -> Mapping[str, Any]:
    """Claim what can be claimed; who holds the identities, when they are not all new."""
    rows = [
        {
            "identity": identity, "event_id": batch.event_ids[place], "day": batch.days[place],
            "content_hash": batch.contents[place], "seen_at": work.at,
        }
        for identity, place in first.items()
    ]  # fmt: skip
    if insert_missing(work.connection, usage_identity, rows) == len(rows):
        return {}
    return _holders(work, first)


def _holders(work: UnitOfWork, identities: Mapping[str, int]) -> Mapping[str, Any]:
    table = usage_identity.c
    statement = select(table.identity, table.event_id, table.content_hash, table.seen_at)
    rows = rows_by_key(work.connection, statement, [table.identity], identities)
    return {row.identity: row for row in rows}


def _is_new(
    work: UnitOfWork, batch: _Batch, place: int, first: Mapping[str, int], holders: Mapping[str, Any]
) -> bool:
    """Whether the use is no repeat; a repeat is noted."""
    identity = batch.identities[place]
    if first[identity] != place:
        _note_repeat(batch, place, batch.event_ids[first[identity]], batch.contents[first[identity]])
        return False
    holder = holders[identity]
    if holder.event_id == batch.event_ids[place] or _takes_over(work, batch, place, holder):
        return True
    _note_repeat(batch, place, holder.event_id, holder.content_hash)
    return False


def _takes_over(work: UnitOfWork, batch: _Batch, place: int, holder: Any) -> bool:
    """Whether equal content came so long ago that this is another use; it then holds the identity."""
    if batch.uses.guid[place]:
        return False
    product = work.catalog.product(batch.uses.product_id[place])
    window_h = product.identity_window_h or work.settings.identity_window_h
    if holder.seen_at > work.at - timedelta(hours=window_h):
        return False
    table = usage_identity.c
    statement = (
        update(usage_identity)
        .where(table.identity == holder.identity, table.event_id == holder.event_id)
        .values(event_id=batch.event_ids[place], seen_at=work.at)
    )
    return work.connection.execute(statement).rowcount == 1


def _note_repeat(batch: _Batch, place: int, event_id: str, content_hash: str) -> None:
    """A repeat is harmless; a guid that comes again with other content is shown to a person."""
    product_id = batch.uses.product_id[place]
    if batch.contents[place] == content_hash:
        log.info("usage_repeated", event_id=event_id, product_id=product_id)
    else:
        log.warning("usage_guid_with_other_content", event_id=event_id, product_id=product_id)


def _insert(work: UnitOfWork, batch: _Batch, places: Sequence[int]) -> None:
    """The events at these places as they came, and where they stand in the queue."""
    count, uses, whole = len(places), batch.uses, batch.whole
    if not count:
        return
    (now,) = microseconds([work.at])
    columns: list[Sequence[Any]] = [
        batch.event_ids, batch.days, batch.shards, whole.started_at, uses.product_id, uses.caller, uses.guid,
        uses.user_id, uses.user_name, uses.payer_id, uses.product_name, whole.ended_at, whole.amount,
        whole.quantity, uses.unit,
    ]  # fmt: skip
    if places != range(len(batch.event_ids)):
        columns = [chosen(column, places) for column in columns]
    event_ids, days, shards, started_at, product_ids, *said = columns
    caller, guid, user_id, user_name, payer_id, product_name, ended_at, amount, quantity, unit = said
    events = [
        event_ids, days, caller, guid, user_id, user_name, payer_id, product_ids, product_name, started_at,
        ended_at, amount, quantity, unit, [now] * count, shards,
    ]  # fmt: skip
    insert_columns(work.connection, usage_event, EVENT_COLUMNS, events, millionths=_EVENT_MILLIONTHS)
    products = {product: work.catalog.product(product).real_time for product in set(product_ids)}
    waiting = [
        event_ids, days, shards, [WAITING] * count, [products[product] for product in product_ids],
        [at if at > now else now for at in started_at],  # a use that lies ahead is rated when it has come
        [0] * count, [None] * count, [None] * count,
    ]  # fmt: skip
    insert_columns(work.connection, usage_queue, _QUEUE, waiting, millionths=frozenset({"next_try_at"}))
    if any(products.values()):
        work.after_commit.append(work.real_time.wake)
