"""`usage import|parked|release|counts`: files of uses, what waits for a person, where every accepted use is."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.cli.usage_import import import_file
from billing_center.errors import Broken
from billing_center.usage.park import parked_uses, release
from billing_center.usage.store import use_counts

app = typer.Typer(no_args_is_help=True, help="Collected uses: what is parked, and why.")
app.command("import")(import_file)


@app.command()
def parked(
    limit: Annotated[int, typer.Option(min=1, help="rows at most")] = 100,
    after: Annotated[str, typer.Option(help="go on after this event id")] = "",
) -> None:
    """List the uses that could not be rated, with their reasons."""
    with open_context() as center, center.reading() as work:
        uses = parked_uses(work, limit=limit, after=after)
        zone = work.zone
    table = Table("event", "state", "reason", "detail", "tries", "next try", "product", "user", "payer", "used")
    for use in uses:
        table.add_row(
            use.event_id, use.state, use.reason, use.detail, str(use.tries),
            f"{use.next_try_at.astimezone(zone):%m-%d %H:%M}", use.product_id, use.user_id, use.payer_id or "?",
            f"{use.started_at.astimezone(zone):%Y-%m-%d %H:%M}",
        )  # fmt: skip
    Console().print(table if uses else "no use is parked")


@app.command("release")
def release_uses(event_ids: Annotated[list[str], typer.Argument(help="ids from `usage parked`")]) -> None:
    """Try these uses again: the cause has been mended."""
    with open_context() as center:
        count = center.transact("operator", lambda work: release(work, event_ids))
    Console().print(f"{count} uses are back in the queue")


@app.command()
def counts() -> None:
    """Where every accepted use is; exit code 3 when the numbers do not add up."""
    with open_context() as center, center.reading() as work:
        found = use_counts(work.connection)
    table = Table("accepted", "rated", "filtered", "waiting", "parked", "held", "withdrawn")
    table.add_row(*(str(getattr(found, name)) for name in found.__dataclass_fields__))
    Console().print(table)
    if not found.adds_up:
        raise Broken("the counts do not add up to what was accepted")
