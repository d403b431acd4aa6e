"""Break-evens on curves of every kind: the cell found flips, wherever the curve bends or jumps."""

import numpy as np
import pytest

from rackrate.engine.structure.first_failure import CELLS, STEPS, first_failures

CELL = 1.0 / STEPS / CELLS
CROSSING = 0.3712345678
CURVES = {
    "a line": lambda h: h - CROSSING,
    "flat, then a line": lambda h: np.where(h < CROSSING, -0.01, 1e9 * (h - CROSSING)),
    "a jump": lambda h: np.where(h < CROSSING, -1.0, 1.0),
    "a jump to no end": lambda h: np.where(h < CROSSING, -np.inf, np.inf),
    "a bend just past it": lambda h: np.where(
        h < CROSSING + 1e-5, h - CROSSING, 1e-5 + 1e6 * (h - CROSSING - 1e-5)
    ),
    "steep, then flat": lambda h: np.where(h < CROSSING, 1e12 * (h - CROSSING), 1e-9),
    "a curve": lambda h: np.expm1(50.0 * (h - CROSSING)),
}
BENDS = {  # of what is unpaid, which says nothing where all is paid
    "straight": lambda over: over,
    "less and less": lambda over: over - over**2,
    "more and more": lambda over: over + over**2,
}


@pytest.mark.parametrize("curve", CURVES.values(), ids=CURVES)
def test_a_crossing_is_found_to_the_cell_in_few_points(curve):
    asked = []

    def excess(h):
        asked.extend(h.tolist())
        return curve(h)[:, None]

    (found,) = first_failures(excess)
    assert found.status == "solved"
    assert abs(found.value - CROSSING) <= CELL
    assert len(asked) < 64 + 4 * 12


@pytest.mark.parametrize("bend", BENDS.values(), ids=BENDS)
def test_what_is_unpaid_beyond_a_point_is_found_in_fifteen_points_beyond_the_scan(bend):
    asked = []

    def excess(h):
        asked.extend(h.tolist())
        return bend(np.maximum(h - CROSSING, 0.0))[:, None] - 1e-10

    (found,) = first_failures(excess)
    assert abs(found.value - CROSSING - 1e-10) <= CELL
    assert len(asked) - 64 <= 15


def test_every_target_is_solved_in_the_same_calls():
    crossings = np.linspace(0.0112345, 0.8712345, 7)
    calls = []

    def excess(h):
        calls.append(len(h))
        return h[:, None] - crossings

    found = [failure.value for failure in first_failures(excess)]
    assert found == pytest.approx(crossings, abs=CELL)
    assert len(calls) < 8


def test_a_failure_that_heals_is_found_at_its_first_step():
    """Fails from 0.123 to 0.157 and again from 0.4: the first counts, though 0.2 to 0.4 holds."""

    def excess(h):
        return np.where((h > 0.123) & (h < 0.157) | (h > 0.4), 1.0, -1.0)[:, None]

    (found,) = first_failures(excess)
    assert found.value == pytest.approx(0.123, abs=CELL)
