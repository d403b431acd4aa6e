"""A pool as tables for a terminal: loans, concentration, maturities, classes and what they lose."""

from collections.abc import Iterable, Sequence

from rackrate.deal.answers.ground_pool import GroundLeaseFigures, GroundUnderwriting
from rackrate.deal.answers.pool import (
    PoolCaution,
    PoolSummary,
    PoolTestOutcome,
    PoolUnderwriting,
    ScenarioFigures,
)
from rackrate.deal.answers.pools.certificates import CertificateFigures, FirstLossPoint
from rackrate.deal.answers.pools.concentration import PoolConcentrationFigures
from rackrate.deal.answers.pools.loans import LoanFigures
from rackrate.deal.cases import ISSUER
from rackrate.deal.requests.ground_pool import GroundPool
from rackrate.deal.requests.pool import Pool
from rackrate.reports.summary import tests_table, tranches_table
from rackrate.reports.tables import NOTHING, columns, millions, page, percent, plain, times, years

MOST_LOANS = 50  # of a table, the largest
NAMES = 3  # of a heading
ABREAST = 5  # scenarios side by side
HEADINGS = ("loan", "tenant", "sponsor", "market", "property_type")
NOTES = (
    "lost: realised loss in the reported scenario. x, severity, haircut: where a class is first left unpaid."
)


def tabulate(request: Pool | GroundPool, answer: PoolUnderwriting | GroundUnderwriting) -> str:
    """Tabulate a pool of loans, or of ground leases."""
    title = [f"{request.name}  ({request.currency}, closing {request.closing}, {answer.pool_ruleset.name})"]
    parts: Iterable[Sequence[str]] = []
    if isinstance(answer, GroundUnderwriting):
        parts = _of_ground_leases(answer)
    elif isinstance(request, Pool):
        parts = _of_loans(request, answer)
    return page([title, *parts, _warnings(answer.warnings), [f"id {answer.id}"]])


def _of_loans(request: Pool, answer: PoolUnderwriting) -> Iterable[Sequence[str]]:
    yield _headline(answer.summary)
    yield _loans(request, answer)
    yield _concentration(answer.concentration)
    yield _maturities(answer)
    yield _tests(answer.tests)
    yield _classes(answer.tranches)
    yield from _scenarios(answer.scenarios)
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


def _maturities(answer: PoolUnderwriting) -> list[str]:
    """The maturity wall: balance at closing by year of maturity."""
    rows = [
        (str(year.id), percent(year.share), millions(year.share * answer.summary.balance))
        for year in answer.concentration.maturity
    ]
    return columns(("matures in", "share", "balance"), rows)


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


def _scenarios(scenarios: Sequence[ScenarioFigures]) -> Iterable[list[str]]:
    """What the loans and each class lose, scenarios side by side."""
    for first in range(0, len(scenarios), ABREAST):
        told = scenarios[first : first + ABREAST]
        rows = [
            ("loans defaulted", *(percent(one.defaulted_share) for one in told)),
            ("loans lost", *(percent(one.loss_share) for one in told)),
        ]
        for k, note in enumerate(told[0].classes):
            rows.append((f"{note.name} loses", *(millions(one.classes[k].principal_loss) for one in told)))
        yield columns(("", *(one.name for one in told)), rows)


def _of_ground_leases(answer: GroundUnderwriting) -> Iterable[Sequence[str]]:
    summary = answer.summary
    rows = [
        ("Principal", f"{millions(summary.principal)}  bound by {summary.binding_test}"),
        ("DSCR", f"{times(summary.dscr.closing)} closing, {times(summary.dscr.minimum)} minimum"),
        ("LTV", f"{percent(summary.ltv)} of the leases, {percent(summary.look_through_ltv)} looking through"),
        ("Coverage", f"{times(summary.coverage)} of ground rent by leasehold cash flow"),
    ]
    yield [f"{name:<12}{value}" for name, value in rows]
    head = ("ground lease", "rent", "coverage", "least", "value", "GLTV", "expires in", "defaults", "cured")
    yield columns(head, map(_ground_lease, answer.ground_leases))
    yield tests_table(answer.sizing.tests)
    yield tranches_table(answer.tranches)


def _ground_lease(lease: GroundLeaseFigures) -> tuple[str, ...]:
    return (
        lease.id,
        millions(lease.rent),
        times(lease.coverage),
        times(lease.minimum_coverage),
        millions(lease.value),
        percent(lease.gltv),
        years(lease.expiry / 12.0),
        NOTHING if lease.default_month is None else f"month {lease.default_month}",
        NOTHING if lease.cured is None else "yes" if lease.cured else "no",
    )


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
