"""The demo's own installation: settings, a fresh database, a catalog, callers, and the server in its process.

Where it stands in the walk: it does what an operator does on the first day, with the same commands. Everything
lies in one folder, which `billing-center --settings FOLDER/billing.toml ...` looks into when it is kept.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from time import monotonic, sleep

from billing_center.cli import caller, catalog, context, db, payer
from billing_center.cli.demo.simulator_control import SimulatorControl
from billing_center.cli.demo.story import BEGIN
from billing_center.errors import ClockRefused, ConflictingRepeat

SETTINGS = """\
# The settings of a played demo: billing-center --settings {folder}/billing.toml invoice list
database_url = {database_url}
test_clock = "{begin}T00:00:00+08:00"
timezone = "Asia/Shanghai"
base_currency = "CNY"
billing_day = 1
grace_days = 7
control_days = 10
host = "127.0.0.1"
port = 0
open_door = false
log_format = "json"
log_level = "INFO"
scheduler = true
account_system_url = "{account_system}"
order_system_url = "{order_system}"
"""

CALLERS = {
    "order-system": ("installOrder", "updateOrderState", "changeAccountNum", "getTotalPrice", "feedbackUser"),
    "saas-product": ("insertServiceOp",),
    "account-system": ("payCallback",),
    "clerk": ("rest",),
}
"""Who calls, and what each may do."""

LOG = "server.log"
START_S = 60.0
"""Seconds in which the server must have said that it serves."""


@dataclass(frozen=True, slots=True)
class Company:
    """A running billing center and the simulated systems around it."""

    folder: Path
    base_url: str
    secrets: dict[str, str]
    simulators: SimulatorControl

    def command(self, group: str, *words: str) -> str:
        """Run a command of `billing-center` over the demo's settings; what it printed."""
        return run_command(self.folder, group, *words)


@contextmanager
def open_company(database_url: str | None, *, keep: bool) -> Iterator[Company]:
    """Set everything up, start server and simulators, and end them; the folder goes unless it is kept.

    `database_url` names an empty database; None means SQLite in the folder.
    Raises: ClockRefused for a database that is not empty; RuntimeError when the server fails.
    """
    with contextlib.ExitStack() as stack:
        made = tempfile.mkdtemp(prefix="billing-demo-") if keep else None
        folder = Path(made or stack.enter_context(tempfile.TemporaryDirectory(prefix="billing-demo-")))
        simulators = stack.enter_context(SimulatorControl())
        url = database_url or f"sqlite:///{folder / 'billing.db'}"
        text = SETTINGS.format(
            folder=folder,
            database_url=json.dumps(url),
            begin=BEGIN,
            account_system=simulators.account_system_url,
            order_system=simulators.order_system_url,
        )
        (folder / "billing.toml").write_text(text, encoding="utf-8")
        secrets = _set_up(folder)
        base_url = stack.enter_context(_serving(folder))
        simulators.set_center(f"{base_url}/hessian/billing", "account-system", secrets["account-system"])
        yield Company(folder, base_url, secrets, simulators)


def _set_up(folder: Path) -> dict[str, str]:
    """Schema, catalog and callers; returns the callers' secrets."""
    sold = (files("billing_center.cli.demo") / "catalog.yaml").read_text(encoding="utf-8")
    (folder / "catalog.yaml").write_text(sold, encoding="utf-8")
    run_command(folder, "db", "upgrade")
    run_command(folder, "catalog", "load", str(folder / "catalog.yaml"))
    secrets = {}
    for caller_id, operations in CALLERS.items():
        options = [word for operation in operations for word in ("--operation", operation)]
        try:
            printed = run_command(folder, "caller", "add", caller_id, *options)
        except ConflictingRepeat:
            raise ClockRefused("the demo needs an empty database of its own", field="database_url") from None
        [secrets[caller_id]] = [line.split()[1] for line in printed.splitlines() if line.startswith("secret:")]
    return secrets


COMMANDS = {"db": db.app, "catalog": catalog.app, "caller": caller.app, "payer": payer.app}


def run_command(folder: Path, group: str, *words: str) -> str:
    """A command of `billing-center`, run here with its output caught: a process for each would take a minute."""
    context.chosen_file[:] = [folder / "billing.toml"]
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            COMMANDS[group](list(words), standalone_mode=False)
    finally:
        context.chosen_file.clear()
    return printed.getvalue()


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    """`billing-center serve` in its own process, from when it serves; its address without a path."""
    command = [sys.executable, "-m", "billing_center", "--settings", str(folder / "billing.toml"), "serve"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BILLING_")}
    with (folder / LOG).open("w", encoding="utf-8") as server_log:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=server_log
        )
    try:
        yield _address(folder, process)
    finally:
        process.terminate()
        process.wait(timeout=START_S)


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    """Where the server says that it serves. Raises: RuntimeError when it never does."""
    give_up_at = monotonic() + START_S
    while process.poll() is None and monotonic() < give_up_at:
        for line in (folder / LOG).read_text(encoding="utf-8").splitlines():
            if line.startswith("{") and '"serving"' in line:
                return str(json.loads(line)["url"])
        sleep(0.05)
    last = (folder / LOG).read_text(encoding="utf-8").strip().splitlines()[-1:]
    raise RuntimeError(f"the server did not start: {' '.join(last) or 'it said nothing'}")
