"""Every example of docs/catalog.md is a catalog that loads, and every field stands there."""

import re
from datetime import date
from pathlib import Path

from billing_center.catalog.catalog_file import ENTRIES, PriceEntry
from billing_center.catalog.check_catalog import check_catalog
from billing_center.rating.facts import PlanKind
from billing_center.rating.models import MODELS

PAGE = Path(__file__).parents[3] / "docs" / "catalog.md"
BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_every_example_is_sound() -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 8
    for block in blocks:
        found = check_catalog(block, today=date(2026, 3, 1))
        assert [str(mistake) for mistake in found.errors] == [], block


def test_every_field_plan_and_model_is_documented() -> None:
    text = PAGE.read_text(encoding="utf-8")
    fields = {name for entry in ENTRIES.values() for name in entry.model_fields}
    words = fields | set(PriceEntry.OWN) | {plan.value for plan in PlanKind} | set(MODELS)
    assert {word for word in words if f"`{word}`" not in text} == set()
