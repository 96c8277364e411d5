"""Logs have one form, and what is named like a secret or a payload is masked."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from billing_center.logs import HELD_LINES, MASKED, EveryCall, let_lines_go, mask, set_up_logs
from billing_center.settings import Settings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    out = io.StringIO()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield out
    root.handlers[:] = before
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_events_and_other_libraries_share_one_form(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json"), stream)
    structlog.get_logger().info("usage_recorded", count=3)
    logging.getLogger("somebody").warning("took %d s", 5)
    ours, theirs = lines(stream)
    assert (ours["event"], ours["count"], ours["level"]) == ("usage_recorded", 3, "info")
    assert (theirs["event"], theirs["level"]) == ("took 5 s", "warning")
    assert set(theirs) >= {"timestamp"}


def test_the_level_is_the_settings(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json", log_level="WARNING"), stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_what_is_bound_stands_on_each_line(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json"), stream)
    with structlog.contextvars.bound_contextvars(request="r-1"):
        structlog.get_logger().info("inside")
    assert lines(stream)[0]["request"] == "r-1"


def test_setting_up_twice_writes_each_line_once(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json"), stream)
    set_up_logs(Settings(log_format="json"), stream)
    structlog.get_logger().info("once")
    assert len(lines(stream)) == 1


def test_secrets_and_payloads_are_masked_at_any_depth() -> None:
    event = {
        "event": "x",
        "caller_secret": "a",
        "Authorization": "b",
        "inner": {"password": "c", "n": 1},
        "body": b"d",
    }
    assert mask(None, "info", event) == {
        "event": "x",
        "caller_secret": MASKED,
        "Authorization": MASKED,
        "inner": {"password": MASKED, "n": 1},
        "body": MASKED,
    }


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_no_local_variables(stream: io.StringIO, form: str) -> None:
    set_up_logs(Settings(log_format=form), stream)
    account = "4711" * 4
    try:
        raise ZeroDivisionError("told")
    except ZeroDivisionError as error:
        structlog.get_logger().error("call_failed", exc_info=error)
    assert "told" in stream.getvalue()
    assert account not in stream.getvalue()


def test_an_event_of_every_call_is_a_line_like_any_other_and_keeps_its_place(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json"), stream)
    said = EveryCall("call_answered", "caller", "ms")
    said('crm "九"\n', 0.125)
    assert lines(stream) == []
    structlog.get_logger().info("call_answered", caller='crm "九"\n', ms=0.125)
    held, other = lines(stream)
    assert list(held) == list(other)
    stamps = [line.pop("timestamp") for line in (held, other)]
    assert held == other
    assert [len(str(stamp)) for stamp in stamps] == [27, 27]
    assert stamps == sorted(stamps, key=str)


def test_held_lines_are_written_when_they_are_many_or_it_is_time(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json"), stream)
    said = EveryCall("call_answered", "number")
    for number in range(HELD_LINES + 1):
        said(number)
    assert [line["number"] for line in lines(stream)] == list(range(HELD_LINES))
    let_lines_go()
    assert [line["number"] for line in lines(stream)] == list(range(HELD_LINES + 1))


def test_an_event_of_every_call_obeys_form_and_level(stream: io.StringIO) -> None:
    set_up_logs(Settings(log_format="json", log_level="WARNING"), stream)
    said = EveryCall("call_answered", "number")
    said(1)
    set_up_logs(Settings(log_format="console"), stream)
    said(2)
    assert "call_answered" in stream.getvalue() and "number=2" in stream.getvalue().replace(" ", "")
    assert "number=1" not in stream.getvalue().replace(" ", "")
