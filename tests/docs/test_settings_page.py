"""The page of settings says what the program says."""

from pathlib import Path

from billing_center.cli.settings import markdown_table
from billing_center.settings import load_settings

ROOT = Path(__file__).parents[2]


def test_the_page_of_settings_is_the_programs_own_table() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    assert page[page.index("| setting | default | what it is |") :] == markdown_table()


def test_every_setting_that_the_readme_names_exists() -> None:
    known = {f"BILLING_{name.upper()}" for name in type(load_settings({}).settings).model_fields}
    words = (ROOT / "README.md").read_text(encoding="utf-8").replace("`", " ").split()
    named = {word.rstrip(",") for word in words if word.startswith("BILLING_") and "*" not in word}
    assert named
    assert named <= known


def test_every_link_of_the_readme_leads_somewhere() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [part.split(")")[0] for part in text.split("](")[1:]]
    assert [t for t in targets if not t.startswith("http") and not (ROOT / t.partition("#")[0]).exists()] == []
