"""Traces by OpenTelemetry, for whoever sets `otlp_endpoint`; without it nothing is imported and nothing is made.

Where it stands in the walk: beside it. There is a span for a call (below its caller's, when a W3C `traceparent`
header says so), for a group of calls that share a commit, for a chunk of a job and for a try to send a message.
How many traces are kept is OpenTelemetry's own setting, OTEL_TRACES_SAMPLER.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from billing_center.errors import SettingInvalid
from billing_center.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

SERVICE = "billing-center"
_NOTHING = nullcontext()
_provider: "TracerProvider | None" = None
_tracer: "Tracer | None" = None


def set_up_tracing(settings: Settings) -> None:
    """Send the traces of this process to `otlp_endpoint`, when it names one. Harmless when repeated.

    Raises: SettingInvalid when the packages of the extra `tracing` are not installed.
    """
    global _provider, _tracer
    if not settings.otlp_endpoint or _tracer is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        message = "traces need the extra 'tracing': pip install 'billing-center[tracing]'"
        raise SettingInvalid(message, field="otlp_endpoint") from None
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    _provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer(SERVICE)


def end_tracing() -> None:
    """Send what is held, and make no more traces."""
    global _provider, _tracer
    _tracer = None
    if _provider is not None:
        _provider.shutdown()
        _provider = None


def is_tracing() -> bool:
    """Whether traces are made."""
    return _tracer is not None


def begin_call(traceparent: bytes) -> "Span | None":
    """A span for a call, below the span that its `traceparent` header names; None without traces."""
    if _tracer is None:
        return None
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    above = TraceContextTextMapPropagator().extract({"traceparent": traceparent.decode("latin-1")})
    return _tracer.start_span("call", context=above, kind=SpanKind.SERVER)


def end_call(span: "Span", **told: str) -> None:
    """The call was answered: `told` has its operation, outcome, caller and mark in the log."""
    span.update_name(told.get("operation", "call"))
    for name, value in told.items():
        span.set_attribute(f"billing.{name}", value)
    span.end()


def span(name: str, **told: str | int) -> AbstractContextManager[None]:
    """A span around a piece of work; `told` are ids and counts, never money or names of people."""
    return _NOTHING if _tracer is None else _spanning(_tracer, name, told)


@contextmanager
def _spanning(tracer: "Tracer", name: str, told: dict[str, str | int]) -> Iterator[None]:
    attributes = {f"billing.{key}": value for key, value in told.items()}
    with tracer.start_as_current_span(name, attributes=attributes):
        yield
