"""A PostgreSQL server for a measurement: with the settings that an operator is given, and nobody else on it.

It runs on `deploy/postgresql/billing-center.conf`, in a folder of its own on a free port, and is gone afterwards.
fsync is on, as in every PostgreSQL that nobody has told otherwise.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONF = Path(__file__).resolve().parents[1] / "deploy/postgresql/billing-center.conf"
NAMED = "BENCH_POSTGRES_URL"
_DEBIAN = Path("/usr/lib/postgresql")
_USER = "postgres"


@contextmanager
def server() -> Iterator[str]:
    """The URL of the server that the environment names, else of one that is started for as long as this runs.

    The environment names it meanwhile, for the benchmarks that are processes of their own. Raises: SystemExit
    where PostgreSQL is not installed.
    """
    if os.environ.get(NAMED):
        yield os.environ[NAMED]
        return
    with tempfile.TemporaryDirectory(prefix="billing-bench-", dir="/var/tmp") as folder:
        url = _started(Path(folder))
        os.environ[NAMED] = url
        try:
            yield url
        finally:
            del os.environ[NAMED]
            _control(Path(folder), "stop", "-m", "immediate")


def named_server() -> str:
    """The URL of the server that the environment names, else of the one on this machine."""
    return os.environ.get(NAMED, "postgresql://postgres@127.0.0.1:5432/postgres")


def _started(folder: Path) -> str:
    port = _free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    _run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C.UTF-8")
    conf = folder / "data/postgresql.conf"
    conf.write_text(conf.read_text("utf-8") + CONF.read_text("utf-8"), "utf-8")
    where = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    _control(folder, "start", "-w", "-o", where, "-l", str(folder / "log"))
    return f"postgresql://{_USER}@127.0.0.1:{port}/postgres"


def _control(folder: Path, *words: str) -> None:
    _run("pg_ctl", "-D", str(folder / "data"), *words)


def _run(program: str, *words: str) -> None:
    """One of the server's programs, which refuse to run as root."""
    as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, _path(program), *words], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _path(program: str) -> str:
    newest = sorted(_DEBIAN.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(program) or (str(newest[-1]) if newest else None)
    if found is None:
        raise SystemExit(f"{program} is not installed: install PostgreSQL, or name a server with {NAMED}")
    return found


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
    return port
