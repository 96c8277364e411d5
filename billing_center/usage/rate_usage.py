"""Filter and rate the uses that wait: a batch of the queue becomes charges in one transaction.

claimed -> filtered | rated | parked. What fails is parked with its reason and spoils nobody's rating.
Design: billing rules, mode 1, mode 4 (uses), mode 6, "A use, from collection to charge".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog

from billing_center.allowance.store import grants_of
from billing_center.catalog.factors import Factors, factor_at, factors
from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.charge.book import book
from billing_center.charge.store import load_meters
from billing_center.errors import BillingError, Refused, ResultCode
from billing_center.ids import NONE, shard_of
from billing_center.order.store import first_openings, note_first_opening
from billing_center.payer.store import NewPayer, PayerRow, locked_payers, make_known, schedules_of
from billing_center.period import ONE_DAY, BillingSchedule
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import Charge, MeterKey, Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.grants import credit_keys, take_credits
from billing_center.rating.price_version import PriceVersion, Promotion
from billing_center.rating.rate_use import meter_keys_of_use, rate_use
from billing_center.rating.unit_conversion import convert
from billing_center.usage.find_payer import Found, Payee, find_payers
from billing_center.usage.park import Parking, park
from billing_center.usage.store import QueuedUse, claim_batch, leave_queue, note_filtered

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A use with all that its price depends on."""

    use: Use
    product: CatalogProduct
    version: PriceVersion | None  # None: priced by the caller, no price needed
    terms: Terms
    promotion: Promotion | None
    keys: tuple[MeterKey, ...]


@dataclass(slots=True)
class _Batch:
    """What becomes of the claimed uses."""

    ready: list[_Ready] = field(default_factory=list)
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
) -> int:
    """Rate up to `limit` due uses of the shards; returns how many were dealt with, 0 when none is due.

    Raises: Busy when another worker took the same uses.
    """
    claimed = claim_batch(
        work.connection,
        first_shard=first_shard,
        last_shard=last_shard,
        now=work.at,
        limit=limit,
        real_time_only=real_time_only,
    )
    if claimed:
        rate_claimed(work, claimed, run_id=run_id)
    return len(claimed)


def rate_claimed(work: UnitOfWork, claimed: Sequence[QueuedUse], *, run_id: str) -> list[Charge]:
    """Rate, filter or park uses of the queue that this unit holds; returns the charges that it booked.

    Raises: Busy when another worker took one of them.
    """
    batch = _Batch()
    wanted = _filter(work, claimed, batch)
    found = find_payers(work.connection, [_asked(use) for use in wanted])
    payers, schedules = _lock(work, found)
    _prepare(work, wanted, found, payers, schedules, batch)
    meters = load_meters(work.connection, [key for ready in batch.ready for key in ready.keys])
    tries = {use.event_id: use.tries for use in wanted}
    charges, rated = _rate(work, batch, meters, tries)
    book(work, charges, meters, payers=payers, schedules=schedules, run_id=run_id)
    note_filtered(work.connection, batch.filtered, work.at)
    park(work, batch.parked)
    leave_queue(work.connection, [*rated, *(event_id for event_id, _ in batch.filtered)])
    log.info("usage_rated", rated=len(rated), filtered=len(batch.filtered), parked=len(batch.parked))
    return charges


def _asked(use: QueuedUse) -> Payee:
    return Payee(use.event_id, use.user_id, use.payer_id, use.product_id, use.started_at)


def _filter(work: UnitOfWork, claimed: Sequence[QueuedUse], batch: _Batch) -> list[QueuedUse]:
    """The uses that no named rule of their product keeps from being rated."""
    wanted = []
    for use in claimed:
        product = work.catalog.products.get(use.product_id)
        rule = filtering_rule(product, use) if product else ""
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


def _prepare(
    work: UnitOfWork,
    wanted: Sequence[QueuedUse],
    found: dict[str, Found],
    payers: dict[str, PayerRow],
    schedules: dict[str, BillingSchedule],
    batch: _Batch,
) -> None:
    """Find each use's price version and terms; what has none is parked."""
    pairs = {(found[u.event_id].payer_id, u.product_id) for u in wanted if u.event_id in found}
    days: dict[tuple[str, str], date] = {}
    for use in wanted:
        if use.event_id in found:
            pair = (found[use.event_id].payer_id, use.product_id)
            days[pair] = min(days.get(pair, use.day), use.day)
    known = first_openings(work.connection, pairs)
    new = {pair: (shard_of(pair[0]), day) for pair, day in days.items() if pair not in known}
    note_first_opening(work.connection, new)
    openings = {pair: day for pair, (_, day) in new.items()} | known
    grants = grants_of(work.connection, payers)
    known_factors = factors_used(work)
    for use in wanted:
        who = found.get(use.event_id)
        if who is None:
            detail = f"user {use.user_id} has no active order of {use.product_id} at that moment"
            batch.parked.append(Parking(use.event_id, use.tries, "no_payer", detail))
            continue
        try:
            product = work.catalog.product(use.product_id)
            version, currency = version_and_currency(product, use, payers[who.payer_id])
            period = schedules[who.payer_id].period_of(use.day)
            terms = Terms(
                currency=currency,
                period=PeriodOfDay(period.start, period.whole_days),
                features=who.order.features if who.order else {},
                first_opening=openings[who.payer_id, use.product_id],
                order_start=who.order.start_day if who.order else None,
                grants=grants.get(who.payer_id, ()),
                factor=factor_at(known_factors, version.factor, use.started_at)
                if version is not None and version.factor
                else None,
                earlier_periods=earlier_periods(version, schedules[who.payer_id], period.start),
            )
            promotion = work.catalog.promotions.get(who.order.promotion_id) if who.order else None
            fact = _fact(use, who)
            keys = meter_keys_of_use(fact, version, terms, product.product, promotion, work.zone)
            keys += tuple(credit_keys(who.payer_id, use.product_id, terms.grants, use.day))
        except BillingError as error:
            batch.park(use, error)
        else:
            batch.ready.append(_Ready(fact, product, version, terms, promotion, keys))


def version_and_currency(
    product: CatalogProduct, use: QueuedUse, payer: PayerRow
) -> tuple[PriceVersion | None, str]:
    """The price version and the currency. An amount that the caller priced is in the product's currency."""
    if use.amount is not None:
        return None, product.product.currency
    version = version_in_force(product.product, PlanKind.PER_USE, use.day)
    return version, choose_currency(version, payer.currency, product.product.currency)


def factors_used(work: UnitOfWork) -> Factors:
    """The values of every factor that a version of the catalog names; no query where none does."""
    listed = (one.product for one in work.catalog.products.values())
    names = {version.factor for product in listed for version in product.versions} - {""}
    return factors(work.connection, names) if names else {}


def earlier_periods(version: PriceVersion | None, schedule: BillingSchedule, start: date) -> tuple[date, ...]:
    """The first days of the periods whose included units may be carried over, the latest first."""
    found: list[date] = []
    for _ in range(version.included.carry_over if version is not None and version.included else 0):
        start = schedule.period_of(start - ONE_DAY).start
        found.append(start)
    return tuple(found)


def _fact(use: QueuedUse, who: Found) -> Use:
    return Use(
        event_id=use.event_id, payer_id=who.payer_id, user_id=use.user_id, product_id=use.product_id,
        order_id=who.order_id or NONE, started_at=use.started_at, ended_at=use.ended_at, quantity=use.quantity,
        unit=use.unit, amount=use.amount,
    )  # fmt: skip


def _rate(
    work: UnitOfWork, batch: _Batch, meters: Meters, tries: dict[str, int]
) -> tuple[list[Charge], list[str]]:
    """The charges, and the uses that have them. `rate_use` leaves the meters alone when it fails."""
    charges: list[Charge] = []
    rated: list[str] = []
    for ready in batch.ready:
        try:
            made = rate_use(
                ready.use,
                product=ready.product.product,
                version=ready.version,
                terms=ready.terms,
                promotion=ready.promotion,
                meters=meters,
                zone=work.zone,
            )
        except Exception as error:  # our own failure parks this use and spoils no other
            code = error.code if isinstance(error, BillingError) else ResultCode.BROKEN
            log.warning("usage_not_rated", event_id=ready.use.event_id, exc_info=True)
            event_id = ready.use.event_id
            batch.parked.append(Parking(event_id, tries[event_id], code.value, str(error)))
        else:
            charges.extend(made)
            charges.extend(take_credits(made, ready.terms.grants, meters))
            rated.append(ready.use.event_id)
    return charges, rated
