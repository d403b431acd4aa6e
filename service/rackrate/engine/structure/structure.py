"""Waterfall terms of a resolved structure: classes, coupons, schedules, fees, steps and triggers."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from rackrate.deal.debt import Amounts, ClassSchedule, Sculpted
from rackrate.deal.errors import Unsupported
from rackrate.deal.sizing_tests import MinDscr
from rackrate.deal.structure import NoteClass, Structure, Triggers
from rackrate.engine.structure.cash import CaseCash
from rackrate.engine.structure.class_repayment import ClassBearing, repay
from rackrate.engine.structure.resolve import ResolvedStructure
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall_terms import Note, WaterfallTerms
from rackrate.engine.timeline import Floats, period_sums

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
    resolved: ResolvedStructure,
    principals: Sequence[float],
    balance: Floats,
    cash: CaseCash,
    agreed: Floats | None = None,
) -> WaterfallTerms:
    """Waterfall terms of a resolved structure whose classes are sized.

    Parameters
    ----------
    principals : sequence of float
        Of the classes as issued.
    balance : array [T + 1]
        The debt's schedule per 1 of principal, for every class without its own.
    agreed : array [K, P] or None
        Share of principal left after each period, for classes that were sculpted before and are held.
    """
    structure = resolved.structure
    step, final = structure.period_months, structure.legal_final_months
    coupon = np.ascontiguousarray(resolved.coupons[cash.case.name][:, :final:step])
    accrual = np.ascontiguousarray(resolved.period_accruals[:, : final // step])
    debt = balance[np.minimum(np.arange(step, final + 1, step), len(balance) - 1)]
    issued = notes(structure, principals, cash.case.name)
    shares = [
        debt
        if note.schedule is None or own.principal == 0.0
        else agreed[k]
        if agreed is not None and isinstance(note.schedule, Sculpted)
        else class_balance(resolved, k, note.schedule, own.principal, cash, final // step)
        for k, (note, own) in enumerate(zip(structure.classes, issued, strict=True))
    ]
    return WaterfallTerms(
        period_months=step,
        term=resolved.term // step,
        ard=resolved.ard // step,
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


def class_balance(
    resolved: ResolvedStructure,
    k: int,
    schedule: ClassSchedule,
    principal: float,
    cash: CaseCash,
    periods: int,
) -> Floats:
    """Balance of class ``k`` per 1 of principal after each period from closing, by its own schedule [P]."""
    step, target = resolved.structure.period_months, resolved.targets[k]
    months = slice(periods * step)
    bearing = ClassBearing(
        period_months=step,
        principal=principal,
        coupon=resolved.coupons[cash.case.name][k, months][::step],
        accrual=resolved.period_accruals[k, :periods],
        ncf=period_sums(cash.ncf[months], step),
        target=None if target is None else target[:periods],
    )
    return repay(schedule, bearing, f"/structure/classes/{k}/schedule")


def own_balance(resolved: ResolvedStructure, k: int, cash: CaseCash) -> Floats | None:
    """A class's own schedule per 1 of principal by month of the debt's term [T + 1]; None if it has none.

    Raises
    ------
    Unsupported
        If its amounts are written out, its principal is still to be sized, and a limit needs its service.
    """
    structure, term = resolved.structure, resolved.term
    note, step = structure.classes[k], structure.period_months
    if note.schedule is None:
        return None
    principal = note.principal or (note.vfn.commitment if note.vfn is not None else None)
    if principal is None and isinstance(note.schedule, Amounts):
        if not _service_asked(structure.classes[k:]):
            return None
        raise Unsupported(
            f"class {note.name}: written amounts give no service per 1 of a principal not yet sized"
        )
    after = class_balance(resolved, k, note.schedule, principal or 1.0, cash, -(-term // step))
    left = np.concatenate([[1.0], after])
    balance: Floats = np.repeat(left, step)[: term + 1]
    return balance


def _service_asked(classes: Sequence[NoteClass]) -> bool:
    limits = [limit for note in classes for limit in note.limits]
    return any(isinstance(limit, MinDscr) and limit.service == "actual" for limit in limits)


def trigger_levels(triggers: Triggers) -> dict[TriggerName, float | None]:
    """DSCR level of each trigger; None for a trigger the structure does not have."""
    return {"trap": triggers.trap_below, "amortise": triggers.amortise_below, "pik": triggers.pik_below}
