"""Replicas behind HAProxy that restart, die, hang and are slow: no request fails; run by `make drills`."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tests.conftest import Service, until
from tests.drills.figures import Figures
from tests.drills.load.crowd import in_turn, percentile
from tests.drills.processes.test_processes import STOPPED, workers_of
from tests.drills.replicas.conftest import Fleet
from tests.drills.replicas.proxy import Proxy
from tests.drills.replicas.story import ride

Deals = Callable[..., list[bytes]]
BACK_S, SHUT_S = 60, 25  # how long a start may take where others use the machine, and a stop


def send(service: Service, how: signal.Signals) -> None:
    """Send a signal to all of a replica: the supervisor, then its workers."""
    for pid in (service.child.pid, *workers_of(service)):
        os.kill(pid, how)


def kill(service: Service) -> None:
    """End a replica as the system does when memory is short, or a machine that is lost."""
    send(service, signal.SIGKILL)
    service.child.wait()


def stop_and_start(service: Service) -> float:
    """Restart a replica as a rollout does; how long until it was ready again."""
    service.child.send_signal(signal.SIGTERM)
    assert service.child.wait(SHUT_S) in STOPPED
    gone = time.monotonic()
    service.start()
    return time.monotonic() - gone


@pytest.mark.parametrize("drained", [False, True], ids=["by SIGTERM alone", "drained first"])
def test_a_rolling_restart_fails_no_request(
    drained: bool, fleet: Fleet, deals: Deals, figures: Figures
) -> None:
    proxy, slowest = fleet.proxy, list[float]()

    def roll() -> None:
        for name, replica in fleet.replicas.items():
            if drained:
                proxy.drain(name)
                until(partial(proxy.is_idle, name), "what is under way")
            slowest.append(stop_and_start(replica))
            proxy.readmit(name)
            until(partial(proxy.takes, name), "the proxy to take it back")

    name = f"rolling restart, {'drained first' if drained else 'by SIGTERM alone'}"
    ride(name, proxy.port, deals(400), roll, figures)
    figures.hold(name, "slowest start of a replica, s", max(slowest), BACK_S)


def test_a_replica_that_is_killed_costs_no_request(fleet: Fleet, deals: Deals, figures: Figures) -> None:
    proxy, victim, known = fleet.proxy, fleet.replicas["b"], list[float]()

    def kill_and_start() -> None:
        start = time.monotonic()
        kill(victim)
        until(lambda: not proxy.takes("b"), "the proxy to know")
        known.append(time.monotonic() - start)
        victim.start()
        until(partial(proxy.takes, "b"), "the proxy to take it back")

    ride("a replica killed (-9)", proxy.port, deals(400), kill_and_start, figures)
    figures.hold("a replica killed (-9)", "seconds until the proxy left it out", *known, 10)


def test_what_a_hung_replica_was_asked_is_answered_by_others_once_it_is_killed(
    fleet: Fleet, deals: Deals, figures: Figures
) -> None:
    proxy, victim, known = fleet.proxy, fleet.replicas["b"], list[float]()

    def hang_and_kill() -> None:
        start = time.monotonic()
        send(victim, signal.SIGSTOP)
        try:
            until(lambda: not proxy.takes("b"), "the proxy to know")
            known.append(time.monotonic() - start)
            figures.reach("a replica hung", "requests it had", proxy.under_way("b"), 1)
        finally:
            kill(victim)
        victim.start()

    ride("a replica hung", proxy.port, deals(400), hang_and_kill, figures)
    figures.hold("a replica hung", "seconds until the proxy left it out", *known, 20)


@contextlib.contextmanager
def slowed(service: Service, share: float) -> Iterator[None]:
    """A replica that has a share of the time: stopped for the rest of every fifth of a second."""
    over = threading.Event()

    def hold_back() -> None:
        while not over.wait(0.2 * share):
            send(service, signal.SIGSTOP)
            over.wait(0.2 * (1 - share))
            send(service, signal.SIGCONT)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_slow_replica_is_given_less_and_drains_without_losing_a_request(
    fleet: Fleet, deals: Deals, figures: Figures
) -> None:
    proxy, took, shares = fleet.proxy, list[float](), list[float]()

    def drain() -> None:
        before = proxy.served()
        time.sleep(8)
        served = {name: count - before[name] for name, count in proxy.served().items()}
        shares.append(served["b"] / sum(served.values()))
        start = time.monotonic()
        proxy.drain("b")
        until(partial(proxy.is_idle, "b"), "what is under way")
        took.append(time.monotonic() - start)

    with slowed(fleet.replicas["b"], 0.1):
        ride("a slow replica drained", proxy.port, deals(400), drain, figures)
        _given_nothing(proxy, deals, figures)
    figures.tell("a slow replica drained", "its share of answers, of three", *shares)
    figures.hold("a slow replica drained", "seconds until it had nothing under way", *took, 20)


def _given_nothing(proxy: Proxy, deals: Deals, figures: Figures) -> None:
    before = proxy.served()["b"]
    outcomes = asyncio.run(in_turn(proxy.port, deals(20, 5000), 4))
    figures.hold("a slow replica drained", "asked of it after", proxy.served()["b"] - before, 0)
    figures.tell("a slow replica drained", "p99 after, ms", percentile(outcomes, 0.99))
