"""What is different between two catalogs, in words: added, gone, changed; products, versions, prices, promotions.

Where it stands in the walk: `billing-center catalog diff`, before a load or a simulation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from billing_center.catalog.catalog_documents import read_promotion, read_version, write_json
from billing_center.catalog.catalog_words import benefit_words, price_words
from billing_center.catalog.store import KeptVersion
from billing_center.foresight.catalog_contents import CatalogContents
from billing_center.money import plain


class Change(StrEnum):
    """What happened to a thing between the first catalog and the second."""

    ADDED = "added"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """One thing that differs; `words` say how, one line each."""

    change: Change
    kind: str  # product, price version, promotion, exchange rate, calendar
    name: str
    words: tuple[str, ...]


def catalog_diff(before: CatalogContents, after: CatalogContents) -> list[CatalogChange]:
    """Every difference, by kind and name."""
    found = [*_products(before, after), *_versions(before, after)]
    found += _documents("promotion", before.promotions, after.promotions, _promotion_words)
    rates_before = {f"{c} from {day}": rate for (c, day), rate in before.rates.items()}
    rates_after = {f"{c} from {day}": rate for (c, day), rate in after.rates.items()}
    for name in sorted(rates_before.keys() | rates_after.keys()):
        old, new = rates_before.get(name), rates_after.get(name)
        if old != new:
            told = " -> ".join(plain(rate) for rate in (old, new) if rate is not None)
            found.append(CatalogChange(_change(old, new), "exchange rate", name, (told,)))
    for name in sorted(before.calendars.keys() | after.calendars.keys()):
        was, now = before.calendars.get(name), after.calendars.get(name)
        if was != now:
            words = _days(was or frozenset(), now or frozenset())
            found.append(CatalogChange(_change(was, now), "calendar", name, tuple(words)))
    return found


def _days(before: frozenset[date], after: frozenset[date]) -> Iterator[str]:
    for words, days in (("more", after - before), ("fewer", before - after)):
        if days:
            yield f"{words}: {', '.join(day.isoformat() for day in sorted(days))}"


def _change(old: object, new: object) -> Change:
    if old is None:
        return Change.ADDED
    return Change.GONE if new is None else Change.CHANGED


def _products(before: CatalogContents, after: CatalogContents) -> Iterator[CatalogChange]:
    def words(product_id: str, document: Mapping[str, Any]) -> tuple[str, ...]:
        on_sale = "" if document["on_sale"] else ", not on sale"
        return (f"{document['name']}, {document['currency']}{on_sale}",)

    yield from _documents("product", before.products, after.products, words)


def _documents(
    kind: str, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]], words: Any
) -> Iterator[CatalogChange]:
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if old is None or new is None:
            yield CatalogChange(_change(old, new), kind, name, words(name, old or new))
        else:
            yield CatalogChange(Change.CHANGED, kind, name, tuple(_fields(old, new)))


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], *, but: frozenset[str] = frozenset()) -> Iterator[str]:
    for name in sorted((old.keys() | new.keys()) - but):
        if old.get(name) != new.get(name):
            yield f"{name.replace('_', ' ')}: {_shown(old.get(name))} -> {_shown(new.get(name))}"


def _shown(value: object) -> str:
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else write_json({"": value})[5:-1]


def _promotion_words(promotion_id: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    benefit, limits = benefit_words(read_promotion(document, promotion_id=promotion_id))
    return (", ".join(part for part in (benefit, limits) if part),)


def _versions(before: CatalogContents, after: CatalogContents) -> Iterator[CatalogChange]:
    for name in sorted(before.versions.keys() | after.versions.keys()):
        old, new = before.versions.get(name), after.versions.get(name)
        if old == new:
            continue
        if old is None or new is None:
            one = old or new
            assert one is not None
            words = (_validity(one), *(f"{where}: {price}" for where, price in _prices(one).items()))
            yield CatalogChange(_change(old, new), "price version", name, words)
        else:
            yield CatalogChange(Change.CHANGED, "price version", name, tuple(_version_words(old, new)))


def _version_words(old: KeptVersion, new: KeptVersion) -> Iterator[str]:
    if _validity(old) != _validity(new):
        yield f"{_validity(old)} -> {_validity(new)}"
    prices_before, prices_after = _prices(old), _prices(new)
    for where in sorted(prices_before.keys() | prices_after.keys()):
        one, other = prices_before.get(where), prices_after.get(where)
        if one is None:
            yield f"{where}: {other} added"
        elif other is None:
            yield f"{where}: {one} gone"
        elif one != other:
            yield f"{where}: {one} -> {other}"
    yield from _fields(old.document, new.document, but=frozenset({"prices"}))


def _prices(version: KeptVersion) -> dict[str, str]:
    """What each price asks, by its name within the version."""
    value = read_version(
        version.document, version_id=version.version_id, product_id=version.product_id, plan=version.plan,
        valid_from=version.valid_from, valid_to=version.valid_to,
    )  # fmt: skip
    return {price.component: price_words(value, price)[0] for price in value.prices}


def _validity(version: KeptVersion) -> str:
    until: date | str = version.valid_to or "further notice"
    return f"{version.product_id} {version.plan.value}, from {version.valid_from} until {until}"
