"""A small company played through the public doors, and the simulated systems that stand around the center.

`story` says who does what, `expectations` what it must come to (worked out by hand), `company` sets a center up
and starts it, `doors` are the callers, `play` plays the days, `tables` and `check` show and judge.
"""

from typing import Annotated

import typer


def demo(
    database_url: Annotated[
        str | None, typer.Option("--database-url", help="an empty database; else SQLite in a folder of its own")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="keep the folder, to look into it afterwards")] = False,
) -> None:
    """Play three months of a small company through the public doors, and check every total by hand."""
    # Here and not above: the simulated systems live in this package too, and start without all of that.
    from billing_center.cli.demo.show_demo import show_demo

    differences = show_demo(database_url, keep=keep)
    if differences:
        raise typer.Exit(3)
