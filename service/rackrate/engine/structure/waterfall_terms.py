"""Waterfall terms: classes, fees, steps and triggers as numbers, and their rows for the kernel."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rackrate.deal.facility.costs import Fee
from rackrate.deal.structure import STEP_CONDITIONS, STEP_KINDS, STEP_ORDERS, Step, Triggers
from rackrate.engine.timeline import Floats
from rackrate.kernel import records


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One class of notes.

    Attributes
    ----------
    principal : float
        As issued; of a variable funding note what is drawn.
    own_schedule : bool
        It is due on its schedule alone; the others of a step share theirs.
    ltv_trigger : float or None
        This class amortises while debt down to it, over value, is above.
    commitment_fee : float
        A year on what is not drawn; a senior fee that accrues on the class's day count.
    """

    name: str
    principal: float
    own_schedule: bool = False
    deferrable: bool = False
    ltv_trigger: float | None = None
    commitment_fee: float = 0.0


@dataclass(frozen=True, kw_only=True)
class WaterfallTerms:
    """Terms of a waterfall (axes: K class, most senior first; R rate set; P period to legal final).

    Attributes
    ----------
    period_months : int
        1, 3, 6 or 12.
    term : int
        Periods in which scheduled principal falls due.
    ard : int or None
        Periods to the anticipated repayment date; None for none. At legal final there is only the sale.
    notes : sequence of Note, length K
    coupon, accrual : float64[R, K, P]
        Annual rate at each period's start; year fraction of the period. A scenario picks its rate set.
    schedule : float64[K, P]
        Share of principal left after each period's scheduled payment.
    fees : sequence of Fee
    steps : sequence of Step
        Priority of payments; a step without classes pays all of them.
    triggers : Triggers or None
    liquidity_months : float
        Target of the reserve, in months of coupon.
    reserve_initial : float or None
        Funded at closing; None for the opening target.
    additional_rate : float
        A year, simple, after a failed ARD.
    """

    period_months: int
    term: int
    ard: int | None
    notes: Sequence[Note]
    coupon: Floats
    accrual: Floats
    schedule: Floats
    fees: Sequence[Fee]
    steps: Sequence[Step]
    triggers: Triggers | None
    liquidity_months: float
    reserve_initial: float | None
    additional_rate: float

    @cached_property
    def rows(self) -> "Rows":
        """Rows and arrays for the kernel, made once however often it is run."""
        return Rows(
            terms_row(self),
            note_rows(self),
            np.ascontiguousarray(self.coupon),
            np.ascontiguousarray(self.accrual),
            np.ascontiguousarray(self.schedule),
            fee_rows(self),
            *payment_rows(self),
        )


class Rows(NamedTuple):
    """Rows and arrays of a waterfall for the kernel, in the order of `kernel.pay`."""

    terms: NDArray[np.void]
    notes: NDArray[np.void]
    coupon: Floats
    accrual: Floats
    schedule: Floats
    fees: NDArray[np.void]
    payments: NDArray[np.void]
    members: NDArray[np.int64]


def terms_row(terms: WaterfallTerms) -> NDArray[np.void]:
    """The row of terms that all classes share; no triggers are triggers without levels."""
    triggers = Triggers(service="actual", cure_periods=1) if terms.triggers is None else terms.triggers
    row = np.zeros(1, dtype=records.WATERFALL)
    row["period_months"], row["term"] = terms.period_months, terms.term
    row["ard"] = terms.coupon.shape[2] if terms.ard is None else terms.ard
    assumed = triggers.service == "assumed_amortisation"
    row["service"] = records.ASSUMED_SERVICE if assumed else records.ACTUAL_SERVICE
    for name in ("cure_periods", "constant", "trap_below", "amortise_below", "pik_below"):
        level = getattr(triggers, name)
        row[name] = math.nan if level is None else level
    row["liquidity_months"], row["additional_rate"] = terms.liquidity_months, terms.additional_rate
    row["reserve_initial"] = math.nan if terms.reserve_initial is None else terms.reserve_initial
    return row


def note_rows(terms: WaterfallTerms) -> NDArray[np.void]:
    """Rows of the classes [K]."""
    triggers = [math.nan if note.ltv_trigger is None else note.ltv_trigger for note in terms.notes]
    rows = [
        (note.deferrable, note.own_schedule, note.principal, trigger)
        for note, trigger in zip(terms.notes, triggers, strict=True)
    ]
    return np.array(rows, dtype=records.NOTE)


def fee_rows(terms: WaterfallTerms) -> NDArray[np.void]:
    """Rows of the fees; commitment fees are senior and accrue with their class."""
    rows = [
        (fee.senior, -1, fee.annual, fee.rate, math.inf if fee.cap_annual is None else fee.cap_annual)
        for fee in terms.fees
    ]
    rows += [
        (True, k, note.commitment_fee, 0.0, math.inf)
        for k, note in enumerate(terms.notes)
        if note.commitment_fee > 0.0
    ]
    return np.array(rows, dtype=records.FEE)


def payment_rows(terms: WaterfallTerms) -> tuple[NDArray[np.void], NDArray[np.int64]]:
    """Rows of the steps, and the indices of the classes of each, in the order it pays them."""
    index = {note.name: k for k, note in enumerate(terms.notes)}
    rows, members = [], list[int]()
    for step in terms.steps:
        classes = list(index.values()) if step.classes is None else [index[name] for name in step.classes]
        span = len(members), len(members) + len(classes)
        codes = (
            STEP_KINDS.index(step.kind),
            STEP_ORDERS.index(step.order),
            STEP_CONDITIONS.index(step.when),
        )
        rows.append((*codes, *span))
        members += classes
    return np.array(rows, dtype=records.PAYMENT), np.array(members, dtype=np.int64)
