"""`outbox waiting|held|release`: messages to other systems, and those that wait for a person."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from billing_center.cli.context import open_context
from billing_center.outbox.message import MessageState
from billing_center.outbox.release import release_held
from billing_center.outbox.store import messages_in

app = typer.Typer(no_args_is_help=True, help="Messages to the account system and the order system.")
Limit = Annotated[int, typer.Option(min=1, help="rows at most")]


@app.command()
def waiting(limit: Limit = 100) -> None:
    """Messages that are still to be sent, those due first on top."""
    _show(MessageState.WAITING, limit)


@app.command()
def held(limit: Limit = 100) -> None:
    """Messages whose tries are used up: mend the cause, then release them."""
    _show(MessageState.HELD, limit)


@app.command()
def release(message_ids: Annotated[list[str], typer.Argument(help="ids from `outbox held`")]) -> None:
    """Send these messages again, with a full series of tries."""

    with open_context() as center:
        for message_id in message_ids:
            center.transact("operator", lambda work, one=message_id: release_held(work, one))  # type: ignore[misc]
    Console().print(f"{len(message_ids)} messages will be sent again")


def _show(state: MessageState, limit: int) -> None:
    with open_context() as center, center.reading() as work:
        messages = messages_in(work.connection, state, limit=limit)
        zone = work.zone
    table = Table("message", "kind", "payer", "tries", "next try", "last answer")
    for message in messages:
        table.add_row(
            message.message_id, message.kind, message.payer_id, str(message.tries),
            f"{message.next_try_at.astimezone(zone):%m-%d %H:%M:%S}", message.last_answer,
        )  # fmt: skip
    Console().print(table if messages else f"no message is {state.value.lower()}")
