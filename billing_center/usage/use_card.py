"""What all uses of one payer, order, product and civil day have in common, worked out once for a batch.

Where it stands in the walk: `rate_usage` asks for the card of each use; it knows version, terms and promotion,
and, where the price is plain, how to rate its uses in whole numbers (`quick_price`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from billing_center.allowance.store import grants_of
from billing_center.catalog.factors import Factors, factor_at, factors
from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.errors import BillingError
from billing_center.ids import NONE
from billing_center.payer.store import PayerRow
from billing_center.period import ONE_DAY, BillingSchedule
from billing_center.rating.choose_price import choose_currency, version_in_force
from billing_center.rating.facts import Charge, Grant, MeterKey, Meters, PeriodOfDay, PlanKind, Terms, Use
from billing_center.rating.grants import credit_keys, take_credits
from billing_center.rating.price_version import PriceVersion, Promotion
from billing_center.rating.rate_use import rate_case, rate_use
from billing_center.rating.use_case import UseCase
from billing_center.usage.find_payer import Found
from billing_center.usage.quick_price import QuickPrice, QuickPrices
from billing_center.usage.store import QueuedUse


@dataclass(slots=True)
class UseCard:
    """The terms of the uses that it stands for. `version` is None for uses that the caller priced."""

    who: Found
    product: CatalogProduct
    version: PriceVersion | None
    terms: Terms
    promotion: Promotion | None
    quick: QuickPrice | None = None
    looked_at: bool = False  # whether it is known if there is a quick price

    def plain(self, day: date, prices: QuickPrices) -> QuickPrice | None:
        """The quick price of the card's uses, all of this day; None where they have none."""
        who, product = self.who, self.product.product
        return prices.of(who.payer_id, who.order_id, day, product, self.version, self.terms, self.promotion)


@dataclass(slots=True)
class ReadyUse:
    """A use with all that its rating needs; `case` is None for one that the caller priced."""

    fact: Use
    card: UseCard
    terms: Terms
    case: UseCase | None
    keys: tuple[MeterKey, ...]

    def rate(self, meters: Meters, zone: ZoneInfo) -> list[Charge]:
        """What the full rules make of the use. A case is used up by it; what fails leaves the meters alone."""
        if self.case is not None:
            made = rate_case(self.case, meters)
        else:
            made = rate_use(
                self.fact,
                product=self.card.product.product,
                version=self.card.version,
                terms=self.terms,
                promotion=self.card.promotion,
                meters=meters,
                zone=zone,
            )
        return [*made, *take_credits(made, self.terms.grants, meters)]


CardKey = tuple[str, str, str, date, bool]


class UseCards:
    """The cards of a batch, over what its payers have in common."""

    def __init__(
        self,
        work: UnitOfWork,
        payers: Mapping[str, PayerRow],
        schedules: Mapping[str, BillingSchedule],
        openings: Mapping[tuple[str, str], date],
        grants: Mapping[str, tuple[Grant, ...]] | None = None,
    ) -> None:
        """`grants` are those that a moment of the past knew; None: all there are."""
        self._work, self._payers, self._schedules, self._openings = work, payers, schedules, openings
        self._grants = grants_of(work.connection, payers) if grants is None else grants
        self._factors = factors_used(work)
        self._cards: dict[CardKey, UseCard | BillingError] = {}
        self._periods: dict[tuple[str, date], PeriodOfDay] = {}
        self._versions: dict[tuple[str, str, date, bool], tuple[PriceVersion | None, str]] = {}

    def of(self, use: QueuedUse, who: Found) -> UseCard:
        """The card that the use falls under. Raises: BillingError when uses like it cannot be rated now."""
        key = (who.payer_id, who.order_id, use.product_id, use.day, use.amount is None)
        card = self._cards.get(key)
        if card is None:
            try:
                card = self._make(use, who)
            except BillingError as error:
                card = error
            self._cards[key] = card
        if isinstance(card, BillingError):
            raise card
        return card

    def ready(self, use: QueuedUse, card: UseCard) -> ReadyUse:
        """The use as the full rules rate it. Raises: BillingError when it cannot be rated now."""
        work, who, version, terms = self._work, card.who, card.version, card.terms
        if version is not None and version.factor:
            terms = replace(terms, factor=factor_at(self._factors, version.factor, use.started_at))
        fact = _fact(use, who)
        product = card.product.product
        case = None
        if fact.amount is None:
            case = UseCase.of(fact, product, version, terms, card.promotion, work.zone)
        keys = () if case is None else case.keys()
        if terms.grants:
            keys += tuple(credit_keys(who.payer_id, use.product_id, terms.grants, use.day))
        return ReadyUse(fact, card, terms, case, keys)

    def _make(self, use: QueuedUse, who: Found) -> UseCard:
        work, payer_id = self._work, who.payer_id
        product = work.catalog.product(use.product_id)
        version, currency = self._version(product, use, self._payers[payer_id])
        period = self._period(payer_id, use.day)
        terms = Terms(
            currency=currency,
            period=period,
            features=who.order.features if who.order else {},
            first_opening=self._openings[payer_id, use.product_id],
            order_start=who.order.start_day if who.order else None,
            grants=self._grants.get(payer_id, ()),
            earlier_periods=earlier_periods(version, self._schedules[payer_id], period.start),
        )
        promotion = work.catalog.promotions.get(who.order.promotion_id) if who.order else None
        return UseCard(who, product, version, terms, promotion)

    def _period(self, payer_id: str, day: date) -> PeriodOfDay:
        known = self._periods.get((payer_id, day))
        if known is None:
            period = self._schedules[payer_id].period_of(day)
            known = self._periods[payer_id, day] = PeriodOfDay(period.start, period.whole_days)
        return known

    def _version(
        self, product: CatalogProduct, use: QueuedUse, payer: PayerRow
    ) -> tuple[PriceVersion | None, str]:
        name = (use.product_id, payer.currency, use.day, use.amount is None)
        known = self._versions.get(name)
        if known is None:
            known = self._versions[name] = version_and_currency(product, use, payer)
        return known


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
