"""The property behind a loan on a tape: income, value, occupancy and its largest tenants."""

from datetime import date

from msgspec import UNSET, UnsetType

from rackrate.analyses.tapes.layouts import Columns, Figures, figures_of
from rackrate.analyses.tapes.records import HIGHEST_SHARE, Cells
from rackrate.deal.answers.tape import Basis, LargestTenant, TapeProperty, TapeReported, TapeSecurity

YEAR_DAYS = range(360, 372)  # that a year's income spans, both days counted


def unset(value: float | None) -> float | UnsetType:
    """What is left out where there is no figure."""
    return UNSET if value is None else value


def word(text: str | None) -> str | UnsetType:
    """What is left out where there is no text."""
    return UNSET if text is None else text


def when(day: date | None) -> date | UnsetType:
    """What is left out where there is no date."""
    return UNSET if day is None else day


def _spans_a_year(cells: Cells, figures: Figures) -> bool:
    start, end = cells.day(figures.start), cells.day(figures.end)
    return start is not None and end is not None and (end - start).days + 1 in YEAR_DAYS


def income_columns(cells: Cells, columns: Columns, basis: Basis) -> Figures | None:
    """Columns to read income of: most recent where it is of a year, else as at securitisation, or none."""
    asked = figures_of(columns, basis)
    if asked.end is None or _spans_a_year(cells, asked):
        return asked
    has_income = cells.text(asked.noi) is not None or cells.text(asked.ncf) is not None
    if columns.securitisation is None and not has_income:
        cells.add(asked.end, "missing")
    else:
        cells.add(asked.end, "fallback", "not a year")
    return columns.securitisation


def _valued(cells: Cells, columns: Columns, basis: Basis) -> Figures:
    """Columns to read the value of: the most recent where there is one."""
    asked = figures_of(columns, basis)
    if columns.securitisation is not None and cells.text(asked.value) is None:
        return columns.securitisation
    return asked


def security(cells: Cells, columns: Columns, basis: Basis) -> tuple[TapeSecurity, TapeReported]:
    """Income and value of the whole property, and the cover that is reported on that income."""
    income, valued = income_columns(cells, columns, basis), _valued(cells, columns, basis)
    if income is not None:
        for column in (income.noi, income.ncf):
            cells.require(column)
    if columns.securitisation is not None:
        cells.require(valued.value)
    cover = figures_of(columns, basis) if income is None else income
    found = TapeSecurity(
        noi=UNSET if income is None else unset(cells.number(income.noi)),
        ncf=UNSET if income is None else unset(cells.number(income.ncf)),
        value=unset(cells.amount(valued.value)),
        value_date=when(cells.day(valued.value_date)),
    )
    return found, TapeReported(dscr=unset(cells.number(cover.dscr)))


def property_of(cells: Cells, columns: Columns, basis: Basis, loan: str | None, rollup: bool) -> TapeProperty:
    """One property as a row of its own."""
    valued, first = _valued(cells, columns, basis), figures_of(columns, basis)
    occupied = first if cells.text(first.occupancy) is not None else columns.securitisation or first
    return TapeProperty(
        line=cells.line,
        loan=word(loan),
        rollup=rollup,
        name=word(cells.text(columns.name)),
        city=word(cells.text(columns.city)),
        state=word(cells.text(columns.market)),
        property_type=word(cells.text(columns.property_type)),
        value=unset(cells.amount(valued.value)),
        occupancy=unset(cells.number(occupied.occupancy, HIGHEST_SHARE)),
    )


def largest_tenants(cells: Cells, columns: Columns) -> list[LargestTenant]:
    """Up to three tenants by area, with its share of the whole; shares of area are none of cash flow."""
    area, found = cells.amount(columns.area), list[LargestTenant]()
    for tenancy in columns.tenants:
        name, let = cells.text(tenancy.name), cells.amount(tenancy.area)
        share = let / area if let is not None and area else None
        if share is not None and share > HIGHEST_SHARE:
            cells.add(tenancy.area, "ambiguous_unit", cells.text(tenancy.area))
            share = None
        expiry = cells.day(tenancy.expiry)
        if name is not None:
            found.append(LargestTenant(name=name, area_share=unset(share), lease_expiry=when(expiry)))
    return found
