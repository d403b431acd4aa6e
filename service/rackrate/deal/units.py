"""Units: annotated types of numbers and names, and checks that documents share.

Each number carries bounds, so that NaN and infinities cannot pass, wide enough for any real deal.
"""

# Design: a bound on every float is the guard against NaN, because a NaN fails both `ge` and `le`; a float
# without bounds lets a MessagePack NaN in. Hence no plain `float` in any request Struct, list items included.

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

import iso4217
from msgspec import Meta

from rackrate.deal.errors import FieldError
from rackrate.deal.measures import unit

# Patterns are read by many engines (RE2, JavaScript under its flag v, Python): no look-around, no class that
# one of them understands otherwise, and beyond ASCII the characters themselves. Python's `$` alone also
# matches before a final line break; `AT_END` takes that back, and is left out where a schema is published.
AT_END = "(?!\\n)"
_CONTROLS = "\\x00-\\x1f\\x7f-\\x9f\u2028-\u202e\u2066-\u2069"  # of lines and of direction too
_BLANKS = " \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_FIRST = f"[^=+@\\-{_BLANKS}{_CONTROLS}]"  # neither the look of a spreadsheet formula, nor a blank

Identifier = Annotated[str, Meta(min_length=1, max_length=64, pattern=f"^{_FIRST}[^{_CONTROLS}]*${AT_END}")]
Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=f"^[^{_CONTROLS}]*${AT_END}")]
Comment = Annotated[str, Meta(min_length=1, max_length=1000, pattern=f"^[^{_CONTROLS}]*${AT_END}")]
Currency = Annotated[str, Meta(pattern=f"^[A-Z]{{3}}${AT_END}")]
Rating = Annotated[str, Meta(min_length=1, max_length=32, pattern=f"^[^{_CONTROLS}]*${AT_END}")]
DayCount = Literal["30/360", "ACT/360", "ACT/365F"]
PeriodMonths = Annotated[Literal[1, 3, 6, 12], unit("months")]

Money = Annotated[float, unit("money"), Meta(ge=0.0, le=1e13)]
PositiveMoney = Annotated[float, unit("money"), Meta(ge=1e-6, le=1e13)]  # what the books tell apart, or more
# No currency pays less than a hundredth.
Denomination = Annotated[float, unit("money"), Meta(ge=0.01, le=1e13)]
SignedMoney = Annotated[float, unit("money"), Meta(ge=-1e13, le=1e13)]
UnitPrice = Annotated[float, Meta(ge=0.0, le=1e8)]  # rents, prices, fees: each field says per what
SignedPrice = Annotated[float, Meta(ge=-1e8, le=1e8)]  # an index, an adder: power prices do go negative
Share = Annotated[float, unit("share"), Meta(ge=0.0, le=1.0)]
Haircut = Annotated[float, unit("share"), Meta(ge=-1.0, le=1.0)]
# Of default: certain default has no hazard rate.
Probability = Annotated[float, unit("probability"), Meta(ge=0.0, lt=1.0)]
Rate = Annotated[float, unit("rate"), Meta(ge=-0.5, le=1.0)]  # growth, inflation, index rates
InterestRate = Annotated[float, unit("rate"), Meta(ge=0.0, le=1.0)]
CapitalisationRate = Annotated[float, unit("rate"), Meta(ge=1e-4, le=10.0)]
Factor = Annotated[float, unit("ratio"), Meta(ge=0.0, le=1000.0)]
# Ratios divide: none is so small that what it divides is beyond all numbers. A percentage passes for a share.
Cover = Annotated[float, unit("ratio"), Meta(ge=0.01, le=1000.0)]
Ltv = Annotated[float, unit("ratio"), Meta(ge=1e-6, le=1000.0)]  # or to cost
DebtYield = Annotated[float, unit("rate"), Meta(ge=1e-6, le=1000.0)]
Leverage = Annotated[float, unit("ratio"), Meta(ge=1e-6, le=1000.0)]
Constant = Annotated[float, unit("rate"), Meta(ge=1e-6, le=10.0)]  # yearly service per 1 of principal
NotePrice = Annotated[float, unit("ratio"), Meta(ge=1e-6, le=1000.0)]  # per 1 of principal
Pue = Annotated[float, unit("ratio"), Meta(ge=1.0, le=10.0)]
Kw = Annotated[float, unit("kW"), Meta(ge=1e-3, le=1e7)]
KwOrNone = Annotated[float, unit("kW"), Meta(ge=0.0, le=1e7)]
Mw = Annotated[float, unit("MW"), Meta(ge=1e-6, le=1e4)]
Hours = Annotated[float, unit("hours/year"), Meta(ge=0.0, le=8760.0)]
Years = Annotated[float, unit("years"), Meta(ge=1e-3, le=100.0)]

MonthCount = Annotated[int, unit("months"), Meta(ge=0, le=1200)]  # of a lease: ninety-nine years fit
LeaseTerm = Annotated[int, unit("months"), Meta(ge=1, le=1200)]
DebtTerm = Annotated[int, unit("months"), Meta(ge=1, le=600)]
DebtMonths = Annotated[int, unit("months"), Meta(ge=0, le=600)]

# A curve is a number, or ascending [date, value] pairs.
MAX_POINTS = 600
_Points = Meta(min_length=1, max_length=MAX_POINTS)
Curve = float | list[tuple[date, float]]
RateCurve = Rate | Annotated[list[tuple[date, Rate]], _Points]
MoneyCurve = Money | Annotated[list[tuple[date, Money]], _Points]
IndexCurve = SignedPrice | Annotated[list[tuple[date, SignedPrice]], _Points]
PueCurve = Pue | Annotated[list[tuple[date, Pue]], _Points]
ShareCurve = Share | Annotated[list[tuple[date, Share]], _Points]


def month_index(day: date, closing: date) -> int:
    """Return the index of the first month boundary on or after a day, negative before closing.

    Boundary j is closing plus j months, so a day past the closing day belongs to the next boundary.

    >>> month_index(date(2027, 1, 2), date(2026, 12, 1))
    2
    >>> month_index(date(2026, 11, 1), date(2026, 12, 1))
    -1
    """
    return 12 * (day.year - closing.year) + (day.month - closing.month) + (day.day > closing.day)


def days_to_boundaries(day: date, closing: date) -> tuple[int, int]:
    """Return the days since the last month boundary before a day, and to the first one on or after it.

    >>> days_to_boundaries(date(2024, 3, 1), date(2023, 12, 31))
    (1, 30)
    >>> days_to_boundaries(date(2024, 2, 29), date(2023, 12, 31))
    (29, 0)
    """
    length = monthrange(day.year, day.month)[1]
    if day.day > closing.day:
        following = monthrange(day.year, day.month % 12 + 1)[1]  # the year matters to February alone
        return day.day - closing.day, length - day.day + min(closing.day, following)
    before = monthrange(day.year, (day.month - 2) % 12 + 1)[1]
    return day.day + before - min(closing.day, before), min(closing.day, length) - day.day


def curve_faults(curve: Curve, at: str) -> Iterator[FieldError]:
    """Yield each point of a curve that is not later than the one before it."""
    if isinstance(curve, list):
        for i in range(1, len(curve)):
            if curve[i][0] <= curve[i - 1][0]:
                yield FieldError(f"{at}/{i}/0", f"dates must ascend: {curve[i][0]} follows {curve[i - 1][0]}")


def period_faults(months: int, period_months: int, at: str) -> Iterator[FieldError]:
    """Yield a length of time that is not whole periods."""
    if months % period_months:
        yield FieldError(at, f"{months} months are not whole periods of {period_months}")


def repeated(names: list[str], pointer: str, what: str) -> Iterator[FieldError]:
    """Yield every name that has been used before, at the pointer in which its index replaces `{}`."""
    seen: set[str] = set()
    for i, name in enumerate(names):
        if name in seen:
            yield FieldError(pointer.format(i), f"{what} {name!r} is used more than once")
        seen.add(name)


_CURRENCIES = frozenset(currency.code for currency in iso4217.Currency)


def currency_faults(currency: str, at: str) -> Iterator[FieldError]:
    """Yield a currency code that ISO 4217 does not list."""
    if currency not in _CURRENCIES:
        yield FieldError(at, f"no currency {currency!r}: known are the codes of ISO 4217")


def closing_faults(closing: date) -> Iterator[FieldError]:
    """Yield a closing date no deal can have, and from which months could not be counted."""
    if not 1950 <= closing.year <= 2200:
        yield FieldError("/closing", "closing lies between the years 1950 and 2200")
