"""Two catalogs compared in words."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from billing_center.cli.catalog import app
from billing_center.foresight.catalog_contents import contents_loaded, contents_of_file, draft_snapshot
from billing_center.foresight.catalog_diff import CatalogChange, Change, catalog_diff
from tests.billing_center.foresight.sold import PRODUCTS
from tests.scenarios.story import Story

DRAFT = PRODUCTS.replace("CNY: 0.30", "CNY: 0.40").replace("free: {uses: 3}", "free: {uses: 5}")
DRAFT = DRAFT.replace(
    "valid_from: 2020-01-01, price: {CNY: 2.00}",
    "valid_from: 2020-01-01, valid_to: 2026-06-01, price: {CNY: 2.00}",
)
DRAFT += """
promotions:
  - {id: half, name: 半价, percent_off: 50}
exchange_rates:
  - {currency: USD, valid_from: 2026-01-01, rate: 7.1}
"""


def changes(before: str, after: str) -> list[CatalogChange]:
    return catalog_diff(contents_of_file(before, "a"), contents_of_file(after, "b"))


def test_what_changed_is_told_in_words() -> None:
    assert changes(PRODUCTS, DRAFT) == [
        CatalogChange(Change.CHANGED, "product", "sms", ("free uses: 3 -> 5",)),
        CatalogChange(
            Change.CHANGED, "price version", "call/per_use/2020-01-01",
            ("CNY: 0.30 CNY per minute -> 0.40 CNY per minute",),
        ),
        CatalogChange(
            Change.CHANGED, "price version", "mail/day/2020-01-01",
            ("mail day, from 2020-01-01 until further notice -> mail day, from 2020-01-01 until 2026-06-01",),
        ),
        CatalogChange(Change.ADDED, "promotion", "half", ("50% off",)),
        CatalogChange(Change.ADDED, "exchange rate", "USD from 2026-01-01", ("7.1",)),
    ]  # fmt: skip


def test_backwards_what_was_added_is_gone() -> None:
    back = changes(DRAFT, PRODUCTS)
    assert [one.name for one in back if one.change is Change.GONE] == ["half", "USD from 2026-01-01"]
    assert changes(DRAFT, DRAFT) == []


def test_a_new_product_comes_with_its_prices() -> None:
    one_more = (
        PRODUCTS
        + "  - {id: fax, name: 传真, currency: CNY, plans: {day: [{valid_from: 2026-01-01, price: {CNY: 1}}]}}\n"
    )
    added, version = changes(PRODUCTS, one_more)
    assert (added.kind, added.words) == ("product", ("传真, CNY",))
    assert version.words == ("fax day, from 2026-01-01 until further notice", "CNY: 1.00 CNY per day")


def test_a_draft_laid_over_leaves_nothing_behind(story: Story) -> None:
    with story.center.reading() as work:
        before, version = contents_loaded(work.connection), work.catalog.version
    draft = draft_snapshot(story.center, contents_of_file(DRAFT, "draft"))
    assert draft.products["sms"].product.allowance.uses == 5
    assert "half" in draft.promotions
    with story.center.reading() as work:
        assert contents_loaded(work.connection) == before
        assert work.catalog.version == version


def test_the_command_compares_files_and_what_is_loaded(
    story: Story, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLING_DATABASE_URL", database_url)
    (tmp_path / "a.yaml").write_text(PRODUCTS, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(DRAFT, encoding="utf-8")

    def run(*files: str) -> str:
        arguments = ["diff", *(str(tmp_path / file) for file in files)]
        return CliRunner().invoke(app, arguments, catch_exceptions=False).output

    assert run("a.yaml") == "no difference\n"
    assert run("b.yaml") == run("a.yaml", "b.yaml")
    assert run("b.yaml").endswith("2 added, 3 changed\n")
