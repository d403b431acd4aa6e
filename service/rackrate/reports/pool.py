"""A pool as tables for a terminal: loans, concentration, maturities, classes and what they lose."""

from collections.abc import Iterable, Sequence

from rackrate.deal.answers.ground_pool import GroundUnderwriting
from rackrate.deal.answers.pool import PoolCaution, PoolSummary, PoolTestOutcome, PoolUnderwriting
from rackrate.deal.answers.pools.certificates import CertificateFigures, FirstLossPoint
from rackrate.deal.answers.pools.concentration import PoolConcentrationFigures
from rackrate.deal.answers.pools.loans import LoanFigures
from rackrate.deal.cases import ISSUER
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.reports.ground_pool import of_ground_leases
from rackrate.reports.scenarios import scenarios_tables, years_table
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, plain, times, years

MOST_LOANS = 50  # of a table, the largest
NAMES = 3  # of a heading
HEADINGS = ("loan", "tenant", "sponsor", "market", "property_type")
NOTES = (
    "lost: realised loss in the reported scenario. x, severity, haircut: where a class is first left unpaid."
)


def tabulate(request: Pool | GroundPool, answer: PoolUnderwriting | GroundUnderwriting) -> str:
    """Tabulate a pool of loans, or of ground leases."""
    title = [f"{request.name}  ({request.currency}, closing {request.closing}, {answer.pool_ruleset.name})"]
    parts: Iterable[Sequence[str]] = []
    if isinstance(answer, GroundUnderwriting):
        parts = of_ground_leases(answer)
    elif isinstance(request, Pool):
        parts = _of_loans(request, answer)
    return page([title, *parts, _warnings(answer.warnings), [f"id {answer.id}"]])


def _of_loans(request: Pool, answer: PoolUnderwriting) -> Iterable[Sequence[str]]:
    yield _headline(answer.summary)
    yield _loans(request, answer)
    yield _concentration(answer.concentration)
    yield years_table("matures in", "balance", answer.concentration.maturity, answer.summary.balance)
    yield _tests(answer.tests)
    yield _classes(answer.tranches)
    told = [("loans defaulted", percent, "defaulted_share"), ("loans lost", percent, "loss_share")]
    yield from scenarios_tables(answer.scenarios, told)
    yield [NOTES] * bool(answer.tranches)


def _headline(summary: PoolSummary) -> list[str]:
    rows = [
        ("Loans", f"{summary.count:,} of {millions(summary.balance)}, issued {millions(summary.issued)}"),
        (
            "Rate",
            f"{percent(summary.wa_rate)}, net {percent(summary.wa_net_rate)}, {_term(summary)} to maturity",
        ),
        ("DSCR", f"{times(summary.dscr)} of the pool, {times(summary.wa_dscr)} on average"),
        ("LTV", f"{percent(summary.ltv)} of the pool, all in {percent(summary.wa_all_in_ltv)} on average"),
        ("Debt yield", f"{percent(summary.wa_debt_yield)} on average"),
        (
            "Spread",
            f"{summary.effective_loans:.1f} effective loans, {summary.effective_groups:.1f} groups; "
            f"largest {percent(summary.top_1_share)}, ten largest {percent(summary.top_10_share)}",
        ),
    ]
    return [f"{name:<12}{value}" for name, value in rows]


def _term(summary: PoolSummary) -> str:
    return years(None if summary.wa_term_months is None else summary.wa_term_months / 12.0)


def _loans(request: Pool, answer: PoolUnderwriting) -> list[str]:
    """The largest loans, most first, in the issuer's case and with what became of them."""
    ordered = sorted(zip(request.loans, answer.loans, strict=True), key=lambda pair: -pair[1].balance)
    head = (
        "loan",
        "balance",
        "share",
        "matures",
        "DSCR",
        "LTV",
        "debt yield",
        "PD",
        "status",
        "month",
        "lost",
    )
    rows = [_loan(loan.name or loan.id, str(loan.maturity), told) for loan, told in ordered[:MOST_LOANS]]
    rest = len(ordered) - MOST_LOANS
    return columns(head, rows) + [f"and {rest:,} smaller loans"] * (rest > 0)


def _loan(name: str, maturity: str, told: LoanFigures) -> tuple[str, ...]:
    case = next(case for case in told.cases if case.case == ISSUER)
    return (
        name,
        millions(told.balance),
        percent(told.share),
        maturity,
        times(case.dscr),
        percent(case.ltv),
        percent(case.debt_yield),
        percent(told.one_year_pd),
        told.outcome.status,
        NOTHING if told.outcome.month is None else str(told.outcome.month),
        millions(told.outcome.loss),
    )


def _concentration(spread: PoolConcentrationFigures) -> list[str]:
    """The largest of every heading, and of the obligor groups."""
    rows = []
    for heading in HEADINGS:
        named = getattr(spread, heading)
        if named:
            largest = ", ".join(f"{one.id} {percent(one.share)}" for one in named[:NAMES])
            rows.append((heading.replace("_", " "), str(len(named)), largest))
    groups = sorted(spread.groups, key=lambda group: -group.share)[:NAMES]
    told = ", ".join(f"{len(group.loans)} loans {percent(group.share)}" for group in groups)
    rows.append(("group", str(len(spread.groups)), told))
    return columns(("by", "names", "largest"), rows)


def _tests(tests: Sequence[PoolTestOutcome]) -> list[str]:
    rows = [
        (test.name, plain(test.limit), plain(test.actual), "passes" if test.passes else "fails")
        for test in tests
    ]
    return columns(("test", "limit", "actual", "result"), rows)


def _classes(tranches: Sequence[CertificateFigures]) -> list[str]:
    head = ("class", "principal", "coupon", "CE", "LTV", "DSCR", "WAL", "yield", "x", "severity", "haircut")
    return columns(head, map(_class, tranches))


def _class(note: CertificateFigures) -> tuple[str, ...]:
    breaks = note.break_even
    return (
        note.name,
        millions(note.notional if note.principal == 0.0 and note.notional else note.principal),
        percent(note.coupon),
        percent(note.credit_enhancement),
        percent(note.ltv),
        times(note.dscr),
        years(note.wal),
        percent(note.yield_),
        *(
            (NOTHING,) * 3
            if breaks is None
            else (_point(breaks.cdr_multiple), _point(breaks.severity), _point(breaks.ncf_haircut))
        ),
    )


def _point(found: FirstLossPoint) -> str:
    """A break-even; "never" and "at once" where there is no point between.

    >>> _point(FirstLossPoint(value=None, status="at_once"))
    'at once'
    """
    if found.value is not None:
        return f"{found.value:.2f}"
    return NOTHING if found.status == "not_applicable" else found.status.replace("_", " ")


def _warnings(cautions: Sequence[PoolCaution]) -> list[str]:
    """One line of each kind, with its count."""
    kinds: dict[str, list[PoolCaution]] = {}
    for caution in cautions:
        kinds.setdefault(caution.code, []).append(caution)
    return [
        f"! {code}: {alike[0].message} ({alike[0].pointer})"
        + (f", and {len(alike) - 1} more such" if alike[1:] else "")
        for code, alike in kinds.items()
    ]
