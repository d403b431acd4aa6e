"""Structure: a sized deal's classes and cash as the waterfall reads them, under any number of haircuts."""

# Design: all the waterfall reads is linear in a uniform haircut of positive net cash flow, so a run under a
# hundred haircuts is one scenario axis. Periods of the waterfall are sums of the model's months.

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rackrate.deal.cases import Case
from rackrate.deal.debt import Amounts, Sculpted
from rackrate.deal.errors import Unsupported
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import MinDscr, Refinance, SizingTest
from rackrate.deal.structure import NoteClass, Structure, Triggers
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.refinance import take_out_constant
from rackrate.engine.debt.terms import total
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.valuation import Estate, Lens, exit_worths, worths
from rackrate.engine.structure.class_repayment import Bearing, repay
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall import Cut, Note, Terms, by_period
from rackrate.engine.timeline import Floats, Timeline

YEAR = 12
TriggerName = Literal["trap", "amortise", "pik"]


@dataclass(frozen=True)
class Stand:
    """One case as the waterfall stands on it: months [N] of cash, and what its facilities are worth."""

    case: Case
    ncf: Floats
    available: Floats
    estate: Estate
    lens: Lens


def refinance_tests(tests: Sequence[SizingTest], ruleset: Ruleset) -> list[Refinance]:
    """The deal's refinance tests, or the ruleset's where it has none."""
    house = ruleset.refinance
    own = [test for test in tests if isinstance(test, Refinance)]
    return own or [
        Refinance(
            rate=house.rate, months=house.months, dscr=house.dscr, ltv=house.ltv, cap_rate=house.cap_rate
        )
    ]


def cut(deal: Deal, structure: Structure, ruleset: Ruleset, stand: Stand) -> Cut:
    """Cash of a case, and what a haircut takes of it."""
    step, final = structure.period_months, structure.legal_final_months
    tests = refinance_tests(deal.sizing.tests, ruleset)
    months = np.array([flow[:final] for flow in (stand.available, stand.ncf, stand.estate.positive)])
    return Cut(
        cash=by_period(months, step),
        takeout=takeouts(tests, stand, ard_month(deal, structure)),
        sale=sales(structure, tests, ruleset, stand),
        value=watched_values(structure, stand),
    )


def takeouts(tests: Sequence[Refinance], stand: Stand, month: int) -> Floats:
    """Debt that each refinance leg supports in a month, its positive part, its least, [3, legs]."""
    year = slice(month, month + YEAR)
    both = np.array([total(stand.ncf[year]), total(stand.estate.positive[year])])
    add = adjustment(stand.case, "rate_add")
    legs = list[list[float]]()
    for test in tests:
        constant = take_out_constant(test, add)
        if test.dscr is not None and constant is not None:
            of_cash = both / (test.dscr * constant)
            legs.append([*of_cash.tolist(), -np.inf])
        if test.ltv is not None and test.cap_rate is not None:
            of_value = test.ltv * exit_worths(stand.estate, test.cap_rate, month, month)[:2, 0]
            legs.append([*of_value.tolist(), 0.0])
    return np.ascontiguousarray(np.array(legs).reshape(-1, 3).T)


def sales(structure: Structure, tests: Sequence[Refinance], ruleset: Ruleset, stand: Stand) -> Floats:
    """Values at closing and at legal final, of which a sale brings the lesser, less its costs, [4, 2]."""
    final = structure.legal_final_months
    cap = structure.exit_cap_rate
    if cap is None:
        cap = next((test.cap_rate for test in tests if test.cap_rate is not None), ruleset.refinance.cap_rate)
    costs = ruleset.sale.costs if structure.sale_costs is None else structure.sale_costs
    at_closing = worths(stand.lens, stand.estate, np.zeros(1, dtype=np.int64))
    at_final = exit_worths(stand.estate, cap, final, final - YEAR)
    return np.concatenate([at_closing, at_final], axis=1) * (1.0 - costs)


def watched_values(structure: Structure, stand: Stand) -> Floats:
    """What each period's LTV triggers look at is worth, [4, P]: the last period's; [4, 0] without triggers.

    The first period has no last period: nothing is tested, as against an infinite value.
    """
    if all(note.ltv_trigger is None for note in structure.classes):
        return np.empty((4, 0))
    starts = np.arange(0, structure.legal_final_months - structure.period_months, structure.period_months)
    untested = [[np.inf], [0.0], [0.0], [0.0]]
    return np.concatenate([untested, worths(stand.lens, stand.estate, starts)], axis=1)


def ard_month(deal: Deal, structure: Structure) -> int:
    """Month of the anticipated repayment date; the debt's maturity if the structure names none."""
    return deal.debt.term_months if structure.ard_months is None else structure.ard_months


def notes(structure: Structure, principals: Sequence[float], case: str) -> list[Note]:
    """The classes as issued; a variable funding note is drawn as stated in the issuer's case, else fully."""
    return [
        _note(note, principal, case) for note, principal in zip(structure.classes, principals, strict=True)
    ]


def _note(note: NoteClass, principal: float, case: str) -> Note:
    drawn, fee = principal, 0.0
    if note.vfn is not None:
        drawn = min(note.vfn.drawn, principal) if case == "issuer" else principal
        fee = note.vfn.commitment_fee * (principal - drawn)
    return Note(
        name=note.name,
        principal=drawn,
        own_schedule=note.schedule is not None,
        deferrable=note.deferrable,
        ltv_trigger=note.ltv_trigger,
        commitment_fee=fee,
    )


def waterfall_terms(
    deal: Deal,
    structure: Structure,
    principals: Sequence[float],
    balance: Floats,
    stand: Stand,
    timeline: Timeline,
    agreed: Floats | None = None,
) -> Terms:
    """The structure as the waterfall reads it.

    Parameters
    ----------
    principals : sequence of float
        Of the classes as issued.
    balance : array [T + 1]
        The debt's schedule per 1 of principal, for every class without its own.
    agreed : array [K, P] or None
        Share of principal left after each period, for classes that were sculpted before and are held.
    """
    step, final = structure.period_months, structure.legal_final_months
    add = adjustment(stand.case, "rate_add")
    base = timeline.curve(deal.market.base_rate)[:final]
    coupon = np.array([annual_rate(note.coupon, base, add)[::step] for note in structure.classes])
    accrual = np.array(
        [by_period(timeline.accrual(note.day_count)[:final], step) for note in structure.classes]
    )
    debt = balance[np.minimum(np.arange(step, final + 1, step), len(balance) - 1)]
    ncf, issued = by_period(stand.ncf[:final], step), notes(structure, principals, stand.case.name)
    shares = [
        debt
        if note.schedule is None or own.principal == 0.0
        else agreed[k]
        if agreed is not None and isinstance(note.schedule, Sculpted)
        else repay(
            note.schedule,
            Bearing(
                closing=deal.closing,
                period_months=step,
                principal=own.principal,
                coupon=coupon[k],
                accrual=accrual[k],
                ncf=ncf,
            ),
            f"/structure/classes/{k}/schedule",
        )
        for k, (note, own) in enumerate(zip(structure.classes, issued, strict=True))
    ]
    return Terms(
        period_months=step,
        term=deal.debt.term_months // step,
        ard=ard_month(deal, structure) // step,
        notes=issued,
        coupon=coupon[None],
        accrual=accrual[None],
        schedule=np.array(shares),
        fees=structure.fees,
        steps=structure.steps or TEMPLATES[structure.template],
        triggers=structure.triggers,
        liquidity_months=structure.reserves.liquidity_months,
        reserve_initial=structure.reserves.initial,
        additional_rate=structure.additional_rate,
    )


def own_balance(deal: Deal, structure: Structure, k: int, stand: Stand, timeline: Timeline) -> Floats | None:
    """A class's own schedule per 1 of principal by month of the debt's term [T + 1]; None if it has none.

    Raises
    ------
    Unsupported
        If its amounts are written out, its principal is still to be sized, and a limit needs its service.
    """
    note, step, term = structure.classes[k], structure.period_months, deal.debt.term_months
    if note.schedule is None:
        return None
    principal = note.principal or (note.vfn.commitment if note.vfn is not None else None)
    if principal is None and isinstance(note.schedule, Amounts):
        if not _service_asked(structure.classes[k:]):
            return None
        raise Unsupported(
            f"class {note.name}: written amounts give no service per 1 of a principal not yet sized"
        )
    periods = -(-term // step)
    coupon = annual_rate(
        note.coupon, timeline.curve(deal.market.base_rate), adjustment(stand.case, "rate_add")
    )
    bearing = Bearing(
        closing=deal.closing,
        period_months=step,
        principal=principal or 1.0,
        coupon=coupon[: periods * step : step],
        accrual=by_period(timeline.accrual(note.day_count)[: periods * step], step),
        ncf=by_period(stand.ncf[: periods * step], step),
    )
    left = np.concatenate([[1.0], repay(note.schedule, bearing, f"/structure/classes/{k}/schedule")])
    balance: Floats = np.repeat(left, step)[: term + 1]
    return balance


def _service_asked(classes: Sequence[NoteClass]) -> bool:
    limits = [limit for note in classes for limit in note.limits]
    return any(isinstance(limit, MinDscr) and limit.service == "actual" for limit in limits)


def trigger_levels(triggers: Triggers) -> dict[TriggerName, float | None]:
    """Cover below which each trigger trips; None for a trigger the structure does not have."""
    return {"trap": triggers.trap_below, "amortise": triggers.amortise_below, "pik": triggers.pik_below}
