"""Collateral cash flow of a pool in a scenario: collections, defaults, recoveries, balances."""

# Design: paths depend on properties and rates alone; masses and recoveries are run on them. A break-even of
# default rates or of severity runs the second stage only.

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.engine.debt.interest_rates import all_in
from rackrate.engine.debt.terms import level_constant
from rackrate.engine.pool.loans import Loans, moved_rate, rates
from rackrate.engine.pool.scenarios import Recovery, ScenarioTerms
from rackrate.engine.property.security import Security
from rackrate.engine.rows import Integers, Rows, rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

LINE = {name: k for k, name in enumerate(records.POOL_LINES)}
OUTCOME = {name: k for k, name in enumerate(records.POOL_OUTCOME)}
ADVANCES = ("none", "interest", "principal_and_interest")
TOLERANCE = 1e-6  # of a currency unit
NEVER_CALLED = -1


class BalanceNotConserved(Exception):  # noqa: N818  says what is wrong, as refusals do
    """Balances or advances do not add up: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class ScenarioInputs:
    """What a scenario's runs read that no haircut, severity or multiple moves (axes: L loan, M month)."""

    pool: Pool
    loans: Loans
    terms: ScenarioTerms
    defaults: PoolRuleset
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
    """Resolve a scenario on its case's properties."""
    clock, add, table = loans.timeline, terms.rate_add + case_rate_add, defaults.hazard
    return ScenarioInputs(
        pool=pool,
        loans=loans,
        terms=terms,
        defaults=defaults,
        security=security,
        rate=rates(pool, clock, add),
        add=add,
        advance_rate=moved_rate(terms.advance_rate, clock.curve(pool.market.base_rate), add),
        cdr=clock.curve(terms.cdr),
        cpr=np.array([clock.curve(curve) for curve in terms.cpr]),
        scripted=scripted(pool, terms),
        hazard=(np.array(table.dscr_below), np.array(table.ltv_up_to), np.array(table.pd)),
    )


@dataclass(frozen=True)
class Paths:
    """Loans of a scenario without default, and the value of their properties (axes: L loan, M month).

    `value` and `worth` are [L, M + 1]: the less of value and capitalised cash flow, and what a sale brings.
    """

    inputs: ScenarioInputs
    recovery: Recovery
    stated_value: Floats
    value: Floats
    worth: Floats
    closing_cover: Floats
    balance: Floats
    principal: Floats
    cover: Floats
    premium: Floats
    ends: Integers

    def severe(self, severity: float) -> "Paths":
        """The same loans with every recovery replaced by a severity; what the hazard reads stays."""
        return replace(self, recovery=_stated_severity(severity), worth=self.stated_value)


def _stated_severity(severity: float) -> Recovery:
    return Recovery(severity=severity, cap_rate=None, costs=0.0, decline=0.0)


@dataclass(frozen=True)
class Collateral:
    """Cash flow of a pool in a scenario: lines [len(POOL_LINES), M], outcomes [L, len(POOL_OUTCOME)].

    `stated` [M + 1] is the balance at each boundary; `called` the month of the clean-up call, -1 for none.
    """

    lines: Floats
    outcome: Floats
    stated: Floats
    called: int

    def line(self, name: str) -> Floats:
        """One line by month."""
        row: Floats = self.lines[LINE[name]]
        return row

    def of_loans(self, name: str) -> Floats:
        """One outcome of each loan."""
        return self.outcome[:, OUTCOME[name]]

    @cached_property
    def interest_funds(self) -> Floats:
        """Interest that reaches the certificates."""
        received = self.line("interest") - self.line("strip") + self.line("interest_advanced")
        funds: Floats = received + self.line("interest_recovered") - self.line("special_servicing")
        return funds

    @cached_property
    def principal_funds(self) -> Floats:
        """Principal that reaches the certificates; a negative recovery takes from it."""
        paid = self.line("scheduled") + self.line("prepaid") + self.line("balloon")
        funds: Floats = paid + self.line("principal_advanced") + self.line("principal_recovered")
        return funds

    @property
    def defaulted_at_start(self) -> Floats:
        """Defaulted part of the stated balance at the start of each month."""
        return np.concatenate([[0.0], self.line("defaulted")[:-1]])

    @property
    def loss(self) -> float:
        """Realised losses of the whole run."""
        return float(self.line("realised_loss").sum())


def run_paths(inputs: ScenarioInputs, haircut: float = 0.0) -> Paths:
    """Run every loan to its repayment or its maturity default, its property cut by a haircut."""
    loans, terms, security = inputs.loans, inputs.terms, inputs.security
    recovery, months = terms.recovery, loans.timeline.months
    stated_value = np.ascontiguousarray((1.0 - haircut) * security.value)
    value = stated_value
    if recovery.cap_rate is not None:
        value = np.minimum(stated_value, security.capitalised(recovery.cap_rate, haircut))
    shape = inputs.rate.shape
    balance, principal, cover = np.empty((shape[0], months + 1)), np.empty(shape), np.empty(shape)
    premium, ends = np.empty(shape), np.empty((shape[0], 2), dtype=np.int64)
    kernel.pool_paths(
        loans.loans,
        terms_row(terms, terms.recovery, inputs.defaults, 1.0),
        inputs.rate,
        loans.accrual,
        np.ascontiguousarray((security.ncf - haircut * security.positive)[:, :months]),
        _supported(inputs, haircut),
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
    closing = (security.closing_ncf - haircut * security.closing_positive) * loans.share
    service = first_service(loans, inputs.rate, balance, principal)
    return Paths(
        inputs=inputs,
        recovery=recovery,
        stated_value=stated_value,
        value=value,
        worth=stated_value if recovery.severity is not None else (1.0 - recovery.decline) * value,
        closing_cover=np.divide(closing, service, out=np.full(len(service), np.inf), where=service > 0.0),
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


def _supported(inputs: ScenarioInputs, haircut: float) -> Floats:
    """Whole loan that the refinance test allows at each boundary [L, M + 1]."""
    test, security = inputs.terms.refinance, inputs.security
    supported = np.full(security.year.shape, np.inf)
    if test.dscr is not None and test.rate is not None and test.months is not None:
        constant = level_constant(all_in(test.rate, inputs.add), test.months)
        income = np.maximum(security.year - haircut * security.year_of_positive, 0.0)
        supported = income / (test.dscr * constant)
    if test.ltv is not None and test.cap_rate is not None:
        supported = np.minimum(supported, test.ltv * security.capitalised(test.cap_rate, haircut))
    return supported


def terms_row(terms: ScenarioTerms, recovery: Recovery, defaults: PoolRuleset, multiple: float) -> Rows:
    """The kernel's row of a scenario, its default rates multiplied."""
    below = terms.default_below
    return rows(
        records.POOL_TERMS,
        [
            {
                "extension_months": terms.extension_months,
                "retest_months": terms.retest_months,
                "test_maturity": terms.test_maturity,
                "recovery_months": terms.recovery_months,
                "severity_stated": recovery.severity is not None,
                "advances": ADVANCES.index(terms.advances),
                "reduction_months": terms.reduction_months,
                "below_months": 0 if below is None else below.months,
                "arrears_default": terms.arrears_default,
                "extension_sweep": terms.extension_sweep,
                "costs": recovery.costs,
                "severity": recovery.severity or 0.0,
                "appraisal_share": terms.appraisal_share,
                "stop_share": terms.stop_share,
                "below_dscr": 0.0 if below is None else below.dscr,
                "hazard": terms.hazard,
                "cdr_multiple": multiple,
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


def run_collateral(
    paths: Paths, call_share: float, multiple: float = 1.0, script: Integers | None = None
) -> Collateral:
    """Run defaults, recoveries, advances and prepayments on the paths of a scenario.

    Parameters
    ----------
    call_share : float
        Share of the pool at or below which the rest is bought.
    multiple : float
        Of the default rates.
    script : int64[L] or None
        Months of scripted defaults; None for the scenario's own.

    Raises
    ------
    BalanceNotConserved
        If a month does not add up.
    """
    months = paths.inputs.loans.timeline.months
    found = _run(paths, months, multiple, script)
    _assert_conserved(found, paths)
    called = _called(found, call_share)
    if called == NEVER_CALLED:
        return found
    return _call(_run(paths, called + 1, multiple, script), found, called)


def _run(paths: Paths, months: int, multiple: float, script: Integers | None) -> Collateral:
    inputs, loans = paths.inputs, paths.inputs.loans
    part, outcome = np.empty((len(LINE), months)), np.empty((len(loans.loans), len(OUTCOME)))
    kernel.pool_collateral(
        loans.loans,
        terms_row(inputs.terms, paths.recovery, inputs.defaults, multiple),
        inputs.rate,
        loans.accrual,
        paths.value,
        paths.worth,
        loans.timeline.days,
        inputs.advance_rate,
        inputs.cdr,
        inputs.cpr,
        inputs.scripted if script is None else script,
        paths.closing_cover,
        *inputs.hazard,
        loans.protection,
        paths.balance,
        paths.principal,
        paths.cover,
        paths.premium,
        paths.ends,
        part,
        outcome,
    )
    lines = np.zeros((len(LINE), loans.timeline.months))
    lines[:, :months] = part
    start = math.fsum(loans.balance.tolist())
    return Collateral(lines, outcome, np.concatenate([[start], lines[LINE["balance"]]]), NEVER_CALLED)


def _called(found: Collateral, share: float) -> int:
    """Month of the clean-up call; -1 for none."""
    before = found.stated[:-1]
    small = (before > 0.0) & (before <= share * found.stated[0]) & (found.stated[1:] > 0.0)
    small &= found.line("defaulted") == 0.0
    return int(np.argmax(small)) if small.any() else NEVER_CALLED


def _call(short: Collateral, whole: Collateral, called: int) -> Collateral:
    """The collateral with what is left bought at the end of a month."""
    lines, stated = short.lines, whole.stated.copy()
    lines[LINE["balloon"], called] += stated[called + 1]
    lines[LINE["balance"], called:] = 0.0
    stated[called + 1 :] = 0.0
    left = short.outcome[:, OUTCOME["left"]]
    short.outcome[:, OUTCOME["repaid"]] += left
    short.outcome[:, OUTCOME["left"]] = 0.0
    return Collateral(lines, short.outcome, stated, called)


def _assert_conserved(found: Collateral, paths: Paths) -> None:
    """Check, month by month, that stated balance and advances add up."""
    fall = found.stated[:-1] - found.stated[1:]
    off = np.abs(fall - found.principal_funds - found.line("realised_loss"))
    room = TOLERANCE + 1e-13 * found.stated[0]
    if float(off.max(initial=0.0)) > room:
        raise BalanceNotConserved(f"month {int(off.argmax())}: stated balance is off by {off.max()}")
    loans, terms = paths.inputs.loans.loans, paths.inputs.terms
    arrears = loans["advances"][loans["in_arrears"] == 1]
    opening = float(arrears.sum()) if terms.arrears_default else 0.0
    before = np.concatenate([[opening], found.line("advances_outstanding")[:-1]])
    made = found.line("interest_advanced") + found.line("principal_advanced") - found.line("reimbursed")
    off = np.abs(before + made - found.line("advances_outstanding"))
    if float(off.max(initial=0.0)) > room:
        raise BalanceNotConserved(f"month {int(off.argmax())}: advances are off by {off.max()}")
