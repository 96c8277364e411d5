"""Logs: one event per fact, as JSON lines or coloured text, with everything that other libraries say beside it.

Where it stands in the walk: set up once by whoever starts a process. Our own events go straight to the stream,
since every call leaves one; standard logging (APScheduler, SQLAlchemy, Alembic) is rendered by the same processors
and written to the same stream, so a log file has one form. Whatever a field is named like
a secret or a payload is masked here, as the last line of defence: nobody should log one to begin with.
"""

import atexit
import json
import logging
import sys
import threading
from collections.abc import MutableMapping
from functools import lru_cache
from io import TextIOBase
from json.encoder import encode_basestring
from time import gmtime, strftime, time_ns
from typing import Any, TextIO, cast

import structlog
from structlog.types import Processor

from billing_center.settings import Settings

SECRET_NAMES = ("secret", "password", "authorization", "token", "credential")
PAYLOAD_NAMES = ("body", "payload", "arguments", "parameters")
MASKED = "********"

HELD_LINES = 256
"""Lines of calls that are held at most before they are written together."""

QUIET = {"apscheduler": "WARNING", "sqlalchemy": "WARNING", "alembic": "WARNING"}
"""Libraries whose everyday talk is not worth a line."""


def mask(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide fields that are named like secrets or payloads, at any depth of dictionaries; a structlog processor."""
    for name, value in event.items():
        if _is_hidden(name):
            event[name] = MASKED
        elif isinstance(value, dict):
            event[name] = mask(logger, method, dict(value))
    return event


@lru_cache(1024)
def _is_hidden(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in SECRET_NAMES) or lowered in PAYLOAD_NAMES


def set_up_logs(settings: Settings, stream: TextIO | None = None) -> None:
    """Route all logs of this process to one stream (standard error), as the settings say.

    `log_format` auto is coloured on a terminal and JSON lines elsewhere. May be called again.
    """
    global _lines
    let_lines_go()
    out = _Lines(stream)
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask,
    ]
    _set_up_stdlib(settings, out, shared, as_json=as_json)
    structlog.configure(
        processors=[*shared, *_rendering(out, as_json=as_json)],
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, out)),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )
    heard = logging.getLevelNamesMapping()[settings.log_level] <= logging.INFO
    _lines = out if as_json and heard else None


class EveryCall:
    """An event of level info that every call leaves: the same line as any other, with a tenth of the work.

    JSON lines are rendered here and held until `let_lines_go`, which the door's clock does four times a second,
    or until any other event is logged, so that their order stays. A process that is killed loses what is held.
    Field names are given once; they must not be names that are masked, and values are texts or numbers.
    """

    def __init__(self, event: str, *names: str) -> None:
        self._log = structlog.get_logger()
        self._event = event
        self._names = names
        fields = ", ".join(f"{encode_basestring(name)}: %s" for name in names)
        self._form = f'{{{fields}, "event": {encode_basestring(event)}, "level": "info", "timestamp": "%s"}}\n'

    def __call__(self, *values: str | float) -> None:
        """Log the event with the values of its fields, in the order of their names."""
        lines = _lines
        if lines is None or structlog.get_config()["processors"][-1] is not _as_json:  # tests listen in
            self._log.info(self._event, **dict(zip(self._names, values, strict=True)))
            return
        told = [encode_basestring(value) if type(value) is str else repr(value) for value in values]
        lines.hold(self._form % (*told, _stamp()))


def _stamp() -> str:
    """The machine's present time as structlog writes it, the text of its second made once."""
    global _second
    now = time_ns()
    second = now // 1_000_000_000
    if _second[0] != second:
        _second = second, strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
    return f"{_second[1]}.{now // 1000 % 1_000_000:06d}Z"


_second = (0, "")


class _Lines(TextIOBase):
    """A stream (standard error as it is at the moment of writing) with lines that may be written together."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._held: list[str] = []
        self._lock = threading.Lock()

    def hold(self, line: str) -> None:
        """Write a line soon."""
        with self._lock:
            self._held.append(line)
            full = len(self._held) >= HELD_LINES
        if full:
            self.let_go()

    def let_go(self) -> None:
        """Write what is held."""
        with self._lock:
            if self._held:
                self._target.write("".join(self._held))
                self._held.clear()

    def write(self, text: str, /) -> int:
        """Write now, after what is held."""
        self.let_go()
        return self._target.write(text)

    def flush(self) -> None:
        """Write what is held, and flush."""
        self.let_go()
        self._target.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._target.isatty()

    @property
    def _target(self) -> TextIO:
        return self._stream if self._stream is not None else sys.stderr


_lines: _Lines | None = None  # where `EveryCall` may write by itself


@atexit.register
def let_lines_go() -> None:
    """Write the lines that are held, if any."""
    if _lines is not None:
        _lines.let_go()


def _set_up_stdlib(settings: Settings, out: _Lines, shared: list[Processor], *, as_json: bool) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_rendering(out, as_json=as_json),
        ],
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [known for known in root.handlers if getattr(known, "of_billing_center", False)]:
        root.removeHandler(old)
    handler.of_billing_center = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(settings.log_level)
    logging.captureWarnings(True)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)


def _rendering(out: _Lines, *, as_json: bool) -> list[Processor]:
    """The last steps: JSON with tracebacks as text, or columns with colours."""
    if as_json:
        return [structlog.processors.format_exc_info, _as_json]
    # The usual pretty traceback prints local variables, and with them payloads and secrets.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=plain)]


_ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode


def _as_json(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """The event as one line of JSON. The encoder has a set-up for each value, which plain texts need not pay."""
    parts = [
        f"{encode_basestring(name)}: {encode_basestring(value) if type(value) is str else _ENCODE(value)}"
        for name, value in event.items()
    ]
    return "{" + ", ".join(parts) + "}"
