"""On what a report was measured: machine, versions, commit, and how busy the machine was."""

import os
import platform
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from time import strftime

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

PACKAGES = ("sqlalchemy", "psycopg", "httptools", "uvloop", "structlog")


def machine(postgres: str) -> dict[str, str]:
    """Names and values, in the order in which they are shown; `postgres` is the URL of its server."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": strftime("%Y-%m-%d %H:%M"),
        "commit": _said("git", "rev-parse", "--short", "HEAD") + (", changed" if _changed() else ""),
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{memory:.0f} GiB",
        "system": platform.platform(),
        "Python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(postgres),
        "Java": _java(),
        "load at the start": " ".join(f"{n:.1f}" for n in os.getloadavg()),
    }


def _said(*words: str) -> str:
    if shutil.which(words[0]) is None:
        return "none"
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip()


def _changed() -> bool:
    """Whether the program is not what the commit holds."""
    return bool(_said("git", "status", "--porcelain", "--", "billing_center", "rpc", "schema", "jobs", "web"))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _java() -> str:
    return next(iter(_said("java", "-version").splitlines()), "none")


def _postgresql(url: str) -> str:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    settings = ("server_version", "fsync", "synchronous_commit", "shared_buffers", "max_wal_size")
    try:
        with engine.connect() as connection:
            told = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in settings]
    except SQLAlchemyError:
        return "none"
    finally:
        engine.dispose()
    return ", ".join([told[0], *(f"{name} {value}" for name, value in zip(settings[1:], told[1:], strict=True))])
