"""What was known when a fact was rated: the catalog's documents, a payer's currency and billing days.

Terms may change, and what was rated before stands. The audit entries tell what held when; where they tell
nothing, what holds now always held. Only documents and rows are read here, none of rating's values.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from billing_center.bulk import rows_by_key
from billing_center.reconcile.plain_days import BillingDays
from billing_center.reconcile.plain_price import LeftOut, NotKnown
from schema.tables.access import audit_entry
from schema.tables.catalog import calendar_day, exchange_rate, price_version, product, promotion
from schema.tables.corrections import price_replacement
from schema.tables.orders import payer_billing_day

KNOWN_TERMS = {
    "unit", "meter_per", "bands", "prices", "commitment", "proration", "included", "in_advance", "metered",
    "factor",
}  # fmt: skip
"""What a price version's document may hold; of terms that are not among these nothing is recomputed."""

MOST_DOCUMENTS = 1000

Document = Mapping[str, Any]
History = list[tuple[datetime, Any]]


def _as_of(history: History, at: datetime, otherwise: Any) -> Any:
    """The last value of a history by an instant."""
    value = otherwise
    for since, known in history:
        if since > at:
            break
        value = known
    return value


@dataclass(frozen=True, slots=True)
class PayerTerms:
    """A payer's billing days and its currency over time."""

    billing_days: BillingDays
    first_currency: str
    currencies: History

    def currency(self, at: datetime) -> str:
        """The currency that the payer was charged in."""
        return str(_as_of(self.currencies, at, self.first_currency))


@dataclass(frozen=True, slots=True)
class Version:
    """A price version: its days and its document."""

    version_id: str
    valid_from: date
    valid_to: date | None
    document: Document
    chosen: dict[Any, Any] = field(default_factory=dict, compare=False)  # prices, by what they depend on


@dataclass(frozen=True, slots=True)
class Catalog:
    """The documents of some products and promotions, and every exchange rate."""

    products: Mapping[str, tuple[Document, History]]
    promotions: Mapping[str, tuple[Document, History]]
    versions: Mapping[tuple[str, str], list[Version]]
    replaced: Mapping[str, Any]  # replacements of a price version that was wrong, by its id
    rates: Mapping[str, list[Any]]
    calendars: Mapping[str, set[date]]  # days that were are never changed
    committed: frozenset[tuple[str, str]]  # (product, plan) of which a version has a commitment
    chosen: dict[Any, Any] = field(default_factory=dict)  # what was found out before, by what it depends on

    def product(self, product_id: str, at: datetime) -> Document:
        """The product's own terms at an instant. Raises NotKnown."""
        if product_id not in self.products:
            raise NotKnown(f"product {product_id} is not in the catalog")
        now, history = self.products[product_id]
        document: Document = _as_of(history, at, history[0][1] if history else now)
        return document

    def promotion(self, promotion_id: str, at: datetime) -> Document | None:
        """What the promotions that an order names, joined by commas, come to at an instant; None without one.

        All percentages one after the other, all amounts together; of free days or uses one of them gives some.
        """
        if promotion_id not in self.promotions and "," not in promotion_id:
            return None
        found = []
        for one in promotion_id.split(","):
            if one in self.promotions:
                now, history = self.promotions[one]
                found.append(_as_of(history, at, history[0][1] if history else now))
        if len(found) < 2:
            return found[0] if found else None
        together = ("promotion", *(id(document) for document in found))
        if together not in self.chosen:
            self.chosen[together] = _stacked(found)
        stacked: Document = self.chosen[together]
        return stacked

    def by_id(self, product_id: str, plan: str, version_id: str) -> Version:
        """A version that something was charged by, whatever came in its place. Raises: NotKnown, LeftOut."""
        for version in self.versions.get((product_id, plan), ()):
            if version.version_id == version_id:
                return _worked_out(version)
        raise NotKnown(f"there is no {plan} version {version_id} of {product_id}")

    def version(self, product_id: str, plan: str, day: date, at: datetime) -> Version:
        """The price version in force on a day, as it was known at an instant: of several the one that began last.

        Raises: NotKnown.
        """
        key = (product_id, plan, day, at if self.replaced else None)
        if key not in self.chosen:
            self.chosen[key] = self._version(product_id, plan, day, at)
        version: Version = self.chosen[key]
        return version

    def _version(self, product_id: str, plan: str, day: date, at: datetime) -> Version:
        to_come = {row.replaced_by for row in self.replaced.values() if row.at > at}
        in_force = []
        for version in self.versions.get((product_id, plan), ()):
            over = self.replaced.get(version.version_id)
            end = over.valid_to_before if over is not None and over.at > at else version.valid_to
            if version.version_id not in to_come and version.valid_from <= day and (end is None or day < end):
                in_force.append(version)
        if not in_force:
            raise NotKnown(f"no {plan} price of {product_id} is in force on {day}")
        return _worked_out(max(in_force, key=lambda version: version.valid_from))

    def of_plan(self, product_id: str, plan: str) -> list[Version]:
        """Every version of a plan."""
        return self.versions.get((product_id, plan), [])

    def rate(self, currency: str, day: date, *, base: str, known_at: datetime) -> Decimal | None:
        """Base currency for one unit on a day; None when what was known then has been written over since."""
        if currency == base:
            return Decimal(1)
        rows = [row for row in self.rates.get(currency, ()) if row.valid_from <= day]
        if not rows or any(row.loaded_at > known_at for row in rows):
            return None
        return Decimal(max(rows, key=lambda row: row.valid_from).rate)


def _stacked(found: Iterable[Document]) -> Document:
    """Several promotions as one."""
    left = Fraction(1)
    off: dict[str, Fraction] = defaultdict(Fraction)
    for document in found:
        left *= 1 - Fraction(document["percent_off"]) / 100
        for currency, amount in document["amount_off"].items():
            off[currency] += Fraction(amount)
    return {
        "percent_off": 100 * (1 - left),
        "amount_off": dict(off),
        "free_days": max(document["free_days"] for document in found),
        "free_uses": max((document["free_uses"] for document in found), key=Decimal),
    }


def _worked_out(version: Version) -> Version:
    """The version itself. Raises: LeftOut for terms that are not written a second time."""
    unknown = set(version.document) - KNOWN_TERMS
    if unknown:
        raise LeftOut(f"price version with {min(unknown)}")
    return version


def price_for(version: Version, preferred: str, fallback: str, features: str, band: str | None) -> Any:
    """The price document that applies: the payer's currency if there is a price in it, else the product's; of
    those whose conditions all hold, the one with the most. `features` is the order's document, '' without one.

    Raises: NotKnown.
    """
    key = (preferred, fallback, features, band)
    if key not in version.chosen:
        version.chosen[key] = _price_for(version, preferred, fallback, json.loads(features or "{}"), band)
    return version.chosen[key]


def _price_for(
    version: Version, preferred: str, fallback: str, features: Mapping[str, str], band: str | None
) -> Any:
    prices = version.document["prices"]
    currencies = {price["currency"] for price in prices}
    currency = preferred if preferred in currencies else fallback
    has = {(name.strip().casefold(), str(value).strip()) for name, value in features.items()}
    fitting: dict[int, list[Any]] = defaultdict(list)
    for price in prices:
        wanted = {(name.strip().casefold(), str(value).strip()) for name, value in price["when"].items()}
        if price["currency"] == currency and wanted <= has and price["band"] in (None, band):
            fitting[len(wanted) + (price["band"] is not None)].append(price)
    if not fitting or len(best := fitting[max(fitting)]) > 1:
        raise NotKnown(f"version {version.version_id} has no one price in {currency} for this fact")
    return best[0]


def read_catalog(connection: Connection, product_ids: Iterable[str], promotion_ids: Iterable[str]) -> Catalog:
    """The documents of these products and promotions with their histories."""
    wanted = set(product_ids)
    promised = {one for named in promotion_ids for one in named.split(",")}
    rows = rows_by_key(connection, select(product), [product.c.product_id], wanted)
    products = {row.product_id: _document(row.document) for row in rows}
    rows = rows_by_key(connection, select(promotion), [promotion.c.promotion_id], promised)
    promotions = {row.promotion_id: _document(row.document) for row in rows}
    versions: dict[tuple[str, str], list[Version]] = defaultdict(list)
    for row in rows_by_key(connection, select(price_version), [price_version.c.product_id], wanted):
        document = _document(row.document)
        versions[row.product_id, row.plan].append(Version(row.version_id, row.valid_from, row.valid_to, document))
    rates: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(exchange_rate)):
        rates[row.currency].append(row)
    loads = histories(connection, wanted | promised, ("catalog_add", "catalog_change"))
    return Catalog(
        {one: (document, _documents(loads, one, "product")) for one, document in products.items()},
        {one: (document, _documents(loads, one, "promotion")) for one, document in promotions.items()},
        dict(versions),
        {row.version_id: row for row in connection.execute(select(price_replacement))},
        dict(rates),
        _calendars(connection),
        frozenset(
            plan for plan, known in versions.items() if any(one.document.get("commitment") for one in known)
        ),
    )


@lru_cache(maxsize=MOST_DOCUMENTS)
def _document(text: str) -> Document:
    """The document that a text says: one object for one text, so that what is worked out of a price is kept."""
    document: Document = json.loads(text)
    return document


def _calendars(connection: Connection) -> dict[str, set[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    for row in connection.execute(select(calendar_day.c.calendar_id, calendar_day.c.day)):
        found[row.calendar_id].add(row.day)
    return dict(found)


def _documents(loads: Mapping[str, History], name: str, kind: str) -> History:
    return [(at, detail["after"]) for at, detail in loads.get(name, ()) if detail["kind"] == kind]


def read_terms(connection: Connection, payers: Mapping[str, Any], *, base_currency: str) -> dict[str, PayerTerms]:
    """The terms of payers whose rows are at hand. A payer is born with the base currency."""
    table = payer_billing_day
    days: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in rows_by_key(connection, select(table), [table.c.payer_id], list(payers)):
        days[row.payer_id].append((row.effective_from, row.billing_day))
    changes = histories(connection, payers, ("payer_changed",))
    terms = {}
    for payer_id, row in payers.items():
        history = [(at, d["currency"]) for at, d in changes.get(payer_id, ()) if d.get("currency")]
        first = base_currency if history else row.currency
        terms[payer_id] = PayerTerms(BillingDays(row.billing_day, days[payer_id]), first, history)
    return terms


def histories(connection: Connection, subjects: Iterable[str], acts: tuple[str, ...]) -> dict[str, History]:
    """The details of audit entries by subject, oldest first."""
    table = audit_entry
    statement = select(table).where(table.c.act.in_(acts))
    found: dict[str, History] = defaultdict(list)
    rows = rows_by_key(connection, statement, [table.c.subject], list(subjects))
    for row in sorted(rows, key=lambda row: (row.at, row.entry_id)):
        found[row.subject].append((row.at, json.loads(row.detail)))
    return found
