"""The catalog in memory: what a transaction sees of products, promotions and exchange rates.

A snapshot is a value. It is read from the tables when the catalog's version has changed, so every process
follows a `catalog load` without a restart.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlalchemy import Connection, select

from billing_center.errors import NoPrice, ResultCode, Unknown
from billing_center.rating.price_version import Product, Promotion
from billing_center.rating.promotion_stack import Promotions
from schema.tables.jobs import system_fact

VERSION_FACT = "catalog_version"

PACKAGE_FEATURE = "package"
"""The feature by which an order of a product with packages says which one it buys, in any case of letters."""


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """A named rule that keeps a use from being rated: by its user, or below a quantity."""

    name: str
    users: frozenset[str] = frozenset()
    below_quantity: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """Units of use sold ahead, in the plan's unit, for `days` calendar days from the purchase (None: ever)."""

    package_id: str
    units: Decimal
    price: Mapping[str, Decimal]  # per currency, of the whole package
    days: int | None
    priority: int


@dataclass(frozen=True, slots=True)
class CatalogProduct:
    """A product with the terms that are not prices. None means: the setting of the same name."""

    product: Product
    unit: str  # of its per-use plan, "" if it has none
    real_time: bool = False  # uses are rated within a second of arrival
    content_identity: bool = True  # uses without a guid are told apart by content within the window
    identity_window_h: int | None = None
    billing_day: int | None = None
    grace_days: int | None = None
    control_days: int | None = None
    suspend_on_failure: bool = False  # a failed deduction suspends at once
    filters: tuple[UsageFilter, ...] = ()
    packages: Mapping[str, Package] = field(default_factory=dict)

    def package_named(self, features: Mapping[str, str]) -> str:
        """The package that features of an order or a quotation name, known or not; "" for none.

        A product without packages has none to name: there `package` is a feature like any other.
        """
        if not self.packages:
            return ""
        return next((value for name, value in features.items() if name.casefold() == PACKAGE_FEATURE), "")


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    """Everything in the catalog at one version."""

    version: str
    products: Mapping[str, CatalogProduct] = field(default_factory=dict)
    promotions: Promotions = field(default_factory=lambda: Promotions({}))
    rates: Mapping[str, tuple[tuple[date, Decimal], ...]] = field(
        default_factory=dict
    )  # by currency, oldest first
    calendars: Mapping[str, frozenset[date]] = field(default_factory=dict)

    def product(self, product_id: str, *, named: str = "productId") -> CatalogProduct:
        """The product. Raises Unknown (UNKNOWN_PRODUCT), naming the caller's field."""
        found = self.products.get(product_id)
        if found is None:
            message = f"{named} {product_id!r} is not in the catalog"
            raise Unknown(message, code=ResultCode.UNKNOWN_PRODUCT, field=named, product_id=product_id)
        return found

    def promotion(self, promotion_id: str) -> Promotion:
        """The promotion. Raises Unknown (UNKNOWN_PROMOTION)."""
        found = self.promotions.get(promotion_id)
        if found is None:
            message = f"productStrategyId {promotion_id!r} names no promotion"
            raise Unknown(
                message, code=ResultCode.UNKNOWN_PROMOTION, field="productStrategyId", promotion_id=promotion_id
            )
        return found

    def rate(self, currency: str, day: date, *, base: str) -> Decimal:
        """Base currency for one unit of `currency` on a day; 1 for the base itself. Raises NoPrice."""
        if currency == base:
            return Decimal(1)
        in_force = [rate for valid_from, rate in self.rates.get(currency, ()) if valid_from <= day]
        if not in_force:
            raise NoPrice(f"no exchange rate from {currency} to {base} is in force on {day}", field="currency")
        return in_force[-1]


class SnapshotReader(Protocol):
    """Builds a snapshot from the tables (`catalog.store.read_snapshot`)."""

    def __call__(self, connection: Connection, version: str) -> CatalogSnapshot: ...


_VERSION = select(system_fact.c.fact).where(system_fact.c.name == VERSION_FACT)
"""Built once: every transaction asks."""


class CatalogCache:
    """Keeps the newest snapshot and reads it again when the version in the database is another one."""

    def __init__(self, read: SnapshotReader) -> None:
        self._read = read
        self._newest = CatalogSnapshot(version="")

    def current(self, connection: Connection) -> CatalogSnapshot:
        """The snapshot of the version that this transaction sees."""
        version = connection.execute(_VERSION).scalar_one_or_none() or "empty"
        snapshot = self._newest
        if snapshot.version != version:
            snapshot = self._read(connection, version)
            self._newest = snapshot
        return snapshot
