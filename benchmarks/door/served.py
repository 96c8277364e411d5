"""The process that is measured: `serve` over a database of its own, with one operation more.

    python -m benchmarks.door.served DATABASE_URL [PORT]

It makes the schema, loads the sample catalog, adds the caller "bench", prints its secret and serves on a free
port, which others may share; with a PORT it is one of those others. `trivialUser` is feedbackUser answered
without a look into the database: what is left is the door.
"""

import contextlib
import sys
from pathlib import Path

from rich.console import Console

from billing_center.access.callers import add_caller
from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.cli.serve import serve_center
from billing_center.settings import LoadedSettings, Settings
from rpc.fields import read_text
from rpc.http.shared_port import CAN_SHARE
from rpc.operation import Asked, Known, Operation
from rpc.operations import BY_NAME

ROOT = Path(__file__).resolve().parents[2]


def trivial(asked: Asked) -> Known:
    """The answer for any payer."""
    read_text(asked.arguments[0], "payerMemId", required=True)
    return Known("1")


def main(database_url: str, port: int = 0) -> None:
    """Serve until SIGTERM; `port` is that of a first process, over the same database."""
    BY_NAME["trivialUser"] = Operation("trivialUser", ("payerMemId",), trivial)  # type: ignore[index]
    settings = Settings(
        database_url=database_url, port=port, share_port=CAN_SHARE, scheduler=False, log_format="json"
    )
    center = open_center(settings, migrate=not port)
    if not port:
        text = (ROOT / "billing_center/catalog/sample.yaml").read_text(encoding="utf-8")
        center.transact("bench", lambda work: load_catalog(work, text, "sample.yaml"))
        print("secret", center.transact("bench", lambda work: add_caller(work, "bench")), flush=True)
    with contextlib.closing(center.database):
        serve_center(center, LoadedSettings(settings, {}), greet=Console(file=sys.stdout, width=200))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
