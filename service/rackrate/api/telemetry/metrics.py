"""Metrics: what Prometheus reads, right across workers: each writes to files, the one asked adds them up."""

import multiprocessing
import os
from functools import cache

from litestar import Response, get
from prometheus_client import REGISTRY as OF_THIS_PROCESS
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector

from rackrate.api.telemetry.metrics_files import WORKER, are_there

MEDIA_TYPE = "text/plain; version=0.0.4"  # the framework adds the charset
NAME = multiprocessing.current_process().name
SUPERVISED = NAME.startswith(WORKER)
PROCESS = NAME if SUPERVISED else os.getpid()  # no process of the service is a fork of another
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

if are_there():  # told who it is, since asking the system at each count takes longer than to count
    values.ValueClass = values.MultiProcessValue(lambda: PROCESS)  # type: ignore[no-untyped-call]  # has no types
else:
    values.ValueClass = values.MutexValue

REQUESTS = Counter("rackrate_requests", "Requests answered.", ["method", "route", "status"])
LATENCY = Histogram("rackrate_request_seconds", "Time to answer.", ["route"], buckets=SECONDS)
ANSWERS = Counter("rackrate_answers", "Answers by where they came from: cache or engine.", ["verb", "source"])
CACHE_FAULTS = Counter("rackrate_cache_faults", "What went wrong with the cache.", ["kind"])
INSIDE = Gauge("rackrate_inside", "Work under way or waiting.", ["lane"], multiprocess_mode="livesum")
PARTIAL = Gauge(
    "rackrate_metrics_partial",
    "1 where these are the metrics of one worker, for want of memory for those of all.",
    multiprocess_mode="livesum",
)
PARTIAL.set(SUPERVISED and not are_there())

for kind in ("read", "write", "damaged"):
    CACHE_FAULTS.labels(kind)  # is there before the first fault, so that it shows as an increase
UNREAD = Gauge(
    "rackrate_unread_bytes", "Bytes of answers that clients have not taken.", multiprocess_mode="livesum"
)
UNREAD_DROPPED = Counter("rackrate_unread_dropped", "Connections ended with an answer unread.", ["reason"])

counted, timed = cache(REQUESTS.labels), cache(LATENCY.labels)  # finding a label takes as long as counting
answered, inside = cache(ANSWERS.labels), cache(INSIDE.labels)


@get("/metrics", opt={"media": "text/plain"})
async def show_metrics() -> Response[bytes]:
    """Show the metrics of all workers in Prometheus' text format."""
    registry = OF_THIS_PROCESS
    if are_there():
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # has no types
    return Response(generate_latest(registry), media_type=MEDIA_TYPE)
