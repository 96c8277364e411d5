"""`serve` as a process: it says where it is, answers, and ends in order when told to."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from billing_center.center import Center
from billing_center.cli.serve import serve_center
from billing_center.errors import SettingInvalid
from billing_center.settings import LoadedSettings, Settings
from rpc.billing_client import BillingClient

START = "import typer; from billing_center.cli.serve import serve; typer.run(serve)"
WAIT_S = 60


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "billing.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def serving(database_url: str, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process of an open door on a free port, and its address."""
    environment = {**os.environ, "BILLING_DATABASE_URL": database_url, "BILLING_LOG_FORMAT": "json"}
    command = [sys.executable, "-c", START, "--port", "0", "--open", "--no-scheduler"]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        command, env={**environment, "PYTHONPATH": str(root)}, cwd=tmp_path, text=True, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    url = ""
    for line in process.stderr:
        if found := re.search(r"Hessian +(http\S+)/hessian/billing", line):
            url = found.group(1)
        if "Ctrl+C" in line:
            break
    yield process, url
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_a_served_center_answers_on_both_doors_and_ends_in_order(
    serving: tuple[subprocess.Popen[str], str],
) -> None:
    process, url = serving
    assert httpx.get(f"{url}/ready").json() == {"status": "ready"}
    with BillingClient(f"{url}/hessian/billing", "shop") as client:
        assert client.feedback_user("nobody") == "1"
        assert client.pay_callback("i-1", "PAID") == "-1"
    refused = httpx.get(f"{url}/api/v1/refused-calls").json()
    assert [call["caller"] for call in refused] == ["shop"]
    process.send_signal(signal.SIGTERM)
    _, rest = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"open_door": True, "host": "0.0.0.0"}, "open_door"),
        ({"tls_key": Path("key.pem")}, "tls_certificate"),
        ({"host": "192.0.2.1", "port": 1}, "port"),
    ],
)
def test_what_cannot_be_served_is_refused_before_anything_starts(
    center: Center, changes: dict[str, object], field: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("billing_center.cli.serve.set_up_logs", lambda settings: None)
    settings = Settings(**{**center.settings.model_dump(), **changes})
    with pytest.raises(SettingInvalid) as refused:
        serve_center(replace(center, settings=settings), LoadedSettings(settings, {}))
    assert refused.value.field == field
