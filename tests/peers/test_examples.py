"""The examples run as they stand, against a center with the sample catalog, and print what their lines promise."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from billing_center.bootstrap import open_center
from billing_center.catalog.load_catalog import load_catalog
from billing_center.settings import Settings
from tests.door import RunningDoor, running_door
from tests.peers.conftest import copied
from tests.peers.java_kit import JavaKit

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture
def door(sqlite_template: Path, tmp_path: Path) -> Iterator[RunningDoor]:
    """A center as `make run` leaves it: the machine's clock and the sample catalog."""
    center = open_center(Settings(database_url=copied(sqlite_template, tmp_path)))
    text = (files("billing_center.catalog") / "sample.yaml").read_text(encoding="utf-8")
    center.transact("test", lambda work: load_catalog(work, text, "sample.yaml"))
    with running_door(center) as running:
        yield running
    center.database.close()


def answers(command: list[str], door: RunningDoor, **environment: str) -> dict[str, str]:
    """What an example printed: what it did, and the answer."""
    environment["PYTHONPATH"] = str(EXAMPLES.parent)  # also where the project is not installed
    told = [*command, door.url, *door.caller()]
    done = subprocess.run(told, capture_output=True, text=True, timeout=120, env=os.environ | environment)
    assert done.returncode == 0, done.stderr
    return {line[:48].strip(): line[48:].strip() for line in done.stdout.splitlines()}


def check(said: dict[str, str]) -> None:
    assert said["getTotalPrice, 10 uses"] == "15.00 RMB"
    assert said["insertServiceOp, the same guid: counted once"] == "1"
    for what, answer in said.items():
        assert what.endswith(": refused") == (answer == "-1"), what
    assert set(said.values()) >= {"1", "-1"}


@pytest.mark.parametrize("name", ["with_billing_client.py", "with_pyhessian.py"])
def test_the_python_examples_run_twice(door: RunningDoor, name: str) -> None:
    for _ in range(2):
        check(answers([sys.executable, str(EXAMPLES / "python" / name)], door))


@pytest.mark.java
def test_the_java_example_runs_twice(java_kit: JavaKit, door: RunningDoor) -> None:
    for _ in range(2):
        check(answers([str(EXAMPLES / "java" / "run.sh")], door, HESSIAN_JAR=str(java_kit.jar)))
