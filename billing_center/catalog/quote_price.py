"""What something would cost: the use case behind getTotalPrice and `billing-center quote`. It writes nothing.

Where it stands in the walk: beside it; the same price functions answer that rate the charges. Promotions and free
allowances belong to a payer and are not part of a quotation. Design: contract, getTotalPrice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from billing_center.catalog.snapshot import CatalogProduct
from billing_center.center import UnitOfWork
from billing_center.errors import MissingField, NoPrice, OutOfRange, Refused, ResultCode, Unknown
from billing_center.money import MINOR_DIGITS, currency_code, exact, plain
from billing_center.rating.choose_price import choose_price
from billing_center.rating.facts import PlanKind
from billing_center.rating.fees import AsOneUse
from billing_center.rating.growth import rated_price
from billing_center.rating.quote import quote, quoted_version
from billing_center.rating.unit_conversion import to_base, unit_of

FIELDS = {"features": "featureList", "product_id": "productKey", "unit": "measureUnits"}
"""The contract's names of the fields that rating speaks of."""


@dataclass(frozen=True, slots=True)
class QuotePrice:
    """A question for a price. `measure` is the caller's word: 年/月/日, a unit of use, or blank for pieces."""

    product_id: str
    features: Mapping[str, str] = field(default_factory=dict)
    measure: str = ""
    count: Decimal | None = None
    currency: str = ""


def quote_price(work: UnitOfWork, command: QuotePrice) -> Decimal:
    """The total price today, in the currency asked for: exact to six decimals, written with at least its cents.

    Raises, naming the contract's field, in this order: MissingField (productKey, count, currency); OutOfRange
    (count not above 0 or too large, a currency or measure that is not known); Unknown (UNKNOWN_PRODUCT); Refused
    (PRODUCT_NOT_ON_SALE); NoPrice when the product has no price for the measure, currency or features.
    """
    product_id, count, currency = _checked(command)
    listed = work.catalog.product(product_id, named="productKey")
    if not listed.product.on_sale:
        raise Refused(
            f"productKey {product_id!r} is not on sale",
            code=ResultCode.PRODUCT_NOT_ON_SALE,
            field="productKey",
            product_id=product_id,
        )
    try:
        amount = _amount(work, command, listed, count=count, currency=currency)
    except (NoPrice, OutOfRange) as error:
        error.field = FIELDS.get(error.field or "", error.field)
        raise
    return Decimal(plain(amount, least_digits=MINOR_DIGITS[currency]))


def _checked(command: QuotePrice) -> tuple[str, Decimal, str]:
    """Product, count and currency, checked by themselves."""
    if not command.product_id.strip():
        raise MissingField("productKey is required", field="productKey")
    if command.count is None:
        raise MissingField("count is required", field="count")
    if not command.currency.strip():
        raise MissingField("currency is required", field="currency")
    count = exact(command.count, field="count")
    if count <= 0:
        raise OutOfRange("count must be above 0", field="count")
    return command.product_id.strip(), count, currency_code(command.currency)


def _amount(
    work: UnitOfWork, command: QuotePrice, listed: CatalogProduct, *, count: Decimal, currency: str
) -> Decimal:
    word = command.measure.strip()
    package_id = listed.package_named(command.features)
    if package_id:
        return _amount_of_packages(listed, package_id, count=count, currency=currency)
    kind = work.settings.billing_types.get(word) or work.settings.billing_types.get(word.lower())
    if kind is not None or not word:
        measure = _sold_by(listed, PlanKind(kind or PlanKind.PER_USE), word)
        return quote(
            listed.product,
            measure=measure,
            count=count,
            currency=currency,
            features=command.features,
            day=work.today,
        )
    return _amount_of_use(work, command, listed, count=count, currency=currency)


def _amount_of_packages(listed: CatalogProduct, package_id: str, *, count: Decimal, currency: str) -> Decimal:
    """The price of `count` whole packages."""
    package = listed.packages.get(package_id)
    if package is None:
        raise OutOfRange(f"package {package_id!r} is none of {', '.join(listed.packages)}", field="featureList")
    if currency not in package.price:
        raise NoPrice(f"package {package_id} has no price in {currency}", field="currency")
    if count != count.to_integral_value():
        raise OutOfRange("packages are sold whole", field="count")
    return exact(package.price[currency] * count, field="count")


def _sold_by(listed: CatalogProduct, plan: PlanKind, word: str) -> PlanKind | None:
    """The measure as rating takes it, None for pieces. Raises OutOfRange for a plan that the product lacks."""
    if plan is PlanKind.PER_USE:
        return None
    plans = {version.plan for version in listed.product.versions}
    if plan not in plans and not (plan is PlanKind.DAY and PlanKind.ACCOUNT_DAY in plans):
        message = f"measureUnits {word!r}: product {listed.product.product_id} is not sold by the {plan.value}"
        raise OutOfRange(message, field="measureUnits")
    return plan


def _amount_of_use(
    work: UnitOfWork, command: QuotePrice, listed: CatalogProduct, *, count: Decimal, currency: str
) -> Decimal:
    """The price of a quantity in a unit of use: 90 minutes of a plan per hour, exactly as such a use is rated."""
    version = quoted_version(listed.product, measure=None, day=work.today)
    try:
        reading = to_base(count, command.measure, version.unit)
    except Unknown:
        message = f"measureUnits {command.measure.strip()!r} is no unit of {listed.product.product_id}"
        raise OutOfRange(message, field="measureUnits") from None
    except OutOfRange as error:
        raise OutOfRange(error.message, field="count") from None
    if all(price.currency != currency for price in version.prices):
        message = f"product {listed.product.product_id} has no price in {currency}"
        raise NoPrice(message, field="currency")
    price = choose_price(version, currency, command.features)
    return rated_price(AsOneUse(price.function, version.unit, unit_of(version.unit)), reading)
