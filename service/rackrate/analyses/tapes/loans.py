"""Loans of a tape, record by record, with what stands beside each."""

import math

from msgspec import UNSET, UnsetType

from rackrate.analyses.tapes import terms
from rackrate.analyses.tapes.layouts import Columns
from rackrate.analyses.tapes.property import largest_tenants, security, unset, when, word
from rackrate.analyses.tapes.records import HIGHEST_RATE, Cells
from rackrate.deal.answers.tape import Basis, BesideLoan, TapeLoan, TapeStatus

WHOLE_LOAN = "WL"
SHARED = ("PP", "A1", "A2", "B1", "B2", "C2", "MZ")  # notes of a whole loan whose size no layout says


def loan_of(cells: Cells, columns: Columns, basis: Basis) -> TapeLoan:
    """Read a loan; what cannot be read is left out and reported."""
    for column in (columns.id, columns.maturity, columns.property_type):
        cells.require(column)
    maturity = when(cells.day(columns.maturity))
    secured, reported = security(cells, columns, basis)
    return TapeLoan(
        id=word(cells.text(columns.id)),
        originator=word(cells.text(columns.originator)),
        originated=when(cells.day(columns.originated)),
        original_balance=unset(cells.amount(columns.original_balance)),
        balance=terms.first_of(cells, columns.balance),
        rate=terms.rate(cells, columns),
        day_count=terms.day_count(cells, columns),
        maturity=maturity,
        ard=when(cells.day(columns.ard)),
        interest_only_months=terms.interest_only_months(cells, columns),
        amortisation=terms.amortisation(cells, columns),
        prepayment=terms.prepayment(cells, columns, maturity),
        fee_rate=_sum(cells, columns.fees, HIGHEST_RATE),
        pari_passu_share=_share(cells, columns),
        property_type=word(cells.text(columns.property_type)),
        market=word(cells.text(columns.market)),
        security=secured,
        reported=reported,
        status=_status(cells, columns),
    )


def beside(cells: Cells, columns: Columns) -> BesideLoan:
    """Read what a pool does not take of a loan."""
    return BesideLoan(
        id=word(cells.text(columns.id)),
        structure=word(cells.text(columns.structure)),
        lien=word(cells.text(columns.lien)),
        largest_tenants=largest_tenants(cells, columns),
    )


def _sum(cells: Cells, columns: tuple[str, ...], most: float = math.inf) -> float | UnsetType:
    """Sum of the columns that have text, in order; none where one cannot be read or is above `most`."""
    read = [cells.number(column, most) for column in columns if cells.text(column) is not None]
    values = [value for value in read if value is not None]
    return UNSET if not values or len(values) < len(read) else sum(values)


def _share(cells: Cells, columns: Columns) -> float | UnsetType:
    """The whole of a whole loan; what share of one a note is, no layout says."""
    code = cells.code(columns.structure, (WHOLE_LOAN, *SHARED))
    if code in SHARED:
        cells.add("pari_passu_share", "not_in_layout", code)
    return 1.0 if code == WHOLE_LOAN else UNSET


def _status(cells: Cells, columns: Columns) -> TapeStatus | UnsetType:
    """Payments missed and advances outstanding."""
    if columns.status is None:
        return UNSET
    code = cells.code(columns.status, columns.missed)
    is_empty = all(cells.text(column) is None for column in columns.advances)
    return TapeStatus(
        arrears_months=UNSET if code is None else columns.missed[code],
        advances=0.0 if is_empty else _sum(cells, columns.advances),
    )


def is_loan(cells: Cells, columns: Columns) -> bool:
    """Whether a record is of a loan: it has a balance, or once had one."""
    wanted = (columns.original_balance, *columns.balance)
    return any(cells.text(column) is not None for column in wanted)
