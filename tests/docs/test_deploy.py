"""The files of deploy/ are read as their programs read them: settings and commands that they name exist."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import create_engine, text
from typer.main import get_command

from billing_center.cli.main import app
from billing_center.settings import Settings, load_settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TEXTS = [
    path
    for path in sorted(DEPLOY.rglob("*"))
    if path.is_file() and path.suffix in (".yaml", ".env", ".service", ".cfg", "") and "oracle" not in path.parts
]
KNOWN = {f"BILLING_{name.upper()}" for name in Settings.model_fields}


def compose() -> dict[str, Any]:
    """deploy/compose.yaml where the environment says nothing."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (DEPLOY / "compose.yaml").read_text("utf-8"))
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def accepted(environment: Mapping[str, str], nowhere: Path) -> Settings:
    """The settings, as a process with this environment reads them. Raises: SettingInvalid."""
    return load_settings(environment, nowhere).settings


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_exists(path: Path) -> None:
    assert set(re.findall(r"\bBILLING_[A-Z_0-9]+", path.read_text("utf-8"))) <= KNOWN


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yaml")), ids=lambda path: path.name)
def test_yaml_is_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_start_commands_with_settings_that_are_accepted(unit: Path, tmp_path: Path) -> None:
    text = unit.read_text("utf-8").replace("%i", "8081")
    word = re.findall(r"^ExecStart=/opt/billing/bin/billing-center ([a-z]+)", text, re.MULTILINE)
    assert set(word) <= set(get_command(app).commands)  # type: ignore[attr-defined]
    own = dict(pair.split("=", 1) for pair in re.findall(r"^Environment=(.*)$", text, re.MULTILINE)[0].split())
    shared = dict(line.split("=", 1) for line in (DEPLOY / "billing.env").read_text().splitlines() if "=" in line)
    settings = accepted({**shared, **own}, tmp_path / "none")
    assert settings.broker_url.get_secret_value().startswith("amqp://")
    assert "KillMode=mixed" in text  # else worker processes are told to end before their chunk is done


def test_units_satisfy_systemd() -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    told = subprocess.run(["systemd-analyze", "verify", *UNITS], capture_output=True, text=True, check=False)
    complaints = [line for line in told.stderr.splitlines() if "billing" in line]
    assert [line for line in complaints if "is not executable" not in line] == []  # it is not installed here


def test_services_of_the_compose_file_fit_together(tmp_path: Path) -> None:
    house = compose()
    services = house["services"]
    assert {"postgres", "rabbitmq", "door1", "door2", "scheduler", "worker1", "worker2", "balancer"} <= set(
        services
    )
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        named = [volume.split(":")[0] for volume in service.get("volumes", [])]
        for volume in named:
            assert volume in house["volumes"] or (DEPLOY / volume).exists()
        if service["image"] == "billing-center":
            assert service.get("command", ["serve"])[0] in get_command(app).commands  # type: ignore[attr-defined]
            accepted({name: str(value) for name, value in service["environment"].items()}, tmp_path / "none")
    servers = re.findall(r"^ +server \w+ (\w+):8080", (DEPLOY / "haproxy.cfg").read_text("utf-8"), re.MULTILINE)
    assert servers == ["door1", "door2"]
    named = yaml.safe_load((DEPLOY / "prometheus" / "house.yaml").read_text("utf-8"))
    (scrape,) = named["scrape_configs"]
    assert {target.split(":")[0] for target in scrape["static_configs"][0]["targets"]} <= set(services)


def test_the_image_installs_what_the_locks_pin() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    root = DEPLOY.parent
    copied = [word for line in re.findall(r"^COPY (?!--)(.*) \S+$", text, re.MULTILINE) for word in line.split()]
    assert all((root / name).exists() for name in copied)
    pinned = re.findall(r"grep -oE '\^\(([^)]*)\)", text)[0].split("|")
    lock = (root / "requirements-dev.lock").read_text("utf-8")
    assert all(f"\n{name}==" in "\n" + lock for name in pinned)


def test_the_settings_of_postgresql_are_its_own_and_keep_what_was_acknowledged(postgres_url: str) -> None:
    """Each is one that a restart or a reload takes, and none of them weakens a commit."""
    lines = (DEPLOY / "postgresql/billing-center.conf").read_text("utf-8").splitlines()
    given = dict(
        re.split(r"\s*=\s*", line.partition("#")[0].strip(), maxsplit=1)
        for line in lines
        if "=" in line.partition("#")[0]
    )
    assert {"shared_buffers", "max_wal_size", "random_page_cost"} <= set(given)
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(given)
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        known = text("SELECT name FROM pg_settings WHERE name = ANY(:names) AND context <> 'internal'")
        assert set(connection.execute(known, {"names": list(given)}).scalars()) == set(given)
    engine.dispose()
