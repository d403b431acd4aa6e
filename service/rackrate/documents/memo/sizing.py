"""What limits the debt: every test, the one that binds, and cover by what it divides."""

from collections.abc import Iterator

from rackrate.deal.answers.sizing import TestOutcome
from rackrate.deal.cases import ISSUER
from rackrate.deal.pools.ground_leases import LifeNpv
from rackrate.deal.valuation import Appraisal, CapRate, Npv
from rackrate.documents.layout.blocks import Block, Row, Table, Text, row, strong
from rackrate.documents.memo.given import Financed, binding, case_words, figure, next_test, test_rows
from rackrate.documents.memo.income import sizing_case
from rackrate.documents.memo.sentences import limit
from rackrate.documents.wording import millions, name, percent, times

BASES = ("closing", "minimum", "average")
COVERS = (
    ("NCF over scheduled service", "ncf", "actual"),
    ("NCF over interest only", "ncf", "interest_only"),
    ("NCF over a level annuity", "ncf", "amortising"),
    ("NOI over scheduled service", "noi", "actual"),
)


def sizing(given: Financed) -> Iterator[Block]:
    """The sentence, the tests, the covers."""
    yield Text(_sentence(given))
    tests, following = given.underwriting.sizing.tests, next_test(given)
    rows = [
        _test(test, label, test is following) for test, label in zip(tests, test_rows(given), strict=True)
    ]
    head = ("Test", "limit", "at the principal", "allows, m", "slack, m", "")
    yield Table(head, "Lrrrrl", rows, f"{_value(given)}")
    yield from _covers(given)


def _sentence(given: Financed) -> str:
    summary, test = given.underwriting.summary, binding(given)
    if test is None:
        return f"The debt's own terms size the loan at {given.money(summary.principal)}."
    told = f"{limit(test)} binds at {given.money(summary.principal)}."
    if not test.shadow_price:
        return told
    unit, word = (
        (1e-4, "One basis point") if figure(test, 0.1).endswith("%") else (0.01, "A hundredth (0.01x)")
    )
    return f"{told} {word} of that limit moves the debt by {given.money(abs(test.shadow_price) * unit, 2)}."


def _test(test: TestOutcome, label: str, follows: bool) -> Row:
    cells = (
        label,
        figure(test, test.limit),
        figure(test, test.actual),
        millions(test.max_principal),
        millions(test.slack),
        "binds" if test.binding else "next" if follows else "",
    )
    return strong(*cells) if test.binding else row(*cells)


def _value(given: Financed) -> str:
    """How the collateral is valued: by the case's own lens where it has one, else by the request's."""
    case, value = sizing_case(given), given.lens
    amount = given.money(given.underwriting.summary.value)
    match value:
        case Npv(discount_rate=discount, months=months, terminal_cap_rate=cap):
            discount, cap = case.discount_rate or discount, case.cap_rate or cap
            how = f"cash flow of {months} months at {percent(discount)}, terminal cap rate {percent(cap)}"
        case LifeNpv(discount_rate=discount):
            how = f"rent to each expiry and the reversion at {percent(case.discount_rate or discount)}"
        case _ if case.cap_rate is not None or case.discount_rate is not None:
            how = "the case's own rates"
        case CapRate(cap_rate=cap):
            how = f"closing net cash flow over a cap rate of {percent(cap)}"
        case Appraisal():
            how = "appraisal"
    return f"Tests in {case_words(given.deal.sizing.case)} unless named otherwise; value {amount} by {how}."


def _covers(given: Financed) -> Iterator[Block]:
    """Cover at closing, of the least year and on average, in the sizing case and the issuer's."""
    own = given.deal.sizing.case
    cases = [own] if own == ISSUER else [own, ISSUER]
    found: dict[tuple[str | None, str | None, str, str | None], float | None] = {
        (each.numerator, each.denominator, each.basis, each.case): each.value
        for each in given.underwriting.coverage
        if each.measure == "dscr"
    }
    rows = [
        row(label, *(times(found.get((over, under, basis, case))) for case in cases for basis in BASES))
        for label, over, under in COVERS
        if any(found.get((over, under, basis, own)) is not None for basis in BASES)
    ]
    names = {own: "ours", ISSUER: "issuer"}
    head = [
        f"{names[case]}: {word}" if k == 0 else word
        for case in cases
        for k, word in enumerate(("closing", "least year", "average"))
    ]
    if rows:
        note = (
            f"Ours is {case_words(own)}. At the principal and the sizing rate; rolling twelve months inside "
        )
        note += "the term, balloon left out."
        yield Table(("DSCR", *head), "L" + "r" * len(head), rows, note)
    yield from _life_covers(given)


def _life_covers(given: Financed) -> Iterator[Block]:
    """Covers over the life of the loan and of the project, in both cases."""
    told = [
        f"{each.measure.upper()} {times(each.value)} in case {name(each.case or '')}"
        for each in given.underwriting.coverage
        if each.measure in ("llcr", "plcr") and each.value is not None
    ]
    if told:
        yield Text("; ".join(told) + ".", note=True)
