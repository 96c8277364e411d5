"""Logs: one event per fact, as JSON lines or coloured text, with everything that other libraries say beside it.

Where it stands in the walk: set up once by whoever starts a process. Our own events go straight to the stream,
since every call leaves one; standard logging (APScheduler, SQLAlchemy, Alembic) is rendered by the same processors
and written to the same stream, so a log file has one form. Whatever a field is named like
a secret or a payload is masked here, as the last line of defence: nobody should log one to begin with.
"""

import json
import logging
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from io import TextIOBase
from json.encoder import encode_basestring
from typing import Any, TextIO, cast

import structlog
from structlog.types import Processor

from billing_center.settings import Settings

SECRET_NAMES = ("secret", "password", "authorization", "token", "credential")
PAYLOAD_NAMES = ("body", "payload", "arguments", "parameters")
MASKED = "********"

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
    out = stream if stream is not None else cast(TextIO, _StandardError())
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
        logger_factory=structlog.WriteLoggerFactory(out),
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        cache_logger_on_first_use=True,
    )


class _StandardError(TextIOBase):
    """Standard error as it is at the moment of writing: loggers are kept, the stream may be another by then."""

    def write(self, text: str, /) -> int:
        """Write to whatever standard error is now."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Flush it."""
        sys.stderr.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return sys.stderr.isatty()


def _set_up_stdlib(settings: Settings, out: TextIO, shared: list[Processor], *, as_json: bool) -> None:
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


def _rendering(out: TextIO, *, as_json: bool) -> list[Processor]:
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
