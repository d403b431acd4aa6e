"""Cells of a rent roll as people write them: numbers with units, dates, terms, escalations, power terms."""

import re
from calendar import month_abbr
from collections.abc import Mapping, Set
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from rackrate.deal.answers.rent_roll import RollReason
from rackrate.deal.facility.leases import (
    CpiEscalation,
    Direct,
    Escalation,
    FixedEscalation,
    FixedPrice,
    Included,
    Metered,
    PowerTerms,
)
from rackrate.deal.requests.rent_roll import DateOrder, DecimalMark

MOST = Decimal(10) ** 13
_MONTHS = [name.lower() for name in month_abbr[1:]]
_NUMBER = {
    "point": re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.(?P<part>[0-9]{1,30}))?"),
    "comma": re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,15})(?:,(?P<part>[0-9]{1,30}))?"),
}
_SIGNS = re.compile(r"(?:US|C|A)?[$€£]|\b(?:USD|EUR|GBP|CAD|AUD)\b")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_SLASHED = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_DAY_NAMED = re.compile(r"([0-9]{1,2})[ -]([A-Za-z]{3,9})\.?[ ,-]+([0-9]{4})")
_NAMED_DAY = re.compile(r"([A-Za-z]{3,9})\.? ([0-9]{1,2}),? ([0-9]{4})")
_CPI = re.compile(r"cpi(?: from (?P<floor>[^ ]+))?(?: to (?P<cap>[^ ]+))?", re.IGNORECASE)
_FIXED_PRICE = re.compile(r"(?:fixed(?: price)? )?(?P<price>.+?) ?(?:/ ?|per )MWh", re.IGNORECASE)
_POWER: dict[str, PowerTerms] = {
    **dict.fromkeys(("metered", "passthrough", "submetered"), Metered()),
    **dict.fromkeys(("included", "gross", "allin"), Included()),
    **dict.fromkeys(("direct", "tenantpaysutility", "tenantdirect"), Direct()),
}
MONTHLY, YEARLY = ("month", "mo", "mth", "monthly"), ("year", "yr", "annum", "annual", "annually", "pa")
RENT_IN_ALL = {*MONTHLY, *YEARLY, "rent", "base", "contract", "in", "place", "total"}  # by nothing else
RENT_UNITS = {"kw", *RENT_IN_ALL}  # what a cell may say beside its rent
LOADS = {"kw": 1, "mw": 1000}
TERMS = {
    **dict.fromkeys(("month", "months", "mo", "mos", "mths", "m"), 1),
    **dict.fromkeys(("year", "years", "yr", "yrs", "y"), 12),
}
YEARS = range(1950, 2301)


class Unread(NamedTuple):
    """Why a cell was not read."""

    reason: RollReason


UNREADABLE, AMBIGUOUS_UNIT, AMBIGUOUS_DATE = (
    Unread("unreadable"),
    Unread("ambiguous_unit"),
    Unread("ambiguous_date"),
)


class Quantity(NamedTuple):
    """A number and the words beside it."""

    value: Decimal
    unit: str


def quantity(text: str, decimals: DecimalMark) -> Quantity | Unread:
    """A number with what is written after it as its unit, in which is no other; signs of currencies are none.

    >>> quantity("$1,416.50/kW-yr", "point")
    Quantity(value=Decimal('1416.50'), unit='/kW-yr')
    >>> quantity("36 MW", "point"), quantity("1.234,5", "comma").value
    (Quantity(value=Decimal('36'), unit='MW'), Decimal('1234.5'))
    >>> [quantity(text, "point").reason for text in ("2 x 6 MW", "5-7 MW", "1e3")]
    ['unreadable', 'unreadable', 'unreadable']
    """
    plain = _SIGNS.sub("", text).strip()
    found = _NUMBER[decimals].match(plain)
    if found is None:
        return UNREADABLE
    rest = plain[found.end() :].strip()
    if rest[:1] in (",", ".") or any(sign.isdigit() for sign in rest):
        return UNREADABLE
    whole = found["whole"].replace(",", "").replace(".", "")
    try:
        value = Decimal(f"{whole}.{found['part'] or 0}") if found["part"] else Decimal(whole)
    except InvalidOperation:
        return UNREADABLE
    return Quantity(value, rest) if value <= MOST else UNREADABLE


def words_of(unit: str) -> str:
    """A unit in lower case, its parts separated by blanks.

    >>> words_of("$/kW-month"), words_of("kW per mo.")
    (' kw month ', ' kw mo ')
    """
    plain = re.sub(r"[^a-z%]+", " ", _SIGNS.sub("", unit).lower())
    return f" {' '.join(word for word in plain.split() if word not in ('per', 'a', 'each', 'of'))} "


def _scale(cell: Quantity, head: str, units: Mapping[str, int], beside: Set[str]) -> int | None:
    """Size of the one unit of a cell, else of its head; None where neither says one, or a cell says more."""
    words = set(words_of(cell.unit).split())
    if not words <= units.keys() | beside:
        return None
    named = units.keys() & words or units.keys() & set(words_of(head).split())
    scales = {units[name] for name in named}
    return scales.pop() if len(scales) == 1 else None


def load(cell: Quantity, head: str) -> Decimal | Unread:
    """Contracted load in kW, of a cell or a head that says kW or MW.

    >>> load(quantity("6 MW", "point"), "load kw"), load(quantity("900 sq ft", "point"), "load kw").reason
    (Decimal('6000'), 'ambiguous_unit')
    """
    scale = _scale(cell, head, LOADS, {"it", "critical"})
    return AMBIGUOUS_UNIT if scale is None else cell.value * scale


def rent(cell: Quantity, head: str, kw: Decimal | None) -> Decimal | Unread:
    """Rent per kW and month: of each kW or in all, a month or a year, as cell or head say."""
    words = words_of(cell.unit) if cell.unit else words_of(head)
    if cell.unit and not RENT_UNITS.issuperset(words.split()):
        return AMBIGUOUS_UNIT
    monthly = any(f" {word} " in words for word in MONTHLY)
    yearly = any(f" {word} " in words for word in YEARLY)
    if monthly is yearly or " mw " in words:
        return AMBIGUOUS_UNIT
    value = cell.value / 12 if yearly else cell.value
    if " kw " in words:
        return value
    if not RENT_IN_ALL.issuperset(f"{words} {words_of(head)}".split()) or kw is None or kw <= 0:
        return AMBIGUOUS_UNIT
    return value / kw


def months(cell: Quantity, head: str) -> int | Unread:
    """Months, of a cell or a head that says months or years.

    >>> [months(quantity(text, "point"), "term months") for text in ("5 years", "6 weeks")]
    [60, Unread(reason='ambiguous_unit')]
    """
    scale = _scale(cell, head, TERMS, set())
    if scale is None:
        return AMBIGUOUS_UNIT if cell.value or cell.unit else 0
    count = cell.value * scale
    return int(count) if count == int(count) else UNREADABLE


def share(cell: Quantity, head: str) -> Decimal | Unread:
    """A share, at most one: of a cell or a head that says percent or decimal; nothing is nothing in both."""
    if cell.unit not in ("", "%"):
        return UNREADABLE
    words = words_of(head)
    if cell.unit == "%" or "%" in words or " percent " in words:
        value = cell.value / 100
    elif " decimal " in words or " share " in words or not cell.value:
        value = cell.value
    else:
        return AMBIGUOUS_UNIT
    return value if value <= 1 else UNREADABLE


def day(text: str, order: DateOrder | None) -> date | Unread:
    """A date: ISO, with the month's name, or in figures of which one reading alone is a date or is told.

    >>> day("2027-03-01", None), day("1 Mar 2027", None), day("04/13/2027", None)
    (datetime.date(2027, 3, 1), datetime.date(2027, 3, 1), datetime.date(2027, 4, 13))
    >>> day("03/04/2027", None).reason, day("03/04/2027", "day_first")
    ('ambiguous_date', datetime.date(2027, 4, 3))
    """
    if found := _ISO.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_NAMED.fullmatch(text):
        return _date(int(found[3]), _month(found[2]), int(found[1]))
    if found := _NAMED_DAY.fullmatch(text):
        return _date(int(found[3]), _month(found[1]), int(found[2]))
    if found := _SLASHED.fullmatch(text):
        year, first, second = int(found[3]), int(found[1]), int(found[2])
        as_us, as_eu = _date(year, first, second), _date(year, second, first)
        if order is not None:
            return as_us if order == "month_first" else as_eu
        if isinstance(as_us, Unread) or isinstance(as_eu, Unread):
            return as_eu if isinstance(as_us, Unread) else as_us
        return as_us if as_us == as_eu else AMBIGUOUS_DATE
    return UNREADABLE


def _month(name: str) -> int:
    short = name[:3].lower()
    return _MONTHS.index(short) + 1 if short in _MONTHS else 0


def _date(year: int, month: int, of_month: int) -> date | Unread:
    try:
        return date(year, month, of_month) if year in YEARS else UNREADABLE
    except ValueError:
        return UNREADABLE


def term_between(commencement: date, expiry: date) -> int | Unread:
    """Whole months to an expiry that is the last day of the term, or the day after it.

    >>> [term_between(date(2025, 12, 1), end) for end in (date(2040, 11, 30), date(2040, 12, 1))]
    [180, 180]
    >>> term_between(date(2025, 12, 1), date(2040, 12, 15)).reason
    'unreadable'
    """
    following = date.fromordinal(expiry.toordinal() + 1)
    for end in (following, expiry):
        count = 12 * (end.year - commencement.year) + end.month - commencement.month
        if end.day == commencement.day and count > 0:
            return count
    return UNREADABLE


def escalation(text: str, head: str, decimals: DecimalMark) -> Escalation | Unread:
    """A fixed rate, or inflation within a floor and a cap: `3%`, `CPI`, `CPI from 2% to 4%`."""
    plain = re.sub(
        r"\s*(?:fixed|annual|annually|p\.?a\.?|per year|a year)\s*$", "", text, flags=re.IGNORECASE
    )
    if found := _CPI.fullmatch(plain):
        floor, cap = (
            None if found[name] is None else _rate(found[name], head, decimals) for name in ("floor", "cap")
        )
        if isinstance(floor, Unread):
            return floor
        return cap if isinstance(cap, Unread) else CpiEscalation(floor=floor, cap=cap)
    if plain.lower() in ("none", "flat", "nil"):
        return FixedEscalation(rate=0.0)
    rate = _rate(plain, head, decimals)
    return rate if isinstance(rate, Unread) else FixedEscalation(rate=rate)


def _rate(text: str, head: str, decimals: DecimalMark) -> float | Unread:
    cell = quantity(text, decimals)
    found = cell if isinstance(cell, Unread) else share(cell, head)
    return found if isinstance(found, Unread) else float(found)


def power(text: str, decimals: DecimalMark) -> PowerTerms | Unread:
    """Power terms: metered, included, direct, or a price per MWh."""
    known = _POWER.get(re.sub("[^a-z]", "", text.lower()))
    if known is not None:
        return known
    found = _FIXED_PRICE.fullmatch(text)
    price = quantity(found["price"], decimals) if found else UNREADABLE
    if isinstance(price, Unread) or price.unit:
        return Unread("unknown_code")
    return FixedPrice(price_per_mwh=float(price.value))
