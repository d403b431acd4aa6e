"""Three replicas whose Redis dies or fails over: no request fails, answers are kept; run by `make drills`."""

import asyncio
import signal
import time
from collections.abc import Callable
from typing import Any

from tests.conftest import until
from tests.drills.cache.fleet import Cluster
from tests.drills.figures import Figures
from tests.drills.load.crowd import in_turn
from tests.drills.processes.test_processes import port_of
from tests.drills.replicas.conftest import Fleet
from tests.drills.replicas.story import ride

Start = Callable[..., Any]
KEPT, APART = 12, 9000


def hits(fleet: Fleet, bodies: list[bytes]) -> float:
    """The share of deals that every replica finds kept."""
    told = [each for one in fleet.replicas.values() for each in asyncio.run(in_turn(port_of(one), bodies, 1))]
    return sum(one.hit for one in told) / len(told)


def test_a_redis_that_dies_and_comes_back_costs_no_request(
    start_redis: Start, start_fleet: Start, deals: Start, figures: Figures
) -> None:
    server = start_redis()
    fleet: Fleet = start_fleet(server.url)

    def die_and_start() -> None:
        server.stop(signal.SIGKILL)
        time.sleep(3)
        server.start()

    ride("three replicas, Redis killed", fleet.proxy.port, deals(400), die_and_start, figures)
    until(lambda: hits(fleet, deals(KEPT, APART)) == 1, "hits again")


def test_a_cluster_of_six_fails_over_and_keeps_what_the_replica_had(
    replicated: Cluster, start_fleet: Start, deals: Start, figures: Figures
) -> None:
    fleet: Fleet = start_fleet(replicated.url)
    bodies = deals(KEPT, APART)
    until(lambda: hits(fleet, bodies) == 1, "what is kept")
    kept = replicated.keys()[:3]
    figures.reach("Redis Cluster of six", "masters with answers, of 3", sum(map(bool, kept)), 3)
    master, heir, moved = replicated.nodes[1], replicated.nodes[4], list[float]()

    def fail_over() -> None:
        start = time.monotonic()
        master.stop(signal.SIGKILL)
        until(lambda: replicated.is_master(heir), "the replica to be the master")
        moved.append(time.monotonic() - start)

    ride("a cluster's master killed", fleet.proxy.port, deals(400), fail_over, figures)
    figures.hold("a cluster's master killed", "seconds until its replica was the master", *moved, 20)
    lost = set().union(*kept).difference(*replicated.keys())
    figures.hold("a cluster's master killed", "answers lost of those kept before", len(lost), 0)
    until(lambda: hits(fleet, bodies) == 1, "hits again")
