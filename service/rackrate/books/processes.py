"""Processes of this machine that run tasks, and end with the process that started them."""

# Design: each has the reading end of a pipe whose other end is here alone. It ends when that is closed, which
# the kernel sees to if this process is killed: nobody is left behind, and a long task holds up no ending.
# Signals of a terminal or of a service manager reach the whole group; what they mean is decided here.

import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Thread


class Processes:
    """Processes that are spawned, not forked."""

    def __init__(self, count: int) -> None:
        context = get_context("spawn")
        heard, self._held = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(count, context, initializer=_begin, initargs=(heard,))
        self._started: list[BaseProcess] = []

    def submit(self, work: Callable[[bytes], bytes], job: bytes) -> Future[bytes]:
        """Run a job in one of them."""
        before = set(active_children())
        future = self._pool.submit(work, job)
        self._started += set(active_children()) - before
        return future

    def ending(self) -> str:
        """How the one that broke them ended, once they are closed: by a signal, or with a status."""
        for code in (one.exitcode for one in self._started):
            if code:
                return f"was ended by {_signal(-code)}" if code < 0 else f"ended with status {code}"
        return "ended"

    def close(self) -> None:
        """End them, whatever they do."""
        self._held.close()
        self._pool.shutdown(cancel_futures=True)


def _begin(heard: Connection) -> None:
    """Leave signals to the process that submits, and watch whether it is there."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_end_with, args=(heard,), daemon=True).start()


def _signal(number: int) -> str:
    known = [one.name for one in signal.Signals if one == number]
    return known[0] if known else f"signal {number}"


def _end_with(heard: Connection) -> None:
    try:
        heard.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)
