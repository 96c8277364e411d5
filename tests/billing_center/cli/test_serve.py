"""`serve` as a process: it says where it is, answers, and ends in order when told to."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from billing_center.access.refused_calls import list_refused
from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.cli.serve import serve_center
from billing_center.errors import SettingInvalid
from billing_center.settings import LoadedSettings, Settings
from rpc.billing_client import BillingClient
from rpc.client import CallFailed
from rpc.hessian import decode_reply, encode_call

START = "import typer; from billing_center.cli.serve import serve; typer.run(serve)"
WAIT_S = 60


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "billing.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def more() -> dict[str, str]:
    """Settings of a test's own."""
    return {}


@pytest.fixture
def serving(
    database_url: str, tmp_path: Path, more: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process of an open door on a free port, and its address."""
    environment = {**os.environ, "BILLING_DATABASE_URL": database_url, "BILLING_LOG_FORMAT": "json", **more}
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


def test_ending_under_load_answers_every_call_that_was_taken(
    serving: tuple[subprocess.Popen[str], str], database_url: str
) -> None:
    process, url = serving
    answered: list[str] = []
    failed: list[str] = []

    def call_until_it_ends(caller: int) -> None:
        with BillingClient(f"{url}/hessian/billing", "shop") as client:
            for number in range(100_000):
                name = f"i-{caller}-{number}"
                try:
                    client.pay_callback(name, "PAID")
                except CallFailed:
                    failed.append(name)
                    return
                answered.append(name)

    with ThreadPoolExecutor(8) as pool:
        for caller in range(8):
            pool.submit(call_until_it_ends, caller)
        while len(answered) < 50:
            threading.Event().wait(0.001)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    center = open_center(Settings(database_url=database_url))
    with center.reading() as work:
        kept = {json.loads(entry.call.arguments)[0] for entry in list_refused(work, limit=100_000)}
    center.database.close()
    assert kept == set(answered)
    assert len(failed) == 8


class TestDraining:
    """The time between the signal and the end, for a balancer."""

    @pytest.fixture
    def more(self) -> dict[str, str]:
        return {"BILLING_DRAIN_S": "600"}

    def test_a_center_that_was_told_to_end_is_not_ready_and_takes_calls_until_it_is_told_again(
        self, serving: tuple[subprocess.Popen[str], str]
    ) -> None:
        process, url = serving
        process.send_signal(signal.SIGTERM)
        while (answer := httpx.get(f"{url}/health/ready", timeout=WAIT_S)).status_code == 200:
            pass
        assert answer.json()["detail"] == "the center is shutting down"
        assert httpx.get(f"{url}/health/live").status_code == 200
        with BillingClient(f"{url}/hessian/billing", "shop") as client:
            assert client.feedback_user("nobody") == "1"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)
        assert process.returncode == 0


class TestTls:
    """The same port with TLS."""

    @pytest.fixture
    def more(self, tmp_path: Path) -> dict[str, str]:
        """A certificate for this machine."""
        if shutil.which("openssl") is None:
            pytest.skip("no openssl to make a certificate with")
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ]
        command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        return {"BILLING_TLS_KEY": str(key), "BILLING_TLS_CERTIFICATE": str(certificate)}

    def test_both_doors_speak_tls_when_there_is_a_certificate(
        self, serving: tuple[subprocess.Popen[str], str], tmp_path: Path
    ) -> None:
        process, url = serving
        assert url.startswith("https://")
        trusted = ssl.create_default_context(cafile=tmp_path / "certificate.pem")
        with httpx.Client(verify=trusted) as client:
            assert client.get(f"{url}/ready").json() == {"status": "ready"}
            body = encode_call("feedbackUser", ["nobody"])
            for _ in range(2):
                answer = client.post(f"{url}/hessian/billing", content=body)
                assert decode_reply(answer.content) == "1"
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=WAIT_S)
        assert process.returncode == 0
