"""Cost of a request, estimated in segment-months from its shape before anything is computed.

The unit is the segment-month: about 50 ns of one core, which is what a lease, facility or power contract
takes in one month with its share of all else. Every loop of the engine that a request can make longer is
counted; the weights are nanoseconds measured on generated deals, and a test holds the sum to the time taken.
"""

import msgspec

from rackrate.analyses.extent import Payments, payments_of
from rackrate.analyses.pool_cost import pool_work
from rackrate.analyses.problems import TOO_MUCH, Problem
from rackrate.analyses.registry import Analysis, Extent, deal_of, extent, ruleset_of
from rackrate.deal.codec.decode import read
from rackrate.deal.errors import FieldError, Refusal
from rackrate.deal.requests.book import BookRequest
from rackrate.deal.requests.comparison import ComparisonRequest
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.deal.requests.pool_simulation import PoolSimulationRequest
from rackrate.deal.requests.rent_roll import RentRollRequest
from rackrate.deal.requests.sensitivity import SensitivityRequest
from rackrate.deal.requests.simulation import SimulationRequest
from rackrate.deal.requests.standalone_sizing import SizingRequest
from rackrate.deal.requests.standalone_waterfall import WaterfallRequest
from rackrate.deal.requests.tape import PoolTapeRequest, TapeRequest
from rackrate.deal.requests.underwriting import Deal

UNIT_NS = 50
MOST = 4_000_000_000  # segment-months
MOST_OF_PATHS = 10**15  # of one deal of a book: the book as a whole has a budget
LONG = 400_000  # from here on a deal is long work: a fiftieth of a second
FIGURE_BYTES = 20  # of an answer as JSON, at most
LARGEST = 32 * 1024 * 1024  # bytes of an answer
HELD = 1024 * 1024 * 1024  # bytes of cash flows while they are run
TENANT, LOSSES = 16, 10_000  # figures of a tenant, and of their loss distribution at most
TRIES = 150  # points a break-even takes to solve
POINT = 0.5  # of a run of all cases: points are run together
EVENTS_NS = 50_000_000  # of a simulation before its first path
GROUND_NS, LEASE_NS = 6_000_000, 380_000  # of a pool of ground leases, and of each to its expiry in each case
FILE_NS = {"xml": 400, "csv": 400, "xlsx": 20_000}  # a byte of a file: parsed, read cell by cell, told
PLAIN_NS = 200_000  # a cash flow of the client's own, before its first test or class


def check(
    request: msgspec.Struct,
    most: int = MOST,
    *,
    size: int = 0,
    by_facility: bool = False,
    largest: int = LARGEST,
    break_evens: bool = True,
) -> int:
    """Estimate the cost of a request in segment-months, and refuse more than is allowed.

    Parameters
    ----------
    request : Struct
    most : int
        Segment-months that are done for one request.
    size : int
        Bytes of the request.
    by_facility : bool
        Whether the cash flow is answered by facility too.
    largest : int
        Bytes that an answer may have.
    break_evens : bool
        Whether the break-evens of a pool's classes are computed.

    Raises
    ------
    Problem
        422 if it is more than `most`, or its answer is too large, naming what it is a product of.
    """
    if isinstance(request, GroundPool):
        return _check_ground(request, most)
    if isinstance(request, Pool):
        return _check_pool(request, most, break_evens=break_evens)
    if isinstance(request, PoolTapeRequest):
        return _check_pool(request.pool, most, paths=1)
    if isinstance(request, PoolSimulationRequest):
        return _check_pool(request.pool, most, request.paths)
    if isinstance(request, TapeRequest | RentRollRequest):
        return _check_file(request, most)
    if isinstance(request, BookRequest):
        return _check_book(request, most)
    deal = deal_of(request)
    if deal is None:
        return round(_own(request) / UNIT_NS)
    counts = extent(deal, ruleset_of(request))
    shown = figures(counts, by_facility)
    work = round((_once(counts, size, shown, by_facility) + _asked(request, counts)) / UNIT_NS)
    points = points_of(request)
    product = f"{counts.cases} cases x {counts.segments} segments x {counts.months} months x {points} points"
    pointer = "/deal" if deal is not request else ""
    _within(work, most, product, pointer)
    held = max(_held(each, by_facility) for each in (counts, *_others(request)))
    if shown * FIGURE_BYTES > largest or held > HELD:
        product = f"{counts.lines} lines x {counts.months} months x {counts.cases} cases"
        product += f", and {counts.facilities} facilities" if by_facility else ""
        most_shown = largest // FIGURE_BYTES
        detail = f"{product} are {shown:.2g} figures of an answer, at most {most_shown:.2g} are given."
        raise _too_much(detail, f"a larger answer than is given to one request: {product}", pointer)
    return work


def _within(work: int, most: int, product: str, pointer: str) -> int:
    """The work of a product of counts; refused where it is more than is done."""
    if work > most:
        detail = f"{product} is {work:.2g} segment-months, at most {most:.2g} are computed."
        raise _too_much(detail, f"more work than is done for one request: {product}", pointer)
    return work


def _too_much(detail: str, fault: str, pointer: str) -> Problem:
    return Problem(TOO_MUCH, detail, [FieldError(pointer, fault)])


class Budget:
    """The cost, in segment-months, that many deals may have together.

    >>> budget = Budget(10)
    >>> budget.spend(8)
    >>> budget.left
    2
    """

    def __init__(self, most: int) -> None:
        """Start with `most` segment-months."""
        self._most = self.left = most

    def spend(self, work: int) -> None:
        """Take the cost of a deal out of the budget.

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


def is_long(analysis: Analysis, work: int) -> bool:
    """Whether a request goes to the process of long jobs."""
    return analysis.long or work > LONG


def points_of(request: msgspec.Struct) -> int:
    """Number of times the deal is run for a request."""
    if isinstance(request, ComparisonRequest):
        return len(request.templates)
    if isinstance(request, SensitivityRequest):
        grids = sum(len(grid.x.values) * len(grid.y.values) for grid in request.grids)
        out = len(request.deal.tenants) if request.tenants_out else 0
        tried = 2 * len(request.tornado) + grids + TRIES * len(request.break_evens)
        return 1 + tried + out + len(request.stresses)
    return request.paths if isinstance(request, SimulationRequest) else 1


def figures(counts: Extent, by_facility: bool) -> int:
    """Number of figures in the answer of an underwriting."""
    flow = counts.paid * counts.lines * (1 + (counts.facilities if by_facility else 0))
    schedules = 6 * counts.paid + 5 * counts.term + counts.periods * (8 * counts.classes + 14)
    return flow + schedules + TENANT * counts.tenants + LOSSES * (counts.payers > 1)


def _held(counts: Extent, by_facility: bool) -> int:
    """Bytes of cash flows held at once: of all cases, and of the one by facility."""
    split = counts.facilities if by_facility else 0
    by_month = counts.cases * (counts.lines + counts.facilities + counts.tenants) + split * counts.lines
    return 8 * counts.months * by_month


def _once(counts: Extent, size: int, shown: int, by_facility: bool) -> float:
    """Nanoseconds of one underwriting: decoding, running, sizing, paying, encoding."""
    resolve = (
        600_000
        + 37 * size
        + 8_000 * counts.leases
        + 4_000 * (counts.facilities + counts.contracts)
        + 3_000 * counts.costs
        + 2_500 * counts.points
        + 10_000 * counts.tenants
        + 50_000 * counts.payers
    )
    split = 43 * counts.months * (counts.segments + counts.costs) if by_facility else 0
    return resolve + split + _run(counts) + _size(counts) + _pay(counts) + 55 * shown


def _run(counts: Extent) -> float:
    """Nanoseconds of the facilities' cash flow in every case."""
    a_month = (
        150
        + 5 * counts.leases
        + 55 * counts.facilities
        + 5 * counts.contracts
        + 3 * counts.costs
        + 18 * counts.lines
        + 3 * counts.tenants
    )
    return counts.cases * (100_000 + counts.months * a_month)


def _size(counts: Extent) -> float:
    """Nanoseconds of the sizing tests and class limits."""
    return (counts.tests + counts.limits) * (15_000 + 30 * counts.term)


def _pay(counts: Payments) -> float:
    """Nanoseconds of the waterfall: once, and again for every break-even."""
    steps = 125 * counts.payments + 310
    return counts.classes * (130_000 + steps * counts.periods) + counts.periods * (300 + 140 * counts.fees)


def _asked(request: msgspec.Struct, counts: Extent) -> float:
    """Nanoseconds of the points, paths or templates computed beside one underwriting of the deal."""
    points = points_of(request)
    if isinstance(request, ComparisonRequest):
        return points * _pay(counts) + _beside(request, counts)
    if isinstance(request, SensitivityRequest):
        return points * (POINT * _run(counts) + _size(counts) + _pay(counts) / 10)
    if isinstance(request, SimulationRequest):
        lettings = counts.months * (10 + 1.2 * counts.segments)
        return EVENTS_NS + points * (lettings + 0.8 * counts.classes * counts.payments * counts.periods)
    return 0


def _beside(request: ComparisonRequest, counts: Extent) -> float:
    """Nanoseconds of two underwritings, of the deal once more and of the other."""
    others = _others(request)
    both = (counts, *others) if others else ()
    return sum(_once(each, 0, figures(each, by_facility=False), by_facility=False) for each in both)


def _others(request: msgspec.Struct) -> list[Extent]:
    """Size of the deal that a comparison is against, if there is one."""
    against = request.against if isinstance(request, ComparisonRequest) else None
    return [] if against is None else [extent(against, ruleset_of(request))]


def _own(request: msgspec.Struct) -> float:
    """Nanoseconds of a request on a cash flow of the client's own."""
    if isinstance(request, SizingRequest):
        return PLAIN_NS + len(request.tests) * (12_000 + 10 * request.debt.term_months)
    if isinstance(request, WaterfallRequest):
        periods = request.legal_final_months // request.period_months
        steps = 12 if request.steps is None else len(request.steps)
        return PLAIN_NS + len(request.classes) * periods * (300 + 5 * steps)
    return 0


def _check_pool(pool: Pool, most: int, paths: int = 0, *, break_evens: bool = False) -> int:
    """Estimate the work of a pool in all its runs, or on paths."""
    found = pool_work(pool, paths, break_evens=break_evens)
    product = f"{found.loans} loans x {found.months} months x {found.runs} runs"
    if found.break_evens:
        product += f" ({found.break_evens} for break-evens, which `tranches` and `scenarios` alone ask for)"
    return _within(round(found.nanoseconds / UNIT_NS), most, product, "/pool/loans" if paths else "/loans")


def _check_ground(pool: GroundPool, most: int) -> int:
    """Estimate the work of a pool of ground leases: each in every case, and the debt on all of them."""
    leases, cases = len(pool.ground_leases), 1 + len(pool.cases)
    work = round((GROUND_NS + LEASE_NS * leases * cases + _pay(payments_of(pool.structure))) / UNIT_NS)
    return _within(work, most, f"{leases} ground leases x {cases} cases", "/ground_leases")


def _check_file(request: TapeRequest | RentRollRequest, most: int) -> int:
    """Estimate the work of reading a file: its bytes; a workbook is read cell by cell too, and unpacked."""
    work = len(request.content) * FILE_NS[request.file] // UNIT_NS
    if work > most:
        size = f"{len(request.content)} bytes"
        told = f"{size} are the work of {work:.2g} segment-months, at most {most:.2g} are computed."
        raise _too_much(told, "more work than is done for one request", "")
    return work


def _check_book(request: BookRequest, most: int) -> int:
    """Estimate the work of a book: of its deals underwritten, for each default, and on its paths."""
    budget, asked = Budget(most), request.simulation
    stages = 1 + sum(one.top or 1 for one in request.scenarios or ())
    for raw in request.deals:
        try:
            deal, text = read(bytes(raw), Deal)
            work = check(deal, size=len(text))
        except (Refusal, Problem):
            continue  # it is a reject, and costs no more than to be read
        if asked is not None and deal.structure is not None:
            paths = SimulationRequest(deal=deal, paths=asked.paths, seed=asked.seed, factor=asked.factor)
            work += (1 + asked.tail_only) * check(paths, MOST_OF_PATHS)
        budget.spend(stages * work)
    return most - budget.left
