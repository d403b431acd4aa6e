"""Ramps and options to end of a rent roll, as people write them: steps of load, months, fees, dates."""

import re
from datetime import date
from typing import NamedTuple

from msgspec import UNSET

from rackrate.analyses.rent_rolls import cells
from rackrate.analyses.rent_rolls.cells import AMBIGUOUS_DATE, UNREADABLE, Unread
from rackrate.deal.answers.rent_roll import RollTermination
from rackrate.deal.facility.leases import RampStep
from rackrate.deal.requests.rent_roll import DateOrder, DecimalMark

NONE = ("", "none", "no", "nil", "n/a", "na", "-", "–", "flat", "no ramp")
LONGEST = 600  # characters of a cell that is taken apart
_STEPS = re.compile(r"\s*(?:;|\n|,?\s+then\s+|,\s+(?=[0-9][0-9.,]*\s*(?:kW|MW)\b))\s*", re.IGNORECASE)
_LOAD_FIRST = re.compile(
    r"(?P<load>[0-9][0-9.,]*\s*(?:kW|MW)?)\s+(?:from|at|on|(?=after\b|in\b))\s*(?P<when>.+)",
    re.IGNORECASE,
)
_WHEN_FIRST = re.compile(r"(?:from |at )?(?P<when>.+?)\s*[:=]\s*(?P<load>[0-9].*)", re.IGNORECASE)
_AFTER = re.compile(
    r"(?:after |in )?(?P<count>[0-9]{1,4}) ?(?P<unit>months?|mos?|years?|yrs?)", re.IGNORECASE
)
_NUMBERED = re.compile(r"(?:the )?(?:month |m)(?P<number>[0-9]{1,4})", re.IGNORECASE)
_START = ("commencement", "start", "the start", "lease start", "day 1", "day one")
_PARTS = re.compile(r"\s*(?:;|\n|,(?!\s*(?:19|20)[0-9]{2}\b))\s*")
_FEE = re.compile(
    r"(?:(?:with )?(?:a )?(?:fee|penalty|payment)(?: of|:)? ?(?P<fee>[0-9]+) ?months?(?:['’]? rent)?"
    r"|(?P<rent>[0-9]+) ?months?['’]? (?:rent|fee))",
    re.IGNORECASE,
)
_CHANCE = re.compile(
    r"(?:probability(?: of|:)? ?)?(?P<chance>[0-9][0-9.,]* ?%)(?: probability)?", re.IGNORECASE
)
_FREE = ("no fee", "without fee", "without a fee")


class Reader(NamedTuple):
    """How a roll writes dates and decimals, and the commencement that a lease's months count from."""

    dates: DateOrder | None
    decimals: DecimalMark
    commencement: date | None

    def months_to(self, text: str) -> int | Unread:
        """Months from commencement to a date; it falls on the day of the month on which the lease began."""
        day = cells.day(text, self.dates)
        if isinstance(day, Unread) or self.commencement is None:
            return day if isinstance(day, Unread) else UNREADABLE
        count = 12 * (day.year - self.commencement.year) + day.month - self.commencement.month
        return count if day.day == self.commencement.day and count >= 0 else UNREADABLE

    def offset(self, text: str) -> int | Unread:
        """Months from commencement: `after 6 months`, `commencement`, or a date."""
        if text.lower() in _START:
            return 0
        if found := _AFTER.fullmatch(text):
            return int(found["count"]) * (12 if found["unit"].lower().startswith("y") else 1)
        return self.months_to(text)


def ramp(text: str, head: str, reader: Reader) -> list[RampStep] | Unread:
    """Steps of a ramp: `6 MW from commencement; 12 MW after 6 months`, or months by number.

    Numbered months count from the first step's number, 0 or 1: one that begins otherwise has two readings.
    A ramp says what is billed from commencement on, one load a month in order, or it is not read.

    >>> reader = Reader(None, "point", date(2026, 1, 1))
    >>> [(step.from_month, step.kw) for step in ramp("M1: 6 MW; M7: 12 MW", "", reader)]
    [(0, 6000.0), (6, 12000.0)]
    """
    if text.lower() in NONE:
        return []
    if len(text) > LONGEST:
        return UNREADABLE
    steps = list[tuple[int, float]]()
    first: int | None = None  # number of the month in which the lease begins, where months are numbered
    for part in _STEPS.split(text.strip()):
        found = _LOAD_FIRST.fullmatch(part) or _WHEN_FIRST.fullmatch(part)
        if found is None:
            return UNREADABLE
        kw = _load(found["load"], head, reader.decimals)
        if isinstance(kw, Unread):
            return kw
        numbered = _NUMBERED.fullmatch(found["when"].strip())
        if numbered is None:
            month = reader.offset(found["when"].strip())
        else:
            number = int(numbered["number"])
            first = number if not steps and number in (0, 1) else first
            month = AMBIGUOUS_DATE if first is None else number - first
        if isinstance(month, Unread):
            return month
        if month <= steps[-1][0] if steps else month != 0:
            return UNREADABLE
        steps.append((month, kw))
    return [RampStep(from_month=month, kw=kw) for month, kw in steps]


def _load(text: str, head: str, decimals: DecimalMark) -> float | Unread:
    cell = cells.quantity(text, decimals)
    kw = cell if isinstance(cell, Unread) else cells.load(cell, head)
    return kw if isinstance(kw, Unread) else float(kw)


def termination(text: str, reader: Reader) -> RollTermination | Unread | None:
    """An option to end: when, against which fee, and with which probability, as far as it is said.

    >>> termination("after 60 months; fee 12 months", Reader(None, "point", None))
    RollTermination(month=60, fee_months=12, probability=UNSET)
    """
    if text.lower() in NONE:
        return None
    if len(text) > LONGEST:
        return UNREADABLE
    said = dict[str, float]()
    for part in _PARTS.split(text.strip()):
        name, value = _part(part.strip(), reader)
        if isinstance(value, Unread):
            return value
        if name in said:
            return UNREADABLE
        said[name] = value
    month, fee = said.get("month"), said.get("fee_months")
    return RollTermination(
        month=UNSET if month is None else int(month),
        fee_months=UNSET if fee is None else int(fee),
        probability=said.get("probability", UNSET),
    )


def _part(text: str, reader: Reader) -> tuple[str, float | Unread]:
    """What a part of an option says, by the name of its field."""
    if text.lower() in _FREE:
        return "fee_months", 0.0
    if found := _FEE.fullmatch(text):
        return "fee_months", float(found["fee"] or found["rent"])
    if found := _CHANCE.fullmatch(text):
        cell = cells.quantity(found["chance"], reader.decimals)
        share = cell if isinstance(cell, Unread) else cells.share(cell, "")
        return "probability", share if isinstance(share, Unread) else float(share)
    when = re.sub(r"^(?:at |on |from |tenant (?:option|break) (?:at |on )?)", "", text, flags=re.IGNORECASE)
    if _NUMBERED.fullmatch(when):
        return "month", AMBIGUOUS_DATE  # counted from 0 or from 1
    return "month", reader.offset(when)
