"""The wheel holds everything that the program needs, and works away from the source tree."""

import json
import os
import subprocess
import sys
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("billing_center", "rpc", "schema", "jobs", "web")


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source tree, unpacked into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BILLING_")}
    environment["PYTHONPATH"] = str(unpacked)
    command = [sys.executable, "-P", "-m", "billing_center", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def test_the_wheel_holds_every_package_and_data_file(unpacked: Path) -> None:
    for package in OURS:
        assert (unpacked / package / "py.typed").exists()
    source = {p.relative_to(ROOT) for package in OURS for p in (ROOT / package).rglob("*.py")}
    source |= {Path("billing_center/catalog/sample.yaml"), Path("billing_center/cli/demo/catalog.yaml")}
    assert [str(path) for path in sorted(source) if not (unpacked / path).exists()] == []


def test_the_program_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    facts = json.loads(run(unpacked, tmp_path, "settings", "--json"))
    assert facts["timezone"] == {"value": "Asia/Shanghai", "source": "default"}
    run(unpacked, tmp_path, "db", "upgrade")
    sample = unpacked / "billing_center" / "catalog" / "sample.yaml"
    run(unpacked, tmp_path, "catalog", "load", str(sample))
    # 5 uses at 1.50: the quotation knows no payer, so the first three are not free.
    assert "7.50" in run(unpacked, tmp_path, "quote", "sms", "--count", "5", "--currency", "CNY")


def test_nobody_else_provides_our_package_names() -> None:
    providers = packages_distributions()
    others = {name: set(providers.get(name, [])) - {"billing-center"} for name in OURS}
    assert others == {name: set() for name in OURS}
