"""H2 in Oracle mode, dressed as python-oracledb: a DBAPI module for SQLAlchemy's own Oracle dialect.

Types, errors and variables are oracledb's; statements go over a socket to a Java process (`OracleOnH2.java`). It
is stricter than H2 where Oracle is: '' is NULL, yes and no cannot be bound, every bind must be named in the
statement, lists of IN end at 1,000, and what `rules` finds wrong with a statement is an error. What Oracle has and
H2 lacks (SKIP LOCKED, partitions, session settings) is taken out by `h2_text`.
"""

import re
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import oracledb
from oracledb.errors import _Error

from tests.oracle.h2_text import UNDERSTOOD, as_h2, bind_names, with_types
from tests.oracle.rules import broken_rules

# What SQLAlchemy asks a driver for, borrowed as it is.
globals().update(
    {name: value for name, value in vars(oracledb).items() if name.isupper() or name.endswith("Error")}
)
apilevel, threadsafety, paramstyle, version = "2.0", 2, "named", oracledb.version
makedsn = oracledb.makedsn
Error, DatabaseError, IntegrityError = oracledb.Error, oracledb.DatabaseError, oracledb.IntegrityError

SERVER_VERSION = "19.20.0.0.0"
ORACLE_CODES = {23505: 1, 23502: 1400, 22001: 12899, 40001: 60, 50200: 30006, 42102: 942, 42122: 904, 42101: 955}
"""H2's code of an error, and Oracle's for the same."""
H2_SETTINGS = (
    "MODE=Oracle;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=20000;TIME ZONE=UTC;DEFAULT_NULL_ORDERING=HIGH;"
    "NON_KEYWORDS=DAY,VALUE,YEAR,MONTH,KEY;INIT="
    "CREATE VIEW IF NOT EXISTS all_tables AS SELECT table_name, table_schema AS owner"
    " FROM information_schema.tables WHERE table_type = 'BASE TABLE'\\;"
    "CREATE VIEW IF NOT EXISTS all_views AS SELECT table_name AS view_name, table_schema AS owner"
    " FROM information_schema.tables WHERE table_type = 'VIEW'"
)
"""Oracle's way with NULL in orders, words that are free in Oracle, and the two dictionary views that are asked."""
_NUMBER, _DATE = oracledb.DB_TYPE_NUMBER, oracledb.DB_TYPE_DATE
_TIMESTAMP, _TIMESTAMP_TZ = oracledb.DB_TYPE_TIMESTAMP, oracledb.DB_TYPE_TIMESTAMP_TZ
JDBC_TYPES = {
    2: _NUMBER, 3: _NUMBER, 4: _NUMBER, 5: _NUMBER, -5: _NUMBER, 8: oracledb.DB_TYPE_BINARY_DOUBLE,
    12: oracledb.DB_TYPE_VARCHAR,
    1: oracledb.DB_TYPE_CHAR, 0: oracledb.DB_TYPE_VARCHAR, 2005: oracledb.DB_TYPE_CLOB,
    93: _TIMESTAMP, 91: _DATE, 2014: _TIMESTAMP_TZ,
}  # fmt: skip


def refused(code: int, text: str, offset: int = 0) -> Exception:
    """The error that oracledb would raise."""
    error = _Error(f"ORA-{code:05}: {text}", code=code, offset=offset)
    return error.exc_type(error)


class Var:
    """A place for values that come back, converted as its type says."""

    def __init__(self, kind: Any, outconverter: Any) -> None:
        self.kind, self.outconverter = kind, outconverter
        self.values: list[Any] = []

    def converted(self, value: Any) -> Any:
        if value is None:
            return None
        if self.kind in (oracledb.STRING, oracledb.DB_TYPE_VARCHAR, oracledb.DB_TYPE_NVARCHAR, str):
            value = str(value)
        elif self.kind in (Decimal, int, float):
            value = self.kind(value)
        elif self.kind == oracledb.DB_TYPE_BINARY_DOUBLE:
            value = float(value)
        elif self.kind in (oracledb.NCLOB, oracledb.CLOB):
            value = Lob(value)
        return self.outconverter(value) if self.outconverter else value


class Lob(str):
    """A text that must be read."""

    def read(self) -> str:
        return str(self)


class Wire:
    """One connection to the Java process: whole requests out, whole answers in."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._in = self._socket.makefile("rb", buffering=1 << 16)

    def ask(self, request: bytes) -> str:
        """Send; the kind of the answer. Raises what oracledb would."""
        self._socket.sendall(request)
        kind = self._in.read(1).decode()
        if kind == "E":
            code = self.integer()
            text = self.text()
            raise refused(ORACLE_CODES.get(code, 900), f"H2 {code}: {text}")
        if not kind:
            raise oracledb.OperationalError(_Error("DPY-4011: the database or network closed the connection"))
        return kind

    def byte(self) -> int:
        return self._in.read(1)[0]

    def integer(self) -> int:
        return int(struct.unpack(">i", self._in.read(4))[0])

    def text(self) -> str:
        return self._in.read(self.integer()).decode()

    def close(self) -> None:
        self._in.close()
        self._socket.close()


def _text(value: str) -> bytes:
    encoded = value.encode()
    return struct.pack(">i", len(encoded)) + encoded


def _bound(value: Any) -> bytes:
    """A value as the wire says it. Raises: what oracledb or a 19c server says of a value that it cannot take."""
    if value is None or value == "":
        return b"N"
    if isinstance(value, bool):
        raise refused(3115, "unsupported network datatype or representation (BOOLEAN)")
    if isinstance(value, str):
        return b"S" + _text(value)
    if isinstance(value, int):
        return b"I" + struct.pack(">q", value)
    if isinstance(value, Decimal):
        return b"D" + _text(format(value, "f"))
    if isinstance(value, float):
        return b"F" + struct.pack(">d", value)
    if isinstance(value, datetime):  # the driver drops the zone and the server takes that of the session
        return b"L" + _text(value.replace(tzinfo=None).isoformat())
    if isinstance(value, date):
        return b"L" + _text(datetime.combine(value, time()).isoformat())
    raise oracledb.NotSupportedError(_Error(f"DPY-3002: Python value of type {type(value)!r} is not supported"))


class Cursor:
    """A cursor of oracledb, as far as SQLAlchemy and this program use one."""

    def __init__(self, connection: "Connection") -> None:
        self.connection = connection
        self.arraysize, self.prefetchrows, self.rowcount = 100, 2, -1
        self.outputtypehandler: Any = None
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: Iterator[tuple[Any, ...]] = iter(())
        self._batch_errors: list[Any] = []

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *what: object) -> None:
        self.close()

    def var(self, typ: Any, size: int = 0, arraysize: int = 1, outconverter: Any = None, **more: Any) -> Var:
        """A variable."""
        return Var(typ, outconverter)

    def setinputsizes(self, *sizes: Any, **named: Any) -> None:
        """The driver's hints about types; H2 needs none."""

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> "Cursor":
        """Run a statement once."""
        self._run(statement, [parameters or {}], batch_errors=False)
        return self

    def executemany(
        self, statement: str, parameters: Sequence[Mapping[str, Any]], batcherrors: bool = False
    ) -> None:
        """Run a statement once per row. Without `batcherrors` the first row that fails ends it."""
        self._run(statement, parameters, batch_errors=batcherrors)

    def getbatcherrors(self) -> list[Any]:
        """The errors of single rows, with the place of each."""
        return self._batch_errors

    def _run(self, statement: str, rows: Sequence[Mapping[str, Any]], *, batch_errors: bool) -> None:
        self.description, self._rows, self.rowcount, self._batch_errors = None, iter(()), 0, []
        if UNDERSTOOD.match(statement):  # e.g. ALTER SESSION, which H2 has no words for
            self.connection.settings.append(statement)
            return
        names = _checked(statement)
        h2, order, given_back = as_h2(with_types(statement, rows[0]))
        self._check_names(names, rows[0])
        request = b"X" + _text(h2) + struct.pack(">ii", len(rows), len(order))
        request += b"".join(_bound(row[name]) for row in rows for name in order)
        if self.connection.wire.ask(request) == "Q":
            self._take_rows()
            if given_back:
                self._give_back(rows[0], given_back)
        else:
            self._take_counts(batch_errors)

    @staticmethod
    def _check_names(names: Sequence[str], row: Mapping[str, Any]) -> None:
        given = {name.strip('"') for name in row}
        if missing := set(names) - given:
            raise oracledb.DatabaseError(_Error(f"DPY-4010: a bind variable has no value: {missing}"))
        if foreign := given - set(names):
            raise oracledb.DatabaseError(_Error(f"DPY-4008: no bind placeholder named {foreign}"))

    def _take_counts(self, batch_errors: bool) -> None:
        wire, first = self.connection.wire, None
        for place in range(wire.integer()):
            self.rowcount += wire.integer()
            if code := wire.integer():
                error = refused(ORACLE_CODES.get(code, 900), f"H2 {code}: {wire.text()}", place)
                self._batch_errors.append(error.args[0])
                first = first or error
        if first and not batch_errors:
            raise first

    def _take_rows(self) -> None:
        wire = self.connection.wire
        columns = [
            (wire.text(), wire.integer(), wire.integer(), wire.integer(), wire.byte() == 1)
            for _ in range(wire.integer())
        ]
        self.description = [_described(*column) for column in columns]
        convert = [self._conversion(column) for column in self.description]
        rows = []
        while wire.byte():
            rows.append(tuple(change(wire.text() if wire.byte() == 83 else None) for change in convert))
        self._rows, self.rowcount = iter(rows), 0

    def _conversion(self, column: tuple[Any, ...]) -> Any:
        name, kind, size, _, precision, scale, _ = column
        handler = self.outputtypehandler or self.connection.outputtypehandler
        var = handler(self, name, kind, size, precision, scale) if handler else None
        if var is not None:
            return var.converted
        if kind == _NUMBER:
            return lambda text: None if text is None else (float(text) if "." in text else int(text))
        if kind in (_DATE, _TIMESTAMP, _TIMESTAMP_TZ):
            return lambda text: None if text is None else datetime.fromisoformat(text)
        return lambda text: text

    def _give_back(self, row: Mapping[str, Any], names: Sequence[str]) -> None:
        """RETURNING: the columns of the changed rows, in the variables that were bound."""
        rows = list(self._rows)
        self.rowcount, self.description = len(rows), None
        for place, name in enumerate(names):
            row[name].values = [[row[name].converted(found[place]) for found in rows]]

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        found = next(self._rows, None)
        self.rowcount += found is not None
        return found

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        """The next rows."""
        found = [row for row, _ in zip(self._rows, range(size or self.arraysize), strict=False)]
        self.rowcount += len(found)
        return found

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows that are left."""
        found = list(self._rows)
        self.rowcount += len(found)
        return found

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return self._rows

    def close(self) -> None:
        """Nothing is open."""


def _described(name: str, jdbc: int, precision: int, scale: int, computed: bool) -> tuple[Any, ...]:
    """A column as oracledb describes it; numbers that were computed have neither precision nor scale."""
    if jdbc not in JDBC_TYPES:
        raise refused(902, f"column {name} has a datatype that Oracle 19c has not (JDBC {jdbc})")
    kind = JDBC_TYPES[jdbc]
    if kind == _NUMBER:
        if computed:
            precision, scale = 0, -127
        elif jdbc in (4, 5, -5):
            precision, scale = 38, 0
    return (name, kind, precision, None, precision, scale, True)


@lru_cache(4096)
def _checked(statement: str) -> tuple[str, ...]:
    """The names of the statement's binds. Raises: what Oracle would say where H2 says nothing."""
    if found := broken_rules(statement):
        rule = found[0]
        raise refused(rule.code, f"{rule.says}: {statement}")
    return bind_names(statement)


class Connection:
    """A connection of oracledb, as far as SQLAlchemy uses one."""

    thin, autocommit, max_identifier_length, version = True, False, 30, SERVER_VERSION

    def __init__(self, port: int, name: str) -> None:
        self.wire = Wire(port)
        self.outputtypehandler: Any = None
        self.stmtcachesize = 0
        self.module = self.client_identifier = ""
        self.settings: list[str] = []
        self.wire.ask(b"O" + _text(f"jdbc:h2:mem:{name};{H2_SETTINGS}"))

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    def commit(self) -> None:
        """Commit."""
        self.wire.ask(b"C")

    def rollback(self) -> None:
        """Roll back."""
        self.wire.ask(b"R")

    def ping(self) -> None:
        """Whether the other side answers."""
        self.cursor().execute("SELECT 1 FROM dual")

    def close(self) -> None:
        """Hang up; the other side rolls back."""
        self.wire.close()


CONNECT_ARGUMENTS = {"user", "password", "dsn", "stmtcachesize", "tcp_connect_timeout", "expire_time", "program"}


def connect(**arguments: Any) -> Connection:
    """`dsn` holds the port of the Java process and, as its service, the name of a database in memory."""
    if unknown := set(arguments) - CONNECT_ARGUMENTS:
        raise TypeError(f"not an argument of connect: {unknown}")
    found = re.search(r"PORT=(\d+).*SERVICE_NAME=(\w+)", arguments["dsn"])
    assert found
    return Connection(int(found[1]), found[2])
