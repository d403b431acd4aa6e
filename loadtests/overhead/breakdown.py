"""Where the time of a request goes: clocks around its stages, in one process, without a network.

On one core and the event loop that the service runs on, or handing over to the engine's thread takes longer.
"""

import asyncio
import functools
import inspect
import logging.config
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop
from loadtests.kernel.watching import watching
from loadtests.load.documents import MARK, PATH, deals, known, new
from loadtests.load.report import table
from loadtests.load.volley import CORES

FRESH, HITS, BATCHES = 12, 200, 12


class Clocks:
    """Seconds by stage, each without the stages inside it."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._open: list[float] = []

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._open.append(0.0)
        start = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - start
            self.spent[name] += took - self._open.pop()
            if self._open:
                self._open[-1] += took

    def around(self, holder: Any, attribute: str, name: str) -> None:
        """Time a function wherever `holder` calls it."""
        timed = getattr(holder, attribute)

        @functools.wraps(timed)
        def within(*given: Any, **named: Any) -> Any:
            with self.stage(name):
                return timed(*given, **named)

        @functools.wraps(timed)
        async def awaited(*given: Any, **named: Any) -> Any:
            with self.stage(name):
                return await timed(*given, **named)

        setattr(holder, attribute, awaited if inspect.iscoroutinefunction(timed) else within)


def put_clocks(clocks: Clocks) -> None:
    """Around each stage of a request; what is left inside the routing is the framework's."""
    from litestar._asgi.asgi_router import ASGIRouter

    from rackrate import kernel
    from rackrate.analyses import registry
    from rackrate.analyses.deals import underwriting
    from rackrate.api.cache.memory import MemoryResults
    from rackrate.api.compute import dispatcher, short_queue
    from rackrate.api.middleware import access_log, admission, response_cache
    from rackrate.api.requests import post
    from rackrate.api.responses import representation

    clocks.around(access_log.AccessLog, "__call__", "access log and metrics")
    clocks.around(admission.AdmissionControl, "__call__", "admission control")
    clocks.around(response_cache.ResponseCache, "__call__", "response cache")
    clocks.around(ASGIRouter, "__call__", "framework: routing, guards, response")
    clocks.around(post, "read_document", "body")
    clocks.around(representation, "show", "representation")
    clocks.around(MemoryResults, "get", "cache")
    clocks.around(MemoryResults, "put", "cache")
    clocks.around(dispatcher, "fingerprint", "fingerprint")
    clocks.around(dispatcher, "read", "decode, check and canonical text")
    clocks.around(dispatcher, "identity", "id")
    clocks.around(dispatcher.Dispatcher, "answer", "dispatcher")
    clocks.around(dispatcher, "while_present", "single flight")
    clocks.around(short_queue.ShortQueue, "run", "short queue: to the thread and back")
    clocks.around(dispatcher, "_whole", "letting go of the answer's numbers")
    clocks.around(dispatcher, "encode", "encode the answer")
    for name in kernel.__all__:
        clocks.around(kernel, name, "kernel")
    stages = {
        "run_cases": "engine: resolve and run",
        "size_loan": "engine: sizing",
        "pay": "engine: waterfall",
    }
    stages |= {"break_evens": "engine: break-evens", "underwrite": "engine: figures and answer"}
    for name, stage in stages.items():
        clocks.around(registry if name == "underwrite" else underwriting, name, stage)


def scope_of(app: Any, body: bytes) -> dict[str, Any]:
    headers = [
        (b"host", b"x"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
    ]
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": PATH,
        "raw_path": PATH.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {}, "app": app, "litestar_app": app,
    }  # fmt: skip


async def ask(app: Any, body: bytes) -> None:
    """One request of the application, as a server would call it."""
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop()

    async def send(message: dict[str, Any]) -> None:
        assert message.get("status", 200) == 200

    await app(scope_of(app, body), receive, send)


def profile() -> str:
    """The stages of a hit and of a fresh answer, in microseconds, of the quickest of some batches."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="rackrate-profile-")
    from rackrate.api.cache.memory import MemoryResults
    from rackrate.api.telemetry.logs import settings_of
    from rackrate.app import create_app
    from rackrate.settings import Settings

    clocks = Clocks()
    put_clocks(clocks)
    logging.config.dictConfig(settings_of("info"))
    quiet = os.open(os.devnull, os.O_WRONLY)
    kept_stderr = os.dup(2)
    os.dup2(quiet, 2)
    os.sched_setaffinity(0, {CORES[0]})
    try:
        hit, fresh = uvloop.run(_both(create_app(Settings(), MemoryResults(900)), clocks))
    finally:
        os.dup2(kept_stderr, 2)
        os.sched_setaffinity(0, CORES)
    names = sorted({*hit, *fresh}, key=lambda name: -fresh.get(name, 0.0))
    rows = [[name, hit.get(name, 0.0), fresh.get(name, 0.0)] for name in names]
    rows.append(["**all**", sum(hit.values()), sum(fresh.values())])
    return table(["stage, without those inside it", "hit, us", "fresh, us"], rows)


def in_the_kernel() -> tuple[float, float, float]:
    """Microseconds a shipped deal is in kernel functions, of them under haircuts, and its haircuts: means."""
    from rackrate import kernel
    from rackrate.analyses.registry import UNDERWRITE, ruleset_of
    from rackrate.deal.codec.decode import decode

    told = []
    for document in deals().values():
        deal, runs = decode(known(document), UNDERWRITE.reads), []
        for _ in range(FRESH):
            with watching((kernel, kernel.__all__), keep=True) as found:
                UNDERWRITE.compute(deal, ruleset_of(deal), "")
            cut = found["kernel.stress"]
            runs.append((sum(seen.seconds for seen in found.values()), cut.seconds, cut.arguments))
        whole, under, calls = min(runs, key=lambda run: run[0])
        told.append((1e6 * whole, 1e6 * under, sum(len(arguments[12]) for arguments in calls)))
    whole, under, haircuts = (sum(each) / len(told) for each in zip(*told, strict=True))
    return whole, under, haircuts


async def _both(app: Any, clocks: Clocks) -> tuple[dict[str, float], dict[str, float]]:
    deal = deals()["hyperscale-single-tenant"]
    for _ in range(3):
        await ask(app, known(deal))
    hit = await _best(app, clocks, lambda _: known(deal), HITS)
    text, numbers = new(deal), iter(range(10**7, 10**8))
    fresh = await _best(app, clocks, lambda _: text.replace(MARK.encode(), b"%08d" % next(numbers)), FRESH)
    return hit, fresh


async def _best(app: Any, clocks: Clocks, body: Callable[[int], bytes], count: int) -> dict[str, float]:
    """Microseconds by stage in the quickest batch."""
    found: list[dict[str, float]] = []
    for _ in range(BATCHES):
        bodies = [body(i) for i in range(count)]
        clocks.spent.clear()
        for one in bodies:
            with clocks.stage("event loop"):
                await ask(app, one)
        found.append({name: 1e6 * spent / count for name, spent in clocks.spent.items()})
    return min(found, key=lambda spent: sum(spent.values()))


if __name__ == "__main__":
    print(profile())
