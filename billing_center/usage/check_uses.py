"""The rules of insertServiceOp that need the catalog or the clock: of one use, and of a whole batch at a glance.

The glance looks at the columns and says which uses may break a rule; each of those is then judged by itself, so it
may doubt too many and never too few. Where it stands in the walk: `keep_uses` asks before it keeps a batch.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from operator import lt
from typing import TypeVar

from billing_center.center import UnitOfWork
from billing_center.clock import civil_day
from billing_center.errors import MissingField, OutOfRange, Refused
from billing_center.money import LARGEST, RATED_SCALE, exact
from billing_center.rating.unit_conversion import convert, unit_of
from billing_center.usage.purge_identities import is_deleted_by_now
from billing_center.usage.reported_uses import RecordUsage, UseColumns

T = TypeVar("T")

YEARS_BACK = timedelta(days=20 * 366)
AHEAD = timedelta(days=366)
"""How far from now a use may lie: beyond, a date is a mistake and not a late fact."""


def check_use(work: UnitOfWork, use: RecordUsage) -> None:
    """Raises: Refused for a use that breaks a rule, with the field."""
    product = work.catalog.product(use.product_id)
    if use.ended_at < use.started_at:
        raise OutOfRange("endDate must not be before startDate", field="endDate")
    if not work.at - YEARS_BACK <= use.started_at <= work.at + AHEAD:
        raise OutOfRange("startDate is too far from now", field="startDate")
    if is_deleted_by_now(work, civil_day(use.started_at, work.zone)):
        raise OutOfRange("startDate is in a month whose facts are not kept any more", field="startDate")
    if use.amount is not None:
        exact(use.amount, field="amount")
        if use.amount < 0:
            raise OutOfRange("amount must be 0 or more", field="amount")
    if use.quantity is None:
        if use.amount is None:
            raise MissingField("useAge is required unless amount is given", field="useAge")
    else:
        exact(use.quantity, field="useAge")
        if use.quantity <= 0 and use.amount is None:
            raise OutOfRange("useAge must be more than 0", field="useAge")
    if use.amount is None and use.quantity is not None and use.unit and product.unit:
        try:
            convert(use.quantity, use.unit, product.unit)
        except Refused as refused:
            refused.field = "useUnit"
            raise


def doubtful(work: UnitOfWork, uses: UseColumns) -> set[int]:
    """The places of all uses of a batch (not an empty one) that may break a rule."""
    found: set[int] = set()
    products = work.catalog.products
    found.update(_places(uses.product_id, products.__contains__))
    kinds = list(zip(uses.unit, uses.product_id, strict=True))
    found.update(_places(kinds, lambda kind: kind[1] in products and _converts(kind[0], products[kind[1]].unit)))
    limit = LARGEST / max(unit_of(unit).size for unit in set(uses.unit))  # in whatever unit it comes
    found.update(_places(uses.quantity, lambda quantity: _is_sure(quantity, limit)))
    found.update(_places(uses.amount, lambda amount: amount is None or amount == 0 or _is_sure(amount, LARGEST)))
    if any(map(lt, uses.ended_at, uses.started_at)):
        pairs = enumerate(zip(uses.started_at, uses.ended_at, strict=True))
        found.update(place for place, (started, ended) in pairs if ended < started)
    earliest, latest = work.at - YEARS_BACK, work.at + AHEAD
    first, last = min(uses.started_at), max(uses.started_at)
    if first < earliest or last > latest or is_deleted_by_now(work, civil_day(first, work.zone)):
        found.update(range(len(uses)))
    return found


def _places(values: Sequence[T], is_sound: Callable[[T], bool]) -> list[int]:
    """Where a value stands that is not sound; each is looked at once."""
    unsound = {value for value in set(values) if not is_sound(value)}
    return [place for place, value in enumerate(values) if value in unsound] if unsound else []


def _converts(unit: str, to: str) -> bool:
    try:
        if unit and to:
            convert(RATED_SCALE, unit, to)
    except Refused:
        return False
    return True


def _is_sure(number: Decimal | None, limit: Decimal) -> bool:
    """Whether it is a number of something, below the limit, that no rule refuses."""
    return (
        number is not None and number.is_finite() and 0 < number < limit and number == number.quantize(RATED_SCALE)
    )
