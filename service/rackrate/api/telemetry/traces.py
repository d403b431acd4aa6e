"""Traces: a span for each request and for what it spends its time on, where OpenTelemetry is asked for."""

# Design: OpenTelemetry is an extra. It is imported where its own environment names a place for spans; else a
# span is one comparison. Where spans go, how many and under what name is all said by OTEL_… variables. An
# attribute is a name or a count of ours, never anything of a deal.

import asyncio
import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from litestar.types import Scope

from rackrate.analyses.identity import ENGINE

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

PLACES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
EXPORTER = "OTEL_TRACES_EXPORTER"
FLUSH_S = 2.0  # for spans not yet sent when told to stop

logger = logging.getLogger("rackrate.traces")


class Traces:
    """The tracing of this process; off until started."""

    def __init__(self) -> None:
        """Begin without tracing."""
        self._provider: TracerProvider | None = None
        self._tracer: Any = None

    def start(self, environ: Mapping[str, str]) -> None:
        """Begin to trace where `environ` asks for it."""
        if not is_wanted(environ):
            return
        try:
            self._provider = _provider()
        except ImportError:
            logger.warning("traces are asked for, but rackrate[otel] is not installed: there are none")
            return
        self._tracer = self._provider.get_tracer("rackrate", ENGINE)

    async def stop(self) -> None:
        """Flush the remaining spans, within a short timeout."""
        provider, self._provider, self._tracer = self._provider, None, None
        if provider:
            flushing = threading.Thread(target=provider.force_flush, daemon=True)
            flushing.start()  # it would wait for a collector that is away, and is not waited for
            await asyncio.to_thread(flushing.join, FLUSH_S)

    @property
    def are_on(self) -> bool:
        """Whether tracing is on."""
        return self._tracer is not None

    def span(self, name: str) -> AbstractContextManager[Any]:
        """Time a part of a request."""
        return nullcontext() if self._tracer is None else self._tracer.start_as_current_span(name)

    def note(self, name: str, value: str | int) -> None:
        """Set an attribute of the current span."""
        if self._tracer is not None:
            from opentelemetry.trace import get_current_span

            get_current_span().set_attribute(f"rackrate.{name}", value)

    def request(self, scope: Scope) -> AbstractContextManager["Span | None"]:
        """Time a request, as a part of the trace its client is in."""
        return nullcontext() if self._tracer is None else self._request(scope)

    @contextmanager
    def _request(self, scope: Scope) -> Iterator["Span | None"]:
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind

        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with self._tracer.start_as_current_span("request", extract(sent), SpanKind.SERVER) as span:
            yield span


def is_wanted(environ: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry's environment asks for traces that this service can send.

    >>> is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}), is_wanted({})
    (True, False)
    >>> is_wanted({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"})
    False
    """
    exporter = environ.get(EXPORTER, "")
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or exporter == "none":
        return False
    if exporter not in ("", "otlp"):
        logger.warning("%s is not otlp: there are no traces", EXPORTER)
        return False
    return exporter == "otlp" or any(environ.get(place) for place in PLACES)


def finish(span: "Span", method: str, route: str, status: int, source: str) -> None:
    """Set status and attributes of a request's span by OpenTelemetry's semantic conventions."""
    from opentelemetry.trace import Status, StatusCode

    span.update_name(f"{method} {route}")
    span.set_attribute("http.request.method", method)
    span.set_attribute("http.route", route)
    span.set_attribute("http.response.status_code", status)
    if source:
        span.set_attribute("rackrate.cache", source)
    if status >= 500:
        span.set_status(Status(StatusCode.ERROR))


def _provider() -> "TracerProvider":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource({"service.name": "rackrate", "service.version": ENGINE})
    provider = TracerProvider(resource=named.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


TRACES = Traces()
