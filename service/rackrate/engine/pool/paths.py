"""Loans of a scenario without default: balances, cover, premiums, and the value of their properties."""

import math
from dataclasses import dataclass, replace

import numpy as np

from rackrate import kernel
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.engine.debt.interest_rates import all_in
from rackrate.engine.debt.terms import level_constant, ratio
from rackrate.engine.pool.loans import Loans, moved_rate
from rackrate.engine.pool.scenarios import ScenarioTerms
from rackrate.engine.property.security import Security
from rackrate.engine.rows import Integers, Rows, rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

ADVANCES = {
    "none": records.NO_ADVANCES,
    "interest": records.INTEREST_ADVANCES,
    "principal_and_interest": records.PRINCIPAL_AND_INTEREST_ADVANCES,
}


@dataclass(frozen=True)
class ScenarioInputs:
    """What a scenario's runs read that no haircut, severity or multiple moves (axes: L loan, M month)."""

    loans: Loans
    terms: ScenarioTerms
    row: Rows
    security: Security
    rate: Floats
    add: float
    advance_rate: Floats
    cdr: Floats
    cpr: Floats
    scripted: Integers
    hazard: tuple[Floats, Floats, Floats]


def scenario_inputs(
    pool: Pool,
    loans: Loans,
    terms: ScenarioTerms,
    defaults: PoolRuleset,
    security: Security,
    case_rate_add: float,
) -> ScenarioInputs:
    """Put together a scenario, its loans and its case's properties, over the months of the loans."""
    months, add, table = loans.timeline.months, terms.rate_add + case_rate_add, defaults.hazard
    return ScenarioInputs(
        loans=loans,
        terms=terms,
        row=_terms_row(terms, defaults),
        security=security,
        rate=loans.rate(add),
        add=add,
        advance_rate=moved_rate(terms.advance_rate, loans.base, add),
        cdr=terms.cdr[:months],
        cpr=np.ascontiguousarray(terms.cpr[:, :months]),
        scripted=scripted(pool, terms),
        hazard=(np.array(table.dscr_below), np.array(table.ltv_up_to), np.array(table.pd)),
    )


@dataclass(frozen=True)
class Paths:
    """Loans of a scenario without default, and the value of their properties (axes: L loan, M month).

    `value` and `sale_value` are [L, M + 1]: the less of value and capitalised cash flow; proceeds of a sale.
    """

    inputs: ScenarioInputs
    row: Rows
    stated_value: Floats
    value: Floats
    sale_value: Floats
    closing_cover: Floats
    balance: Floats
    principal: Floats
    cover: Floats
    premium: Floats
    ends: Integers

    def severe(self) -> "Paths":
        """The same loans with every recovery replaced by a severity; what the hazard reads stays."""
        row = self.row.copy()
        row["severity_stated"], row["severity"], row["costs"] = 1, 0.0, 0.0
        return replace(self, row=row, sale_value=self.stated_value)


def run_paths(inputs: ScenarioInputs) -> Paths:
    """Run every loan to its repayment or its maturity default."""
    loans, terms, security = inputs.loans, inputs.terms, inputs.security
    recovery, months = terms.recovery, loans.timeline.months
    value = security.value
    if recovery.cap_rate is not None:
        value = security.capitalised(recovery.cap_rate)
        np.minimum(security.value, value, out=value)
    shape = inputs.rate.shape
    balance, principal, cover = np.empty((shape[0], months + 1)), np.empty(shape), np.empty(shape)
    premium, ends = np.empty(shape), np.empty((shape[0], 2), dtype=np.int64)
    kernel.pool_paths(
        loans.loans,
        inputs.row,
        inputs.rate,
        loans.accrual,
        security.ncf,
        _supported(inputs),
        loans.target,
        loans.treasury,
        loans.protection,
        loans.premium_terms,
        balance,
        principal,
        cover,
        premium,
        ends,
    )
    closing = security.closing_ncf * loans.share
    service = first_service(loans, inputs.rate, balance, principal)
    return Paths(
        inputs=inputs,
        row=inputs.row,
        stated_value=security.value,
        value=value,
        sale_value=value if recovery.severity is not None else (1.0 - recovery.decline) * value,
        closing_cover=ratio(closing, service, math.inf),
        balance=balance,
        principal=principal,
        cover=cover,
        premium=premium,
        ends=ends,
    )


def first_service(loans: Loans, rate: Floats, balance: Floats, principal: Floats) -> Floats:
    """Yearly service of each loan's first contract year, [L]; a shorter contract scaled up."""
    ard = loans.loans["ard"]
    end = np.minimum(12, np.where(ard > 0, ard, loans.loans["term"]))
    year = slice(0, min(12, rate.shape[1]))
    paid = balance[:, year] * rate[:, year] * loans.accrual[:, year] + principal[:, year]
    within = np.arange(paid.shape[1])[None, :] < end[:, None]
    service: Floats = np.where(within, paid, 0.0).sum(axis=1) * 12.0 / end
    return service


@dataclass(frozen=True)
class RefinanceLimits:
    """What a loan may be refinanced at: yearly cash flow asked for on 1, a share of it capitalised.

    A leg whose `dscr_constant` or `cap_rate` is 0 is not tested.
    """

    dscr_constant: float = 0.0
    ltv: float = 0.0
    cap_rate: float = 0.0


def refinance_limits(inputs: ScenarioInputs) -> RefinanceLimits:
    """The legs of a scenario's refinance test."""
    test, limits = inputs.terms.refinance, RefinanceLimits()
    if not inputs.terms.test_maturity:
        return limits
    if test.dscr is not None and test.rate is not None and test.months is not None:
        constant = level_constant(all_in(test.rate, inputs.add), test.months)
        limits = replace(limits, dscr_constant=test.dscr * constant)
    if test.ltv is not None and test.cap_rate is not None:
        limits = replace(limits, ltv=test.ltv, cap_rate=test.cap_rate)
    return limits


def _supported(inputs: ScenarioInputs) -> Floats:
    """Whole loan that the refinance test allows at each boundary [L, M + 1]."""
    limits, security = refinance_limits(inputs), inputs.security
    supported = security.unlimited
    if limits.dscr_constant > 0.0:
        supported = security.income / limits.dscr_constant
    if limits.cap_rate > 0.0:
        on_value = security.capitalised(limits.cap_rate)
        on_value *= limits.ltv
        supported = np.minimum(supported, on_value, out=on_value)
    return supported


def _terms_row(terms: ScenarioTerms, defaults: PoolRuleset) -> Rows:
    """The kernel's row of a scenario."""
    below = terms.default_below
    return rows(
        records.POOL_TERMS,
        [
            {
                "extension_months": terms.extension_months,
                "retest_months": terms.retest_months,
                "test_maturity": terms.test_maturity,
                "recovery_months": terms.recovery_months,
                "severity_stated": terms.recovery.severity is not None,
                "advances": ADVANCES[terms.advances],
                "reduction_months": terms.reduction_months,
                "below_months": 0 if below is None else below.months,
                "arrears_default": terms.arrears_default,
                "extension_sweep": terms.extension_sweep,
                "costs": terms.recovery.costs,
                "severity": terms.recovery.severity or 0.0,
                "appraisal_share": terms.appraisal_share,
                "stop_share": terms.stop_share,
                "below_dscr": 0.0 if below is None else below.dscr,
                "hazard": terms.hazard,
                "cdr_multiple": 1.0,
                "special_servicing": defaults.fees.special_servicing,
            }
        ],
    )


def scripted(pool: Pool, terms: ScenarioTerms) -> Integers:
    """Month in which the scenario makes each loan default, by itself or with its sponsor; -1 for none."""
    months = []
    for loan in pool.loans:
        named = [terms.loan_defaults.get(loan.id), terms.sponsor_defaults.get(loan.sponsor or "")]
        months.append(min((month for month in named if month is not None), default=-1))
    return np.array(months, dtype=np.int64)
