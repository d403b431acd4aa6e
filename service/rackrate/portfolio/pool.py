"""Process pool: works through items in parallel and yields the results in order."""

# Design: a bounded number of items is under way, so that a long file and a slow reader take no memory. The
# first are done here, because a process takes longer to start than they do. Processes are started afresh and
# not forked, so that no lock or thread of this one is copied half.

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

FEW = 32  # items that are done sooner than a process starts
AHEAD = 8  # items a process that are under way: the slowest of them must not leave the others idle


def in_order(work: Callable[[Item], Done], items: Iterable[Item], processes: int) -> Iterator[Done]:
    """Yield `work(item)` of each item in order, computed in processes; items are read a little ahead.

    >>> list(in_order(abs, [-3, 2], processes=2))
    [3, 2]
    """
    waiting = iter(items)
    yield from map(work, islice(waiting, FEW if processes > 1 else None))
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:  # none is started for nothing
        going: deque[Future[Done]] = deque()
        try:
            for item in waiting:
                going.append(pool.submit(work, item))
                while going and (len(going) >= AHEAD * processes or going[0].done()):
                    yield going.popleft().result()
            while going:
                yield going.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
