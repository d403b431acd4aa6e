"""The structure as the waterfall reads it: classes, coupons, repayment, fees, steps and triggers."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from rackrate.deal.debt import Amounts, Sculpted
from rackrate.deal.errors import Unsupported
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.sizing_tests import MinDscr
from rackrate.deal.structure import NoteClass, Structure, Triggers
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.structure.cash import CaseCash, ard_month
from rackrate.engine.structure.class_repayment import ClassBearing, repay
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall import by_period
from rackrate.engine.structure.waterfall_terms import Note, WaterfallTerms
from rackrate.engine.timeline import Floats, Timeline

TriggerName = Literal["trap", "amortise", "pik"]


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
    stand: CaseCash,
    timeline: Timeline,
    agreed: Floats | None = None,
) -> WaterfallTerms:
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
            ClassBearing(
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
    return WaterfallTerms(
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


def own_balance(
    deal: Deal, structure: Structure, k: int, stand: CaseCash, timeline: Timeline
) -> Floats | None:
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
    bearing = ClassBearing(
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
