"""The schema of a catalog file: products with their plans and prices, promotions, exchange rates.

Where it stands in the walk: `read_catalog` makes checked values of a YAML text; `load_catalog` keeps them. Every
mistake of a file is reported at once, each with its line and the path of its field. docs/catalog.md explains the
fields with examples. Design: billing rules, "Shapes of F" and "Promotions".
"""

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from billing_center.catalog.field_rules import (
    broken,
    clock_time,
    currency_field,
    day,
    identifier,
    percent,
    positive,
    unit_price,
    weekday_set,
)
from billing_center.ids import NONE
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import BadParameter, read_model
from billing_center.rating.price_version import Metered, MeterPer, Proration
from billing_center.rating.promotion_stack import SEPARATOR

Name = Annotated[str, Field(min_length=1, max_length=200)]
Id = Annotated[str, Field(min_length=1, max_length=64), BeforeValidator(identifier)]
Currency = Annotated[str, BeforeValidator(currency_field)]
Day = Annotated[date, BeforeValidator(day)]
Positive = Annotated[Decimal, BeforeValidator(positive)]
Percent = Annotated[Decimal, BeforeValidator(percent)]
ClockTime = Annotated[time, BeforeValidator(clock_time)]
Weekdays = Annotated[frozenset[int], BeforeValidator(weekday_set)]

UnitPrice = Annotated[str, BeforeValidator(unit_price)]


class Entry(BaseModel):
    """What all parts of the file share: unknown fields are refused, and a field left blank is absent."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=False)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, given: object) -> object:
        return {k: v for k, v in given.items() if v is not None} if isinstance(given, dict) else given


class PriceEntry(Entry):
    """One price: its currency, when it applies, and the parameters of its charge model."""

    OWN: ClassVar[frozenset[str]] = frozenset({"currency", "when", "band"})

    currency: Currency
    when: dict[str, str] = {}
    band: str | None = None
    params: dict[str, Any]

    @model_validator(mode="before")
    @classmethod
    def _gather_parameters(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        own = {k: v for k, v in given.items() if k in cls.OWN and v is not None}
        return own | {"params": {k: v for k, v in given.items() if k not in cls.OWN}}

    @field_validator("when")
    @classmethod
    def _features_have_names(cls, when: dict[str, str]) -> dict[str, str]:
        if any(not name.strip() or not value.strip() for name, value in when.items()):
            raise broken("a feature needs a name and a value")
        return {name.strip(): value.strip() for name, value in when.items()}

    @field_validator("params")
    @classmethod
    def _model_reads(cls, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return read_model(params).to_params()
        except BadParameter as error:
            raise broken(error.message, field=error.field or "") from None


class BandEntry(Entry):
    """Hours and weekdays in the business time zone, under a name that prices use."""

    name: Id
    start: ClockTime
    end: ClockTime
    weekdays: Weekdays = frozenset(range(7))
    calendar: Id | None = None

    @model_validator(mode="after")
    def _days_or_weekdays(self) -> Self:
        if self.calendar is not None and len(self.weekdays) < 7:
            raise broken("has the days of its calendar and no weekdays", field="weekdays")
        return self


class IncludedEntry(Entry):
    """Units that each billing period includes, and for how many more periods what is left of them holds."""

    units: Positive
    carry_over: Annotated[int, Field(ge=0, le=120)] = 0


class VersionEntry(Entry):
    """The prices of one plan from `valid_from` until the day before `valid_to` (absent: until further notice)."""

    version: Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(identifier)] | None = None
    valid_from: Day
    valid_to: Day | None = None
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    meter_per: MeterPer | None = None
    bands: tuple[BandEntry, ...] = ()
    price: dict[Currency, UnitPrice] = {}
    prices: tuple[PriceEntry, ...] = ()
    commitment: dict[Currency, Positive] = {}
    in_advance: bool = False
    proration: Proration = Proration.ACTUAL_DAYS
    included: IncludedEntry | None = None
    metered: Metered = Metered.SUM
    factor: Annotated[str, Field(min_length=1, max_length=40), BeforeValidator(identifier)] | None = None

    @model_validator(mode="after")
    def _has_prices_and_days(self) -> Self:
        if not self.price and not self.prices:
            raise broken("needs a price: `price: {CNY: 1.50}`, or a list of `prices`")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise broken("must be after valid_from (it is the first day that is not included)", field="valid_to")
        for currency in self.commitment.keys() - {price.currency for price in self.all_prices()}:
            raise broken(f"there is no price in {currency}", field=f"commitment.{currency}")
        return self

    def all_prices(self) -> tuple[PriceEntry, ...]:
        """The prices of the shorthand and of the list, in the order of the file."""
        short = (PriceEntry.model_validate({"currency": c, "price": p}) for c, p in self.price.items())
        return (*short, *self.prices)

    def id_for(self, product_id: str, plan: PlanKind) -> str:
        """The version's own id, else product/plan/valid_from."""
        return self.version or f"{product_id}/{plan.value}/{self.valid_from.isoformat()}"


class FreeEntry(Entry):
    """Free for the first days, or the first units of use, of the payer's first opening ever."""

    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    uses: Positive | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.days is None) == (self.uses is None):
            raise broken("needs either days or uses")
        return self


class FilterEntry(Entry):
    """Uses that are kept but not rated: those of some users, or those below a quantity."""

    name: Name
    users: tuple[Name, ...] = ()
    below_quantity: Positive | None = None

    @model_validator(mode="after")
    def _some_rule(self) -> Self:
        if not self.users and self.below_quantity is None:
            raise broken("needs users or below_quantity")
        return self


class PackageEntry(Entry):
    """Units of use that are sold for a price before they are used: A for N uses."""

    id: Annotated[str, Field(min_length=1, max_length=40), BeforeValidator(identifier)]
    units: Positive
    price: dict[Currency, UnitPrice]
    days: Annotated[int, Field(ge=1, le=3660)] | None = None
    priority: Annotated[int, Field(ge=0, le=999)] = 100

    @field_validator("price")
    @classmethod
    def _has_a_price(cls, price: dict[str, str]) -> dict[str, str]:
        if not price:
            raise broken("needs a price in some currency")
        return price


class ProductEntry(Entry):
    """A product item. Terms that are absent are those of the settings."""

    id: Id
    name: Name
    on_sale: bool = True
    currency: Currency
    unit: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    real_time: bool = False
    content_identity: bool = True
    identity_window_h: Annotated[int, Field(ge=1, le=8784)] | None = None
    billing_day: Annotated[int, Field(ge=1, le=31)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=365)] | None = None
    control_days: Annotated[int, Field(ge=0, le=365)] | None = None
    suspend_on_failure: bool = False
    filters: tuple[FilterEntry, ...] = ()
    free: FreeEntry | None = None
    packages: tuple[PackageEntry, ...] = ()
    plans: dict[PlanKind, tuple[VersionEntry, ...]] = {}

    @model_validator(mode="after")
    def _not_the_word_for_none(self) -> Self:
        if self.id == NONE:
            raise broken("stands for 'no product' and cannot be one", field="id")
        return self


class PromotionEntry(Entry):
    """What an order's productStrategyId names: exactly one benefit, its limits, and what it goes together with."""

    BENEFITS: ClassVar[tuple[str, ...]] = ("percent_off", "amount_off", "free_days", "free_uses")

    id: Id
    name: Name | None = None
    percent_off: Percent | None = None
    amount_off: dict[Currency, Positive] | None = None
    free_days: Annotated[int, Field(ge=1, le=3660)] | None = None
    free_uses: Positive | None = None
    first_time_only: bool = False
    valid_from: Day | None = None
    valid_to: Day | None = None
    max_redemptions: Annotated[int, Field(ge=1)] | None = None
    products: tuple[Id, ...] = ()
    exclusive: bool = False
    not_with: tuple[Id, ...] = ()
    over: Literal["order", "invoice"] = "order"
    together: bool = False
    periods: Annotated[int, Field(ge=1, le=1200)] | None = None

    @model_validator(mode="after")
    def _goes_with_others(self) -> Self:
        if SEPARATOR in self.id:
            raise broken("must not hold a comma: it stands between the promotions that an order names", field="id")
        if self.id in self.not_with:
            raise broken("names the promotion itself", field="not_with")
        if self.exclusive and self.not_with:
            raise broken("says nothing more: an exclusive promotion goes with no other", field="not_with")
        return self

    @model_validator(mode="after")
    def _over_an_invoice(self) -> Self:
        if self.over == "order":
            for name in ("together", "periods"):
                if getattr(self, name):
                    raise broken("belongs to a promotion over: invoice", field=name)
        elif self.percent_off is None and self.amount_off is None:
            raise broken("an invoice has no free days or uses: percent_off or amount_off", field="over")
        if self.together and len(self.products) < 2:
            raise broken("needs the products that must be together, two at least", field="products")
        return self

    @model_validator(mode="after")
    def _one_benefit(self) -> Self:
        if sum(bool(getattr(self, benefit)) for benefit in self.BENEFITS) != 1:
            raise broken(f"needs exactly one of {', '.join(self.BENEFITS)}")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise broken("must be after valid_from (it is the first day that is not included)", field="valid_to")
        if self.id == NONE:
            raise broken("stands for 'no promotion' and cannot be one", field="id")
        return self


class CalendarEntry(Entry):
    """Named days, such as public holidays, on which bands may begin."""

    id: Id
    days: tuple[Day, ...]


class RateEntry(Entry):
    """From a day on: how much of the base currency one unit of a currency is worth."""

    currency: Currency
    valid_from: Day
    rate: Positive


class CatalogFile(Entry):
    """A whole file. What it does not mention stays as it is in the catalog."""

    products: tuple[ProductEntry, ...] = ()
    promotions: tuple[PromotionEntry, ...] = ()
    exchange_rates: tuple[RateEntry, ...] = ()
    calendars: tuple[CalendarEntry, ...] = ()


ENTRIES: Mapping[tuple[str, ...], type[Entry]] = {
    (): CatalogFile,
    ("products",): ProductEntry,
    ("products", "free"): FreeEntry,
    ("products", "filters"): FilterEntry,
    ("products", "packages"): PackageEntry,
    ("products", "plans", "*"): VersionEntry,
    ("products", "plans", "*", "bands"): BandEntry,
    ("products", "plans", "*", "included"): IncludedEntry,
    ("promotions",): PromotionEntry,
    ("exchange_rates",): RateEntry,
    ("calendars",): CalendarEntry,
}
"""Which entry stands where, for messages that list the known fields."""
