"""GET /metrics: Prometheus metrics summed over all workers."""

from litestar import Response, get
from litestar.di import NamedDependency
from prometheus_client import REGISTRY as OF_THIS_PROCESS
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from rackrate.api.compute.dispatcher import Dispatcher
from rackrate.api.telemetry.metrics_files import are_there
from rackrate.api.telemetry.processes import Facts

MEDIA_TYPE = "text/plain; version=0.0.4"  # the framework adds the charset
REDIS = {"redis": True, "redis-away": False}


@get("/metrics", opt={"media": "text/plain"})
async def show_metrics(dispatcher: NamedDependency[Dispatcher]) -> Response[bytes]:
    """Show the metrics of all workers.

    In Prometheus' text format; requests, refusals, the cache, and what each process takes.
    """
    counted = OF_THIS_PROCESS
    if are_there():
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]  # has no types
    facts = CollectorRegistry()
    facts.register(Facts(REDIS.get(dispatcher.results.state)))
    return Response(generate_latest(counted) + generate_latest(facts), media_type=MEDIA_TYPE)
