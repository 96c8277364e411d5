"""`billing-center up`, as a new user starts it: from nothing to a served call; a second start finds it all."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from rpc.billing_client import BillingClient, UseReport

ROOT = Path(__file__).parents[3]
MARCH = datetime(2026, 3, 1, tzinfo=UTC)


@contextmanager
def started(folder: Path, *options: str) -> Iterator[list[str]]:
    """A center started in the folder, its first lines up to the last one of the greeting; ended by SIGTERM."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BILLING_")}
    environment |= {"PYTHONPATH": str(ROOT), "BILLING_TEST_CLOCK": "2026-03-01T08:00+08:00"}
    command = [sys.executable, "-m", "billing_center", "up", "--port", "0", *options]
    process = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if "Ctrl+C" in line:
                break
        yield lines
    finally:
        process.terminate()
        process.stdout.read()
        process.stdout.close()
        assert process.wait(timeout=60) == 0


def url_of(lines: list[str]) -> str:
    return next(line.split()[-1] for line in lines if line.split()[:1] == ["Hessian"])


def test_the_first_start_makes_everything_and_the_second_finds_it(tmp_path: Path) -> None:
    with started(tmp_path) as lines:
        text = "\n".join(lines)
        secrets = dict(re.findall(r"^    ([a-z-]+) +(\S{20,})  ", text, re.MULTILINE))
        assert set(secrets) == {"order-system", "saas-product", "account-system", "operator"}
        assert "the sample catalog" in text
        with BillingClient(url_of(lines), "saas-product", secrets["saas-product"]) as product:
            use = UseReport("u-1", "sms", started_at=MARCH, quantity=Decimal(3), payer_id="boss-1", guid="g-1")
            assert product.insert_service_op(use) == "1"
    with started(tmp_path) as lines:
        text = "\n".join(lines)
        assert "4 may call" in text
        assert not any(secret in text for secret in secrets.values())
        with BillingClient(url_of(lines), "operator", secrets["operator"]) as operator:
            assert operator.feedback_user("boss-1") == "1"


def test_the_open_door_says_loudly_what_it_is(tmp_path: Path) -> None:
    with started(tmp_path, "--open") as lines:
        assert any("THE DOOR IS OPEN" in line for line in lines)
        with BillingClient(url_of(lines)) as anyone:
            assert anyone.feedback_user("nobody") == "1"


def test_the_open_door_is_refused_to_the_network(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "billing_center", "up", "--open", "--host", "0.0.0.0", "--port", "0"]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "loopback" in ended.stderr
