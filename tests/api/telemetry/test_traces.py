"""Traces: what a collector is sent of a request, and that without one nothing is even imported."""

import http.server
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.conftest import until

from rackrate.api.telemetry.traces import is_wanted

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
JSON = {"Content-Type": "application/json"}


class Collector:
    """Takes spans over OTLP as a collector does."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.names: set[str] = set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = zlib.decompress(body, 31)
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def take(self, sent: Any) -> None:
        for resource in sent.resource_spans:
            self.names |= {
                a.value.string_value for a in resource.resource.attributes if a.key == "service.name"
            }
            for scope in resource.scope_spans:
                self.spans.extend(scope.spans)

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def said(span: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes}


def test_a_collector_is_sent_where_a_request_spent_its_time_and_nothing_of_the_deal(
    collector: Collector,
    start_service: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    hyperscale: bytes,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    service = start_service(workers="1")
    sent = JSON | {"traceparent": f"00-{TRACE}-{PARENT}-01"}
    for headers in (sent, JSON):
        assert service.http.post("/v1/underwritings", content=hyperscale, headers=headers).status_code == 200
    assert service.http.post("/v1/underwritings", content=b"{}", headers=JSON).status_code == 422

    def posts() -> list[Any]:
        return [span for span in collector.spans if span.name == "POST /v1/underwritings"]

    until(lambda: len(posts()) == 3, "three spans of requests")
    first, second, refused = sorted(posts(), key=lambda span: span.start_time_unix_nano)
    assert (first.trace_id.hex(), first.parent_span_id.hex()) == (TRACE, PARENT)
    assert second.trace_id != first.trace_id
    assert said(first).pop("rackrate.work") > 0
    assert {key: value for key, value in said(first).items() if key != "rackrate.work"} == {
        "http.request.method": "POST",
        "http.route": "/v1/underwritings",
        "http.response.status_code": 200,
        "rackrate.cache": "miss",
        "rackrate.verb": "underwriting",
    }
    assert said(second)["rackrate.cache"] == "hit"
    assert said(refused)["http.response.status_code"] == 422
    parts = {span.name: span for span in collector.spans if span.parent_span_id == first.span_id}
    assert set(parts) == {"decode", "cache", "compute"}
    assert all(first.start_time_unix_nano <= part.start_time_unix_nano for part in parts.values())
    assert collector.names == {"rackrate"}
    text = " ".join(str(span) for span in collector.spans)
    assert not [word for word in ("Red Oak", "tenant", "hall") if word in text]


def test_a_collector_that_is_away_fails_no_request_and_keeps_nobody_waiting(
    start_service: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, hyperscale: bytes
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    service = start_service(workers="1")
    answers = [service.http.post("/v1/underwritings", content=hyperscale, headers=JSON) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    before = time.monotonic()
    assert service.stop() in (0, -signal.SIGTERM)
    assert time.monotonic() - before < 30  # of which the service gives its connections twenty


@pytest.mark.parametrize(
    "environ",
    [{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": "console"}, {"OTEL_SERVICE_NAME": "x"}],
)
def test_traces_are_off_unless_a_place_for_them_is_named(environ: dict[str, str]) -> None:
    assert not is_wanted(environ)


def test_by_itself_the_service_imports_neither_tracing_nor_exporting() -> None:
    """What redis-py imports of OpenTelemetry where it finds it is its own affair."""
    parts = ("opentelemetry.sdk.trace", "opentelemetry.exporter")
    asked = f"import sys, rackrate.app; sys.exit(any(name.startswith({parts}) for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
