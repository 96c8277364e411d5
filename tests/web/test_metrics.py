"""/metrics over real HTTP: who may ask, what the doors count, what is shown when the database is away."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from billing_center import errors
from billing_center.access.callers import add_caller
from billing_center.center import Center
from billing_center.cli.serve import running
from billing_center.metrics.names import METRICS
from billing_center.metrics.scrape import Scrape
from rpc.billing_client import BillingClient
from rpc.client import HttpStatus
from tests.door import listening, running_app
from web.app import build_app


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "billing.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def values(answer: httpx.Response) -> Values:
    assert answer.status_code == 200
    return values_of(answer.text)


def values_of(text: str) -> Values:
    families = text_string_to_metric_families(text)
    return {(s.name, frozenset(s.labels.items())): s.value for f in families for s in f.samples}


def value(found: Values, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0)


@contextmanager
def served(center: Center, **settings: Any) -> Iterator[str]:
    """Both doors behind one listener, as `serve` puts them together."""
    changed = replace(center, settings=center.settings.model_copy(update=settings))
    with running(changed, {}) as made, listening(made.handler_of, made.limits) as port:
        yield f"http://127.0.0.1:{port}"


def caller(center: Center, caller_id: str, *operations: str) -> tuple[str, str]:
    return caller_id, center.transact("test", lambda work: add_caller(work, caller_id, list(operations)))


def test_only_callers_with_the_operation_read_the_figures(center: Center) -> None:
    watch, reader = caller(center, "watch", "metrics"), caller(center, "reader", "rest")
    with served(center) as base:
        assert httpx.get(f"{base}/metrics").status_code == 401
        assert httpx.get(f"{base}/metrics", auth=reader).status_code == 403
        answer = httpx.get(f"{base}/metrics", auth=watch)
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert values(answer)
        assert httpx.get(f"{base}/api/v1/refused-calls", auth=watch).status_code == 403


def test_the_setting_lets_this_machine_in_and_nobody_who_comes_through_another_name(center: Center) -> None:
    with served(center, metrics_open=True) as base:
        assert httpx.get(f"{base}/metrics").status_code == 200
        assert httpx.get(f"{base}/metrics", headers={"Host": "billing.example.com"}).status_code == 401
        assert httpx.get(f"{base}/metrics", headers={"Origin": "http://evil.example"}).status_code == 401


def test_a_process_may_show_its_figures_on_a_port_of_its_own(center: Center) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with served(center, metrics_port=port):
        found = values(httpx.get(f"http://127.0.0.1:{port}/metrics"))
        assert value(found, "billing_database_up") == 1
        with pytest.raises(errors.SettingInvalid, match="cannot listen"), served(center, metrics_port=port):
            pass
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


def test_every_metric_is_shown_if_only_by_name(center: Center) -> None:
    with served(center, metrics_open=True) as base:
        lines = httpx.get(f"{base}/metrics").text.splitlines()
    told = {line.split()[2]: line.split()[3] for line in lines if line.startswith("# TYPE billing_")}
    assert told == {metric.name: metric.kind.value for metric in METRICS}


def test_calls_are_counted_by_operation_and_outcome(center: Center) -> None:
    shop, poor = caller(center, "shop", "feedbackUser", "payCallback"), caller(center, "poor", "payCallback")
    with served(center, metrics_open=True) as base:
        before = values(httpx.get(f"{base}/metrics"))
        with BillingClient(f"{base}/hessian/billing", *shop) as client:
            assert [client.feedback_user("nobody") for _ in range(3)] == ["1", "1", "1"]
            assert client.pay_callback("i-1", "PAID") == "-1"
        with BillingClient(f"{base}/hessian/billing", *poor) as client, pytest.raises(HttpStatus):
            client.feedback_user("nobody")
        assert httpx.post(f"{base}/hessian/billing", content=b"c").status_code == 401
        after = values(httpx.get(f"{base}/metrics"))

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("billing_calls_total", operation="feedbackUser", outcome="answered") == 3
    assert grown("billing_calls_total", operation="feedbackUser", outcome="not_authorised") == 1
    assert grown("billing_calls_total", operation="payCallback", outcome="unknown_invoice") == 1
    assert grown("billing_calls_total", operation="-", outcome="not_admitted") == 1
    assert grown("billing_call_seconds_count", operation="feedbackUser") == 4
    assert grown("billing_call_seconds_bucket", operation="feedbackUser", le="+Inf") == 4
    assert grown("billing_call_seconds_sum", operation="feedbackUser") > 0
    # What was kept: the refused payCallback, and two rows of refused access.
    assert grown("billing_commit_calls_sum") == grown("billing_commit_seconds_count") == 3
    assert value(values_of(Scrape(center).text().decode()), "billing_refused_calls_today") == 1
    assert grown("billing_rest_requests_total", status="200") == 1  # the first look at /metrics
    assert value(after, "billing_calls_waiting") == 0
    assert value(after, "billing_info", version="0.1.0", database="sqlite") == 1


def test_figures_of_the_process_are_shown_when_the_database_is_away(center: Center) -> None:
    def away() -> Any:
        raise errors.DatabaseAway("the database cannot be reached")

    class Away:
        kind = "sqlite"
        read = staticmethod(away)

    opened = center.settings.model_copy(update={"metrics_open": True})
    without = replace(center, settings=opened, database=Away())  # type: ignore[arg-type]
    for one, up in ((replace(center, settings=opened), 1), (without, 0)):
        with running_app(build_app(one)) as port:
            found = values(httpx.get(f"http://127.0.0.1:{port}/metrics"))
        assert value(found, "billing_database_up") == up
        assert (("billing_cycle_behind_days", frozenset()) in found) == bool(up)
        assert value(found, "process_resident_memory_bytes") > 0


@pytest.mark.parametrize("path", ["/ready", "/health/ready"])
def test_a_center_that_is_ending_lives_and_is_not_ready(center: Center, path: str) -> None:
    ending: list[bool] = []

    def told() -> bool:
        return bool(ending)

    is_ending: Callable[[], bool] = told
    with running_app(build_app(center, is_ending=is_ending)) as port:
        base = f"http://127.0.0.1:{port}"
        assert httpx.get(base + path).json() == {"status": "ready"}
        ending.append(True)
        answer = httpx.get(base + path)
        assert (answer.status_code, answer.json()["detail"]) == (503, "the center is shutting down")
        assert httpx.get(base + "/health/live").json() == {"status": "alive"}
