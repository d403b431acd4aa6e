"""What a request costs beside the least it could cost: `make requests`.

Every service runs on the first core, one at a time under load; the generator has the other core. Rounds are
short and take turns, and the best of each counts: what else the machine does can only slow a round down.
Beside each rate stands the processor time a request took.
"""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from loadtests.load.documents import PATH, deals, fresh_requests, known
from loadtests.load.even_queue import even_queue
from loadtests.load.report import table, write
from loadtests.load.services import Service, on_our_server, ours, redis
from loadtests.load.volley import MARK, Volley, fire, request
from loadtests.overhead.breakdown import in_the_kernel, profile

ROUNDS, ROUND_S, CONNECTIONS = 12, 0.5, 8
PEER_S = 15.0
UNREFUSED = 4  # connections that the service always lets compute
OPEN_S, OPEN_COUNT, OPEN_TRIES, OPEN_CONNECTIONS, LOAD = 3.0, 10_000, 12, 64, 0.8  # a try ends at either
HIT_SHARE, FRESH_SHARE, TAIL = 0.75, 0.5, 5.0
HIT = "hyperscale-single-tenant"
UNSENT = ("date", "x-request-id", "connection")


@dataclass
class Candidate:
    """A service and the requests it is asked, with what each round showed."""

    name: str
    service: Service
    requests: Sequence[bytes]
    seconds: float = ROUND_S
    connections: int = CONNECTIONS
    rounds: list[Volley] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)

    def go(self) -> None:
        before = self.service.cpu_s
        told = fire(self.service.port, list(self.requests), self.connections, self.seconds, patience_s=60.0)
        bad = len(told.records) - int(told.good.sum())
        if bad:
            raise RuntimeError(f"{self.name}: {bad} of {len(told.records)} requests failed")
        self.rounds.append(told)
        self.cpu_us.append(1e6 * (self.service.cpu_s - before) / len(told.records))

    @property
    def best(self) -> Volley:
        return max(self.rounds, key=lambda told: told.rate)

    def row(self, floor: "Candidate | None") -> list[object]:
        ratios = ["", ""]
        if floor:
            ratios = [self.best.rate / floor.best.rate, min(floor.cpu_us) / min(self.cpu_us)]
        told = [
            self.best.rate,
            *ratios,
            min(self.cpu_us),
            self.best.percentile(0.5),
            self.best.percentile(0.99),
        ]
        return [self.name, *told, self.best.generator_share]


HEAD = [
    "service",
    "requests/s",
    "of the floor",
    "of the floor, by processor",
    "us of processor",
    "p50 ms",
    "p99 ms",
]
HEAD += ["generator busy"]


def save_answers(service: Service, folder: Path, documents: dict[str, Any]) -> None:
    """Keep what the service answers to each deal, as it comes out of the cache, under the deal's name."""
    for name, deal in documents.items():
        for _ in range(2):
            status, headers, content = service.ask("POST", PATH, known(deal))
        assert (status, headers["x-cache"]) == (200, "hit"), name
        kept = folder / deal["name"].replace("/", "-")
        lines = [f"{key}: {value}" for key, value in headers.items() if key not in UNSENT]
        kept.with_name(kept.name + ".head").write_text("\n".join(lines))
        kept.with_name(kept.name + ".json").write_bytes(content)


@contextlib.contextmanager
def stage() -> Iterator[dict[str, Service]]:
    """Everything that is measured, each started and ready."""
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        memory = stack.enter_context(ours())
        silent = stack.enter_context(ours(log="warning"))
        shared = stack.enter_context(ours(redis_url=stack.enter_context(redis())))
        counts = stack.enter_context(tempfile.TemporaryDirectory())
        floor, whole = Path(folder) / "one", Path(folder) / "all"
        for place in (floor, whole):
            place.mkdir()
        save_answers(memory, whole, deals())
        save_answers(memory, floor, {HIT: deals()[HIT]})
        apps = {
            "bare": ("loadtests.overhead.apps:bare", floor),
            "noted": ("loadtests.overhead.apps:noted", floor),
            "null": ("loadtests.overhead.apps:null", whole),
            "fastapi-null": ("loadtests.overhead.apps:fastapi_null", whole),
            "peer": ("peers.fastapi_numpy:application", whole),
        }
        services = {
            name: stack.enter_context(on_our_server(app, ANSWERS=str(place), PROMETHEUS_MULTIPROC_DIR=counts))
            for name, (app, place) in apps.items()
        }
        yield {"memory": memory, "silent": silent, "redis": shared, **services}


def measure(candidates: list[Candidate], rounds: int = ROUNDS) -> None:
    for _ in range(rounds):
        for candidate in candidates:
            candidate.go()


def hits(services: dict[str, Service]) -> tuple[list[str], list[bool]]:
    deal = known(deals()[HIT])
    plain, unlike = [request(PATH, deal)], [request(PATH, deal, x_unlike=MARK)]
    floor = Candidate("bare ASGI, the same bytes", services["bare"], plain)
    candidates = [
        floor,
        Candidate("bare ASGI behind the access log", services["noted"], plain),
        Candidate("hit, cache in the process", services["memory"], plain),
        Candidate("hit, Redis, in demand", services["redis"], plain),
        Candidate("hit, cache in the process, without its line of the log", services["silent"], plain),
        Candidate("hit, cache in the process, through the framework", services["memory"], unlike),
        Candidate("hit, Redis asked each time, through the framework", services["redis"], unlike),
    ]
    for candidate in candidates:
        for _ in range(2):
            candidate.service.ask("POST", PATH, deal)
        fire(candidate.service.port, list(candidate.requests), 2, 0.3)
    measure(candidates)
    rows = [candidate.row(None if candidate is floor else floor) for candidate in candidates]
    shares = [candidate.best.rate / floor.best.rate for candidate in candidates[2:4]]
    return [table(HEAD, rows)], [share >= HIT_SHARE for share in shares]


def fresh(services: dict[str, Service]) -> tuple[list[str], list[bool]]:
    names = {"null": "Litestar, decodes and encodes", "memory": "fresh deal"}
    names["fastapi-null"] = "FastAPI + pydantic, decodes and encodes"
    floor, engine, rival = (
        Candidate(name, services[which], fresh_requests(), connections=UNREFUSED)
        for which, name in names.items()
    )
    measure([floor, engine, rival])
    rows = [one.row(None if one is floor else floor) for one in (floor, engine, rival)]
    least, (whole, under, haircuts) = min(floor.cpu_us), in_the_kernel()
    why = (
        f"{FRESH_SHARE} of that floor would be {least / FRESH_SHARE:,.0f} us of processor a deal, and the "
        f"floor has {least:,.0f} of them. Kernel functions alone take {whole:,.0f}: {under:,.0f} are the "
        f"waterfalls of break-evens, {haircuts:,.0f} a deal, every month of each audited, side by side in "
        "the lanes of a vector."
    )
    return [table(HEAD, rows), why], [engine.best.rate >= FRESH_SHARE * floor.best.rate]


@dataclass(frozen=True)
class Loaded:
    """A run at a share of what a service can do, and for how much of it that or the generator had no core."""

    rate: float
    told: Volley
    even: float
    waited_share: float

    @property
    def ratio(self) -> float:
        return self.told.percentile(0.99) / self.told.percentile(0.5)

    def row(self, name: str) -> list[object]:
        lost = len(self.told.records) - int(self.told.good.sum())
        told = [self.rate, self.told.percentile(0.5), self.told.percentile(0.99), self.ratio, self.even]
        return [name, *told, self.waited_share, lost]


LOADED = ["what", "requests/s", "p50 ms", "p99 ms", "p99 / p50", "even queue", "without a core", "lost"]


def at_load(services: dict[str, Service]) -> tuple[list[str], list[float]]:
    """Poisson arrivals at 80 percent of what each can do, in turns; of each the try of the least p99.

    What it can do is the best of closed loops over as many connections: what else the machine does can only
    slow one down. Not the try of the least ratio, which may be one in which everything was late.
    """
    hit, memory = [request(PATH, known(deals()[HIT]))], services["memory"]
    candidates = [
        Candidate("bare ASGI, the same bytes", services["bare"], hit, connections=OPEN_CONNECTIONS),
        Candidate("hit, cache in the process", memory, hit, connections=OPEN_CONNECTIONS),
        Candidate("fresh deal", memory, fresh_requests(), connections=UNREFUSED),
    ]
    measure(candidates)
    tries = [[_loaded(candidate) for candidate in candidates] for _ in range(OPEN_TRIES)]
    least = [min(found, key=lambda one: one.told.percentile(0.99)) for found in zip(*tries, strict=True)]
    rows = [one.row(candidate.name) for one, candidate in zip(least, candidates, strict=True)]
    return [table(LOADED, rows)], [one.ratio for one in least]


def _loaded(candidate: Candidate) -> Loaded:
    rate, before = LOAD * candidate.best.rate, candidate.service.waited_s
    seconds = min(OPEN_S, OPEN_COUNT / rate)
    told = fire(candidate.service.port, list(candidate.requests), OPEN_CONNECTIONS, seconds, rate)
    waited = candidate.service.waited_s - before + told.waited_s
    return Loaded(rate, told, even_ratio(told, candidate.best.rate), waited / seconds)


def even_ratio(told: Volley, capacity: float) -> float:
    """p99 / p50 of the same arrivals, were each served in exactly the time that the capacity leaves it."""
    p50, p99 = np.quantile(even_queue(np.sort(told.records["due"]), 1 / capacity), [0.5, 0.99])
    return float(p99 / p50)


def beside_the_peer(services: dict[str, Service]) -> list[str]:
    """The whole job done by the peer and by the service, a request at a time."""
    peer = Candidate("FastAPI + pydantic + NumPy", services["peer"], fresh_requests(), PEER_S, 1)
    engine = Candidate("the service", services["memory"], fresh_requests(), ROUND_S, 1)
    measure([engine, peer], 1)
    rows = [
        [one.name, one.best.rate, one.best.rate / peer.best.rate, *map(one.best.percentile, (0.5, 0.99))]
        for one in (engine, peer)
    ]
    return [table(["new deals, one connection", "requests/s", "of the peer", "p50 ms", "p99 ms"], rows)]


def main() -> int:
    """Measure, write the section, and say which targets were met."""
    with stage() as services:
        hit_parts, hit_met = hits(services)
        fresh_parts, fresh_met = fresh(services)
        loaded_parts, (_, hit_ratio, fresh_ratio) = at_load(services)
        peers = beside_the_peer(services)
    clauses = [
        (f"hit, in-process: {HIT_SHARE} of bare ASGI", hit_met[0]),
        (f"hit, Redis: {HIT_SHARE} of bare ASGI", hit_met[1]),
        (f"fresh: {FRESH_SHARE} of a handler that computes nothing", fresh_met[0]),
        (f"hit at {LOAD:.0%} load: p99 under {TAIL:g} x p50", hit_ratio < TAIL),
        (f"fresh at {LOAD:.0%} load: p99 under {TAIL:g} x p50", fresh_ratio < TAIL),
    ]
    parts = [
        "One process on one core; the generator, `loadtests/load/volley.c`, on another. The floor is a bare "
        "ASGI application that sends the same bytes, headers included, on the same server.",
        *hit_parts,
        "What a hit costs over the floor is the access log (an id, four counters, a log line) and finding "
        "that its body is known. The profile below has the same stages without a socket, where they take "
        "less: between two requests the answer and the system's own work pass the processor's caches.",
        "New deals: the six shipped ones in turn, each with a rent that was never sent before. The floor is "
        "a Litestar handler that decodes them and encodes the same answers.",
        *fresh_parts,
        "The peer in `loadtests/peers/` does the same job with a pydantic model of the deal and NumPy for "
        "the kernel, and its summaries agree figure by figure.",
        *peers,
        f"Poisson arrivals at {LOAD:.0%} of what each does in a closed loop over as many connections, a new "
        f"deal over {UNREFUSED}; times count from when it was due. Of {OPEN_TRIES} tries in turns, the one "
        "of the least p99; without a core is the share of it in which the service or the generator could run "
        "and something else did. The even queue is what p99 / p50 would be were the same arrivals each "
        "served in the same time: a ratio is to be held against it, and against the floor's.",
        *loaded_parts,
        "Where the time goes, without a network (clocks around the stages, `hyperscale-single-tenant`):",
        profile(),
        table(["target", "met"], [[what, "yes" if met else "no"] for what, met in clauses]),
        "A ratio of the even queue above that of the target is what Poisson arrivals alone make of a server "
        "that never pauses.",
    ]
    write("requests", 40, "Requests", parts)
    print(json.dumps(dict(clauses)), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
