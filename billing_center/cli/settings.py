"""`settings`: every setting, its value, and where the value came from. Secrets are hidden."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import loaded_settings
from billing_center.settings import PREFIX, load_settings, shown

NO_FILE = Path("/nonexistent/billing.toml")


def settings(
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="the table of the README")] = False,
) -> None:
    """Print every setting with its value and its source."""
    rows = shown(loaded_settings())
    console = Console()
    if as_json:
        facts = {name: {"value": value, "source": source} for name, value, source, _ in rows}
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2))
    elif markdown:
        typer.echo("\n".join(markdown_table()))
    else:
        table = Table("setting", "value", "from", "what it is")
        for row in rows:
            table.add_row(*row)
        console.print(table)


def markdown_table() -> list[str]:
    """The lines of the table of every setting and its default, as docs/settings.md holds it."""
    lines = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for name, value, _, about in shown(load_settings({}, NO_FILE)):
        default = f"`{value}`" if value else ""
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {about} |")
    return lines
