"""Figures of a pool's answer from what its runs computed."""

import math

import numpy as np

from rackrate.deal.answers.credit import LossDistribution
from rackrate.deal.answers.pool import (
    CategoryCapacity,
    CollateralRun,
    PoolSummary,
    PoolTestOutcome,
    ScenarioClass,
    ScenarioFigures,
)
from rackrate.deal.answers.pools.certificates import CertificateRun, PoolWaterfall
from rackrate.deal.answers.pools.concentration import (
    ClassLoss,
    NamedShare,
    ObligorGroup,
    ObligorStress,
    PoolConcentrationFigures,
    YearShare,
)
from rackrate.deal.cases import ISSUER
from rackrate.deal.requests.pool import PoolTest
from rackrate.engine.certificates.runs import PoolRuns, ScenarioRun
from rackrate.engine.pool.cashflow import NEVER_CALLED, PoolCashFlow
from rackrate.engine.pool.coverage import weighted
from rackrate.engine.structure.bonds import average_lives
from rackrate.kernel import records


def finite(number: float) -> float | None:
    """A number, or None where it is infinite or not defined."""
    return number if math.isfinite(number) else None


def quotient(earned: float, due: float) -> float | None:
    """Ratio of two amounts, None over nothing due and where it is beyond the largest number.

    >>> quotient(3.0, 2.0), quotient(3.0, 0.0), quotient(1e9, 1e-305)
    (1.5, None, None)
    """
    return finite(earned / due) if due > 0.0 else None


def listed(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> list[float | None]:
    """Numbers, None for each that is infinite or not defined."""
    return [finite(value) for value in values.tolist()]


def summary(runs: PoolRuns) -> PoolSummary:
    """Summary of a pool: balance, cover, leverage, concentration."""
    cover, spread, loans = runs.covers.of(ISSUER), runs.concentration, runs.loans
    balance, rate = cover.balance, runs.reported_rate
    behind = cover.all_in_ltv
    service = math.fsum(cover.service.tolist())
    value = math.fsum(cover.own_value.tolist())
    return PoolSummary(
        count=len(balance),
        balance=runs.total,
        issued=None if runs.structure is None else runs.sizes.issued,
        wa_rate=weighted(rate, balance),
        wa_net_rate=weighted(rate - loans.fee_rate, balance),
        wa_term_months=weighted(loans.loans["term"].astype(float), balance),
        wa_dscr=weighted(cover.dscr, balance),
        wa_ltv=weighted(cover.ltv, balance),
        wa_debt_yield=weighted(cover.debt_yield, balance),
        wa_all_in_ltv=weighted(np.where(np.isnan(behind), cover.ltv, behind), balance),
        dscr=quotient(math.fsum(cover.own_ncf.tolist()), service),
        ltv=quotient(runs.total, value),
        effective_loans=spread.effective_loans,
        effective_groups=spread.effective_groups,
        top_1_share=spread.top("loan", 1),
        top_5_share=spread.top("loan", 5),
        top_10_share=spread.top("loan", 10),
    )


def capacity(runs: PoolRuns) -> list[CategoryCapacity]:
    """Debt capacity of the pool at each rating category."""
    return [
        CategoryCapacity(
            category=row.category, ce_loan=row.loan_enhancement, ce=row.enhancement, principal=row.principal
        )
        for row in runs.capacity
    ]


def tests(runs: PoolRuns) -> list[PoolTestOutcome]:
    """Result of every test of the pool."""
    found = []
    for test in runs.pool.tests:
        actual = _measured(runs, test)
        at_least = test.kind.startswith("min_")
        slack = None if actual is None else actual - test.limit if at_least else test.limit - actual
        is_share = test.kind == "max_share"
        found.append(
            PoolTestOutcome(
                kind=test.kind,
                name=test.name or test.kind,
                limit=test.limit,
                by=(test.by or "loan") if is_share else None,
                top=(test.top or 1) if is_share else None,
                case=test.case or ISSUER,
                actual=actual,
                slack=slack,
                passes=slack is not None and slack >= -1e-12 * max(1.0, test.limit),
            )
        )
    return found


def _measured(runs: PoolRuns, test: PoolTest) -> float | None:
    cover, spread = runs.covers.of(test.case or ISSUER), runs.concentration
    match test.kind:
        case "min_wa_dscr":
            return weighted(cover.dscr, cover.balance)
        case "max_wa_ltv":
            return weighted(cover.ltv, cover.balance)
        case "min_wa_debt_yield":
            return weighted(cover.debt_yield, cover.balance)
        case "min_effective_loans":
            return spread.effective_loans
        case "min_effective_groups":
            return spread.effective_groups
        case "max_share":
            return spread.top(test.by or "loan", test.top or 1)
        case "max_loss_share":
            return float(runs.run(test.scenario or runs.reported).collateral.loss) / runs.total


def concentration(runs: PoolRuns) -> PoolConcentrationFigures:
    """Concentration of the balance, and losses of its largest obligors."""
    spread = runs.concentration
    by = {
        name: [NamedShare(id=key, share=share) for key, share in pairs] for name, pairs in spread.by.items()
    }
    return PoolConcentrationFigures(
        **by,
        maturity=[YearShare(id=year, share=share) for year, share in spread.maturity],
        hhi=spread.hhi,
        effective_loans=spread.effective_loans,
        groups=[
            ObligorGroup(loans=[runs.pool.loans[x].id for x in group.loans], share=group.share, pd=group.pd)
            for group in spread.groups
        ],
        effective_groups=spread.effective_groups,
        loss_distribution=LossDistribution(
            loss=spread.losses.loss, probability=spread.losses.probability, expected=spread.losses.expected
        ),
        stress=_stress(runs),
    )


def _stress(runs: PoolRuns) -> list[ObligorStress]:
    return [
        ObligorStress(
            kind="tenant" if kind == "tenant" else "sponsor",
            id=name,
            share=share,
            collateral_loss=float(run.collateral.loss),
            classes=[
                ClassLoss(name=row.name, principal_loss=row.principal_loss)
                for row in scenario_classes(runs, run)
            ],
        )
        for kind, name, share, run in runs.stresses()
    ]


def scenario_classes(runs: PoolRuns, run: ScenarioRun) -> list[ScenarioClass]:
    """Figures of every class in one scenario."""
    if runs.structure is None or run.trust is None:
        return []
    lives = average_lives(run.trust.of_classes("principal_paid"))
    return [
        ScenarioClass(name=note.name, wal=life, principal_loss=lost, interest_unpaid=unpaid)
        for note, life, (lost, unpaid) in zip(
            runs.structure.classes, lives, run.trust.losses.tolist(), strict=True
        )
    ]


def scenarios(runs: PoolRuns) -> list[ScenarioFigures]:
    """Summary of every scenario."""
    found = []
    for name in runs.scenarios:
        run = runs.run(name)
        defaulted = math.fsum((runs.loans.balance * run.collateral.of_loans("defaulted")).tolist())
        found.append(
            ScenarioFigures(
                name=name,
                defaulted_share=defaulted / runs.total,
                collateral_loss=float(run.collateral.loss),
                loss_share=float(run.collateral.loss) / runs.total,
                unresolved=float(run.collateral.stated[-1]),
                classes=scenario_classes(runs, run),
            )
        )
    return found


def collateral(runs: PoolRuns) -> CollateralRun:
    """The loans in the reported scenario."""
    found = runs.run(runs.reported).collateral
    shown = [name for name in CollateralRun.__struct_fields__ if name in records.POOL_LINES]
    dates = runs.clock.payment_dates
    return CollateralRun(
        scenario=runs.reported,
        date=dates,
        pool_rate=pool_rates(runs, found),
        called=None if found.called == NEVER_CALLED else dates[found.called],
        unresolved=float(found.stated[-1]),
        **{name: found.line(name).tolist() for name in shown},
    )


def pool_rates(runs: PoolRuns, found: PoolCashFlow) -> list[float]:
    """Net rate of the pool in each month, after the trust's fees; 0 where nothing is stated."""
    fees = [] if runs.structure is None else runs.structure.fees
    annual, rate = math.fsum(fee.annual for fee in fees), math.fsum(fee.rate for fee in fees)
    stated = found.stated[:-1]
    left = found.line("accrued") - (annual + rate * stated) / 12.0
    rates: list[float] = np.maximum(
        0.0, np.divide(left, stated, out=np.zeros(len(stated)), where=stated > 0.0)
    ).tolist()
    return rates


def waterfall(runs: PoolRuns) -> PoolWaterfall | None:
    """The certificates in the reported scenario."""
    run = runs.run(runs.reported)
    if runs.structure is None or run.trust is None:
        return None
    trust, names = run.trust, [note.name for note in runs.structure.classes]
    flows = ("cash", "fees", "reserve", "residual", "premiums_residual", "deficit")
    return PoolWaterfall(
        scenario=runs.reported,
        date=runs.clock.payment_dates,
        tripped=[flag > 0.0 for flag in trust.line("tripped").tolist()],
        controlling=[None if k < 0 else names[int(k)] for k in trust.line("controlling").tolist()],
        classes=[
            CertificateRun(
                name=name,
                principal_loss=float(trust.losses[k, 0]),
                **{line: trust.of_classes(line)[k].tolist() for line in records.CERTIFICATE_SERIES},
            )
            for k, name in enumerate(names)
        ],
        **{name: trust.line(name).tolist() for name in flows},
    )
