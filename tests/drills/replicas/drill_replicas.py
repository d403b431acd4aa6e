"""Three replicas behind HAProxy with one Redis: throughput and what it hides; by `make drills`."""

import asyncio
import json
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
from tests.conftest import until
from tests.drills.figures import Figures
from tests.drills.load.crowd import in_turn
from tests.drills.replicas.conftest import Fleet

Start = Callable[..., Any]
Deals = Callable[..., list[bytes]]
CLIENTS, ASKED = 6, 240
LINES, HELD = 200, 65536  # of a portfolio; bytes of a request that the proxy holds
LIMIT = 5
NDJSON = {"Content-Type": "application/x-ndjson"}


def test_three_replicas_answer_beside_one(fleet: Fleet, deals: Deals, figures: Figures) -> None:
    proxy, rates = fleet.proxy, dict[str, list[float]]()
    for alone in (True, False):
        for name in "bc":
            (proxy.drain if alone else proxy.readmit)(name)
            until(partial(proxy.drains if alone else proxy.takes, name), "the proxy")
        new, served = deals(ASKED, 1000 * (1 + alone)), proxy.served()
        for bodies in (new, new):
            start = time.monotonic()
            outcomes = asyncio.run(in_turn(proxy.port, bodies, CLIENTS))
            rates.setdefault("1" if alone else "3", []).append(len(outcomes) / (time.monotonic() - start))
            figures.hold("throughput", f"failed of {ASKED}", sum(o.status != 200 for o in outcomes), 0)
        shares = [proxy.served()[name] - served[name] for name in "abc"]
        figures.reach("throughput", "replicas that answered", sum(map(bool, shares)), 1 if alone else 3)
    for i, what in enumerate(("new deals", "known deals")):
        figures.tell("throughput", f"{what}/s, one replica", rates["1"][i])
        figures.tell("throughput", f"{what}, three over one", rates["3"][i] / rates["1"][i])


WAYS = (
    *("/metrics", "/metrics/", "//metrics", "/%6Detrics", "/metrics?a=b", "/./metrics", "/v1/../metrics"),
    *("/metrics%2F", "/%2Fmetrics", "/%2e/metrics", "/metrics//", "/%6Detrics/", "http://other/metrics"),
)


def test_the_metrics_of_replicas_are_not_to_be_had_through_the_proxy(fleet: Fleet, figures: Figures) -> None:
    told = [asked(fleet.proxy.port, way) for way in WAYS]
    assert told[0].startswith(b"HTTP/1.1 403")
    assert all(each.startswith(b"HTTP/1.1 ") for each in told)
    shown = sum(b"rackrate_" in each for each in told)
    figures.hold("the proxy", f"shows metrics, of {len(WAYS)} ways to ask", shown, 0)


def asked(port: int, target: str) -> bytes:
    """What is answered to a target as it is written, which clients would tidy."""
    with socket.create_connection(("127.0.0.1", port), 10) as wire:
        wire.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: wire.recv(65536), b""))


def test_what_is_longer_than_the_proxy_holds_passes_it(fleet: Fleet, deals: Deals, figures: Figures) -> None:
    book = b"".join(body + b"\n" for body in deals(LINES, 3000))
    assert len(book) > 4 * HELD
    answer = httpx.post(f"{fleet.proxy.url}/v1/portfolios", content=book, headers=NDJSON, timeout=60)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.status_code == 200
    figures.reach(
        "the proxy",
        f"lines of a portfolio of {LINES} answered",
        sum(line["status"] == 200 for line in lines),
        LINES,
    )


def test_clients_behind_the_proxy_are_told_apart_by_their_own_address(
    start_redis: Start, start_fleet: Start, figures: Figures
) -> None:
    settings = {"rate_per_minute": str(LIMIT), "trusted_proxies": "127.0.0.1"}
    fleet: Fleet = start_fleet(start_redis().url, **settings)
    name = f"the proxy, a limit of {LIMIT}"
    for address in ("127.0.0.1", "127.0.0.2"):
        told = [polled(fleet, address, i) for i in range(3 * LIMIT)]
        assert set(told) == {404, 429}
        let_in = told.count(404)  # in two minutes, where one ends meanwhile
        figures.hold(name, f"let in of {3 * LIMIT} that pretend to be others", let_in, 2 * LIMIT)
        figures.reach(name, "let in beside the other client's", let_in, LIMIT)


def polled(fleet: Fleet, address: str, i: int) -> int:
    """Ask from an address, pretending to forward for another one each time."""
    with httpx.Client(transport=httpx.HTTPTransport(local_address=address)) as client:
        forged = {"X-Forwarded-For": f"10.0.0.{i}"}
        return client.get(f"{fleet.proxy.url}/v1/underwritings/{i:064x}", headers=forged).status_code
