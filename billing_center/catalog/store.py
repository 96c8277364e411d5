"""The catalog's tables: products, price versions, promotions, exchange rates, and a snapshot of them.

Where it stands in the walk: `load_catalog` writes through it; `CatalogCache` reads a snapshot when the version in
`system_fact` has changed. Nothing here commits.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, select

from billing_center.bulk import insert_missing, insert_rows, lock_rows, put, rows_by_key
from billing_center.catalog.catalog_documents import read_product, read_promotion, read_version, write_json
from billing_center.catalog.snapshot import VERSION_FACT, CatalogSnapshot
from billing_center.rating.facts import PlanKind
from billing_center.rating.price_version import PriceVersion
from billing_center.rating.promotion_stack import Promotions
from schema.tables.catalog import calendar_day, catalog_load, exchange_rate, price_version, product, promotion
from schema.tables.corrections import price_replacement
from schema.tables.jobs import system_fact

EMPTY = "empty"
"""The version of a catalog that nothing was ever loaded into."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A price version as it is kept: its document says everything but its id and days."""

    version_id: str
    product_id: str
    plan: PlanKind
    valid_from: date
    valid_to: date | None
    document: Document


def lock_catalog(connection: Connection) -> None:
    """Let one load at a time read and change the catalog, until its transaction ends."""
    insert_missing(connection, system_fact, [{"name": VERSION_FACT, "fact": EMPTY}])
    lock_rows(connection, system_fact, "name", [VERSION_FACT])


def set_version(connection: Connection, version: str) -> None:
    """Tell every process that the catalog is another one."""
    put(connection, system_fact, [{"name": VERSION_FACT, "fact": version}], replace=["fact"])


def kept_products(connection: Connection) -> dict[str, Document]:
    """Every product's own terms by its id."""
    rows = connection.execute(select(product.c.product_id, product.c.document))
    return {row.product_id: json.loads(row.document) for row in rows}


def kept_versions(connection: Connection, product_ids: Sequence[str] | None = None) -> list[KeptVersion]:
    """The price versions of these products (None: of all), oldest first."""
    statement = select(price_version)
    if product_ids is None:
        rows: Sequence[Any] = connection.execute(statement).all()
    else:
        rows = rows_by_key(connection, statement, [price_version.c.product_id], product_ids)
    return _as_versions(rows)


def kept_versions_named(connection: Connection, version_ids: Sequence[str]) -> list[KeptVersion]:
    """The price versions with these ids, whatever product they belong to."""
    return _as_versions(rows_by_key(connection, select(price_version), [price_version.c.version_id], version_ids))


def newest_versions(connection: Connection, version_ids: Sequence[str]) -> dict[str, str]:
    """Of each price version the one that stands in its place: itself, unless an operator replaced its prices."""
    rows = connection.execute(select(price_replacement.c.version_id, price_replacement.c.replaced_by))
    successors = {row.version_id: row.replaced_by for row in rows}
    found = {}
    for version_id in version_ids:
        newest = version_id
        while newest in successors:
            newest = successors[newest]
        found[version_id] = newest
    return found


def kept_promotions(connection: Connection) -> dict[str, Document]:
    """Every promotion by its id."""
    rows = connection.execute(select(promotion.c.promotion_id, promotion.c.document))
    return {row.promotion_id: json.loads(row.document) for row in rows}


def kept_rates(connection: Connection) -> dict[tuple[str, date], Decimal]:
    """Every exchange rate by its currency and first day, oldest first."""
    statement = select(exchange_rate).order_by(exchange_rate.c.currency, exchange_rate.c.valid_from)
    return {(row.currency, row.valid_from): row.rate for row in connection.execute(statement)}


def kept_calendars(connection: Connection) -> dict[str, frozenset[date]]:
    """Every calendar's days."""
    days: dict[str, set[date]] = {}
    for row in connection.execute(select(calendar_day.c.calendar_id, calendar_day.c.day)):
        days.setdefault(row.calendar_id, set()).add(row.day)
    return {calendar_id: frozenset(found) for calendar_id, found in days.items()}


def put_calendars(
    connection: Connection, days: Mapping[str, frozenset[date]], at: datetime, *, after: date
) -> None:
    """Make these the calendars' days after the day `after`; days up to it are only added."""
    for calendar_id, asked in days.items():
        table = calendar_day.c
        connection.execute(delete(calendar_day).where(table.calendar_id == calendar_id, table.day > after))
        rows = [{"calendar_id": calendar_id, "day": day, "loaded_at": at} for day in asked]
        insert_missing(connection, calendar_day, rows)


def put_products(connection: Connection, documents: Mapping[str, Document], at: datetime) -> None:
    """Write products whole."""
    rows = [
        {
            "product_id": product_id,
            "name": document["name"],
            "on_sale": document["on_sale"],
            "currency": document["currency"],
            "document": write_json(document),
            "loaded_at": at,
        }
        for product_id, document in documents.items()
    ]
    put(connection, product, rows, replace=["name", "on_sale", "currency", "document", "loaded_at"])


def put_versions(connection: Connection, versions: Sequence[KeptVersion], at: datetime) -> None:
    """Write price versions whole; whether they may be changed was decided before."""
    rows = [
        {
            "version_id": version.version_id,
            "product_id": version.product_id,
            "plan": version.plan.value,
            "valid_from": version.valid_from,
            "valid_to": version.valid_to,
            "document": write_json(version.document),
            "loaded_at": at,
        }
        for version in versions
    ]
    put(connection, price_version, rows, replace=["valid_from", "valid_to", "document", "loaded_at"])


def put_promotions(connection: Connection, documents: Mapping[str, Document], at: datetime) -> None:
    """Write promotions whole."""
    rows = [
        {"promotion_id": promotion_id, "document": write_json(document), "loaded_at": at}
        for promotion_id, document in documents.items()
    ]
    put(connection, promotion, rows, replace=["document", "loaded_at"])


def put_rates(connection: Connection, rates: Mapping[tuple[str, date], Decimal], at: datetime) -> None:
    """Write exchange rates."""
    rows = [
        {"currency": currency, "valid_from": valid_from, "rate": rate, "loaded_at": at}
        for (currency, valid_from), rate in rates.items()
    ]
    put(connection, exchange_rate, rows, replace=["rate", "loaded_at"])


def keep_load(connection: Connection, row: Mapping[str, object]) -> None:
    """Keep that a file was loaded, by whom, and what it changed."""
    insert_rows(connection, catalog_load, [row])


def read_snapshot(connection: Connection, version: str) -> CatalogSnapshot:
    """The whole catalog as values that rating takes."""
    versions: dict[str, list[PriceVersion]] = {}
    calendars = kept_calendars(connection)
    for kept in kept_versions(connection):
        value = read_version(
            kept.document,
            version_id=kept.version_id,
            product_id=kept.product_id,
            plan=kept.plan,
            valid_from=kept.valid_from,
            valid_to=kept.valid_to,
            calendars=calendars,
        )
        versions.setdefault(kept.product_id, []).append(value)
    rates: dict[str, tuple[tuple[date, Decimal], ...]] = {}
    for (currency, valid_from), rate in kept_rates(connection).items():
        rates[currency] = (*rates.get(currency, ()), (valid_from, rate))
    return CatalogSnapshot(
        version,
        products={
            product_id: read_product(document, product_id=product_id, versions=tuple(versions.get(product_id, ())))
            for product_id, document in kept_products(connection).items()
        },
        promotions=Promotions(
            {
                promotion_id: read_promotion(document, promotion_id=promotion_id)
                for promotion_id, document in kept_promotions(connection).items()
            }
        ),
        rates=rates,
        calendars=calendars,
    )


def _as_versions(rows: Sequence[Any]) -> list[KeptVersion]:
    versions = [
        KeptVersion(
            row.version_id,
            row.product_id,
            PlanKind(row.plan),
            row.valid_from,
            row.valid_to,
            json.loads(row.document),
        )
        for row in rows
    ]
    return sorted(versions, key=lambda v: (v.product_id, v.plan, v.valid_from, v.version_id))
