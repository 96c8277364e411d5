"""Reading a catalog file: YAML, then the schema, then the rules, and every mistake of all three at once.

Where it stands in the walk: the first step of `catalog load` and `catalog check`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from billing_center.catalog.catalog_file import ENTRIES, CatalogFile, ProductEntry
from billing_center.catalog.catalog_rules import broken_rules
from billing_center.catalog.field_rules import RULE
from billing_center.catalog.marked_yaml import MarkedYaml, Mistake, Path, line_of, read_yaml
from billing_center.errors import CatalogInvalid

SENTENCES = {
    "missing": "is required",
    "model_type": "must be a mapping of fields",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "string_type": "must be text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "enum": "must be {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}
"""Our words for the schema's errors; others speak for themselves."""

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class MarkedCatalog:
    """A checked catalog file, and the line of each of its values."""

    file: CatalogFile
    lines: Mapping[Path, int]

    def mistake(self, path: Path, text: str) -> Mistake:
        """A mistake at a path of this file."""
        return Mistake(line_of(self.lines, path), path, text)


def read_catalog(text: str, *, file_name: str = "catalog") -> MarkedCatalog:
    """Read and check a catalog file. Reads no database.

    Raises: CatalogInvalid with every mistake, one per line: `line 12: products[0].plans.month[0].price: ...`;
    its `ids["mistakes"]` holds them as values.
    """
    marked = read_yaml(text)
    mistakes = list(marked.mistakes)
    file: CatalogFile | None = None
    if marked.value is not None:
        file, found = _validated(marked)
        mistakes += found
    elif not mistakes:
        mistakes.append(Mistake(1, (), "the file holds nothing"))
    if mistakes or file is None:
        raise invalid(mistakes, file_name=file_name)
    return MarkedCatalog(file, marked.lines)


def invalid(mistakes: list[Mistake], *, file_name: str) -> CatalogInvalid:
    """The error that names every mistake, in the order of their lines."""
    ordered = sorted(dict.fromkeys(mistakes), key=lambda mistake: mistake.line)
    count = "one mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
    lines = [f"{file_name} has {count}", *(f"  {mistake}" for mistake in ordered)]
    return CatalogInvalid("\n".join(lines), field="catalog", mistakes=tuple(ordered))


def _validated(marked: MarkedYaml) -> tuple[CatalogFile | None, list[Mistake]]:
    """The file, or None and what is wrong. A product that breaks the schema does not hide the others' mistakes."""
    mistakes: list[Mistake] = []
    try:
        file = CatalogFile.model_validate(marked.value)
        products = list(enumerate(file.products))
    except ValidationError as error:
        file = None
        details = error.errors(include_url=False, include_input=False)
        mistakes = [_mistake(marked, detail) for detail in details]
        products = _readable_products(marked.value)
    for path, text in broken_rules(products, file):
        mistakes.append(Mistake(marked.line_of(path), path, text))
    return file, mistakes


def _readable_products(value: object) -> list[tuple[int, ProductEntry]]:
    listed = value.get("products") if isinstance(value, dict) else None
    products = []
    for n, given in enumerate(listed if isinstance(listed, list) else []):
        try:
            products.append((n, ProductEntry.model_validate(given)))
        except ValidationError:
            continue  # reported with the whole file
    return products


def _mistake(marked: MarkedYaml, detail: ErrorDetails) -> Mistake:
    context = detail.get("ctx", {})
    path: Path = tuple(part for part in detail["loc"] if part not in ("params", "[key]"))
    text = SENTENCES.get(detail["type"], "").format(**context) or detail["msg"]
    if detail["type"] == "extra_forbidden":
        text = f"is not a field here; known: {', '.join(_known_fields(path[:-1]))}"
    if detail["type"] == RULE and context["field"]:
        text = text.removeprefix(f"{context['field']} ")
        path += _steps(context["field"])
    return Mistake(marked.line_of(path), path, text)


def _steps(field: str) -> Path:
    """The path of a charge model's field: it counts tiers from 1, paths count from 0."""
    return tuple(int(number) - 1 if number else word for word, number in _STEP.findall(field))


def _known_fields(path: Path) -> list[str]:
    place = tuple(part for part in path if isinstance(part, str))
    if place[:2] == ("products", "plans"):
        place = (*place[:2], "*", *place[3:])
    entry = ENTRIES.get(place)
    return list(entry.model_fields) if entry else []
