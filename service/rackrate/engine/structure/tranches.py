"""Tranches: class principals, attachment and detachment, DSCR, LTV and supported category."""

# Design: classes are sized unrounded, cut from the most junior to what the loan's own tests allow, and only
# then rounded down: every figure is of what is issued.

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rackrate.deal.answers.tranches import Attachment, LimitOutcome
from rackrate.deal.errors import FieldError, Invalid
from rackrate.deal.rulesets import Support
from rackrate.engine.debt.loan import Loan
from rackrate.engine.debt.sizing import Sized, finite
from rackrate.engine.debt.terms import over
from rackrate.engine.structure.class_limits import (
    ClassTerms,
    class_case,
    outcome,
    room,
    within,
    year_of_coupon,
)

CLASSES = "classes"  # the binding test where the classes' own limits stop short of the loan's
SHORT = 1e-10  # of the loan by which they must, to bind
WHOLE = Fraction(1, 10**6)  # of a currency unit short of a whole denomination that is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedClass:
    """A class as issued; ratios are of all debt down to it, in its own case, None where not defined.

    Its coupon is as contracted: the index at closing, and nothing that a case adds.
    """

    name: str
    unrounded: float
    principal: float
    coupon: float
    attachment: Attachment
    detachment: Attachment
    credit_enhancement: float | None
    ltv: float | None
    dscr: float | None
    debt_yield: float | None
    supports: str | None
    limits: list[LimitOutcome]


@dataclass(frozen=True, slots=True)
class Capital:
    """The capital structure of a sized loan: classes, their sum, the binding and the next test."""

    classes: list[SizedClass]
    issued: float
    binding: str
    next: str | None


def tranche(
    sized: Sized, classes: Sequence[ClassTerms], denomination: float, supports: Sequence[Support]
) -> Capital:
    """Size the classes, cut them to the loan's principal, round them down and measure them.

    Parameters
    ----------
    sized : Sized
        Its loan holds every case that a class or a limit names.
    classes : sequence of ClassTerms
        Most senior first.
    denomination : float
        Principals are whole multiples of it.
    supports : sequence of Support
        What each category asks, best category first.

    Raises
    ------
    Invalid
        If the denomination leaves nothing issued.
    """
    unrounded = cut(cumulative(sized.loan, classes), sized.principal)
    principals = [round_down(principal, denomination) for principal in unrounded]
    if any(unrounded) and not any(principals):
        raise _nothing_issued(denomination, max(unrounded))
    limited = sized.principal - math.fsum(unrounded) > SHORT * sized.principal
    binding, following = sized.binding, sized.next
    return Capital(
        [_measured(sized.loan, classes, unrounded, principals, k, supports) for k in range(len(classes))],
        math.fsum(principals),
        CLASSES if limited else str(sized.name(binding)),
        sized.name(binding) if limited else sized.name(following),
    )


def cumulative(loan: Loan, classes: Sequence[ClassTerms]) -> list[float]:
    """Principal that each class's own limits allow behind the classes above; a fixed one is as given.

    A class without limits takes whatever is left: it is infinite until it is cut.
    """
    principals: list[float] = []
    for k, terms in enumerate(classes):
        note = terms.note
        if note.vfn is not None:
            principals.append(note.vfn.commitment)
        elif note.principal is not None:
            principals.append(note.principal)
        else:
            rooms = [room(loan, classes[: k + 1], principals, i) for i in range(len(note.limits))]
            principals.append(max(0.0, min(rooms, default=math.inf)))
    return principals


def cut(principals: Sequence[float], total: float) -> list[float]:
    """Reduce classes to a total principal, the most junior first.

    >>> cut([60.0, 30.0, 20.0], 80.0)
    [60.0, 20.0, 0.0]
    """
    kept: list[float] = []
    for principal in principals:
        kept.append(min(principal, max(0.0, total - math.fsum(kept))))
    return kept


def round_down(principal: float, denomination: float) -> float:
    """Largest multiple of a denomination that fits, a principal short of one by rounding alone counted whole.

    Both are the decimals that are written, so that cents are cents.

    >>> round_down(782999999.9999999, 1000.0), round_down(1999.0, 1000.0), round_down(0.8199, 0.01)
    (783000000.0, 1000.0, 0.81)
    """
    unit = Fraction(repr(denomination))
    return float((Fraction(repr(principal)) + WHOLE) // unit * unit)


def _nothing_issued(denomination: float, largest: float) -> Invalid:
    reason = f"leaves nothing issued: the largest class is {largest:,.10g}, less than {denomination:,.10g}"
    return Invalid(f"the denomination {reason}", [FieldError("/structure/denomination", reason)])


def supported(supports: Sequence[Support], ltv: float | None, dscr: float | None) -> str | None:
    """Best category whose LTV and DSCR a class meets; None if it meets none."""
    if ltv is None or dscr is None:
        return None
    met = (row.category for row in supports if within(ltv, row.ltv) and within(row.dscr, dscr))
    return next(met, None)


def _measured(
    loan: Loan,
    classes: Sequence[ClassTerms],
    unrounded: Sequence[float],
    principals: Sequence[float],
    k: int,
    supports: Sequence[Support],
) -> SizedClass:
    terms, issued = classes[k], math.fsum(principals)
    senior, debt = math.fsum(principals[:k]), math.fsum(principals[: k + 1])
    case = class_case(loan, terms)
    flows = loan.cases[case]
    due = math.fsum(principals[above] * year_of_coupon(classes[above], case) for above in range(k + 1))
    detachment = _point(debt, flows.value, issued)
    ltv, dscr = detachment.value, finite(over(flows.closing.ncf, due))
    return SizedClass(
        name=terms.note.name,
        unrounded=unrounded[k],
        principal=principals[k],
        coupon=terms.contracted,
        attachment=_point(senior, flows.value, issued),
        detachment=detachment,
        credit_enhancement=None if ltv is None else 1.0 - ltv,
        ltv=ltv,
        dscr=dscr,
        debt_yield=finite(over(flows.closing.ncf, debt)),
        supports=supported(supports, ltv, dscr),
        limits=[
            outcome(loan, classes[: k + 1], principals[: k + 1], i) for i in range(len(terms.note.limits))
        ],
    )


def _point(debt: float, value: float | None, issued: float) -> Attachment:
    share = None if value is None else finite(over(debt, value))
    return Attachment(value=share, debt=finite(over(debt, issued)))
