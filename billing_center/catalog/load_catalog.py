"""Loading a catalog file: what is new is added, what may change is changed, what was in force stays as it was.

Where it stands in the walk: before everything else; `billing-center catalog load` and the first start call it. The
same file again changes nothing. What a file does not mention stays. All or nothing: one mistake and no row is
written. Design: billing rules, "a validity period, so that a price change never touches what happened before it".
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import structlog

from billing_center.audit.write_entry import write_entry
from billing_center.catalog import store
from billing_center.catalog.catalog_documents import (
    product_document,
    promotion_document,
    version_document,
    write_json,
)
from billing_center.catalog.catalog_rules import plan_versions
from billing_center.catalog.marked_yaml import Mistake, Path
from billing_center.catalog.read_catalog import MarkedCatalog, invalid, read_catalog
from billing_center.catalog.store import KeptVersion
from billing_center.center import UnitOfWork
from billing_center.money import plain

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CatalogLoad:
    """What a load did, counted over products, price versions, promotions and exchange rates."""

    added: int
    changed: int
    unchanged: int
    messages: tuple[str, ...]  # one line for each thing that was added or changed


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str  # product, price version, promotion, exchange rate
    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    def __str__(self) -> str:
        if self.before is None:
            return f"added {self.kind} {self.name}"
        fields = ", ".join(
            f"{name} {_shown(self.before.get(name))} -> {_shown(value)}"
            for name, value in self.after.items()
            if self.before.get(name) != value
        )
        return f"changed {self.kind} {self.name}: {fields}"


def _shown(value: object) -> str:
    text = write_json({"": value})[5:-1]
    return text if len(text) <= 60 else "..."


@dataclass(slots=True)
class _Plan:
    """What a file asks for, beside what the catalog holds: the rows to write, and what stands against it."""

    marked: MarkedCatalog
    changes: list[_Change] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    unchanged: int = 0

    def refuse(self, path: Path, text: str) -> None:
        self.mistakes.append(self.marked.mistake(path, text))

    def compare(self, kind: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> bool:
        """Whether it has to be written."""
        if before == after:
            self.unchanged += 1
            return False
        self.changes.append(_Change(kind, name, before, after))
        return True


def load_catalog(work: UnitOfWork, text: str, file_name: str) -> CatalogLoad:
    """Bring the catalog to what a YAML text says, and keep who did it and what it changed.

    Raises: CatalogInvalid with every mistake and its line: of the file, or against what is in the catalog: a price
    version that has begun may only get another end, today or later; versions of one plan must not overlap; an
    exchange rate that was in force stays.
    """
    marked = read_catalog(text, file_name=file_name)
    store.lock_catalog(work.connection)
    plan = _Plan(marked)
    writes = [
        _plan_products(work, plan),
        _plan_versions(work, plan),
        _plan_promotions(work, plan),
        _plan_rates(work, plan),
        _plan_calendars(work, plan),
    ]
    if plan.mistakes:
        raise invalid(plan.mistakes, file_name=file_name)
    if not plan.changes:
        same = f"nothing changed: the catalog already holds all of {file_name}"
        return CatalogLoad(0, 0, plan.unchanged, (same,))
    for write in writes:
        write()
    _keep(work, plan, text, file_name)
    added = sum(change.before is None for change in plan.changes)
    load = CatalogLoad(
        added, len(plan.changes) - added, plan.unchanged, tuple(str(change) for change in plan.changes)
    )
    log.info("catalog_loaded", file=file_name, added=load.added, changed=load.changed, unchanged=load.unchanged)
    return load


def _plan_products(work: UnitOfWork, plan: _Plan) -> Callable[[], None]:
    kept = store.kept_products(work.connection)
    changed = {
        entry.id: document
        for entry in plan.marked.file.products
        if plan.compare("product", entry.id, kept.get(entry.id), document := product_document(entry))
    }
    return lambda: store.put_products(work.connection, changed, work.at)


def _plan_versions(work: UnitOfWork, plan: _Plan) -> Callable[[], None]:
    products = list(enumerate(plan.marked.file.products))
    asked = {
        path: KeptVersion(
            entry.id_for(product.id, kind),
            product.id,
            kind,
            entry.valid_from,
            entry.valid_to,
            version_document(product, kind, entry),
        )
        for path, product, kind, entry in plan_versions(products)
    }
    newest = store.newest_versions(work.connection, [version.version_id for version in asked.values()])
    asked = {path: replace(v, version_id=newest[v.version_id]) for path, v in asked.items()}
    ids = [version.version_id for version in asked.values()]
    named = {v.version_id: v for v in store.kept_versions_named(work.connection, ids)}
    changed = []
    for path, version in asked.items():
        kept = named.get(version.version_id)
        against = _against_change(kept, version, work.today) if kept else None
        if against is not None:
            plan.refuse((*path, *against[0]), against[1])
        elif plan.compare(
            "price version", version.version_id, _version_facts(kept) if kept else None, _version_facts(version)
        ):
            changed.append(version)
    others = [
        v
        for v in store.kept_versions(work.connection, [product.id for _, product in products])
        if v.version_id not in ids
    ]
    _refuse_overlaps(plan, asked, others)
    return lambda: store.put_versions(work.connection, changed, work.at)


def _version_facts(version: KeptVersion) -> dict[str, Any]:
    days = {"valid_from": version.valid_from.isoformat(), "valid_to": _end(version)}
    return days | version.document


def _end(version: KeptVersion) -> str | None:
    return version.valid_to.isoformat() if version.valid_to else None


def _against_change(kept: KeptVersion, asked: KeptVersion, today: date) -> tuple[Path, str] | None:
    """Why a version that is in the catalog may not become the one that is asked for; None when it may."""
    if (kept.product_id, kept.plan) != (asked.product_id, asked.plan):
        return ("version",), f"belongs to the {kept.plan.value} plan of {kept.product_id}"
    if kept == asked or kept.valid_from > today:
        return None
    if kept.valid_from != asked.valid_from:
        return ("valid_from",), f"the version is in the catalog from {kept.valid_from}, which cannot be moved"
    if kept.document != asked.document:
        return (), (
            f"prices in force since {kept.valid_from} cannot change; "
            "end this version with valid_to and add one that begins then"
        )
    if kept.valid_to is not None and kept.valid_to <= today:
        return ("valid_to",), f"the version has ended ({kept.valid_to}), its end cannot be moved"
    if asked.valid_to is not None and asked.valid_to < today:
        return ("valid_to",), f"must be today ({today}) or later, because what is past was priced by this version"
    return None


def _refuse_overlaps(plan: _Plan, asked: Mapping[Path, KeptVersion], others: Iterable[KeptVersion]) -> None:
    """Versions of the file must leave room for those in the catalog that the file does not mention."""
    by_plan: dict[tuple[str, str], list[KeptVersion]] = {}
    for other in others:
        by_plan.setdefault((other.product_id, other.plan), []).append(other)
    for path, version in asked.items():
        for other in by_plan.get((version.product_id, version.plan), ()):
            starts_in_time = other.valid_to is None or version.valid_from < other.valid_to
            if starts_in_time and (version.valid_to is None or other.valid_from < version.valid_to):
                plan.refuse(
                    (*path, "valid_from"),
                    f"overlaps {other.version_id}, which the catalog holds from {other.valid_from} "
                    f"until {other.valid_to or 'further notice'}; list that version too and end it with valid_to",
                )


def _plan_promotions(work: UnitOfWork, plan: _Plan) -> Callable[[], None]:
    kept = store.kept_promotions(work.connection)
    products = {*store.kept_products(work.connection), *(p.id for p in plan.marked.file.products)}
    changed = {}
    for n, entry in enumerate(plan.marked.file.promotions):
        for m, product_id in enumerate(entry.products):
            if product_id not in products:
                plan.refuse(("promotions", n, "products", m), f"there is no product {product_id}")
        document = promotion_document(entry)
        if plan.compare("promotion", entry.id, kept.get(entry.id), document):
            changed[entry.id] = document
    return lambda: store.put_promotions(work.connection, changed, work.at)


def _plan_rates(work: UnitOfWork, plan: _Plan) -> Callable[[], None]:
    kept = store.kept_rates(work.connection)
    base = work.settings.base_currency
    changed: dict[tuple[str, date], Decimal] = {}
    for n, entry in enumerate(plan.marked.file.exchange_rates):
        key = (entry.currency, entry.valid_from)
        before = kept.get(key)
        if entry.currency == base:
            plan.refuse(("exchange_rates", n, "currency"), f"{base} is the base currency, its rate is 1")
        elif before is not None and before != entry.rate and entry.valid_from < work.today:
            plan.refuse(
                ("exchange_rates", n, "rate"),
                f"the rate {plain(before)} was in force; add another one that begins today or later",
            )
        elif plan.compare(
            "exchange rate",
            f"{entry.currency} from {entry.valid_from}",
            None if before is None else {"rate": plain(before)},
            {"rate": plain(entry.rate)},
        ):
            changed[key] = entry.rate
    return lambda: store.put_rates(work.connection, changed, work.at)


def _plan_calendars(work: UnitOfWork, plan: _Plan) -> Callable[[], None]:
    """A calendar's days to come are those of the file; of the past, and of today, nothing is added or taken."""
    kept, today = store.kept_calendars(work.connection), work.today
    changed: dict[str, frozenset[date]] = {}
    for n, entry in enumerate(plan.marked.file.calendars):
        before = kept.get(entry.id)
        asked = frozenset(entry.days)
        for m, day in enumerate(entry.days):
            if before is not None and day <= today and day not in before:
                plan.refuse(
                    ("calendars", n, "days", m), f"{day} has begun, and uses of it were priced without this day"
                )
        after = asked if before is None else asked | {day for day in before if day <= today}
        shown = None if before is None else {"days": sorted(day.isoformat() for day in before)}
        if plan.compare("calendar", entry.id, shown, {"days": sorted(day.isoformat() for day in after)}):
            changed[entry.id] = after
    known = {*kept, *(entry.id for entry in plan.marked.file.calendars)}
    for path, _, _, version in plan_versions(list(enumerate(plan.marked.file.products))):
        for k, band in enumerate(version.bands):
            if band.calendar is not None and band.calendar not in known:
                plan.refuse((*path, "bands", k, "calendar"), f"there is no calendar {band.calendar}")
    return lambda: store.put_calendars(work.connection, changed, work.at, after=today)


def _keep(work: UnitOfWork, plan: _Plan, text: str, file_name: str) -> None:
    """The load, an audit entry for each change, and the new version that every process will see."""
    load_id = work.new_id()
    changes = [str(change) for change in plan.changes]
    store.keep_load(
        work.connection,
        {
            "load_id": load_id,
            "at": work.at,
            "actor": work.actor[:64],
            "file_name": file_name[-400:],
            "file_hash": sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            "changes": write_json({"changes": changes, "unchanged": plan.unchanged}),
        },
    )
    for change in plan.changes:
        act = "catalog_add" if change.before is None else "catalog_change"
        detail = {"load": load_id, "kind": change.kind, "before": change.before, "after": change.after}
        write_entry(work, act, change.name, detail)
    store.set_version(work.connection, load_id)
