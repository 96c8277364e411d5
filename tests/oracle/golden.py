"""Every statement that the program sends, as Oracle 19c is sent it: collected while tests run, kept to be read.

What goes through SQLAlchemy's Oracle dialect is taken as it is, wherever it goes: to H2, which calls itself 19c,
or to a server. So it is what the program does on Oracle, also where it has words of its own for it. What a test
itself asks is left out, told by the nearest frame of the stack.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from textwrap import fill
from types import FrameType
from typing import Any, ClassVar

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.oracle.oracledb import OracleDialect_oracledb

from schema.migrate import upgrade_script
from schema.partitions import oracle_move

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("golden")
PROGRAM = ("billing_center", "jobs", "rpc", "schema", "web")
PASSED_OVER = ("bulk.py", "bulk_write", "database.py")
"""Modules that send for others: whose statement it is, the next frame tells."""
SCRIPTS = ("ddl", "month")
DDL = re.compile(r"\s*(?:CREATE|ALTER|DROP|COMMENT)\b", re.IGNORECASE)
_LIST = re.compile(r"\(__\[POSTCOMPILE_(\w+)(?:~~.*?~~.*?~~)?\]\)")
_CLAUSE = re.compile(
    r" (FROM|WHERE|GROUP BY|HAVING|ORDER BY|FETCH FIRST|FOR UPDATE|VALUES|WHEN(?: NOT)? MATCHED)(?= )"
)
_NUMBER = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
_SAVEPOINT = re.compile(r"\b(sa_savepoint)_\d+")


def oracle_19c() -> OracleDialect_oracledb:
    """The dialect as it is after it has met a 19c server; by itself it takes 23ai for granted."""
    dialect = OracleDialect_oracledb()
    dialect.server_version_info = (19, 20)
    dialect.supports_native_boolean = False
    return dialect


def readable(statement: str) -> str:
    """The text with a line for each clause, and `(:name, ...)` for a list of any length. Twice does no more."""
    listed = _NUMBER.sub(r":\1", _LIST.sub(r"(:\1, ...)", " ".join(statement.split())))
    listed = _SAVEPOINT.sub(r"\1_n", listed)  # the how-manieth of its transaction
    lines = _CLAUSE.sub(r"\n\1", listed).split("\n")
    return "\n".join(
        fill(line, 115, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False) for line in lines
    )


class Collector:
    """What was sent, with the places that sent it, by subject: the folder of the program."""

    KEY: ClassVar[pytest.StashKey["Collector"]] = pytest.StashKey()

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root
        self._places: dict[str, str | None] = {}
        self.sent: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self._known: set[tuple[str, str]] = set()

    def listen(self, to: type[Engine] | Engine = Engine) -> None:
        """Take note of every statement in the Oracle dialect."""
        event.listen(to, "before_cursor_execute", self._note)

    def _note(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
    ) -> None:
        if connection.dialect.name != "oracle":
            return
        compiled = context.compiled
        text = statement if compiled is None else compiled.string  # the latter before lists are spelled out
        if DDL.match(text):
            return
        sender = self._sender(sys._getframe(1))
        if sender and (text, sender) not in self._known:
            self._known.add((text, sender))
            self.sent[_subject(sender)][readable(text)].add(sender)

    def _sender(self, frame: FrameType | None) -> str:
        """`file.py: function` of the program that sends the statement; '' when a test does."""
        while frame is not None:
            name = frame.f_code.co_filename
            if name not in self._places:
                self._places[name] = self._place(Path(name))
            place = self._places[name]
            if place is not None:
                return f"{place}: {frame.f_code.co_name}" if place else ""
            frame = frame.f_back
        return ""

    def _place(self, path: Path) -> str | None:
        """The file inside the project, '' for one that is not the program's, None for one to pass over."""
        if not path.is_relative_to(self._root) or ".venv" in path.parts:
            return None
        inside = path.relative_to(self._root)
        if inside.parts[0] not in PROGRAM or inside.parts[:2] in (
            ("schema", "migrations"),
            ("schema", "migrate.py"),
        ):
            return ""  # what migrations run stands in ddl.sql, what Alembic asks is its own
        return None if set(inside.parts) & set(PASSED_OVER) else inside.as_posix()


def _subject(sender: str) -> str:
    parts = sender.partition(":")[0].split("/")
    return parts[1] if parts[0] == "billing_center" and len(parts) > 2 else parts[0]


def scripts() -> dict[str, str]:
    """What is not sent by the program but run by `db upgrade` or by a DBA: the tables, a month that moves out."""
    month = ";\n\n".join(oracle_move(date(2026, 1, 1)))
    return {
        "ddl": upgrade_script("oracle"),
        "month": f"-- January 2026 moves to the history tables, as a DBA runs it.\n\n{month};\n",
    }


def golden_statements() -> dict[str, dict[str, set[str]]]:
    """The golden text: by subject, each statement with the places that send it."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in sorted(GOLDEN.glob("*.sql")):
        if path.stem not in SCRIPTS:
            found[path.stem] = dict(_read(path.read_text()))
    return found


def _read(text: str) -> Iterable[tuple[str, set[str]]]:
    for block in text.split(";\n"):
        lines = block.strip().split("\n")
        places = {line[3:] for line in lines if line.startswith("-- ") and ".py: " in line}
        statement = " ".join(line for line in lines if not line.startswith("--")).strip()
        if statement:
            yield readable(statement), places


def write_golden(sent: dict[str, dict[str, set[str]]]) -> None:
    """Write the files of these subjects, each in the order of its statements' places."""
    for subject, statements in sent.items():
        ordered = sorted(statements.items(), key=lambda one: (sorted(one[1]), one[0]))
        blocks = ["\n".join([*(f"-- {place}" for place in sorted(places)), text]) for text, places in ordered]
        path = GOLDEN / f"{subject}.sql"
        path.write_text(f"-- What {subject} sends. Made by `make oracle-sql`.\n\n" + ";\n\n".join(blocks) + ";\n")


def add_to_golden(sent: dict[str, dict[str, set[str]]]) -> None:
    """Add what is not there yet; nothing is taken away."""
    merged = golden_statements()
    for subject, statements in sent.items():
        for text, places in statements.items():
            merged.setdefault(subject, {}).setdefault(text, set()).update(places)
    write_golden(merged)


def not_in_golden(sent: dict[str, dict[str, set[str]]]) -> list[str]:
    """What was sent and is in no file, each with its places."""
    known = {text for statements in golden_statements().values() for text in statements}
    return [
        f"{', '.join(sorted(places))}\n{text}"
        for statements in sent.values()
        for text, places in sorted(statements.items())
        if text not in known
    ]
