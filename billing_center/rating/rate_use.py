"""Rating one use: which meters it moves, and what it costs.

The chain: an amount that the caller priced is taken as it is. Else the quantity is split at the edges of
bands (earlier parts first), the product's allowance takes its free units, then balances (`grants`) theirs, then
the promotion its own; the remainder grows the price meter, and what is asked of each use (`fees`) its own
meters. One charge per component: the zero charges of allowance, balances and promotion say what was free, and
every charge with a meter is that meter's growth. Readings are in base units (see `unit_conversion`), a charge's
quantity in the plan's unit.
Where it stands in the walk: step 4, `usage/rate_usage.py`. Design: billing rules, "One principle", mode 4.
"""

from decimal import Decimal
from zoneinfo import ZoneInfo

from billing_center.clock import civil_day
from billing_center.errors import OutOfRange
from billing_center.ids import NONE
from billing_center.money import LARGEST, plain, rated
from billing_center.rating.allowance import ALLOWANCE, free_units
from billing_center.rating.facts import Cause, Charge, MeterKey, Meters, Terms, Use
from billing_center.rating.fees import Fee
from billing_center.rating.growth import growth
from billing_center.rating.models.per_event import EventFee
from billing_center.rating.price_version import PriceVersion, Product, Promotion
from billing_center.rating.promotion import PROMOTION, PercentOff, is_promotion_day, promoted
from billing_center.rating.quick import quick
from billing_center.rating.staged import StagedMeters, check_reading
from billing_center.rating.unit_conversion import PIECE, Unit, in_unit, metered
from billing_center.rating.use_case import Part, UseCase

PRICED = "priced"
"""The component of a charge whose amount came with the use."""

_ZERO = Decimal(0)
_new_charge = quick(Charge)


def meter_keys_of_use(
    use: Use,
    version: PriceVersion | None,
    terms: Terms,
    product: Product,
    promotion: Promotion | None,
    zone: ZoneInfo,
) -> tuple[MeterKey, ...]:
    """The meters whose readings must be loaded before `rate_use` rates this use; none for a priced one.

    Raises: what `rate_use` raises for the same use, but for a reading that grows too large.
    """
    if use.amount is not None:
        return ()
    return UseCase.of(use, product, version, terms, promotion, zone).keys()


def rate_use(
    use: Use,
    *,
    product: Product,
    version: PriceVersion | None,
    terms: Terms,
    promotion: Promotion | None,
    meters: Meters,
    zone: ZoneInfo,
) -> list[Charge]:
    """The charges of one use, at least one; the meters grow with it, or not at all when it raises.

    Amounts are rated (six decimals), in the payer's currency if the version prices it, else the product's.
    `version` may be None for a use that the caller priced. A charge's day is the one on which the use began.
    Raises: NoPrice; Unknown (UNKNOWN_UNIT); MissingField for no quantity, and for a first opening or an
    order's first day that free days need; OutOfRange for a negative quantity, a use that ends before it
    starts, or what reaches 10^12; CatalogInvalid for an ambiguous price.
    """
    if use.amount is not None:
        return [_priced(use, use.amount, version, terms, zone)]
    return rate_case(UseCase.of(use, product, version, terms, promotion, zone), meters)


def rate_case(case: UseCase, meters: Meters) -> list[Charge]:
    """`rate_use` for a caller that built the case to ask for its `keys()`, and so need not build it twice.

    A case is used up by rating it. Raises: OutOfRange for what reaches 10^12.
    """
    product, promotion = case.product, case.promotion
    if not case.parts:
        return [_charge(case, ALLOWANCE, case.base, note=f"free: first {product.allowance.days} days")]
    if promotion is None and product.allowance.uses <= 0 and len(case.parts) == 1 and not case.has_more:
        return [_plain(case, case.parts[0], meters)]
    staged = StagedMeters(meters)
    if case.history is not None:
        case.base = case.parts[0].quantity = case.history.grow(case.base, staged)
    charges: list[Charge] = []
    if product.allowance.uses > 0:
        charges += _free_by_allowance(case, staged)
    charges += _taken_from_balances(case, staged)
    if promotion is not None and (promotion.free_days > 0 or promotion.free_uses > 0) and case.base > 0:
        charges += _free_by_promotion(case, promotion, staged)
    for part in case.parts:
        if part.quantity or not charges:
            charges.append(_grown(case, part, staged))
    if any(part.quantity for part in case.parts):
        charges += [_fee(case, fee, staged) for fee in case.fees if fee.by]
    staged.keep()
    return charges


def _fee(case: UseCase, fee: Fee, staged: StagedMeters) -> Charge:
    """What is asked of the use beside its quantity: the growth of the fee's meter, without a quantity."""
    grown = staged.advance(fee.key, fee.by)
    amount = listed = growth(fee.function, *grown)
    if case.promotion is not None:
        amount = growth(PercentOff(fee.function, case.promotion.percent_off), *grown)
        listed = listed if fee.list_key is None else _listed_fee(fee, staged)
    free = fee.function.free if isinstance(fee.function, EventFee) else _ZERO
    note = f"free: first {plain(free)} uses" if grown[1] <= free and free else ""
    return _charge(case, fee.component, None, amount=amount, listed=listed, meter=fee.key, grown=grown, note=note)


def _listed_fee(fee: Fee, staged: StagedMeters) -> Decimal:
    """What the fee comes to without the promotion."""
    return _ZERO if fee.list_key is None else growth(fee.function, *staged.advance(fee.list_key, fee.by))


def _plain(case: UseCase, part: Part, meters: Meters) -> Charge:
    """Most uses: one price and nothing free. What `_grown` does, without staging what cannot be half done."""
    key, before = part.key, meters.readings.get(part.key, _ZERO)
    after = before + part.quantity
    amount = growth(metered(part.price.function, case.unit), before, after)
    grown = (before, check_reading(after))
    note = case.factor_note
    charge = _charge(case, part.price.component, part.quantity, amount, amount, key, grown, note)
    meters.advance(key, part.quantity)
    return charge


def _free_by_allowance(case: UseCase, staged: StagedMeters) -> list[Charge]:
    """Take the payer's first units ever out of the parts, earlier parts first: one zero charge, or none."""
    key, uses = case.allowance_key, case.product.allowance.uses
    left = free = free_units(uses * case.unit.size, staged.reading(key), case.base)
    if not free:
        return []
    for part in case.parts:
        left -= part.take(left)
    grown = staged.advance(key, free)
    return [_charge(case, ALLOWANCE, free, meter=key, grown=grown, note=f"free: {_first(uses, case.unit)}")]


def _taken_from_balances(case: UseCase, staged: StagedMeters) -> list[Charge]:
    """Take what is included and granted out of the parts: one zero charge for each balance that gave some."""
    charges = []
    for balance in case.balances:
        asked = sum((part.quantity for part in case.parts), _ZERO)
        left = free = free_units(balance.limit, staged.reading(balance.key), asked)
        if not free:
            continue
        for part in case.parts:
            left -= part.take(left)
        grown = staged.advance(balance.key, free)
        note = balance.note(grown[1], case.unit)
        charges.append(_charge(case, balance.component, free, meter=balance.key, grown=grown, note=note))
    return charges


def _free_by_promotion(case: UseCase, promotion: Promotion, staged: StagedMeters) -> list[Charge]:
    """Take what the promotion gives out of the parts: one charge that tells only a list amount, or none."""
    asked = sum((part.quantity for part in case.parts), _ZERO)
    by_days = is_promotion_day(promotion, case.terms.order_start, case.day)
    key, uses = case.promotion_key, promotion.free_uses
    left = free = asked if by_days else free_units(uses * case.unit.size, staged.reading(key), asked)
    if not free:
        return []
    listed = _ZERO
    for part in case.parts:
        taken = part.take(left)
        left -= taken
        listed += _listed(case, part, taken, staged)
    if asked and not any(part.quantity for part in case.parts):
        listed += sum((_listed_fee(fee, staged) for fee in case.fees), _ZERO)
    if by_days:
        note = f"free by promotion: first {promotion.free_days} days"
        return [_charge(case, PROMOTION, free, listed=listed, note=note)]
    note = f"free by promotion: {_first(uses, case.unit)}"
    grown = staged.advance(key, free)
    return [_charge(case, PROMOTION, free, listed=listed, meter=key, grown=grown, note=note)]


def _grown(case: UseCase, part: Part, staged: StagedMeters) -> Charge:
    """What the remainder of a part costs: the growth of its price meter."""
    before, after = grown = staged.advance(part.key, part.quantity)
    function = metered(part.price.function, case.unit)
    if case.promotion is None:
        amount = listed = growth(function, before, after)
    else:
        amount = growth(promoted(function, case.promotion, case.currency), before, after)
        if part.list_key is None:
            listed = growth(function, before, after)
        else:
            listed = _listed(case, part, part.quantity, staged)
    component, quantity, note = part.price.component, part.quantity, case.factor_note
    return _charge(case, component, quantity, amount=amount, listed=listed, meter=part.key, grown=grown, note=note)


def _listed(case: UseCase, part: Part, quantity: Decimal, staged: StagedMeters) -> Decimal:
    """What a quantity costs without the promotion: the growth of the meter that sees all of it."""
    if part.list_key is None:
        return _ZERO
    return growth(metered(part.price.function, case.unit), *staged.advance(part.list_key, quantity))


def _charge(
    case: UseCase,
    component: str,
    base: Decimal | None,
    amount: Decimal = _ZERO,
    listed: Decimal = _ZERO,
    meter: MeterKey | None = None,
    grown: tuple[Decimal, Decimal] = (_ZERO, _ZERO),
    note: str = "",
) -> Charge:
    if not (-LARGEST < amount < LARGEST and -LARGEST < listed < LARGEST):
        raise OutOfRange("an amount must stay below 1,000,000,000,000", field="amount")
    use, promotion = case.use, case.promotion
    if base is None:
        quantity = _ZERO
    else:
        quantity = base if case.unit.size == 1 else _in_plan_unit(case.unit, base, meter, grown)
    return _new_charge(
        case.day,
        use.payer_id,
        Cause.USE,
        use.event_id,
        component,
        use.order_id,
        use.product_id,
        use.user_id,
        case.currency,
        quantity,
        amount,
        listed,
        meter,
        *grown,
        case.version.version_id,
        NONE if promotion is None else promotion.promotion_id,
        note,
    )


def _in_plan_unit(unit: Unit, base: Decimal, meter: MeterKey | None, grown: tuple[Decimal, Decimal]) -> Decimal:
    """A quantity for people, six decimals. A meter's are differences of rounded readings, so that they add up."""
    if meter is None:
        return in_unit(base, unit)
    before, after = grown
    return in_unit(after, unit) - in_unit(before, unit)


def _first(uses: Decimal, unit: Unit) -> str:
    return f"first {plain(uses)} {'uses' if unit.base == PIECE else unit.name}"


def _priced(use: Use, amount: Decimal, version: PriceVersion | None, terms: Terms, zone: ZoneInfo) -> Charge:
    """The caller's own amount, in the payer's currency; no promotion touches it."""
    return Charge(
        day=civil_day(use.started_at, zone),
        payer_id=use.payer_id,
        cause=Cause.USE,
        cause_id=use.event_id,
        component=PRICED,
        order_id=use.order_id,
        product_id=use.product_id,
        user_id=use.user_id,
        currency=terms.currency,
        quantity=_ZERO if use.quantity is None else use.quantity,
        amount=rated(amount),
        list_amount=rated(amount),
        meter=None,
        reading_before=_ZERO,
        reading_after=_ZERO,
        version_id=NONE if version is None else version.version_id,
        note="priced by the caller",
    )
