"""A cluster, and a master under a sentinel: what dies there costs no request; run by `make drills`."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from tests.conftest import Redis, until
from tests.drills.cache.fleet import Cluster, Sentinel
from tests.drills.figures import Figures
from tests.drills.load.crowd import Outcome, at_rate, in_turn
from tests.drills.processes.test_processes import _while, port_of

Start = Callable[..., Any]
DEALS, RATE = 12, 20.0
SECRET = "a secret of this drill alone"  # whoever names other servers needs one


def hit_rate(outcomes: list[Outcome]) -> float:
    return sum(one.hit for one in outcomes) / len(outcomes)


def ride(
    name: str, port: int, bodies: list[bytes], right: dict[bytes, bytes], act: Start, figures: Figures
) -> None:
    """Ask at a steady rate while something dies: every answer comes, and is right."""
    outcomes, _ = asyncio.run(_while(port, bodies, RATE, 4, act))
    figures.hold(name, f"not answered 200, of {len(outcomes)}", sum(o.status != 200 for o in outcomes), 0)
    figures.hold(name, "wrong answers", sum(o.content != right[o.body] for o in outcomes), 0)


def kept(port: int, bodies: list[bytes]) -> dict[bytes, bytes]:
    """Ask for each deal until all come out of the cache; what is right, by body."""
    told = asyncio.run(in_turn(port, bodies, 1))
    until(lambda: hit_rate(asyncio.run(in_turn(port, bodies, 1))) == 1, "hits")
    return {one.body: one.content for one in told}


def test_a_cluster_keeps_answers_on_all_its_nodes_and_one_that_dies_costs_no_request(
    cluster: Cluster, start_service: Start, deals: Start, figures: Figures
) -> None:
    service = start_service(redis_url=cluster.url, cache_secret=SECRET, workers="1")
    port, bodies = port_of(service), deals(DEALS)
    right = kept(port, bodies)
    figures.reach("Redis Cluster", "nodes with answers, of 3", sum(map(bool, cluster.keys())), 3)
    victim = cluster.nodes[1]
    ride("a cluster's node killed", port, bodies, right, lambda: victim.stop(signal.SIGKILL), figures)
    victim.start()
    until(lambda: all(map(cluster.is_whole, cluster.nodes)), "the cluster to be whole")
    until(lambda: hit_rate(asyncio.run(at_rate(port, bodies, RATE, 0.6))) == 1, "hits again")


def test_when_a_sentinel_moves_the_master_no_request_fails_and_hits_return(
    watched: tuple[Redis, Redis, Sentinel], start_service: Start, deals: Start, figures: Figures
) -> None:
    master, replica, sentinel = watched
    service = start_service(redis_url=sentinel.url, cache_secret=SECRET, workers="1")
    port, bodies = port_of(service), deals(DEALS)
    right = kept(port, bodies)
    assert sentinel.master() == master.port
    ride("a sentinel's master killed", port, bodies, right, lambda: master.stop(signal.SIGKILL), figures)
    until(lambda: sentinel.master() == replica.port, "the failover")
    until(lambda: hit_rate(asyncio.run(at_rate(port, bodies, RATE, 0.6))) == 1, "hits again")
    asyncio.run(in_turn(port, deals(1, 500), 1))  # a new answer, to be written to the new master
    until(lambda: "redis-away" not in service.http.get("/health/ready").text, "the cache to be back")
