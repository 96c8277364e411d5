"""`billing-center`: every command, and the one table from errors to exit codes.

0 done, 1 refused (the message says what to change), 2 wrong use of the command, 3 failed (ours; try again or
look at the log).
"""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.exceptions import TyperException

from billing_center.cli import (
    alert,
    allowance,
    caller,
    catalog,
    clock,
    context,
    correct,
    cycle,
    db,
    demo,
    dry_run,
    history,
    invoice,
    job,
    outbox,
    payer,
    quote,
    reconcile,
    serve,
    settings,
    simulate,
    up,
    usage,
    worker,
)
from billing_center.errors import BillingError, Refused, Unauthorised

DONE, REFUSED, WRONG_USE, FAILED = 0, 1, 2, 3

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The billing center (计费中心): orders and usage in, invoices and service control out.",
)


@app.callback()
def choose_settings(
    file: Annotated[
        Path | None, typer.Option("--settings", help="TOML file of settings", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """The options that every command shares."""
    context.chosen_file[:] = [file] if file else []


app.command("up")(up.up)
app.command("serve")(serve.serve)
app.command("demo")(demo.demo)
app.command("dry-run")(dry_run.dry_run_command)
app.command("quote")(quote.quote)
app.command("cycle")(cycle.cycle)
app.command("reconcile")(reconcile.reconcile)
app.command("settings")(settings.settings)
app.command("simulate")(simulate.simulate_command)
app.command("worker")(worker.worker)
for name, group in {
    "db": db, "catalog": catalog, "job": job, "invoice": invoice, "outbox": outbox, "usage": usage, "payer": payer,
    "caller": caller, "clock": clock, "alert": alert, "allowance": allowance, "correct": correct,
    "history": history,
}.items():  # fmt: skip
    app.add_typer(group.app, name=name)


def exit_code(error: BaseException) -> int:
    """The exit code that an error turns into."""
    if isinstance(error, (Refused, Unauthorised)):
        return REFUSED
    return WRONG_USE if isinstance(error, TyperException) and error.exit_code == WRONG_USE else FAILED


def main() -> None:
    """Run a command; a known error becomes one clear line and its exit code."""
    console = Console(stderr=True)
    try:
        code = app(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else DONE)
    except TyperException as error:
        show = getattr(error, "show", None)  # those of the command line print themselves, with the usage
        if show is not None:
            show()
        else:
            console.print(error.format_message(), markup=False)
        sys.exit(exit_code(error))
    except typer.Abort:
        console.print("stopped")
        sys.exit(FAILED)
    except BillingError as error:
        field = f" ({error.field})" if error.field else ""
        console.print(f"[red]{error.code.value}[/]{field}: {escape(error.message)}", markup=True, highlight=False)
        sys.exit(exit_code(error))


if __name__ == "__main__":
    main()
