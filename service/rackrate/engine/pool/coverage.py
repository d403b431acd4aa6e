"""Loan by loan in every case: income, value, service, cover, and what each rating category would lend."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rackrate.deal.cases import ISSUER
from rackrate.deal.pools.rulesets import CapacityDefaults, HazardTable, PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.engine.debt.terms import level_constant, ratio
from rackrate.engine.pool.loans import Loans
from rackrate.engine.pool.paths import first_service, run_paths, scenario_inputs
from rackrate.engine.pool.scenarios import ScenarioTerms
from rackrate.engine.property.security import Securities, case_key
from rackrate.engine.timeline import Floats

UNDERWRITTEN = "underwritten"
AMORTISING_MONTHS = 360


@dataclass(frozen=True)
class LoanCover:
    """Figures of every loan in one case, [L]; ratios as `ratio` has them, NaN where there is none."""

    case: str
    noi: Floats
    ncf: Floats
    value: Floats
    share: Floats
    balance: Floats
    service: Floats
    interest: Floats
    amortising: Floats
    junior_balance: Floats
    junior_service: Floats

    @property
    def own_ncf(self) -> Floats:
        """This note's share of net cash flow."""
        return self.share * self.ncf

    @property
    def own_value(self) -> Floats:
        """This note's share of value."""
        return self.share * self.value

    @property
    def whole_balance(self) -> Floats:
        """Balance of the whole loan."""
        return ratio(self.balance, self.share)

    @property
    def dscr(self) -> Floats:
        """On net cash flow and actual service."""
        return ratio(self.own_ncf, self.service)

    @property
    def ltv(self) -> Floats:
        """Whole loan to value."""
        return ratio(self.whole_balance, self.value)

    @property
    def debt_yield(self) -> Floats:
        """Net cash flow over balance."""
        return ratio(self.own_ncf, self.balance)

    @property
    def all_in_ltv(self) -> Floats:
        """With debt behind the whole loan; NaN where there is none."""
        found = ratio(self.whole_balance + self.junior_balance, self.value)
        return np.where(self.junior_balance > 0.0, found, np.nan)

    @property
    def all_in_dscr(self) -> Floats:
        """With debt behind the whole loan; NaN where there is none."""
        found = ratio(self.ncf, ratio(self.service, self.share) + self.junior_service)
        return np.where(self.junior_balance > 0.0, found, np.nan)


def named_cases(pool: Pool, defaults: PoolRuleset, scenarios: Mapping[str, ScenarioTerms]) -> list[str]:
    """Cases loans are measured in: the issuer's, the underwriter's, each category's, all the pool names."""
    named = [ISSUER, UNDERWRITTEN, *defaults.capacity, *(case.name for case in pool.cases)]
    named += [terms.case for terms in scenarios.values()]
    if pool.structure is not None:
        named += [pool.structure.case, *(note.case for note in pool.structure.classes if note.case)]
    return list(dict.fromkeys([*named, *(test.case for test in pool.tests if test.case)]))


class Covers:
    """Figures of every loan by case, each computed once."""

    def __init__(
        self,
        pool: Pool,
        defaults: PoolRuleset,
        loans: Loans,
        securities: Securities,
        contract: ScenarioTerms,
    ) -> None:
        """Measure the loans of `pool`, over their first year, on their contracts."""
        self._pool, self._defaults, self._securities, self._contract = pool, defaults, securities, contract
        self._year = loans
        self._made: dict[str, LoanCover] = {}
        junior = [
            (loan.subordinate.balance, loan.subordinate.rate) if loan.subordinate else (0.0, 0.0)
            for loan in pool.loans
        ]
        self._junior = np.array(junior).T

    @property
    def loans(self) -> Loans:
        """The loans over their first year."""
        return self._year

    def of(self, case: str) -> LoanCover:
        """Figures of every loan in a case."""
        if case not in self._made:
            self._made[case] = self._measure(case)
        return self._made[case]

    def _measure(self, case: str) -> LoanCover:
        key, loans = case_key(case), self._year
        security = self._securities.of(key)
        add = self._securities.rate_add(key)
        rate = loans.rate(add)
        year = security.over(loans.timeline.months)
        inputs = scenario_inputs(self._pool, loans, self._contract, self._defaults, year, add)
        path = run_paths(inputs)
        constants = {first: level_constant(first, AMORTISING_MONTHS) for first in set(rate[:, 0].tolist())}
        return LoanCover(
            case=case,
            noi=security.noi,
            ncf=security.closing_ncf,
            value=security.value[:, 0],
            share=loans.share,
            balance=loans.balance,
            service=first_service(loans, rate, path.balance, path.principal),
            interest=(rate * loans.accrual).sum(axis=1) * loans.balance,
            amortising=np.array([constants[first] for first in rate[:, 0].tolist()]) * loans.balance,
            junior_balance=self._junior[0],
            junior_service=self._junior[0] * self._junior[1],
        )

    def capacity(self, category: str) -> Floats:
        """What a category would lend on each loan, in the case of that name [L]."""
        criteria, cover = self._defaults.capacity[category], self.of(category)
        capitalised = self._securities.of(case_key(category)).capitalised_at_closing(criteria.cap_rate)
        on_value = criteria.ltv * np.minimum(cover.value, capitalised)
        lent: Floats = np.minimum(on_value, cover.ncf / (criteria.dscr * criteria.constant)) * cover.share
        return np.minimum(cover.balance, np.maximum(0.0, lent))


def default_probability(table: HazardTable, dscr: float, ltv: float) -> float:
    """One-year default probability at a cover and a loan to value; NaN stands for no service, and no value.

    >>> table = HazardTable(dscr_below=[1.0], ltv_up_to=[0.5], pd=[[0.2, 0.4], [0.01, 0.05]])
    >>> default_probability(table, 0.9, 0.5), default_probability(table, math.nan, math.nan)
    (0.2, 0.05)
    """
    row = sum(not dscr < bound for bound in table.dscr_below)
    column = sum(not ltv <= bound for bound in table.ltv_up_to)
    return table.pd[row][column]


def weighted(values: Floats, weights: Floats) -> float | None:
    """Mean of the figures there are, weighted; None where there is none.

    >>> weighted(np.array([1.0, math.nan, 3.0]), np.array([1.0, 5.0, 1.0]))
    2.0
    >>> weighted(np.array([1e308, 1e308]), np.array([1e6, 5e-324]))
    1e+308
    """
    known = np.isfinite(values)
    total = math.fsum(weights[known].tolist())
    if not total > 0.0:
        return None
    exponent = -math.frexp(total)[1]  # weights by a power of two: no product overflows, no bit moves
    parts = values[known] * np.ldexp(weights[known], exponent)
    return math.fsum(parts.tolist()) / math.ldexp(total, exponent)


def enhancement(criteria: CapacityDefaults, loan: float, effective_groups: float, largest: float) -> float:
    """Credit enhancement of a category: the loans' less what diversity earns, above floor and obligors."""
    diverse = loan * (1.0 - criteria.diversity * (1.0 - 1.0 / math.sqrt(effective_groups)))
    return max(diverse, criteria.floor, criteria.severity * largest)
