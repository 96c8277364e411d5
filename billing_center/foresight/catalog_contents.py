"""A catalog's contents as documents: of a file, or of what is loaded; and a draft laid over what is loaded.

Where it stands in the walk: `catalog_diff` compares two of them, the simulator rates by a draft. Nothing of a
draft stays in the database: it is written, read as a snapshot, and rolled back in one transaction.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete

from billing_center.catalog import store
from billing_center.catalog.catalog_documents import product_document, promotion_document, version_document
from billing_center.catalog.catalog_rules import plan_versions
from billing_center.catalog.read_catalog import read_catalog
from billing_center.catalog.snapshot import CatalogSnapshot
from billing_center.catalog.store import KeptVersion
from billing_center.center import Center, UnitOfWork
from schema.tables.catalog import price_version

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CatalogContents:
    """Everything that a catalog says, by id."""

    products: Mapping[str, Document]
    versions: Mapping[str, KeptVersion]
    promotions: Mapping[str, Document]
    rates: Mapping[tuple[str, date], Decimal]
    calendars: Mapping[str, frozenset[date]]


def contents_of_file(text: str, file_name: str) -> CatalogContents:
    """What a YAML text says. Raises: CatalogInvalid with every mistake and its line."""
    file = read_catalog(text, file_name=file_name).file
    versions = [
        KeptVersion(
            entry.id_for(product.id, plan), product.id, plan, entry.valid_from, entry.valid_to,
            dict(version_document(product, plan, entry)),
        )
        for _, product, plan, entry in plan_versions(list(enumerate(file.products)))
    ]  # fmt: skip
    return CatalogContents(
        {entry.id: product_document(entry) for entry in file.products},
        {version.version_id: version for version in versions},
        {entry.id: promotion_document(entry) for entry in file.promotions},
        {(entry.currency, entry.valid_from): entry.rate for entry in file.exchange_rates},
        {entry.id: frozenset(entry.days) for entry in file.calendars},
    )


def contents_loaded(connection: Connection) -> CatalogContents:
    """What is loaded."""
    return CatalogContents(
        store.kept_products(connection),
        {version.version_id: version for version in store.kept_versions(connection)},
        store.kept_promotions(connection),
        store.kept_rates(connection),
        store.kept_calendars(connection),
    )


class _Enough(Exception):
    """The snapshot was read: everything is rolled back."""


def draft_snapshot(center: Center, draft: CatalogContents, *, in_force_on: date | None = None) -> CatalogSnapshot:
    """The loaded catalog with a draft laid over it; nothing is left in the database.

    Of a plan of a product that the draft names, the draft's versions are all there are, and of a calendar's year
    that it names days of its days; everything else stays.
    With `in_force_on`, the draft's prices in force on that day hold for every day.
    """
    found: list[CatalogSnapshot] = []

    def lay_over(work: UnitOfWork) -> None:
        connection = work.connection
        versions = [_held(version) if in_force_on else version for version in _chosen(draft, in_force_on)]
        plans = {(version.product_id, version.plan) for version in versions}
        table = price_version.c
        for product_id, plan in sorted(plans):
            connection.execute(
                delete(price_version).where(table.product_id == product_id, table.plan == plan.value)
            )
        store.put_products(connection, {k: dict(v) for k, v in draft.products.items()}, work.at)
        store.put_versions(connection, versions, work.at)
        store.put_promotions(connection, {k: dict(v) for k, v in draft.promotions.items()}, work.at)
        store.put_rates(connection, draft.rates, work.at)
        days = _holidays(store.kept_calendars(connection), draft.calendars)
        store.put_calendars(connection, days, work.at, after=date(1970, 1, 1))
        found[:] = [store.read_snapshot(connection, "draft")]
        raise _Enough

    with suppress(_Enough):
        center.transact("simulate", lay_over)
    return found[0]


def _chosen(draft: CatalogContents, day: date | None) -> list[KeptVersion]:
    """The draft's versions, or only those in force on the day."""
    versions = list(draft.versions.values())
    if day is None:
        return versions
    return [v for v in versions if v.valid_from <= day and (v.valid_to is None or day < v.valid_to)]


def _held(version: KeptVersion) -> KeptVersion:
    return replace(version, valid_from=date(1970, 1, 1), valid_to=None)


def _holidays(
    loaded: Mapping[str, frozenset[date]], draft: Mapping[str, frozenset[date]]
) -> dict[str, frozenset[date]]:
    """A file may hold only the years to come: of the years that it has no day of, the loaded days stay."""
    found = {}
    for calendar_id, days in draft.items():
        years = {day.year for day in days}
        found[calendar_id] = days | {d for d in loaded.get(calendar_id, ()) if d.year not in years}
    return found
