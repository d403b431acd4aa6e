"""Loans for tests: sixty months of level or falling cash flow, round figures, one case or several."""

import math
from datetime import date

import numpy as np

from rackrate.deal.debt import InterestOnly, Level, Sculpted, TargetBalance
from rackrate.deal.sizing_tests import (
    EquipmentTest,
    MaxLeverage,
    MaxLtc,
    MaxLtv,
    MinDebtYield,
    MinDscr,
    MinLlcr,
    MinPlcr,
    Refinance,
    SculptedTest,
)
from rackrate.engine.debt.loan import arrange
from rackrate.engine.debt.sizing import size
from rackrate.engine.debt.terms import DebtTerms, EquipmentCollateral, Flows, Year

MONTHS = 96
CASE = "underwritten"
REFINANCE = Refinance(rate=0.075, months=360, dscr=1.25, ltv=0.65, cap_rate=0.08)
EVERY_TEST = [
    MaxLtv(limit=0.7),
    MaxLtc(limit=0.8),
    MinDebtYield(limit=0.1),
    MaxLeverage(limit=9.0),
    MinDscr(limit=1.3),
    MinDscr(limit=1.4, service="interest_only", numerator="noi", name="noi"),
    MinDscr(limit=1.2, service="amortising", months=300, basis="stabilised", name="stabilised"),
    MinDscr(limit=1.1, service="stressed", constant=0.09, name="stressed"),
    MinDscr(limit=1.25, basis="minimum", name="tightest"),
    SculptedTest(limit=1.3),
    MinLlcr(limit=1.35),
    MinPlcr(limit=1.5),
    REFINANCE,
    EquipmentTest(dscr=1.3, advance_rate=0.7),
    EquipmentTest(dscr=1.4, name="contracts"),
    EquipmentTest(advance_rate=0.6, name="machines"),
    MinDscr(limit=1.35, basis="average", name="mean"),
]


def debt(amortisation=None, *, term=60, interest_only=0, balloon=0.0, target=None, accrual=1.0 / 12.0):
    """Terms of a loan; interest only unless told otherwise."""
    return DebtTerms(
        period_months=1,
        accrual=np.full(MONTHS, accrual),
        term=term,
        interest_only=interest_only,
        amortisation=InterestOnly() if amortisation is None else amortisation,
        target=target,
        balloon=balloon,
    )


def every_debt():
    """One of each way of repaying."""
    return {
        "interest_only": debt(),
        "level": debt(Level(months=300), interest_only=12),
        "fully_level": debt(Level(months=60)),
        "sculpted": debt(Sculpted(dscr=1.3), interest_only=3),
        "sculpted_to_a_balloon": debt(Sculpted(dscr=1.3), balloon=0.4),
        "target_balance": debt(
            TargetBalance(curve=[(date(2027, 1, 1), 1.0)]), target=np.linspace(0.99, 0.4, 60)
        ),
    }


def flows(ncf=1.0e6, *, case=CASE, rate=0.06, last_contract_end=84, **given):
    """A case: cash flow by month or a level one, and what the tests ask besides."""
    months = np.broadcast_to(np.asarray(ncf, dtype=float), MONTHS).copy()
    maturity = given.pop("maturity", 60)
    after = math.fsum(months[maturity : maturity + 12])
    month = np.arange(maturity + 1)
    equipment = EquipmentCollateral(
        np.where(np.arange(MONTHS) < last_contract_end, months, 0.0),
        150.0e6 * 0.98**month,
        160.0e6 * (1.0 - month / 72),
    )
    standing = {
        "noi": 1.05 * months,
        "closing": Year(math.fsum(months[:12]), 1.05 * math.fsum(months[:12])),
        "stabilised": Year(1.1 * math.fsum(months[:12]), 1.15 * math.fsum(months[:12])),
        "value": 150.0e6,
        "cost": 140.0e6,
        "take_out": lambda cap_rate: max(0.0, after / cap_rate),
        "collateral": equipment,
    }
    rates = np.broadcast_to(np.asarray(rate, dtype=float), MONTHS).copy()
    return Flows(case=case, rate=rates, ncf=months, last_contract_end=last_contract_end, **(standing | given))


def loan(terms, tests, *cases):
    """A loan held against its cases, sized in the first."""
    cases = cases or (flows(),)
    return arrange(terms, tests, {each.case: each for each in cases}, cases[0].case)


def sized(terms, tests, *cases):
    """The same, sized."""
    return size(loan(terms, tests, *cases))
