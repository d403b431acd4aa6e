"""Work: how much a request asks of the engine, told from its shape before anything is computed.

The unit is the segment-month: one lease, facility or power contract in one month at one point. A point is one
run of the deal: one template, one point of a tornado or a grid, a number of paths. Before the first, each
segment is read, checked and resolved.
"""

import msgspec

from rackrate.api.problems import TOO_MUCH, Problem
from rackrate.api.verbs import Verb, deal_of
from rackrate.deal.comparisons import ComparisonRequest
from rackrate.deal.errors import FieldError
from rackrate.deal.sensitivities import SensitivityRequest
from rackrate.deal.underwriting import Deal

MOST = 4_000_000_000  # segment-months
LONG = 400_000  # from here on a deal is long work: a fiftieth of a second
RUN = 10  # segments a run of a deal is worth before it has any
READ = 240  # months at a point that reading a segment takes as long as
TRIES = 40  # points a break-even takes to solve
PATHS = 16  # of a simulation that are worth a point: a path takes 2 ns a segment-month, a run 60


def check(request: msgspec.Struct, most: int = MOST) -> int:
    """Estimate the work a request asks for.

    Raises
    ------
    Problem
        422 if it is more than `most`, naming what it is a product of.
    """
    deal = deal_of(request)
    if deal is None:
        return 0
    segments, months, points = segments_of(deal), months_of(deal), points_of(request)
    runs = segments * months * points
    if runs > most:
        product = f"{segments} segments x {months} months x {points} points"
        pointer = "/deal" if deal is not request else ""
        detail = f"{product} is {runs:.2g} segment-months, at most {most:.2g} are computed."
        raise Problem(
            TOO_MUCH, detail, [FieldError(pointer, f"more work than is done for one request: {product}")]
        )
    return runs + segments * READ


class Budget:
    """The work that many deals may ask for together.

    >>> budget = Budget(10)
    >>> budget.spend(8)
    >>> budget.left
    2
    """

    def __init__(self, most: int) -> None:
        """Have `most` segment-months to spend."""
        self._most = self.left = most

    def spend(self, work: int) -> None:
        """Spend some of it.

        Raises
        ------
        Problem
            422 where there is not as much left.
        """
        if work > self.left:
            fault = f"more work than is left: {work} segment-months, and {self.left} are"
            detail = (
                f"The portfolio as a whole may ask for {self._most:.2g} segment-months; {self.left} are left."
            )
            raise Problem(TOO_MUCH, detail, [FieldError("", fault)])
        self.left -= work


def is_long(verb: Verb, work: int) -> bool:
    """Whether a request belongs in the back room."""
    return verb.long or work > LONG


def segments_of(deal: Deal) -> int:
    """Count what has a cash flow of its own."""
    return RUN + sum(1 + len(facility.leases) + len(facility.power) for facility in deal.facilities)


def months_of(deal: Deal) -> int:
    """Find the longest time a request names: the loan's or the classes' life."""
    structure = deal.structure
    return max(deal.debt.term_months, structure.legal_final_months if structure else 0)


def points_of(request: msgspec.Struct) -> int:
    """Count the runs of the deal a request asks for."""
    if isinstance(request, ComparisonRequest):
        return len(request.templates)
    if isinstance(request, SensitivityRequest):
        grids = sum(len(grid.x.values) * len(grid.y.values) for grid in request.grids)
        return 1 + 2 * len(request.tornado) + grids + TRIES * len(request.break_evens)
    paths = getattr(request, "paths", 1)
    return -(-paths // PATHS) if isinstance(paths, int) else 1
