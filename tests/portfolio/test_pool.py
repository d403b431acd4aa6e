"""The pool: what many processes do comes back in order, and no more is read than they have use for."""

import math
import time
from collections.abc import Iterator

import pytest
from tests.conftest import PATIENCE_S

from rackrate.portfolio.pool import AHEAD, FEW, in_order


def test_what_several_processes_do_comes_in_order_and_little_is_read_ahead() -> None:
    read = []

    def items() -> Iterator[int]:
        for i in range(4 * FEW):
            read.append(i)
            yield i * i

    done = in_order(math.isqrt, items(), processes=2)
    assert [next(done) for _ in range(FEW + 1)] == list(range(FEW + 1))
    assert len(read) <= FEW + 2 * AHEAD
    assert list(done) == list(range(FEW + 1, 4 * FEW))


def test_the_first_are_done_here_as_they_come() -> None:
    read = []

    def items() -> Iterator[int]:
        for i in range(FEW):
            read.append(i)
            yield i

    done = in_order(lambda i: (i, len(read)), items(), processes=2)
    assert list(done) == [(i, i + 1) for i in range(FEW)]


def test_a_reader_that_has_enough_ends_the_processes() -> None:
    done = in_order(time.sleep, [0.05] * (100 * FEW), processes=2)  # eighty seconds
    assert [next(done) for _ in range(FEW + 1)] == [None] * (FEW + 1)
    start = time.monotonic()
    del done
    assert time.monotonic() - start < PATIENCE_S / 2


def test_a_fault_is_not_swallowed() -> None:
    with pytest.raises(ValueError, match="nonnegative"):
        list(in_order(math.isqrt, [*range(2 * FEW), -1], processes=2))
