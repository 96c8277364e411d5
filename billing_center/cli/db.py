"""`db upgrade|check|rebuild-rollups`: the newest schema, whether it is there, and roll-ups made anew."""

import typer
from rich.console import Console

from billing_center.charge.roll_up import rebuild
from billing_center.cli.context import loaded_settings, open_context
from billing_center.errors import Broken
from schema.engine import open_engine
from schema.migrate import current_revision, newest_revision, upgrade

app = typer.Typer(no_args_is_help=True, help="The database: migrations and checks.")


@app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to the newest schema; harmless when it is there."""
    settings = loaded_settings().settings
    engine = open_engine(settings.database_url)
    before = current_revision(engine)
    upgrade(engine, hashes=settings.partition_hashes)
    Console().print(f"database at migration {newest_revision()} (was {before or 'empty'})")
    engine.dispose()


@app.command("check")
def check_database() -> None:
    """Compare the database's migration with the program's; exit code 3 when they differ."""
    engine = open_engine(loaded_settings().settings.database_url)
    at, newest = current_revision(engine), newest_revision()
    engine.dispose()
    if at != newest:
        raise Broken(
            f"the database is at migration {at}, the program at {newest}: run `billing-center db upgrade`"
        )
    Console().print(f"database at migration {at}, as it should be")


@app.command("rebuild-rollups")
def rebuild_rollups() -> None:
    """Mark every roll-up to be computed anew from the charges by the next `roll_up`."""
    with open_context() as center:
        count = center.transact("operator", rebuild)
    Console().print(f"{count} cells are marked; `billing-center job run roll_up` computes them now")
