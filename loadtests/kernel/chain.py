"""One underwriting as calls of the kernel on resolved arrays, from leases to yields.

The same calls run the compiled kernel and its NumPy twin. No dates, no documents, no answer to encode: only
the arithmetic, so that a rival is measured against arithmetic alone.
"""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from loadtests.kernel.deal import deal
from numpy.typing import NDArray

from rackrate import kernel
from rackrate.deal import rulesets
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.facility.cases import Scenario, default_multipliers, scenario_rows, scripted_defaults
from rackrate.engine.facility.collateral import run_cases
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.structure.payment import pay
from rackrate.engine.structure.waterfall_terms import fee_rows, note_rows, payment_rows, terms_row
from rackrate.kernel import records
from rackrate.kernel.reference import bonds, cashflow, credit, leases, power, sizing, valuation, waterfall

Floats = NDArray[np.float64]
LIMITS = SimpleNamespace(
    ltv=0.7, dscr=1.3, debt_yield=0.095, takeout_dscr=1.2, takeout_ltv=0.7, takeout_rate=0.075, cap=0.08
)
DISCOUNT, HORIZON, SALE_COSTS, DUST = 0.085, 120, 0.03, 1e-9
TERM, INTEREST_ONLY, ANNUITY, FINAL = 120, 24, 360, 360
SENIOR = 0.8  # share of principal; the other classes share the rest
TWIN = SimpleNamespace(
    **{
        name: getattr(module, name)
        for module in (bonds, cashflow, credit, leases, power, sizing, valuation, waterfall)
        for name in vars(module)
        if name in kernel.__all__
    }
)


@dataclass(frozen=True)
class Inputs:
    """What a resolved deal hands to the kernel, for S scenarios."""

    facts: Resolved
    scenarios: Any
    multipliers: Floats
    scripted: Any
    rate: Floats
    accrual: Floats
    terms: Any
    notes: Any
    coupon: Floats
    note_accrual: Floats
    fees: Any
    payments: Any
    members: Any

    @property
    def months(self) -> int:
        return self.facts.timeline.months

    @property
    def final(self) -> int:
        return int(self.coupon.shape[2])


@dataclass(frozen=True)
class Answer:
    """What an underwriting finds, for S scenarios; principal and classes are those of the first."""

    lines: Floats
    value: Floats
    principal: float
    llcr: float
    series: Floats
    by_class: Floats
    events: Floats
    yields: Floats
    lives: Floats


def inputs(
    scenarios: int = 1, segments: int = 10, classes: int = 3, final: int = FINAL, **market: int
) -> Inputs:
    """The deal's arrays; each scenario after the first takes a little more from rents."""
    told = deal(segments, classes, final, **market)
    priced = run_cases(told, rulesets.newest())
    assert told.structure is not None
    paid = pay(priced, size_loan(priced), told.structure)
    case = priced.cases["lender"]
    rows = np.repeat(scenario_rows([Scenario(case)]), scenarios)
    rows["rent_haircut"] += 0.002 * np.arange(scenarios)
    payments, members = payment_rows(paid.terms)
    facts = priced.resolved
    return Inputs(
        facts=facts,
        scenarios=rows,
        multipliers=np.repeat(default_multipliers([case], facts.hazards.multipliers), scenarios, axis=0),
        scripted=np.repeat(scripted_defaults([case], [t.id for t in told.tenants]), scenarios, axis=0),
        rate=np.full((scenarios, facts.timeline.months), 0.0575),
        accrual=facts.timeline.accrual("ACT/360"),
        terms=terms_row(paid.terms),
        notes=note_rows(paid.terms),
        coupon=paid.terms.coupon,
        note_accrual=paid.terms.accrual,
        fees=fee_rows(paid.terms),
        payments=payments,
        members=members,
    )


def shares(classes: int) -> Floats:
    """Each class's share of principal."""
    return np.array([SENIOR] + [(1.0 - SENIOR) / (classes - 1)] * (classes - 1))


def underwrite(k: Any, x: Inputs) -> Answer:
    """The whole of it, by one implementation of the kernel."""
    lines, facility_ncf = earn(k, x)
    value, principal, balance, llcr = size(k, x, lines, facility_ncf)
    series, by_class, events = distribute(k, x, *cash(k, x, lines, facility_ncf, value, principal, balance))
    return Answer(lines, value, principal, llcr, series, by_class, events, *weigh(k, by_class))


def earn(k: Any, x: Inputs) -> tuple[Floats, Floats]:
    """Leases, tenants' survival, letting, power and every line of the cash flow."""
    r, count, months = x.facts, len(x.scenarios), x.months
    rent, kw = np.empty((2, len(r.leases), months))
    growth = np.empty((1, months))
    k.compound_index(np.array([0.022]), growth)
    k.contract(r.leases, r.ramps, r.steps, r.cpi, rent, kw)
    survival = np.empty((count, len(r.hazards.multipliers), months))
    k.survive(r.hazards.months, r.hazards.hazards, x.multipliers, x.scripted, survival)
    letting = np.empty((count, 1, len(records.LETTING), months))
    k.let(
        r.leases, r.markets, x.scenarios, rent, kw, r.market_rent, growth, r.pue, survival, letting,
        np.empty((count, len(r.leases))),
    )  # fmt: skip
    supplied = np.empty((count, 1, len(records.SUPPLY), months))
    k.supply(
        r.facilities, r.contracts, x.scenarios, r.power_index, r.timeline.hours, r.pue, letting, supplied,
        np.empty((count, len(r.contracts))), x.final,
    )  # fmt: skip
    lines = np.empty((count, 1, len(records.LINES) + len(r.cost_names), months))
    facility_ncf = np.empty((count, 1, months))
    k.net(r.facilities, r.costs, x.scenarios, r.amounts, letting, supplied, lines, facility_ncf)
    return lines, facility_ncf


def size(k: Any, x: Inputs, lines: Floats, facility_ncf: Floats) -> tuple[Floats, float, Floats, float]:
    """Value, the largest principal five tests allow, the schedule per 1 of it, its loan life cover."""
    count = len(x.scenarios)
    ncf = np.ascontiguousarray(lines[:, 0, records.LINES.index("ncf")])
    expiry, at = x.facts.facilities["expiry"].copy(), np.array([0, TERM])
    within, terminal, later = np.empty((3, count, 1))
    k.discount(facility_ncf, expiry, DISCOUNT, LIMITS.cap, HORIZON, at[:1], within, terminal)
    value = np.maximum(0.0, within + np.maximum(0.0, terminal))
    k.capitalise(facility_ncf, expiry, LIMITS.cap, at[1:], at[1:], later)
    balance = np.empty((count, TERM + 1))
    k.level_balances(x.rate, x.accrual, 1.0 / 12.0, INTEREST_ONLY, ANNUITY, balance)
    interest = balance[:, :-1] * (x.rate * x.accrual)[:, :TERM]
    cover = np.empty((count, TERM - 11))
    k.rolling_ratios(ncf, interest + (balance[:, :-1] - balance[:, 1:]), balance, 12, DUST, cover)
    present = np.empty((count, TERM + 1))
    k.present_values(
        np.ascontiguousarray(ncf[:, :TERM]),
        np.ascontiguousarray((x.rate * x.accrual)[:, :TERM]),
        present,
    )
    constant, left = 12.0 * k.level_payment(LIMITS.takeout_rate / 12.0, ANNUITY), float(balance[0, -1])
    principal = min(
        LIMITS.ltv * float(value[0, 0]),
        float(np.nanmin(cover[0])) / LIMITS.dscr,
        float(ncf[0, :12].sum()) / LIMITS.debt_yield,
        float(ncf[0, TERM : TERM + 12].sum()) / (LIMITS.takeout_dscr * constant) / left,
        LIMITS.takeout_ltv * float(later[0, 0]) / left,
    )
    return value, principal, balance, float(present[0, 0]) / principal


def cash(
    k: Any, x: Inputs, lines: Floats, facility_ncf: Floats, value: Floats, principal: float, balance: Floats
) -> tuple[Any, ...]:
    """The classes and what comes in: notes, schedule, cash, net cash flow, sale at legal final."""
    notes = x.notes.copy()
    notes["principal"] = shares(len(notes)) * principal
    schedule = np.repeat(balance[:1, np.minimum(np.arange(1, x.final + 1), TERM)], len(notes), axis=0)
    available, ncf = (
        np.ascontiguousarray(lines[:, 0, records.LINES.index(name), : x.final])
        for name in ("available", "ncf")
    )
    expiry, exit_value = x.facts.facilities["expiry"].copy(), np.empty((len(available), 1))
    k.capitalise(facility_ncf, expiry, LIMITS.cap, np.array([x.final]), np.array([x.final - 12]), exit_value)
    sale = np.maximum(0.0, np.minimum(value[:, 0], exit_value[:, 0]) * (1.0 - SALE_COSTS))
    return notes, schedule, available, ncf, sale


def distribute(
    k: Any, x: Inputs, notes: Any, schedule: Floats, available: Floats, ncf: Floats, sale: Floats
) -> tuple[Floats, Floats, Floats]:
    """Every scenario through the waterfall to legal final, nothing refinanced at the ARD."""
    count, classes = len(available), len(notes)
    series = np.empty((count, len(records.SERIES), x.final))
    by_class = np.empty((count, len(records.CLASS_SERIES), classes, x.final))
    events = np.empty((count, len(records.EVENTS)))
    k.pay(
        x.terms, notes, x.coupon, x.note_accrual, schedule, x.fees, x.payments, x.members,
        np.zeros(count, dtype=np.int64), available, ncf, np.full(count, -1.0), sale, np.empty((count, 0)),
        series, by_class, events,
    )  # fmt: skip
    return series, by_class, events


def weigh(k: Any, by_class: Floats) -> tuple[Floats, Floats]:
    """Yield a month as a discount factor, and average life in months, of each class of the first scenario."""
    paid, repaid = records.CLASS_SERIES.index("interest_paid"), records.CLASS_SERIES.index("principal_paid")
    flow, repayment = by_class[0, paid] + by_class[0, repaid], np.ascontiguousarray(by_class[0, repaid])
    discounts, whole, late = np.empty((3, len(flow)))
    k.solve_discounts(flow, repayment.sum(axis=1), discounts)
    k.moments(repayment, np.ones(len(flow)), whole, late)
    return discounts, late / whole
