"""A lender's day, as locust drives it: new deals, known ones, readings, portfolios; `make load` starts it.

First a closed loop finds what the service can do: a few clients, each asking again when answered. Then an
open one: a process of arrivals starts a request at each Poisson time, at 80 percent of that, whether or not
earlier ones are answered, and every time counts from when the request was due. Thresholds are ratios to the
first step.
"""

import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import gevent
from geventhttpclient import HTTPClient
from load_documents import MARK, PATH, PORTFOLIOS, deals, known, new
from load_report import table, write
from load_services import scheduled_s
from locust import User, events, task
from locust.env import Environment

CLOSED_S, OPEN_S, CLIENTS, LOAD = 15.0, float(os.environ.get("LOAD_SECONDS", "85")), 4, 0.8
MIX = {"new deal": 2.0, "known deal": 4.0, "reading": 3.0, "reading, not changed": 1.0, "portfolio": 0.1}
NEW_LINES, KNOWN_LINES = 3, 3  # of a portfolio
DEALS = {"portfolio": NEW_LINES + KNOWN_LINES}  # in one request, where there are several
TAIL, SERVED, BY_MUCH = (
    5.0,
    0.99,
    2.0,
)  # p99 of a kind / p50 of new deals; answers within it; what a miss by much is
HEADERS = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
SERVICE = int(os.environ["LOAD_SERVICE_PID"])
KEY_FILE = os.environ.get("LOAD_KEY_FILE")
if KEY_FILE:
    HEADERS["Authorization"] = LINES["Authorization"] = f"Bearer {Path(KEY_FILE).read_text().strip()}"


class RefusedError(Exception):
    """A 503: the service has more to do than it can answer in time, and said so at once."""


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
        """Find the capacity, then load the service to a part of it."""
        stats, self.environment.refused = self.environment.stats, Counter()
        stop = time.monotonic() + CLOSED_S
        gevent.joinall([gevent.spawn(self._ask_until, stop) for _ in range(CLIENTS)])
        capacity = stats.total.num_requests / CLOSED_S
        tail = stats.get("new deal", "POST").get_response_time_percentile(0.5)
        self.environment.calibrated = (capacity, tail)
        self.environment.refused.clear()
        stats.reset_all()
        before = scheduled_s(SERVICE)
        due, end, going = time.monotonic(), time.monotonic() + OPEN_S, []
        while due < end:
            gevent.sleep(max(0.0, due - time.monotonic()))
            going.append(gevent.spawn(self._ask, due))
            due += self.random.expovariate(LOAD * capacity)
        gevent.joinall(going, timeout=15)
        self.environment.scheduled = [
            now - then for now, then in zip(scheduled_s(SERVICE), before, strict=True)
        ]
        self.environment.runner.quit()

    def _ask_until(self, stop: float) -> None:
        while time.monotonic() < stop:
            self._ask(time.monotonic())

    def _ask(self, due: float) -> None:
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
        took = 1000 * (time.monotonic() - due)
        if isinstance(fault, RefusedError):
            self.environment.refused[kind] += 1
        self.environment.events.request.fire(
            request_type=method,
            name=kind,
            response_time=took,
            response_length=size,
            exception=fault,
            context={},
        )

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
    lines = [json.loads(line) for line in content.splitlines()]
    told = [(line["line"], line["status"]) for line in lines]
    wanted = [(number, 200) for number in range(1, DEALS["portfolio"] + 1)]
    return None if told == wanted else RuntimeError(f"lines {told}")


@events.quitting.add_listener
def judge(environment: Environment, **_: Any) -> None:
    """Hold the open loop against the closed one, and fail where a threshold is missed by much."""
    capacity, middle = environment.calibrated
    ran_s, waited_s = environment.scheduled
    rows: list[list[object]] = []
    worst, total = 0.0, environment.stats.total
    for kind in MIX:
        entry = environment.stats.get(kind, "GET" if kind.startswith("reading") else "POST")
        p50, p99 = (float(entry.get_response_time_percentile(share)) for share in (0.5, 0.99))
        ratio, refused = p99 / middle / DEALS.get(kind, 1), environment.refused[kind]
        rows.append([kind, entry.num_requests, refused, entry.num_failures - refused, p50, p99, ratio])
        worst = max(worst, ratio)
    served = 1.0 - total.fail_ratio
    missed = worst > BY_MUCH * TAIL or served < 1.0 - BY_MUCH * (1.0 - SERVED)
    parts = [
        f"locust, one worker on one core. Closed loop: {CLIENTS} clients did {capacity:,.0f} requests/s, "
        f"a new deal in {middle:,.0f} ms at the median. Then Poisson arrivals at {LOAD:.0%} of that, "
        f"for {OPEN_S:.0f} s, whether or not earlier ones were answered; times count from when one was due. "
        f"Meanwhile the service ran for {ran_s:.1f} s and its threads waited {waited_s:.1f} s for its core: "
        "what else runs there can fill its queue, and what comes then is refused.",
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
                [f"answered: at least {SERVED:.0%}", served, "yes" if served >= SERVED else "no"],
            ],
        ),
    ]
    write("load", 60, "A day's mix under load", parts)
    environment.process_exit_code = 1 if missed else 0
    print(json.dumps({"capacity": capacity, "worst": worst, "served": served}))
