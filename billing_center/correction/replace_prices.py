"""Prices that were wrong from their first day, replaced by an operator's explicit act.

Loading a catalog never changes a version that has begun. Here one is replaced: a successor with the right
prices takes over its days, and the version itself stays in the catalog without a day, as the price of what it
has charged. So nothing that was charged changes, until a re-rating is asked for.
Design: billing rules, "a validity period, so that a price change never touches what happened before it";
field problem 17.
"""

from dataclasses import dataclass, replace

from billing_center.audit.write_entry import write_entry
from billing_center.bulk import insert_rows
from billing_center.catalog import store
from billing_center.catalog.catalog_documents import version_document
from billing_center.catalog.catalog_rules import plan_versions
from billing_center.catalog.read_catalog import read_catalog
from billing_center.catalog.store import KeptVersion
from billing_center.center import UnitOfWork
from billing_center.correction.once import once
from billing_center.correction.report import Correction, digest
from billing_center.errors import OutOfRange
from schema.tables.corrections import price_replacement


@dataclass(frozen=True, slots=True)
class ReplacePrices:
    """The text of a catalog file: its versions that have begun and hold other prices are replaced."""

    text: str
    file_name: str
    why: str
    correction_id: str = ""


def replace_prices(work: UnitOfWork, command: ReplacePrices) -> Correction:
    """Replace the prices of versions that have begun; everything else in the file is left to `catalog load`.

    Raises: CatalogInvalid for a file that breaks a rule; OutOfRange when no version of it has begun with other
    prices, or its days are others; MissingField without a reason.
    """
    asked = [digest([command.text])]

    def act(correction_id: str, why: str) -> Correction:
        return _replace(work, command, correction_id, why)

    return once(work, kind="price", asked=asked, chosen_id=command.correction_id, why=command.why, act=act)


def _replace(work: UnitOfWork, command: ReplacePrices, correction_id: str, why: str) -> Correction:
    marked = read_catalog(command.text, file_name=command.file_name)
    store.lock_catalog(work.connection)
    asked = {}
    for _, product, kind, entry in plan_versions(list(enumerate(marked.file.products))):
        asked[entry.id_for(product.id, kind)] = (
            product.id, kind, entry.valid_from, entry.valid_to, version_document(product, kind, entry),
        )  # fmt: skip
    newest = store.newest_versions(work.connection, list(asked))
    kept = {v.version_id: v for v in store.kept_versions_named(work.connection, list(newest.values()))}
    notes = []
    for version_id, (product_id, kind, valid_from, valid_to, document) in asked.items():
        before = kept.get(newest.get(version_id, version_id))
        if before is None or before.document == document or before.valid_from > work.today:
            continue
        if (before.product_id, before.plan, before.valid_from) != (product_id, kind, valid_from):
            raise OutOfRange(f"version {version_id} is of another plan or other days", field="valid_from")
        if before.valid_to != valid_to:
            message = f"version {version_id} ends {before.valid_to or 'never'} in the catalog: its end stays"
            raise OutOfRange(message, field="valid_to")
        successor = _successor(before, version_id, document)
        _keep(work, before, successor, correction_id, why)
        notes.append(f"{before.version_id} from {valid_from} is replaced by {successor.version_id}")
    if not notes:
        raise OutOfRange(f"{command.file_name} holds no other prices for a version that has begun", field="file")
    store.set_version(work.connection, work.new_id())
    products = sorted({product_id for product_id, *_ in asked.values()})
    notes.append("what was charged stays: ask for it with `correct rerate PRODUCT --from --to`")
    return Correction(correction_id, "price", " ".join(products)[:100], why, (), tuple(notes))


def _successor(before: KeptVersion, first_id: str, document: dict[str, object]) -> KeptVersion:
    """The version with the right prices over the same days; `X~2` after `X`, `X~3` after `X~2`."""
    tail = before.version_id.removeprefix(first_id).removeprefix("~")
    version_id = f"{first_id}~{int(tail or 1) + 1}"
    if len(version_id) > 100:
        raise OutOfRange(f"version id {first_id} is too long to be replaced", field="version")
    return replace(before, version_id=version_id, document=document)


def _keep(work: UnitOfWork, before: KeptVersion, successor: KeptVersion, correction_id: str, why: str) -> None:
    emptied = replace(before, valid_to=before.valid_from)  # in force on no day
    store.put_versions(work.connection, [emptied, successor], work.at)
    row = {
        "version_id": before.version_id, "replaced_by": successor.version_id, "valid_to_before": before.valid_to,
        "correction_id": correction_id, "at": work.at,
    }  # fmt: skip
    insert_rows(work.connection, price_replacement, [row])
    detail = {"correction": correction_id, "why": why, "before": before.document, "after": successor.document}
    write_entry(work, "price_replaced", before.version_id, detail)
