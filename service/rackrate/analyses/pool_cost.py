"""Cost of a pool of loans, estimated in nanoseconds from its shape before anything is computed.

Loans are run in every month of every scenario, path and point of a break-even, and their defaults by rates
until the sale besides; certificates are paid in each of them, class by class and step by step. The weights
are nanoseconds of one core measured on generated pools, and a test holds the sum to the time taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rackrate.analyses.registry import pool_ruleset_of
from rackrate.deal.pools.certificates import Certificates
from rackrate.deal.pools.rulesets import ScenarioDefaults
from rackrate.deal.pools.scenarios import BASE, CONTRACT, PoolScenario
from rackrate.deal.requests.pool import Pool, horizon_months
from rackrate.engine.certificates.templates import steps_of

SCANNED, SOLVED = 283, 36  # points of the scans, and those that solve a class
STRESSES = 10  # runs of the reported scenario with an obligor in default
CASES = 9  # in which a pool is measured, whatever it names
POOL_NS, LOAN_NS, SEGMENT_MONTH_NS = 4_000_000, 40_000, 50  # of a pool; of each loan and lease in each case
RUN_NS, SCENARIO_NS, PATH_NS = 10_000, 300_000, 20_000  # of a run, and of a scenario and a path besides
LOAN_MONTH_NS, AGE_NS = 10, 1.4  # in a run; for each month since a default by rates
TRUST_NS, CLASS_NS, PAIR_NS, PAID_NS = 350, 3, 1.3, 4  # a month: of classes, of each two, of each in a step


@dataclass(frozen=True)
class PoolWork:
    """Runs of a pool, and the nanoseconds they and all else take."""

    loans: int
    months: int
    runs: int
    break_evens: int  # of those runs
    nanoseconds: float


def pool_work(pool: Pool, paths: int, *, break_evens: bool) -> PoolWork:
    """Estimate a pool in all its scenarios, and on so many paths of one of them."""
    loans, months, structure = len(pool.loans), horizon_months(pool), pool.structure
    by_name = dict(_scenarios(pool))
    reported = by_name[BASE if structure is None else structure.scenario]
    classes = 0 if structure is None else len(structure.classes)
    points = SCANNED + SOLVED * classes if classes and break_evens else 0
    segments = sum(1 + len(facility.leases) + len(facility.power) for facility in pool.facilities)
    cases = CASES + len(pool.cases) + len(by_name)
    paid = RUN_NS + months * _trust_month(structure)
    resolved = POOL_NS + cases * (LOAN_NS * loans + SEGMENT_MONTH_NS * segments * months)
    if paths:
        each = PATH_NS + paid + loans * months * LOAN_MONTH_NS
        return PoolWork(loans, months, paths, 0, resolved + paths * each)
    scenarios = [*by_name.values(), *[reported] * STRESSES]
    run = sum(SCENARIO_NS + paid + loans * months * a_month for a_month in scenarios)
    run += points * (paid + loans * months * reported)
    return PoolWork(loans, months, len(scenarios) + points, points, resolved + run)


def _scenarios(pool: Pool) -> Iterator[tuple[str, float]]:
    """Every scenario of a pool by name, with the nanoseconds of a loan's month in it."""
    standard, months = pool_ruleset_of(pool).scenario, horizon_months(pool)
    yield CONTRACT, LOAN_MONTH_NS
    yield BASE, _loan_month(PoolScenario(name=BASE), standard, months)
    yield from ((told.name, _loan_month(told, standard, months)) for told in pool.scenarios)


def _loan_month(told: PoolScenario, standard: ScenarioDefaults, months: int) -> float:
    """Nanoseconds of a loan's month: where loans default by rates, each month has defaults of its own."""
    cdr = standard.cdr if told.cdr is None else told.cdr
    hazard = standard.hazard if told.hazard is None else told.hazard
    if not hazard and not (any(value for _, value in cdr) if isinstance(cdr, list) else cdr):
        return LOAN_MONTH_NS
    recovery = standard.recovery_months if told.recovery_months is None else told.recovery_months
    return LOAN_MONTH_NS + AGE_NS * min(recovery, months / 2)


def _trust_month(structure: Certificates | None) -> float:
    """Nanoseconds of a month of the certificates."""
    if structure is None:
        return 0.0
    classes = len(structure.classes)
    paid = sum(classes if step.classes is None else len(step.classes) for step in steps_of(structure))
    return TRUST_NS + CLASS_NS * classes + PAIR_NS * classes**2 + PAID_NS * paid
