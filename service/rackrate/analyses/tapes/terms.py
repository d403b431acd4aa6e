"""Terms of a loan on a tape: rate, accrual, interest only, amortisation, prepayment protection."""

from datetime import date, timedelta
from typing import Literal

from msgspec import UNSET, UnsetType

from rackrate.analyses.tapes.layouts import Columns
from rackrate.analyses.tapes.records import Cells, payments_due
from rackrate.deal.answers.tape import TapeAmortisation, TapeProtection, TapeRate

DAY_COUNTS: dict[str, Literal["30/360", "ACT/360", "ACT/365F"]] = {
    "1": "30/360",
    "2": "ACT/365F",
    "3": "ACT/360",
}
PAYMENT_TYPES = ("1", "2", "3", "4", "5", "7")  # 6, principal only, and 98, other, say no schedule
FIXED, FLOATING = "1", "2"
DEFEASED = "F"


def first_of(cells: Cells, columns: tuple[str, ...], is_rate: bool = False) -> float | UnsetType:
    """The first of several columns that says a number; that it is not the first is reported."""
    read = cells.rate if is_rate else cells.amount
    for column in columns:
        value = read(column)
        if value is not None:
            if column != columns[0]:
                cells.add(columns[0], "fallback", column)
            return value
        if cells.text(column) is not None:  # it says something, which is reported
            return UNSET
    cells.require(columns[0])
    return UNSET


def rate(cells: Cells, columns: Columns) -> float | TapeRate | UnsetType:
    """Interest: a number, or a margin whose floor and cap are of the loan's rate on the tape."""
    kind = cells.code(columns.rate_type, (FIXED, FLOATING))
    if kind is None and cells.text(columns.rate_type) is not None:
        return UNSET
    return _floating(cells, columns) if kind == FLOATING else first_of(cells, columns.rate, is_rate=True)


def _floating(cells: Cells, columns: Columns) -> TapeRate | UnsetType:
    cells.require(columns.margin)
    text = cells.text(columns.margin)
    if text is not None and columns.margin and not columns.margin_has_unit:
        cells.add(columns.margin, "ambiguous_unit", text)
        return UNSET
    limits = {name: cells.rate(getattr(columns, name)) for name in ("floor", "cap")}
    margin = cells.rate(columns.margin)
    unread = any(limits[name] is None and cells.text(getattr(columns, name)) is not None for name in limits)
    if margin is None or unread:
        return UNSET
    on_index = {name: limit - margin for name, limit in limits.items() if limit is not None}
    return TapeRate(margin=margin, **on_index)


def day_count(cells: Cells, columns: Columns) -> Literal["30/360", "ACT/360", "ACT/365F"] | UnsetType:
    """How interest accrues."""
    cells.require(columns.day_count)
    code = cells.code(columns.day_count, DAY_COUNTS)
    return UNSET if code is None else DAY_COUNTS[code]


def due(cells: Cells, columns: Columns) -> int | None:
    """Payments due so far: between two dates, or the original term less what remains."""
    if columns.original_term:
        original, remaining = cells.whole(columns.original_term), cells.whole(columns.remaining_term)
        wanted = (columns.original_term, columns.remaining_term)
        if original is not None and remaining is not None:
            return max(0, original - remaining)
    else:
        first, end = cells.day(columns.first_due), cells.day(columns.period_end)
        wanted = (columns.first_due or "", columns.period_end)
        if first is not None and end is not None:
            return payments_due(first, end)
    for column in wanted:
        cells.require(column)
    return None


def interest_only_months(cells: Cells, columns: Columns) -> int | UnsetType:
    """Months without repayment that are left; a layout that has the column says none where it is empty."""
    term = cells.whole(columns.interest_only)
    if term is None or term == 0:
        is_none = columns.interest_only is not None and cells.text(columns.interest_only) is None
        return 0 if term == 0 or is_none else UNSET
    paid = due(cells, columns)
    return UNSET if paid is None else max(0, term - paid)


def amortisation(cells: Cells, columns: Columns) -> TapeAmortisation | UnsetType:
    """Nothing, or level payments over what is left of their term."""
    cells.require(columns.amortisation)
    kind = cells.code(columns.payment_type, PAYMENT_TYPES)
    term = cells.whole(columns.amortisation)
    if term is None or (kind is None and cells.text(columns.payment_type) is not None):
        return UNSET
    if term == 0:
        return TapeAmortisation(kind="interest_only")
    paid, free = due(cells, columns), cells.whole(columns.interest_only)
    if paid is None or (free is None and cells.text(columns.interest_only) is not None):
        return UNSET
    left = term - max(0, paid - (free or 0))
    if left < 1 and columns.amortisation:
        cells.add(columns.amortisation, "unreadable", f"{term} months, of which none is left")
        return UNSET
    return TapeAmortisation(kind="level", months=left)


def prepayment(
    cells: Cells, columns: Columns, maturity: date | UnsetType
) -> list[TapeProtection] | UnsetType:
    """Protection in order of time; what no layout says of it is reported."""
    if columns.lockout is None:
        return UNSET
    if cells.text(columns.defeased) == DEFEASED:
        return [TapeProtection(kind="defeasance", until=maturity)] if isinstance(maturity, date) else UNSET
    ends = (columns.lockout, columns.yield_maintenance, columns.premiums, columns.defeasance)
    lockout, maintained, premiums, defeasance = (cells.day(column) for column in ends)
    found = _locked(lockout, defeasance)
    last = found[-1].until if found else date.min
    if maintained is not None and maintained > last:
        found.append(TapeProtection(kind="yield_maintenance", until=maintained))
        cells.add("yield maintenance floor", "not_in_layout")
        last = maintained
    if premiums is not None and premiums > last:
        defeased = defeasance is not None and maintained is None
        found.append(TapeProtection(kind="defeasance" if defeased else "penalty", until=premiums))
        if not defeased:
            cells.add("prepayment premium", "not_in_layout")
    return found


def _locked(lockout: date | None, defeasance: date | None) -> list[TapeProtection]:
    """Lockout to the day before defeasance may begin, and defeasance for the rest of it."""
    if lockout is None:
        return []
    if defeasance is None or defeasance > lockout:
        return [TapeProtection(kind="lockout", until=lockout)]
    before = TapeProtection(kind="lockout", until=defeasance - timedelta(days=1))
    return [before, TapeProtection(kind="defeasance", until=lockout)]
