"""Prometheus metrics over all workers: each writes to files, the one that is scraped adds them up."""

import multiprocessing
import os
from functools import cache

from prometheus_client import Counter, Gauge, Histogram, values

from rackrate.analyses.problems import KINDS
from rackrate.analyses.registry import BY_NAME
from rackrate.api.telemetry.metrics_files import WORKER, are_there

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

UNREAD = Gauge(
    "rackrate_unread_bytes", "Bytes of answers that clients have not taken.", multiprocess_mode="livesum"
)
UNREAD_DROPPED = Counter("rackrate_unread_dropped", "Connections ended with an answer unread.", ["reason"])
REFUSALS = Counter("rackrate_refusals", "Requests refused, by the name of the problem.", ["problem"])
WORKER_STARTS = Counter("rackrate_worker_starts", "Workers started, those that replaced one included.")

for counter, label_values in (  # born at the start, so that the first of a kind shows as an increase
    (CACHE_FAULTS, ("read", "write", "damaged")),
    (UNREAD_DROPPED, ("late", "share")),
    (REFUSALS, tuple(kind.name for kind in KINDS)),
    (INSIDE, ("short", "long")),
):
    for label_value in label_values:
        counter.labels(label_value)
for analysis in BY_NAME:
    for source in ("cache", "engine"):
        ANSWERS.labels(analysis, source)

counted, timed = cache(REQUESTS.labels), cache(LATENCY.labels)  # finding a label takes as long as counting
answered, under_way = cache(ANSWERS.labels), cache(INSIDE.labels)
refused = cache(REFUSALS.labels)
