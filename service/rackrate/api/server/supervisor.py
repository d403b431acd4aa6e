"""Supervise worker processes that accept from one socket; replace those that die, until stopped."""

# Design: the socket belongs to the supervisor, so connections that wait to be accepted outlive a worker. A
# dead worker is noticed when it dies, not at the next poll, and none is started once the service is to stop.

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from rackrate.api.server.connections import backlog, descriptors
from rackrate.api.telemetry.metrics_files import WORKER, allocated, forget_gauges

Work = Callable[[socket.socket], None]

TICK_S = 0.2  # after which a signal that came meanwhile is seen
FIRST_REST_S, LAST_REST_S = 0.05, 2.0  # before a worker that died young is replaced
YOUNG_S = 5.0

logger = logging.getLogger("rackrate.workers")


class Supervisor:
    """Runs `count` workers."""

    def __init__(self, work: Work, count: int, grace_s: float, watch: Callable[[], object]) -> None:
        """Prepare workers that each call `work` with the socket and have `grace_s` to stop.

        `watch` is called between looks at the workers.
        """
        self._watch = watch
        self._work, self._count, self._grace_s = work, count, grace_s
        self._spawn = multiprocessing.get_context("spawn")
        self._workers: dict[SpawnProcess, float] = {}
        self._signal: signal.Signals | None = None
        self._rest_s, self._failed = FIRST_REST_S, False

    def run(self, listening: socket.socket) -> int:
        """Keep the workers running until stopped; return 1 if they cannot be started, else 0."""
        with allocated(self._count):
            return self._run(listening)

    def _run(self, listening: socket.socket) -> int:
        if not os.isatty(0):  # files are read again when they change; workers inherit it
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._on_signal)
        while not self._signal and not self._failed:
            while len(self._workers) < self._count:
                self._start_worker(listening)
            wait([worker.sentinel for worker in self._workers], TICK_S)
            self._reap()
            self._watch()
        listening.close()
        self._stop()
        return int(self._failed)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signal = signal.Signals(number)

    def _start_worker(self, listening: socket.socket) -> None:
        taken = {worker.name for worker in self._workers}
        free = next(name for place in range(self._count) if (name := f"{WORKER}{place}") not in taken)
        worker = self._spawn.Process(target=self._work, args=(listening,), name=free)
        resource_tracker.ensure_running()  # it unblocks the signal when it starts
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # inherited, until the worker can hear it
        try:
            worker.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        self._workers[worker] = time.monotonic()

    def _reap(self) -> None:
        """Reap dead workers; back off before replacing one that died young."""
        for worker in [worker for worker in self._workers if not worker.is_alive()]:
            forget_gauges(worker.name)
            age_s = time.monotonic() - self._workers.pop(worker)
            self._failed = self._failed or (worker.exitcode == os.EX_CONFIG and not self._serves())
            logger.warning("worker %s ended with %s", worker.pid, worker.exitcode)
            if age_s < YOUNG_S:
                time.sleep(self._rest_s)
            self._rest_s = min(2 * self._rest_s, LAST_REST_S) if age_s < YOUNG_S else FIRST_REST_S

    def _serves(self) -> bool:
        """Whether a worker has lived for long: then one that cannot start is tried again."""
        return any(time.monotonic() - started >= YOUNG_S for started in self._workers.values())

    def _stop(self) -> None:
        """Signal the workers, wait for them, and kill what is left."""
        for worker in self._workers:
            with contextlib.suppress(ProcessLookupError):
                if worker.pid:
                    os.kill(worker.pid, self._signal or signal.SIGTERM)
        deadline = time.monotonic() + self._grace_s
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                worker.kill()
                worker.join()


def listen(host: str, port: int) -> socket.socket:
    """Open the socket that the workers share.

    Raises
    ------
    OSError
        Where it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=backlog(descriptors()))
    listening.set_inheritable(True)
    return listening
