"""Underwrite a pool of ground leases: rents in; debt sized and structured on them as in a deal."""

import math
from collections.abc import Iterator

from rackrate import __version__
from rackrate.analyses.deals import figures as metrics
from rackrate.analyses.pools.lessees import concentration
from rackrate.analyses.pools.rent_scenarios import scenarios
from rackrate.deal.answers.figures import BreakEven, DscrSummary, RulesetStamp
from rackrate.deal.answers.ground_pool import (
    GroundLeaseFigures,
    GroundSummary,
    GroundTranche,
    GroundUnderwriting,
)
from rackrate.deal.answers.pool import PoolCaution
from rackrate.deal.answers.runs import CashFlow
from rackrate.deal.answers.sizing import Coverage
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.sizing import Sized, outcome
from rackrate.engine.facility.collateral import months_paid
from rackrate.engine.facility.valuation import value
from rackrate.engine.property.ground_leases import NEVER, YEAR
from rackrate.engine.property.ground_pool import GroundCollateral, lines_of, price_ground_leases
from rackrate.engine.structure.break_even import break_evens
from rackrate.engine.structure.payment import Paid, pay

UNKNOWN = ("ltc", "plcr")  # covers that ground leases have none of: no cost, no project life


def underwrite_ground_leases(
    pool: GroundPool, ruleset: Ruleset, defaults: PoolRuleset, *, id: str
) -> GroundUnderwriting:
    """Underwrite a pool of ground leases.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming the test.
    """
    priced = price_ground_leases(pool, ruleset, defaults)
    sized = size_loan(priced)
    paid = None if pool.structure is None else pay(priced, sized, pool.structure)
    failures = [] if paid is None else break_evens(priced, sized, paid)
    months = months_paid(priced.deal)
    rows = [row for row in coverage(sized) if row.measure not in UNKNOWN and row.basis != "stabilised"]
    dates, case = priced.timeline.payment_dates[:months], priced.paid_case
    figures = _ground_leases(priced, case, months)
    return GroundUnderwriting(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        pool_ruleset=RulesetStamp(name=defaults.name, sha256=defaults.sha256),
        summary=_summary(pool, priced, sized, paid, rows),
        coverage=rows,
        ground_leases=figures,
        sizing=outcome(sized, priced.timeline),
        tranches=[]
        if paid is None
        else _tranches(
            pool, metrics.tranches(paid.structure, paid.capital, paid.terms, paid.run, failures, dates)
        ),
        waterfall=None if paid is None else metrics.waterfall(paid.terms, paid.run, case, dates),
        cash_flow=CashFlow(case=case, date=dates, lines=lines_of(priced, case, months)),
        concentration=concentration(pool, priced),
        break_evens=[
            BreakEven(measure="ncf_haircut", target=target, value=failure.value, status=failure.status)
            for target, failure in failures
        ],
        scenarios=[] if paid is None else list(scenarios(priced, sized, paid)),
        warnings=list(_cautions(figures, defaults)),
    )


def _combined(pool: GroundPool) -> float:
    return math.fsum(lease.combined_value for lease in pool.ground_leases)


def _summary(
    pool: GroundPool, priced: GroundCollateral, sized: Sized, paid: Paid | None, covers: list[Coverage]
) -> GroundSummary:
    case = pool.sizing.case
    income, runs, combined = priced.runs.incomes[case], priced.leases[case], _combined(pool)
    collateral_value = sized.loan.cases[case].value or 0.0
    rows = {
        row.basis: row.value
        for row in covers
        if (row.measure, row.numerator, row.denominator, row.case) == ("dscr", "ncf", "actual", case)
    }
    paying = [run for run in runs if run.coverage() is not None]
    due = math.fsum(math.fsum(run.rent[:YEAR].tolist()) for run in paying)
    earned = math.fsum(math.fsum(run.leasehold[:YEAR].tolist()) for run in paying)
    capital = None if paid is None else paid.capital
    return GroundSummary(
        principal=sized.principal,
        issued=None if capital is None else capital.issued,
        binding_test=str(sized.name(sized.binding)) if capital is None else capital.binding,
        next_test=sized.name(sized.next) if capital is None else capital.next,
        dscr=DscrSummary(closing=rows["closing"], minimum=rows["minimum"], average=rows["average"]),
        ltv=sized.principal / collateral_value if collateral_value else None,
        look_through_ltv=sized.principal / combined if combined else None,
        debt_yield=income.closing["ncf"] / sized.principal,
        ncf=income.closing["ncf"],
        value=collateral_value,
        combined_value=combined,
        coverage=earned / due if due > 0.0 else None,
    )


def _ground_leases(priced: GroundCollateral, case: str, months: int) -> list[GroundLeaseFigures]:
    valued, view = priced.valued[case], priced.bases[case]
    figures = []
    for g, run in enumerate(priced.leases[case]):
        own = valued.one(g)
        own_value = value(view, own)
        lease = run.lease
        figures.append(
            GroundLeaseFigures(
                id=lease.id,
                rent=run.rent_at_closing(),
                coverage=run.coverage(),
                minimum_coverage=run.minimum_coverage(months),
                value=own_value,
                gltv=own_value / lease.combined_value if lease.combined_value else None,
                default_month=None if run.default_month == NEVER else run.default_month,
                cured=None if run.default_month == NEVER else run.cured,
                expiry=run.expiry,
            )
        )
    return figures


def _tranches(pool: GroundPool, found: list[Tranche]) -> list[GroundTranche]:
    combined, before, made = _combined(pool), 0.0, []
    for tranche in found:
        before += tranche.principal
        own = {name: getattr(tranche, name) for name in tranche.__struct_fields__}
        made.append(GroundTranche(**own, look_through_ltv=before / combined if combined else None))
    return made


def _cautions(figures: list[GroundLeaseFigures], defaults: PoolRuleset) -> Iterator[PoolCaution]:
    limits = defaults.ground
    for g, row in enumerate(figures):
        at = f"/ground_leases/{g}"
        if row.coverage is not None and row.coverage < limits.coverage:
            told = f"coverage {row.coverage:.3f} below {limits.coverage:g}"
            yield PoolCaution(code="ground_coverage_low", message=told, pointer=at)
        if row.gltv is not None and row.gltv > limits.gltv:
            told = f"value {row.gltv:.3f} of land and improvements, above {limits.gltv:g}"
            yield PoolCaution(code="gltv_high", message=told, pointer=at)
