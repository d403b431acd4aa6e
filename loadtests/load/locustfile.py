"""A lender's day, as locust drives it: new deals, known ones, readings, portfolios; `make load` starts it.

A closed loop finds what the service can do: a few clients, each asking again when answered. Then an open
one: a process of arrivals starts a request at each Poisson time, at 80 percent of that, whether or not
earlier ones are answered, and every time counts from when the request was due. Both in rounds, because what
else runs on a machine changes what the service can do within a minute. Thresholds are ratios to the closed
loop; beside them stands what the arrivals alone would make of a server that never pauses.
"""

import json
import os
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import gevent
import numpy as np
from gevent.pool import Group
from geventhttpclient import HTTPClient
from loadtests.load.documents import MARK, PATH, PORTFOLIOS, deals, known, new
from loadtests.load.even_queue import even_queue
from loadtests.load.report import table, write
from loadtests.load.services import scheduled_s
from locust import User, events, task
from locust.env import Environment

CLOSED_S, OPEN_S, ROUNDS = 15.0, float(os.environ.get("LOAD_SECONDS", "85")), 5  # of all rounds together
CLIENTS, LOAD = 4, 0.8
MIX = {"new deal": 2.0, "known deal": 4.0, "reading": 3.0, "reading, not changed": 1.0, "portfolio": 0.1}
NEW_LINES, KNOWN_LINES = 3, 3  # of a portfolio
DEALS = {"portfolio": NEW_LINES + KNOWN_LINES}  # in one request, where there are several
NEW = {"new deal": 1, "portfolio": NEW_LINES}  # deals in one request that have to be computed
TAIL, SERVED = 5.0, 0.99  # p99 of a kind / p50 of new deals; share that is answered
BY_MUCH = 2.0  # what a miss by much is: past what is asked, or what the arrivals alone would make of it
HEADERS = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
SERVICE = int(os.environ["LOAD_SERVICE_PID"])
KEY_FILE = os.environ.get("LOAD_KEY_FILE")
if KEY_FILE:
    HEADERS["Authorization"] = LINES["Authorization"] = f"Bearer {Path(KEY_FILE).read_text().strip()}"


class RefusedError(Exception):
    """A 503: the service has more to do than it can answer in time, and said so at once."""


@dataclass
class Day:
    """What the closed loop found, and how the open one went besides what locust counts."""

    capacities: list[float] = field(default_factory=list)  # requests a second, of each round
    new_ms: list[float] = field(default_factory=list)  # of new deals in the closed loop
    late_ms: list[float] = field(default_factory=list)  # of arrivals in the open one
    due: list[tuple[float, int]] = field(default_factory=list)  # arrivals with new deals in them: how many
    refused: Counter[str] = field(default_factory=Counter)
    ran_s: float = 0.0
    waited_s: float = 0.0


@dataclass(frozen=True)
class Told:
    """What became of a request."""

    kind: str
    method: str
    took_ms: float
    size: int
    fault: Exception | None


class Lender(User):
    """One process of arrivals; locust counts what it tells."""

    fixed_count = 1

    def on_start(self) -> None:
        """Underwrite the shipped deals once, so that they are known and can be read."""
        assert self.host
        self.http = HTTPClient.from_url(self.host, concurrency=256, network_timeout=10.0)
        self.new = [new(deal) for deal in deals().values()]
        self.known = [known(deal) for deal in deals().values()]
        self.random, self.numbers = random.Random(7), iter(range(10**8))
        self.places: list[tuple[str, str]] = []
        for body in self.known:
            answer = self.http.post(PATH, body=body, headers=HEADERS)
            answer.read()
            self.places.append((answer["location"], answer["etag"]))

    @task
    def day(self) -> None:
        """Find the capacity, load the service to a part of it, and again."""
        self.environment.day = Day()
        for _ in range(ROUNDS):
            self._open(self._closed())
        self.environment.runner.quit()

    def _closed(self) -> float:
        """Ask as soon as answered; requests a second."""
        told, stop = list[Told](), time.monotonic() + CLOSED_S / ROUNDS

        def client() -> None:
            while (now := time.monotonic()) < stop:
                told.append(self._ask(now))

        gevent.joinall([gevent.spawn(client) for _ in range(CLIENTS)])
        capacity, day = len(told) / (CLOSED_S / ROUNDS), self.environment.day
        day.capacities.append(capacity)
        day.new_ms += [each.took_ms for each in told if each.kind == "new deal"]
        return capacity

    def _open(self, capacity: float) -> None:
        """Ask when it is time, at a part of the capacity."""
        day, going, (ran_s, waited_s) = self.environment.day, Group(), scheduled_s(SERVICE)
        due = time.monotonic()
        end = due + OPEN_S / ROUNDS
        while due < end:
            gevent.sleep(max(0.0, due - time.monotonic()))
            day.late_ms.append(1000 * (time.monotonic() - due))
            going.spawn(self._ask_and_tell, due)
            due += self.random.expovariate(LOAD * capacity)
        going.join(timeout=15)
        ran, waited = scheduled_s(SERVICE)
        day.ran_s, day.waited_s = day.ran_s + ran - ran_s, day.waited_s + waited - waited_s

    def _ask_and_tell(self, due: float) -> None:
        """Have locust count what becomes of a request."""
        told, day = self._ask(due), self.environment.day
        day.refused[told.kind] += isinstance(told.fault, RefusedError)
        if told.fault is None and told.kind in NEW:
            day.due.append((due, NEW[told.kind]))
        self.environment.events.request.fire(
            request_type=told.method,
            name=told.kind,
            response_time=told.took_ms,
            response_length=told.size,
            exception=told.fault,
            context={},
        )

    def _ask(self, due: float) -> Told:
        """One request, due since `due`."""
        kind = self.random.choices(list(MIX), list(MIX.values()))[0]
        place, tag = self.random.choice(self.places)
        method, path, body, told = "GET", f"{place}?fields=summary", b"", HEADERS
        if kind == "new deal":
            method, path, body = "POST", PATH, self._new()
        elif kind == "portfolio":
            method, path, body, told = "POST", PORTFOLIOS, self._portfolio(), LINES
        elif kind == "known deal":
            method, path, body = "POST", PATH, self.random.choice(self.known)
        elif kind == "reading, not changed":
            path, told = place, HEADERS | {"If-None-Match": tag}
        fault, size = None, 0
        try:
            answer = self.http.request(method, path, body=body, headers=told)
            content = answer.read()
            size = len(content)
            if answer.status_code == 503:
                fault = RefusedError("status 503")
            elif answer.status_code not in (200, 304):
                fault = RuntimeError(f"status {answer.status_code}")
            elif kind == "portfolio":
                fault = _fault_of(content)
        except Exception as error:  # noqa: BLE001  whatever went wrong is an answer that did not come
            fault = error
        return Told(kind, method, 1000 * (time.monotonic() - due), size, fault)

    def _new(self) -> bytes:
        """A deal that nobody has sent."""
        return self.random.choice(self.new).replace(MARK.encode(), b"%08d" % next(self.numbers))

    def _portfolio(self) -> bytes:
        """New and known deals, mixed, a line each."""
        lines = [self._new() for _ in range(NEW_LINES)] + self.random.choices(self.known, k=KNOWN_LINES)
        self.random.shuffle(lines)
        return b"\n".join(lines)


def _fault_of(content: bytes) -> Exception | None:
    """What is wrong with the answer to a portfolio: a line that is missing, out of place or refused."""
    heads = [line[:64] for line in content.splitlines()]  # to read all of it would hold up what is due
    wanted = [b'{"line":%d,"status":200,' % number for number in range(1, DEALS["portfolio"] + 1)]
    if len(heads) == len(wanted) and all(map(bytes.startswith, heads, wanted)):
        return None
    return RuntimeError(f"lines {heads}")


def even_p99_ms(day: Day) -> float:
    """p99 of new deals, had one server given each the same part of the time they all took."""
    due, count = (np.array(column) for column in zip(*sorted(day.due), strict=True))
    stayed = even_queue(due, count * (day.ran_s / count.sum()))
    return 1000 * float(np.quantile(stayed[count == 1], 0.99))


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """Hold the open loop against the closed one, and fail where a threshold is missed by much."""
    day: Day = environment.day
    middle, late = median(day.new_ms), quantiles(day.late_ms, n=100)[-1]
    rows: list[list[object]] = []
    worst, total = 0.0, environment.stats.total
    for kind in MIX:
        entry = environment.stats.get(kind, "GET" if kind.startswith("reading") else "POST")
        p50, p99 = (float(entry.get_response_time_percentile(share)) for share in (0.5, 0.99))
        ratio, refused = p99 / middle / DEALS.get(kind, 1), day.refused[kind]
        rows.append([kind, entry.num_requests, refused, entry.num_failures - refused, p50, p99, ratio])
        worst = max(worst, ratio)
    served = 1.0 - total.fail_ratio
    even = even_p99_ms(day) / middle
    missed = worst > BY_MUCH * max(TAIL, even) or served < 1.0 - BY_MUCH * (1.0 - SERVED)
    parts = [
        f"locust, one worker on one core. Closed loop, in {ROUNDS} rounds: {CLIENTS} clients did "
        f"{min(day.capacities):,.0f} to {max(day.capacities):,.0f} requests/s, a new deal in {middle:,.0f} "
        f"ms at the median. After each, Poisson arrivals at {LOAD:.0%} of what it did, {OPEN_S:.0f} s in "
        "all, whether or not earlier ones were answered; times count from when one was due, and of a "
        f"hundred arrivals one came {late:.1f} ms late. Meanwhile the service ran for {day.ran_s:.1f} s and "
        f"its threads waited {day.waited_s:.1f} s for its core: what else runs there can fill its queue, and "
        "what comes then is refused.",
        table(
            [
                "kind",
                "requests",
                "refused with 503",
                "failed",
                "p50 ms",
                "p99 ms",
                "p99 a deal / p50 of a new deal, closed loop",
            ],
            rows,
        ),
        table(
            ["threshold", "found", "met"],
            [
                [
                    f"p99 of each kind, a deal, under {TAIL:g} medians of a new one",
                    worst,
                    "yes" if worst < TAIL else "no",
                ],
                [
                    "the same of new deals, had one server given each the same part of the time it took",
                    even,
                    "",
                ],
                [f"answered: at least {SERVED:.0%}", served, "yes" if served >= SERVED else "no"],
            ],
        ),
    ]
    write("load", 60, "A day's mix under load", parts)
    environment.process_exit_code = 1 if missed else 0
    print(json.dumps({"capacities": day.capacities, "worst": worst, "even": even, "served": served}))
