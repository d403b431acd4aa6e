"""Figures of an underwriting from what the engine computed: summary, bridge, tranches, cash flow, credit."""

# Design: NaN and infinities end here. A figure that is not defined is null; nothing is changed or rounded.

import math
from datetime import date

import numpy as np

from rackrate.deal.answers.credit import (
    CreditFigures,
    LeaseFigures,
    LossDistribution,
    LossExceedance,
    TenantFigures,
)
from rackrate.deal.answers.figures import BreakEvenTarget, BridgeLine, BridgeStep, DscrSummary, Summary
from rackrate.deal.answers.runs import CashFlow, FacilityCashFlow, PowerRun, WaterfallRun
from rackrate.deal.answers.sizing import Coverage as CoverageRow
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.structure import Structure
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.cashflow import ScenarioCashFlows
from rackrate.engine.facility.concentration import Concentration, concentration
from rackrate.engine.facility.income import Runs
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.facility.tenant_losses import exceedance, losses
from rackrate.engine.facility.tenant_survival import cumulative_pd
from rackrate.engine.structure.bonds import average_lives, durations, yields
from rackrate.engine.structure.first_failure import Failure
from rackrate.engine.structure.reporting import report
from rackrate.engine.structure.tranches import Capital
from rackrate.engine.structure.waterfall import WaterfallResult
from rackrate.engine.structure.waterfall_terms import WaterfallTerms
from rackrate.engine.timeline import Floats, timeline
from rackrate.kernel import records

POWER_SERIES = tuple(name for name in records.SUPPLY if name != "hedged_mwh")


def bridge(runs: Runs, bridged: str) -> tuple[list[BridgeLine], list[BridgeStep]]:
    """Closing figures of the issuer's case beside the sizing case, and the steps between them."""
    issuer, underwritten = runs.incomes["issuer"].closing, runs.incomes[bridged].closing
    lines = [
        BridgeLine(line=line, issuer=issuer[line], underwritten=underwritten[line])
        for line in runs.flow.line_names()
    ]
    return lines, [BridgeStep(adjustment=name, ncf_change=change) for name, change in runs.bridge]


def summary(
    sized: Sized, capital: Capital | None, runs: Runs, coverage: list[CoverageRow], pool: Concentration
) -> Summary:
    """Summary of an underwriting: principal, binding test, DSCR, LTV, debt yield, concentration."""
    case = sized.loan.case
    flows, income = sized.loan.cases[case], runs.incomes[str(case)]

    def dscr(basis: str) -> float | None:
        labels = ("dscr", "ncf", "actual", basis, case)
        return next(
            row.value
            for row in coverage
            if (row.measure, row.numerator, row.denominator, row.basis, row.case) == labels
        )

    value = flows.value or 0.0
    return Summary(
        principal=sized.principal,
        issued=None if capital is None else capital.issued,
        binding_test=str(sized.name(sized.binding)) if capital is None else capital.binding,
        next_test=sized.name(sized.next) if capital is None else capital.next,
        dscr=DscrSummary(closing=dscr("closing"), minimum=dscr("minimum"), average=dscr("average")),
        ltv=sized.principal / value if value else None,
        debt_yield=income.closing["ncf"] / sized.principal,
        noi=income.closing["noi"],
        ncf=income.closing["ncf"],
        value=value,
        walt_years=pool.walt_years,
        effective_tenants=pool.effective_tenants,
        top_tenant_share=pool.top(1),
    )


def cash_flow(
    flow: ScenarioCashFlows,
    scenario: int,
    case: str,
    dates: list[date],
    deal: Deal,
    by_facility: ScenarioCashFlows | None,
) -> CashFlow:
    """The lines of one scenario over the payment dates given; by facility too, where that was run."""
    months = len(dates)
    names = flow.line_names()
    lines = dict(zip(names, flow.whole(scenario)[:, :months].tolist(), strict=True))
    if by_facility is None:
        return CashFlow(case=case, date=dates, lines=lines)
    facilities = [
        FacilityCashFlow(
            id=facility.id,
            lines={name: by_facility.group_line(name, f)[0, :months].tolist() for name in names},
        )
        for f, facility in enumerate(deal.facilities)
    ]
    return CashFlow(case=case, date=dates, lines=lines, facilities=facilities)


def power(flow: ScenarioCashFlows, scenario: int, months: int, term: int) -> PowerRun:
    """Power of one scenario, and the share of load that is hedged over the debt's term."""
    series = {name: flow.supply(name)[scenario, :months].tolist() for name in POWER_SERIES}
    hedged, load = (
        math.fsum(flow.supply(name)[scenario, :term].tolist()) for name in ("hedged_mwh", "load_mwh")
    )
    return PowerRun(**series, hedged_share=min(1.0, hedged / load) if load else None)


def credit(resolved: Resolved, deal: Deal, ruleset: Ruleset) -> tuple[CreditFigures, Concentration]:
    """Concentration of the rent roll and the exact loss distribution of one period of defaults."""
    pool = concentration(resolved, len(deal.tenants))
    rules = ruleset.credit
    table = cumulative_pd(resolved.hazards, [*rules.horizons, rules.loss_horizon_years])
    table, ahead = table[:, :-1], table[:, -1]
    order = sorted(range(len(deal.tenants)), key=lambda t: -pool.share[t])
    spread = losses(pool.share, ahead, rules.asset_correlation, rules.lgd)
    shares, beyond = exceedance(spread)
    figures = CreditFigures(
        tenants=[
            TenantFigures(
                id=deal.tenants[t].id,
                share=float(pool.share[t]),
                share_kw=float(pool.share_kw[t]),
                cumulative_pd=table[t].tolist(),
            )
            for t in order
        ],
        hhi=pool.hhi,
        effective_tenants=pool.effective_tenants,
        hhi_kw=pool.hhi_kw,
        effective_tenants_kw=1.0 / pool.hhi_kw if pool.hhi_kw else 0.0,
        top_1_share=pool.top(1),
        top_5_share=pool.top(5),
        loss_distribution=LossDistribution(
            loss=spread.loss, probability=spread.probability, expected=spread.expected
        ),
        loss_exceedance=LossExceedance(loss=shares, probability=beyond),
        leases=_lease_figures(resolved, deal, pool),
    )
    return figures, pool


def _lease_figures(resolved: Resolved, deal: Deal, pool: Concentration) -> list[LeaseFigures]:
    """Every lease, in the order of the deal: its share of rent, its end."""
    ends = resolved.leases["commencement"] + resolved.leases["term"]
    days = timeline(deal.closing, int(ends.max(initial=0))).boundaries[ends].tolist()
    names = [(facility.id, lease.id) for facility in deal.facilities for lease in facility.leases]
    return [
        LeaseFigures(facility=facility, id=lease, share=share, expiry=day)
        for (facility, lease), share, day in zip(names, pool.lease_share.tolist(), days, strict=True)
    ]


def tranches(
    structure: Structure,
    capital: Capital,
    terms: WaterfallTerms,
    run: WaterfallResult,
    failures: list[tuple[BreakEvenTarget, Failure]],
    dates: list[date],
) -> list[Tranche]:
    """Each class as issued: its place and cover, its life and yield, the haircut it withstands.

    Scenarios of the run: as reported, refinanced at the ARD (lives, yield and duration to ARD), and refused.
    """
    notes = structure.classes
    principals = np.array([note.principal for note in terms.notes])
    price = (principals * np.array([note.price for note in notes])).tolist()
    flows = np.ascontiguousarray(run.interest_paid[1] + run.principal_paid[1])
    months = terms.period_months
    lives, finals = (average_lives(np.ascontiguousarray(run.principal_paid[s]), months) for s in (1, 2))
    rate, life = yields(flows, price, months), durations(flows, price, months)
    losses = {target.first_loss: failure.value for target, failure in failures if target.first_loss}
    return [
        Tranche(
            name=issued.name,
            principal=issued.principal,
            coupon=issued.coupon,
            attachment=issued.attachment,
            detachment=issued.detachment,
            credit_enhancement=issued.credit_enhancement,
            subordination=None if issued.detachment.debt is None else 1.0 - issued.detachment.debt,
            ltv=issued.ltv,
            dscr=issued.dscr,
            debt_yield=issued.debt_yield,
            wal_to_ard=lives[k],
            wal_to_final=finals[k],
            duration=life[k],
            price=notes[k].price,
            yield_=rate[k],
            window=window(run.principal_paid[0, k], dates[months - 1 :: months]),
            break_even_haircut=losses[issued.name],
            supports=issued.supports,
            limits=issued.limits,
        )
        for k, issued in enumerate(capital.classes)
    ]


def window(principal: Floats, dates: list[date]) -> list[date] | None:
    """First and last date on which principal is paid; None if it never is.

    >>> import numpy as np
    >>> window(np.array([0.0, 1.0, 0.0]), [date(2027, month, 1) for month in (1, 2, 3)])
    [datetime.date(2027, 2, 1), datetime.date(2027, 2, 1)]
    """
    paid = np.flatnonzero(principal > 0.0)
    return [dates[paid[0]], dates[paid[-1]]] if len(paid) else None


def waterfall(terms: WaterfallTerms, run: WaterfallResult, case: str, dates: list[date]) -> WaterfallRun:
    """The waterfall as paid under the refinance test, over its payment dates."""
    periods = run.available.shape[1]
    return report(terms, run, 0, case, dates[terms.period_months - 1 :: terms.period_months][:periods])
