"""Simulated paths in threads: what ends a run, and that it ends."""

from typing import Any

import pytest
from tests.kernel.simulated_deals import document, path_of

from rackrate.deal.errors import Invalid
from rackrate.engine.simulation import run as simulation


@pytest.mark.timeout(30)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_chunk_that_is_refused_ends_the_run_whatever_waits_behind_it(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []

    def refuse(_path: Any, first: int, *_: Any) -> None:
        begun.append(first)
        raise Invalid("the amounts are too large")

    monkeypatch.setattr(simulation, "run_chunk", refuse)
    with pytest.raises(Invalid, match="too large"):
        simulation.run(path_of(document("hyperscale-single-tenant")), 64, None, None, threads, chunk=2)
    assert begun[0] == 0
