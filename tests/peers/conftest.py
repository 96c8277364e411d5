"""One JVM for all Java calls of a session, and Java servers for what the billing center calls."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.peers.java_kit import JavaCaller, JavaKit, JavaServer, compile_kit, missing
from tests.peers.served_center import ServedCenter, prepare, serving


@pytest.fixture(scope="session")
def java_kit(tmp_path_factory: pytest.TempPathFactory) -> JavaKit:
    """The compiled kit; without a JDK or the jar tests are skipped, but in CI they fail."""
    reason = missing()
    if reason is not None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI skips nothing: {reason}")
        pytest.skip(reason)
    return compile_kit(tmp_path_factory.mktemp("java"))


@pytest.fixture(scope="session")
def java(java_kit: JavaKit) -> Iterator[JavaCaller]:
    """A Java caller whose class path has the serializer resource, as every sound caller's must."""
    caller = JavaCaller(java_kit.command("kit.Caller"))
    yield caller
    caller.close()


@pytest.fixture(scope="session")
def java_that_loses_decimals(java_kit: JavaKit) -> Iterator[JavaCaller]:
    """The same caller without the resource: a BigDecimal leaves it without its digits."""
    caller = JavaCaller(java_kit.command("kit.Caller", with_resource=False))
    yield caller
    caller.close()


@pytest.fixture
def java_account_system(java_kit: JavaKit) -> Iterator[Callable[..., JavaServer]]:
    """Starts a Java account system that gives these answers, call after call."""
    started: list[JavaServer] = []

    def start(*answers: str) -> JavaServer:
        started.append(JavaServer(java_kit.command("kit.AccountSystem", *answers)))
        return started[-1]

    yield start
    for server in started:
        server.close()


def copied(template: Path, folder: Path) -> str:
    """The URL of an empty migrated database."""
    path = folder / "billing.db"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with catalog.yaml and the facts of docs/bad-input.md."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(copied(sqlite_template, folder))
    return folder / "billing.db"


@pytest.fixture
def served_center(prepared: Path, tmp_path: Path) -> Iterator[ServedCenter]:
    """A center of the test's own behind its door, with catalog.yaml and the facts of docs/bad-input.md."""
    with serving(copied(prepared, tmp_path)) as served:
        yield served


@pytest.fixture(scope="module")
def shared_center(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCenter]:
    """The same, one for all tests of a file: for calls that change nothing."""
    with serving(copied(prepared, tmp_path_factory.mktemp("shared"))) as served:
        yield served
