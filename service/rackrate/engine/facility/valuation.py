"""Valuation of the facilities: appraisal, capitalised or discounted net cash flow."""

# Design: a uniform haircut h acts on months as ncf - h * max(0, ncf), so their value is linear in h: that
# of the flows less h times that of their positive part. A terminal value has a line of its
# own, for it is never below zero. Break-evens need no second valuation.

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rackrate import kernel
from rackrate.deal.cases import Case
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.valuation import CapRate, Npv, Value
from rackrate.engine.timeline import Floats

NPV_MONTHS = 120  # horizon of a case's discount rate where the deal's own value is not an NPV

Months = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class ValuationBasis:
    """How a case values: ``appraisal``, ``cap_rate`` (cap) or ``npv`` (rate, months, terminal cap)."""

    kind: str
    cap: float = 0.0
    rate: float = 0.0
    months: int = 0


@dataclass(frozen=True)
class ValuedFacilities:
    """Facilities [F] to be valued: appraisals, month of expiry of each leasehold, net cash flow.

    ``closing`` [F, 12] leaves booked-not-billed leases out; ``ncf`` [F, N] has every lease.
    """

    appraisals: Floats
    expiry: Months
    closing: Floats
    ncf: Floats

    @cached_property
    def both(self) -> Floats:
        """Net cash flow and its positive part, [2, F, N]."""
        return with_positive(self.ncf)

    @property
    def valued(self) -> Floats:
        """What a discounted value reads beside its terminal one: net cash flow and its positive part."""
        return self.both

    def reverted(self, cap: float, at: Months) -> Floats:
        """What a capitalised value has beside the income, at each of P months; of facilities nothing."""
        return np.zeros(len(at))

    @cached_property
    def positive(self) -> Floats:
        """Positive net cash flow of the facilities, which a haircut reduces, by month [N]."""
        return _down(self.both[1])


def valuation_basis(value: Value, case: Case, ruleset: Ruleset) -> ValuationBasis:
    """The valuation basis of a case; the case's own discount and cap rate win, also over an appraisal."""
    own: float | None = None
    match value:
        case Npv(discount_rate=rate, months=months, terminal_cap_rate=cap):
            return ValuationBasis(
                "npv", cap=_first(case.cap_rate, cap), rate=_first(case.discount_rate, rate), months=months
            )
        case CapRate(cap_rate=cap):
            own = cap
    if case.discount_rate is not None:
        cap = _first(case.cap_rate, own, ruleset.refinance.cap_rate)
        return ValuationBasis("npv", cap=cap, rate=case.discount_rate, months=NPV_MONTHS)
    cap_rate = case.cap_rate if case.cap_rate is not None else own
    return ValuationBasis("appraisal") if cap_rate is None else ValuationBasis("cap_rate", cap=cap_rate)


def valuation_bases(deal: Deal, ruleset: Ruleset, cases: Mapping[str, Case]) -> dict[str, ValuationBasis]:
    """The valuation basis of each case, by name."""
    return {name: valuation_basis(deal.sizing.value, case, ruleset) for name, case in cases.items()}


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)


def months_read(basis: ValuationBasis) -> int:
    """Months of net cash flow that a valuation basis reads from the month of valuation.

    >>> months_read(ValuationBasis("npv", cap=0.08, rate=0.08, months=120))
    132
    """
    return {"appraisal": 0, "cap_rate": 12, "npv": basis.months + 12}[basis.kind]


def value(basis: ValuationBasis, valued: ValuedFacilities) -> float:
    """Value of the facilities at closing, never below zero.

    A hundred a month at a cap of 10%.

    >>> year = np.full((1, 12), 100.0)
    >>> hall = ValuedFacilities(np.array([9000.0]), np.array([10**6]), year, year)
    >>> value(ValuationBasis("cap_rate", cap=0.1), hall)
    12000.0
    """
    return float(without_haircut(value_lines(basis, valued, np.zeros(1, dtype=np.int64)))[0])


def exit_value(valued: ValuedFacilities, cap: float, at: int, start: int) -> float:
    """Exit value: twelve months of NCF from ``start`` capitalised as of month ``at``, never below zero.

    A hundred a month at a cap of 100%, on land held for one year more: 1 - 1/2 of 1,200.

    >>> year = np.full((1, 12), 100.0)
    >>> exit_value(ValuedFacilities(np.zeros(1), np.array([24]), year, year), 1.0, 12, 0)
    600.0
    """
    return float(without_haircut(exit_value_lines(valued, cap, at, start))[0])


def value_lines(basis: ValuationBasis, valued: ValuedFacilities, at: Months) -> Floats:
    """Values of the facilities at each of P months as lines in a uniform haircut, [4, P].

    Rows: the months and their positive part, the terminal value and its positive part (nothing but under an
    NPV). A cap at closing reads closing figures.
    """
    if basis.kind == "appraisal":
        standing = _down(np.where(valued.expiry[:, None] > at[None, :], valued.appraisals[:, None], 0.0))
        return _without_terminal(np.stack([standing, standing]))
    both = np.empty((2, len(at)))
    if basis.kind == "npv":
        terminal = np.empty((2, len(at)))
        kernel.discount(valued.valued, valued.expiry, basis.rate, basis.cap, basis.months, at, both, terminal)
        return np.concatenate([both, terminal])
    kernel.capitalise(valued.both, valued.expiry, basis.cap, at, at, both)
    if at[0] == 0:
        both[:, :1] = _capitalised(with_positive(valued.closing), valued.expiry, basis.cap, 0, 0)
    both[0] += valued.reverted(basis.cap, at)
    return _without_terminal(both)


def exit_value_lines(valued: ValuedFacilities, cap: float, at: int, start: int) -> Floats:
    """Exit value of a year of the flows from ``start`` as of month ``at``, as lines in a haircut, [4, 1]."""
    both = _capitalised(valued.both, valued.expiry, cap, at, start)
    both[0] += valued.reverted(cap, np.array([at], dtype=np.int64))
    return _without_terminal(both)


def under_haircuts(rows: Floats, haircuts: Floats) -> Floats:
    """Values of lines [4, P] under each haircut [H, P]; neither they nor terminal values are below zero."""
    months, positive, terminal, of_terminal = rows
    after = np.maximum(terminal - haircuts[:, None] * of_terminal, 0.0)
    values: Floats = np.maximum((months - haircuts[:, None] * positive) + after, 0.0)
    return values


def without_haircut(rows: Floats) -> Floats:
    """Values without a haircut [P] of lines [4, P]."""
    values: Floats = under_haircuts(rows, np.zeros(1))[0]
    return values


def _without_terminal(both: Floats) -> Floats:
    return np.concatenate([both, np.zeros_like(both)])


def with_positive(ncf: Floats) -> Floats:
    """Net cash flow and its positive part, which a haircut reduces, [2, ...]."""
    return np.array([ncf, np.maximum(ncf, 0.0)])


def _capitalised(flows: Floats, expiry: Months, cap: float, at: int, start: int) -> Floats:
    values = np.empty((2, 1))
    kernel.capitalise(
        flows, expiry, cap, np.array([at], dtype=np.int64), np.array([start], dtype=np.int64), values
    )
    return values


def _down(values_by_facility: Floats) -> Floats:
    total = np.zeros(values_by_facility.shape[1])
    for row in values_by_facility:
        total += row
    return total
