"""From entries of a catalog file to the documents that are stored, and from stored documents to rating's values.

Where it stands in the walk: `load_catalog` writes documents, `store.read_snapshot` reads them. A document is JSON
with sorted keys and decimals as text, so that equal content is equal text; a price version's document is what
"the same prices" means, its days stand beside it.
"""

import json
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from billing_center.catalog.catalog_file import PriceEntry, ProductEntry, PromotionEntry, VersionEntry
from billing_center.catalog.snapshot import CatalogProduct, Package, UsageFilter
from billing_center.money import plain
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import read_model
from billing_center.rating.price_version import (
    Allowance,
    Band,
    Included,
    Metered,
    MeterPer,
    Price,
    PriceVersion,
    Product,
    Promotion,
    Proration,
)

LONGEST_COMPONENT = 60
"""Charges add what they need to a component's name, within the 100 characters of their key."""

NO_CALENDARS: Mapping[str, frozenset[date]] = MappingProxyType({})

UNIT_OF_PLAN = {
    PlanKind.DAY: "day",
    PlanKind.ACCOUNT_DAY: "account_day",
    PlanKind.MONTH: "month",
    PlanKind.YEAR: "year",
}


def write_json(document: Mapping[str, Any]) -> str:
    """The text of a document: the same content is the same text."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def component_of(price: PriceEntry) -> str:
    """The name of a price within its version, from what tells it from the others: `CNY cpu=8,memory=32 @night`.

    It does not depend on the order in the file. Long ones end in a digest.
    """
    when = ",".join(f"{name}={value}" for name, value in sorted(_folded(price.when).items()))
    name = " ".join(part for part in (price.currency, when, f"@{price.band}" if price.band else "") if part)
    if len(name) <= LONGEST_COMPONENT:
        return name
    return f"{name[: LONGEST_COMPONENT - 17]}~{sha256(name.encode()).hexdigest()[:16]}"


def _folded(when: Mapping[str, str]) -> dict[str, str]:
    return {name.casefold(): value for name, value in when.items()}


def version_document(product: ProductEntry, plan: PlanKind, version: VersionEntry) -> dict[str, Any]:
    """Everything of a price version but its id and days."""
    per_use = plan is PlanKind.PER_USE
    prices = [
        {
            "component": component_of(price),
            "currency": price.currency,
            "when": _folded(price.when),
            "band": price.band,
            "params": price.params,
        }
        for price in version.all_prices()
    ]
    document: dict[str, Any] = {
        "unit": (version.unit or product.unit or "") if per_use else UNIT_OF_PLAN[plan],
        "meter_per": (version.meter_per or (MeterPer.PAYER if per_use else MeterPer.ORDER)).value,
        "bands": [
            {
                "name": band.name,
                "start": band.start.strftime("%H:%M"),
                "end": band.end.strftime("%H:%M"),
                "weekdays": sorted(band.weekdays),
            }
            | ({"calendar": band.calendar} if band.calendar else {})
            for band in version.bands
        ],
        "prices": sorted(prices, key=lambda price: str(price["component"])),
    }
    # What later editions of the file brought stands in the document only where it is used: a version that was
    # loaded before then stays equal to itself.
    if version.commitment:
        document["commitment"] = {currency: plain(amount) for currency, amount in version.commitment.items()}
    if version.in_advance:
        document["in_advance"] = True
    if version.proration is not Proration.ACTUAL_DAYS:
        document["proration"] = version.proration.value
    if version.included is not None:
        document["included"] = {"units": plain(version.included.units), "carry_over": version.included.carry_over}
    if version.metered is not Metered.SUM:
        document["metered"] = version.metered.value
    if version.factor is not None:
        document["factor"] = version.factor
    return document


def read_version(
    document: Mapping[str, Any],
    *,
    version_id: str,
    product_id: str,
    plan: PlanKind,
    valid_from: date,
    valid_to: date | None,
    calendars: Mapping[str, frozenset[date]] = NO_CALENDARS,
) -> PriceVersion:
    """The price version that rating takes. A band of a calendar that is not among `calendars` holds on no day."""
    prices = tuple(
        Price(p["component"], p["currency"], read_model(p["params"]), dict(p["when"]), p["band"])
        for p in document["prices"]
    )
    bands = tuple(
        Band(
            b["name"],
            time.fromisoformat(b["start"]),
            time.fromisoformat(b["end"]),
            frozenset(b["weekdays"]),
            b.get("calendar", ""),
            calendars.get(b["calendar"], frozenset()) if b.get("calendar") else None,
        )
        for b in document["bands"]
    )
    meter_per = MeterPer(document["meter_per"])
    return PriceVersion(
        version_id,
        product_id,
        plan,
        document["unit"],
        meter_per,
        valid_from,
        valid_to,
        prices,
        bands,
        commitment={c: Decimal(amount) for c, amount in document.get("commitment", {}).items()},
        included=_read_included(document),
        metered=Metered(document.get("metered", Metered.SUM)),
        factor=document.get("factor", ""),
        in_advance=document.get("in_advance", False),
        proration=Proration(document.get("proration", Proration.ACTUAL_DAYS)),
    )


def _read_included(document: Mapping[str, Any]) -> Included | None:
    given = document.get("included")
    return None if given is None else Included(Decimal(given["units"]), given["carry_over"])


def product_document(product: ProductEntry) -> dict[str, Any]:
    """A product's own terms; name, currency and whether it is on sale also have columns."""
    free = product.free
    packages = [
        {
            "id": package.id,
            "units": plain(package.units),
            "price": dict(package.price),
            "days": package.days,
            "priority": package.priority,
        }
        for package in product.packages
    ]
    return ({"packages": packages} if packages else {}) | {
        "name": product.name,
        "on_sale": product.on_sale,
        "currency": product.currency,
        "unit": product.unit or "",
        "real_time": product.real_time,
        "content_identity": product.content_identity,
        "identity_window_h": product.identity_window_h,
        "billing_day": product.billing_day,
        "grace_days": product.grace_days,
        "control_days": product.control_days,
        "suspend_on_failure": product.suspend_on_failure,
        "free_days": free.days or 0 if free else 0,
        "free_uses": plain(free.uses) if free and free.uses else "0",
        "filters": [
            {
                "name": rule.name,
                "users": sorted(rule.users),
                "below_quantity": None if rule.below_quantity is None else plain(rule.below_quantity),
            }
            for rule in product.filters
        ],
    }


def read_product(
    document: Mapping[str, Any], *, product_id: str, versions: tuple[PriceVersion, ...]
) -> CatalogProduct:
    """The product with its terms, as a snapshot holds it. Versions are in the order of their days."""
    allowance = Allowance(document["free_days"], Decimal(document["free_uses"]))
    product = Product(product_id, document["name"], document["on_sale"], document["currency"], versions, allowance)
    filters = tuple(
        UsageFilter(
            rule["name"],
            frozenset(rule["users"]),
            None if rule["below_quantity"] is None else Decimal(rule["below_quantity"]),
        )
        for rule in document["filters"]
    )
    return CatalogProduct(
        product,
        document["unit"],
        real_time=document["real_time"],
        content_identity=document["content_identity"],
        identity_window_h=document["identity_window_h"],
        billing_day=document["billing_day"],
        grace_days=document["grace_days"],
        control_days=document["control_days"],
        suspend_on_failure=document["suspend_on_failure"],
        filters=filters,
        packages={
            p["id"]: Package(
                p["id"],
                Decimal(p["units"]),
                {currency: Decimal(price) for currency, price in p["price"].items()},
                p["days"],
                p["priority"],
            )
            for p in document.get("packages", ())
        },
    )


def promotion_document(promotion: PromotionEntry) -> dict[str, Any]:
    """A promotion's benefit and limits; what few promotions have stands in it only where it is used."""
    rare: dict[str, Any] = {
        "exclusive": promotion.exclusive,
        "not_with": sorted(promotion.not_with),
        "over_invoice": promotion.over == "invoice",
        "together": promotion.together,
        "periods": promotion.periods,
    }
    return {name: value for name, value in rare.items() if value} | {
        "name": promotion.name or "",
        "percent_off": plain(promotion.percent_off or Decimal(0)),
        "amount_off": {currency: plain(amount) for currency, amount in (promotion.amount_off or {}).items()},
        "free_days": promotion.free_days or 0,
        "free_uses": plain(promotion.free_uses or Decimal(0)),
        "first_time_only": promotion.first_time_only,
        "valid_from": promotion.valid_from.isoformat() if promotion.valid_from else None,
        "valid_to": promotion.valid_to.isoformat() if promotion.valid_to else None,
        "max_redemptions": promotion.max_redemptions,
        "products": sorted(promotion.products),
    }


def read_promotion(document: Mapping[str, Any], *, promotion_id: str) -> Promotion:
    """The promotion that rating takes."""
    return Promotion(
        promotion_id,
        name=document["name"],
        percent_off=Decimal(document["percent_off"]),
        amount_off={currency: Decimal(amount) for currency, amount in document["amount_off"].items()},
        free_days=document["free_days"],
        free_uses=Decimal(document["free_uses"]),
        first_time_only=document["first_time_only"],
        valid_from=date.fromisoformat(document["valid_from"]) if document["valid_from"] else None,
        valid_to=date.fromisoformat(document["valid_to"]) if document["valid_to"] else None,
        max_redemptions=document["max_redemptions"],
        product_ids=frozenset(document["products"]),
        exclusive=document.get("exclusive", False),
        not_with=frozenset(document.get("not_with", ())),
        over_invoice=document.get("over_invoice", False),
        together=document.get("together", False),
        periods=document.get("periods"),
    )
