"""Write a pool as a loan tape: a record a loan, as of a month of the reported scenario."""

# Design: a fact is named as in the layouts' own table, so that what is written is read back by the same
# columns. What a layout cannot say is left out, and reads back as a gap in the report; what it would say
# falsely is refused.

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from rackrate.analyses.tapes.layouts import LAYOUTS, Columns
from rackrate.analyses.tapes.terms import DAY_COUNTS, DEFEASED, FIXED, FLOATING
from rackrate.analyses.tapes.written import crefc_text, xml_text
from rackrate.deal.answers.tape import TapeFile
from rackrate.deal.cases import ISSUER
from rackrate.deal.debt import FloatingRate, InterestOnly, Level
from rackrate.deal.errors import FieldError, Unsupported
from rackrate.deal.pools.loans import Defeasance, Lockout, Open, Penalty, PoolLoan, Stated, YieldMaintenance
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.tape import PoolTapeRequest
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.pool.loan_runs import LoanMonth, SplitLoan, loans_at

Cells = dict[str, str]
MOST_MISSED = 3
CODE = {name: code for code, name in DAY_COUNTS.items()}
ENDED = {"repaid": "5", "sold": "3", "prepaid": "2", "called": "2"}  # liquidation or prepayment code
MATURED, IN_DEFAULT = "4", "5"  # a balloon that is not paid: performing, not performing


def write_tape(request: PoolTapeRequest, ruleset: Ruleset, defaults: PoolRuleset, *, id: str) -> TapeFile:
    """Write a pool as a loan tape.

    Raises
    ------
    Unsupported
        If rates have split a loan, or a loan's protection has an order that no layout has.
    """
    runs, columns = PoolRuns(request.pool, ruleset, defaults), LAYOUTS[request.layout]
    _, collateral = runs.reported_collateral
    try:
        months = list(loans_at(runs.reported_paths, collateral, request.month))
    except SplitLoan as split:
        fault = "default or prepayment rates have split it by then: a tape is of whole loans"
        raise Unsupported(fault, [FieldError(f"/pool/loans/{split.loan}", fault)]) from None
    boundaries: list[date] = runs.clock.boundaries.tolist()
    writer = _Writer(columns, boundaries, request.month)
    cover = runs.covers.of(ISSUER)
    closing = zip(cover.noi.tolist(), cover.ncf.tolist(), cover.value.tolist(), strict=True)
    rows = [
        writer.record(x, loan, state, figures)
        for x, (loan, state, figures) in enumerate(zip(request.pool.loans, months, closing, strict=True))
    ]
    made = xml_text if request.layout == "schedule_al" else crefc_text
    return TapeFile(id=id, layout=request.layout, content=made(columns, rows))


def number(value: float) -> str:
    """A number without an exponent, that reads back the same.

    >>> number(70000000.0), number(5e-06)
    ('70000000', '0.000005')
    """
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


class _Writer:
    """Writes loans as cells of a layout."""

    def __init__(self, columns: Columns, boundaries: list[date], month: int) -> None:
        self._columns, self._boundaries, self._month = columns, boundaries, month

    def record(self, x: int, loan: PoolLoan, state: LoanMonth, closing: tuple[float, float, float]) -> Cells:
        """Write one loan."""
        facts = dict(self._facts(loan, state))
        facts |= dict(self._protection(x, loan)) | dict(_amortisation(loan))
        columns = self._columns
        named = {name: getattr(columns, name) for name in facts}
        cells = {column: facts[name] for name, column in named.items() if column is not None}
        cells |= dict(self._figures(loan, closing)) | dict(self._extra(loan, state))
        return {column: text for column, text in cells.items() if text}

    def day(self, when: date | None) -> str:
        """A date as the layout writes it."""
        if when is None:
            return ""
        return f"{when:%m-%d-%Y}" if self._columns.dates == "month first" else f"{when:%Y%m%d}"

    def _facts(self, loan: PoolLoan, state: LoanMonth) -> Iterator[tuple[str, str]]:
        """What columns of a name of their own say."""
        yield "id", loan.id
        yield "originator", loan.originator or ""
        yield "originated", self.day(loan.originated)
        yield "original_balance", "" if loan.original_balance is None else number(loan.original_balance)
        yield "maturity", self.day(loan.maturity)
        yield "ard", self.day(loan.ard)
        yield "day_count", CODE[loan.day_count]
        yield "interest_only", str(loan.interest_only_months)
        yield "first_due", self.day(self._boundaries[1])
        yield "period_end", self.day(self._boundaries[self._month])
        term = _index(self._boundaries, loan.maturity)
        yield "original_term", str(term)
        yield "remaining_term", str(max(0, term - self._month))
        yield "structure", "WL" if loan.pari_passu_share == 1.0 else "PP"
        yield "lien", "1"
        yield "property_type", loan.property_type or ""
        yield "market", loan.market or ""
        yield "name", loan.name or ""
        yield "status", _status(loan, state, self._month, term)
        yield from self._rate(loan)

    def _rate(self, loan: PoolLoan) -> Iterator[tuple[str, str]]:
        """A margin, with floor and cap of the loan's rate; one whose unit is not stated is not written."""
        if not isinstance(loan.rate, FloatingRate):
            yield "rate_type", FIXED
            return
        yield "rate_type", FLOATING
        if self._columns.margin_has_unit:
            margin = loan.rate.margin
            yield "margin", number(margin)
            yield "floor", "" if loan.rate.floor is None else number(loan.rate.floor + margin)
            yield "cap", "" if loan.rate.cap is None else number(loan.rate.cap + margin)

    def _protection(self, x: int, loan: PoolLoan) -> Iterator[tuple[str, str]]:
        """Ends of lockout, yield maintenance and premiums, and where defeasance begins."""
        columns = self._columns
        if columns.lockout is None:
            return
        entries = [entry for entry in loan.prepayment if not isinstance(entry, Open)]
        until = {_KINDS[type(entry)]: entry.until for entry in entries}
        kinds = "".join(kind for kind, _ in groupby(_KINDS[type(entry)] for entry in entries))
        if kinds == "D" and until["D"] >= loan.maturity and columns.defeased:
            yield "defeased", DEFEASED
            return
        if kinds not in _ORDERS:
            fault = "no layout has protection in this order: lockout, defeasance, yield maintenance, penalty"
            raise Unsupported(fault, [FieldError(f"/pool/loans/{x}/prepayment", fault)])
        locked = until.get("L")
        begins = None if "D" not in until else self._boundaries[0] if locked is None else locked + DAY
        splits = "LD" in kinds and kinds != "LD"
        yield "lockout", self.day(until["D"] if splits else locked)
        yield "defeasance", self.day(begins)
        yield "yield_maintenance", self.day(until.get("Y"))
        yield "premiums", self.day(until.get("P") or (None if splits else until.get("D")))

    def _figures(self, loan: PoolLoan, closing: tuple[float, float, float]) -> Iterator[tuple[str, str]]:
        """Income and value of the property as the loan states them, else of the first year and at closing."""
        columns = self._columns.securitisation or self._columns.most_recent
        if columns is None:
            return
        stated = loan.security if isinstance(loan.security, Stated) else None
        for name, figure in zip(("noi", "ncf", "value"), closing, strict=True):
            own = getattr(stated, name, None)
            yield getattr(columns, name) or "", number(own if isinstance(own, float) else figure)
        if columns.value_date and stated is not None:
            yield columns.value_date, self.day(stated.value_date)
        if loan.reported is not None and loan.reported.dscr is not None and columns.dscr:
            yield columns.dscr, number(loan.reported.dscr)
        if columns.start and columns.end:  # the year that these figures are of
            yield columns.start, self.day(self._boundaries[0])
            yield columns.end, self.day(self._boundaries[min(12, len(self._boundaries) - 1)] - DAY)

    def _extra(self, loan: PoolLoan, state: LoanMonth) -> Iterator[tuple[str, str]]:
        """Balances, rates and fees, in the first column of several, and what the month brought."""
        columns, month = self._columns, self._month
        yield columns.balance[0], number(state.ending)
        yield columns.rate[0], number(state.rate)
        yield columns.fees[0], number(loan.fee_rate)
        ended = state.standing in ENDED
        owed = state.advances if state.standing != "performing" else loan.status.advances
        brought = {
            "beginning": number(state.beginning),
            "interest": number(state.interest),
            "principal": number(state.principal),
            "due": number(state.interest + state.principal),
            "unscheduled": number(state.unscheduled),
            "period_begin": self.day(self._boundaries[month - 1] + DAY) if month else "",
            "ended": self.day(self._boundaries[state.since]) if ended else "",
            "how_ended": ENDED.get(state.standing, ""),
            "loss": number(state.loss),
        }
        yield from ((column, brought[name]) for name, column in BROUGHT[columns.layout].items())
        if columns.advances:
            yield columns.advances[0], number(owed)
            yield from ((column, "0") for column in columns.advances[1:])


DAY = timedelta(days=1)
_KINDS = {Lockout: "L", Defeasance: "D", YieldMaintenance: "Y", Penalty: "P"}
_ORDERS = ("", "L", "D", "LD", "Y", "LY", "LDY", "P", "LP", "YP", "LYP", "LDYP")
BROUGHT = {
    "schedule_al": {
        "period_begin": "reportingPeriodBeginningDate",
        "beginning": "reportPeriodBeginningScheduleLoanBalanceAmount",
        "interest": "scheduledInterestAmount",
        "principal": "scheduledPrincipalAmount",
        "due": "totalScheduledPrincipalInterestDueAmount",
        "unscheduled": "unscheduledPrincipalCollectedAmount",
        "ended": "liquidationPrepaymentDate",
        "how_ended": "liquidationPrepaymentCode",
        "loss": "realizedLossToTrustAmount",
    },
    "crefc_setup": {},
    "crefc_periodic": {
        "beginning": "L6",
        "interest": "L23",
        "principal": "L24",
        "due": "L25",
        "unscheduled": "L27",
        "ended": "L29",
        "how_ended": "L32",
        "loss": "L47",
    },
}


def _index(boundaries: list[date], day: date) -> int:
    """Index of the first boundary on or after a day."""
    return next(i for i, boundary in enumerate(boundaries) if boundary >= day)


def _status(loan: PoolLoan, state: LoanMonth, month: int, term: int) -> str:
    """Payment status: payments missed, or how a loan stands that is past its maturity."""
    if state.standing in ENDED:
        return "0"
    if state.standing == "defaulted":
        return IN_DEFAULT if month > term else str(min(MOST_MISSED, month - state.since))
    if month >= term:
        return MATURED
    return str(min(MOST_MISSED, loan.status.arrears_months))


def _amortisation(loan: PoolLoan) -> Iterator[tuple[str, str]]:
    """Term and payment type; a written or a fixed payment is neither, and says so."""
    match loan.amortisation:
        case InterestOnly():
            yield "amortisation", "0"
            yield "payment_type", "3"
        case Level(months=months):
            yield "amortisation", str(months)
            yield "payment_type", "5" if loan.interest_only_months else "2"
        case _:
            yield "payment_type", "98"
