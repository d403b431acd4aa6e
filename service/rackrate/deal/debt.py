"""Debt terms: rate, term, and how principal is repaid."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.parts import Part
from rackrate.deal.units import (
    MAX_POINTS,
    Cover,
    DayCount,
    DebtMonths,
    DebtTerm,
    InterestRate,
    Money,
    Rate,
    Share,
    ShareCurve,
    curve_faults,
    period_faults,
)


class FloatingRate(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A margin over the base rate, the base rate within a floor and a cap."""

    margin: Annotated[Rate, Meta(description="Added to the base rate, per year.")]
    floor: Annotated[Rate | None, Meta(description="Least base rate, per year; none if absent.")] = None
    cap: Annotated[Rate | None, Meta(description="Greatest base rate, per year; none if absent.")] = None


DebtRate = InterestRate | FloatingRate


class InterestOnly(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="interest_only"
):
    """Nothing is repaid before maturity."""


class Level(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="level"):
    """Level payments of an annuity; what its term leaves over stays in the balloon."""

    months: Annotated[DebtTerm, Meta(description="Term of the annuity, months.")]


class Sculpted(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="sculpted"):
    """Repayment follows net cash flow at a constant debt service cover."""

    dscr: Annotated[Cover, Meta(description="Debt service cover held in every period.")]


class TargetBalance(
    Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="target_balance"
):
    """Repayment follows a written balance."""

    curve: Annotated[ShareCurve, Meta(description="Balance after each payment date, share of principal.")]


class Amounts(Part, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="amounts"):
    """Repayment is written out, an amount a period."""

    amounts: Annotated[
        list[Money],
        Meta(min_length=1, max_length=MAX_POINTS, description="Principal due in each period, deal currency."),
    ]


Amortisation = InterestOnly | Level | Sculpted | TargetBalance
ClassSchedule = InterestOnly | Level | Sculpted | TargetBalance | Amounts


class Debt(Part, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole loan: rate, day count, term, and repayment."""

    rate: Annotated[
        DebtRate, Meta(description="Interest per year: a number, or a margin over market.base_rate.")
    ]
    day_count: Annotated[DayCount, Meta(description="How interest accrues.")]
    term_months: Annotated[DebtTerm, Meta(description="Months from closing to maturity.")]
    interest_only_months: Annotated[DebtMonths, Meta(description="Months without repayment from closing.")]
    amortisation: Annotated[Amortisation, Meta(description="How principal is repaid afterwards.")]
    balloon: Annotated[
        Share, Meta(description="Share of principal left at maturity; of sculpted repayment only.")
    ] = 0.0


def rate_faults(rate: float | FloatingRate, at: str) -> Iterator[FieldError]:
    """Yield what contradicts itself in a rate."""
    if (
        isinstance(rate, FloatingRate)
        and rate.floor is not None
        and rate.cap is not None
        and rate.floor > rate.cap
    ):
        yield FieldError(f"{at}/cap", f"below the floor {rate.floor:g}")


def schedule_faults(schedule: ClassSchedule, at: str, period_months: int = 1) -> Iterator[FieldError]:
    """Yield what contradicts itself in a repayment schedule, or does not fit its payment dates."""
    if isinstance(schedule, Level):
        yield from period_faults(schedule.months, period_months, f"{at}/months")
    if isinstance(schedule, TargetBalance):
        yield from curve_faults(schedule.curve, f"{at}/curve")
        points = schedule.curve if isinstance(schedule.curve, list) else []
        for i, (before, point) in enumerate(pairwise(points), start=1):
            if point[1] > before[1]:
                yield FieldError(
                    f"{at}/curve/{i}/1", f"a balance cannot rise: {point[1]:g} follows {before[1]:g}"
                )


def debt_faults(debt: Debt, at: str, period_months: int = 1) -> Iterator[FieldError]:
    """Yield what contradicts itself in the debt terms, or does not fit its payment dates."""
    yield from rate_faults(debt.rate, f"{at}/rate")
    if debt.interest_only_months > debt.term_months:
        yield FieldError(f"{at}/interest_only_months", f"longer than the term of {debt.term_months} months")
    yield from schedule_faults(debt.amortisation, f"{at}/amortisation", period_months)
    if debt.balloon > 0 and not isinstance(debt.amortisation, Sculpted):
        yield FieldError(f"{at}/balloon", "only sculpted repayment takes a balloon")
