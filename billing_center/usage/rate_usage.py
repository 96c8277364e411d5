"""Filter and rate the uses that wait: a batch of the queue becomes charges in one transaction.

claimed -> filtered | rated | parked. What fails is parked with its reason and spoils nobody's rating.
Design: billing rules, mode 1, mode 4 (uses), mode 6, "A use, from collection to charge".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.charge.book import book_entries
from billing_center.charge.entries import Entries
from billing_center.charge.store import load_meters
from billing_center.errors import BillingError, Refused, ResultCode
from billing_center.ids import shard_of
from billing_center.order.store import first_openings, note_first_opening
from billing_center.payer.store import NewPayer, PayerRow, locked_payers, make_known, schedules_of
from billing_center.period import BillingSchedule
from billing_center.rating.facts import Charge, MeterKey, Meters
from billing_center.rating.unit_conversion import convert
from billing_center.uncollected import uncollected
from billing_center.usage.find_payer import Found, find_payers
from billing_center.usage.park import Parking, park
from billing_center.usage.quick_price import QuickPrices
from billing_center.usage.store import QueuedUse, claim_batch, leave_queue, note_filtered
from billing_center.usage.use_card import ReadyUse, UseCard, UseCards

log = structlog.get_logger()


@dataclass(slots=True)
class _Batch:
    """What becomes of the claimed uses."""

    ready: list[tuple[QueuedUse, UseCard, ReadyUse | None]] = field(default_factory=list)  # None: by quick price
    keys: set[MeterKey] = field(default_factory=set)
    rated: list[str] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)  # but for those of quick prices
    filtered: list[tuple[str, str]] = field(default_factory=list)
    parked: list[Parking] = field(default_factory=list)

    def park(self, use: QueuedUse, error: BillingError) -> None:
        self.parked.append(Parking(use.event_id, use.tries, error.code.value, error.message))


def rate_usage(
    work: UnitOfWork,
    *,
    first_shard: int,
    last_shard: int,
    limit: int,
    run_id: str,
    real_time_only: bool = False,
    of_shard: int = 0,
) -> int:
    """Rate up to `limit` due uses of the shards; returns how many were dealt with, 0 when none is due.

    `of_shard`: up to so many when that ends a shard, see `claim_batch`. Raises: Busy when another worker took the
    same uses.
    """
    with uncollected(limit):
        claimed = claim_batch(
            work.connection,
            first_shard=first_shard,
            last_shard=last_shard,
            now=work.at,
            limit=limit,
            real_time_only=real_time_only,
            of_shard=of_shard,
        )
        if claimed:
            _rate_batch(work, claimed, run_id=run_id, quickly=True)
    return len(claimed)


def rate_claimed(work: UnitOfWork, claimed: Sequence[QueuedUse], *, run_id: str) -> list[Charge]:
    """Rate, filter or park uses of the queue that this unit holds; returns the charges that it booked.

    Raises: Busy when another worker took one of them.
    """
    return _rate_batch(work, claimed, run_id=run_id, quickly=False).charges


def _rate_batch(work: UnitOfWork, claimed: Sequence[QueuedUse], *, run_id: str, quickly: bool) -> _Batch:
    """Deal with the uses; without `quickly` every charge is worked out by the full rules, and returned."""
    batch = _Batch()
    wanted = _filter(work, claimed, batch)
    found = find_payers(work.connection, wanted)
    payers, schedules = _lock(work, found)
    entries = Entries(payers, schedules, run_id=run_id, rated_at=work.at)
    quick = QuickPrices(entries)
    cards = UseCards(work, payers, schedules, _openings(work, wanted, found))
    _prepare(wanted, found, cards, quick if quickly else None, batch)
    meters = load_meters(work.connection, batch.keys)
    quick.read(meters)
    _rate(work, batch, meters, cards, quick, entries)
    for one in batch.charges:
        entries.add(one)
    book_entries(work, entries, quick.readings(meters))
    note_filtered(work.connection, batch.filtered, work.at)
    park(work, batch.parked)
    leave_queue(work.connection, [*batch.rated, *(event_id for event_id, _ in batch.filtered)])
    counts = {"rated": len(batch.rated), "filtered": len(batch.filtered), "parked": len(batch.parked)}
    log.info("usage_rated", **counts)
    return batch


def _filter(work: UnitOfWork, claimed: Sequence[QueuedUse], batch: _Batch) -> list[QueuedUse]:
    """The uses that no named rule of their product keeps from being rated."""
    wanted: list[QueuedUse] = []
    products = work.catalog.products
    if not any(products[one].filters for one in {use.product_id for use in claimed} & products.keys()):
        return list(claimed)
    for use in claimed:
        product = products.get(use.product_id)
        rule = filtering_rule(product, use) if product is not None and product.filters else ""
        if rule:
            batch.filtered.append((use.event_id, rule))
        else:
            wanted.append(use)
    return wanted


def filtering_rule(product: CatalogProduct, use: QueuedUse) -> str:
    """The first rule of the product that holds for the use, '' when none does. Quantities are in its unit."""
    for rule in product.filters:
        if use.user_id in rule.users:
            return rule.name
        if rule.below_quantity is None or use.quantity is None:
            continue
        try:
            quantity = convert(use.quantity, use.unit or product.unit, product.unit)
        except Refused:
            continue  # it will be parked for its unit
        if quantity < rule.below_quantity:
            return rule.name
    return ""


def _lock(work: UnitOfWork, found: dict[str, Found]) -> tuple[dict[str, PayerRow], dict[str, BillingSchedule]]:
    """Every payer of the batch, made known if it is new, its row locked until the commit."""
    payer_ids = sorted({f.payer_id for f in found.values()})
    payers = locked_payers(work.connection, payer_ids)
    met = [
        NewPayer(payer_id, "", work.settings.base_currency, work.settings.billing_day)
        for payer_id in payer_ids
        if payer_id not in payers
    ]
    make_known(work.connection, met, at=work.at)
    if met:
        payers = locked_payers(work.connection, payer_ids)
    return payers, schedules_of(work.connection, payers.values())


def _openings(
    work: UnitOfWork, wanted: Sequence[QueuedUse], found: dict[str, Found]
) -> dict[tuple[str, str], date]:
    """The day of the first opening of each (payer, product); a first use is one, and is noted."""
    days: dict[tuple[str, str], date] = {}
    for use in wanted:
        who = found.get(use.event_id)
        if who is not None:
            pair = (who.payer_id, use.product_id)
            known_day = days.get(pair)
            days[pair] = use.day if known_day is None or use.day < known_day else known_day
    known = first_openings(work.connection, days)
    new = {pair: (shard_of(pair[0]), day) for pair, day in days.items() if pair not in known}
    note_first_opening(work.connection, new)
    return {pair: day for pair, (_, day) in new.items()} | known


def _prepare(
    wanted: Sequence[QueuedUse],
    found: dict[str, Found],
    cards: UseCards,
    quick: QuickPrices | None,
    batch: _Batch,
) -> None:
    """Find what each use's price depends on; what has none is parked."""
    for use in wanted:
        who = found.get(use.event_id)
        if who is None:
            detail = f"user {use.user_id} has no active order of {use.product_id} at that moment"
            batch.parked.append(Parking(use.event_id, use.tries, "no_payer", detail))
            continue
        try:
            card = cards.of(use, who)
            if quick is not None and not card.looked_at:
                card.looked_at, card.quick = True, card.plain(use.day, quick)
                batch.keys.update(card.quick.keys() if card.quick is not None else ())
            ready = None if card.quick is not None else cards.ready(use, card)
        except BillingError as error:
            batch.park(use, error)
            continue
        if ready is not None:
            batch.keys.update(ready.keys)
        batch.ready.append((use, card, ready))


def _rate(
    work: UnitOfWork, batch: _Batch, meters: Meters, cards: UseCards, quick: QuickPrices, entries: Entries
) -> None:
    """The charges, in the order of the uses. What cannot be rated leaves the meters alone and is parked."""
    for use, card, ready in batch.ready:
        if card.quick is not None and card.quick.rate(use, entries, meters):
            batch.rated.append(use.event_id)
            continue
        try:
            one = ready or cards.ready(use, card)
            keys = one.keys
            quick.to_meters(keys, meters)
            batch.charges += one.rate(meters, work.zone)
            quick.from_meters(keys, meters)
        except Exception as error:  # our own failure parks this use and spoils no other
            code = error.code if isinstance(error, BillingError) else ResultCode.BROKEN
            log.warning("usage_not_rated", event_id=use.event_id, exc_info=True)
            batch.parked.append(Parking(use.event_id, use.tries, code.value, str(error)))
        else:
            batch.rated.append(use.event_id)
