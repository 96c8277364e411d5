"""Traces, as a collector gets them over the wire; without a collector nothing of OpenTelemetry is loaded."""

import base64
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from billing_center.bootstrap import open_center
from billing_center.center import Center
from billing_center.errors import SettingInvalid
from billing_center.tracing import end_tracing, is_tracing
from rpc.hessian import encode_call
from tests.door import running_door

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "billing.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def collected() -> Iterator[tuple[str, list[Any]]]:
    """A collector: its address, and the spans that it got."""
    spans: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces":
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    spans.extend(span for scope in resource.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    end_tracing()
    server.shutdown()
    server.server_close()
    thread.join()


def attributes(span: Any) -> dict[str, Any]:
    return {a.key: a.value.string_value or a.value.int_value for a in span.attributes}


def test_a_call_is_traced_below_the_span_of_its_caller(center: Center, collected: tuple[str, list[Any]]) -> None:
    endpoint, spans = collected
    traced = open_center(center.settings.model_copy(update={"otlp_endpoint": endpoint + "/"}), clock=center.clock)
    try:
        with running_door(replace(traced)) as door:
            token = base64.b64encode(":".join(door.caller()).encode()).decode()
            body = encode_call("payCallback", ["i-1", "PAID"])
            head = (
                f"POST /hessian/billing HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {token}\r\n"
                f"traceparent: 00-{TRACE}-{PARENT}-01\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            with socket.create_connection(("127.0.0.1", door.port)) as line:
                for _ in range(4):  # in one piece, as Java sends it: such a head is not read anew each time
                    line.sendall(head.encode() + body)
                    assert line.recv(4096).startswith(b"HTTP/1.1 200 OK")
    finally:
        traced.database.close()
    end_tracing()
    calls = [span for span in spans if span.name == "payCallback"]
    assert [(span.trace_id.hex(), span.parent_span_id.hex()) for span in calls] == [(TRACE, PARENT)] * 4
    told = attributes(calls[0])
    assert (told["billing.outcome"], told["billing.caller"]) == ("unknown_invoice", "tester")
    commits = [span for span in spans if span.name == "commit"]
    assert [attributes(span)["billing.calls"] for span in commits] == [1, 1, 1, 1]
    assert not is_tracing()


def test_an_endpoint_without_the_packages_is_refused(center: Center, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(SettingInvalid, match=r"billing-center\[tracing\]"):
        open_center(center.settings.model_copy(update={"otlp_endpoint": "http://127.0.0.1:4318"}))


def test_without_an_endpoint_nothing_of_the_sdk_is_loaded() -> None:
    program = (
        "import sys, billing_center.cli.main, billing_center.cli.serve, jobs.scheduler;"
        "sys.exit(any(name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
