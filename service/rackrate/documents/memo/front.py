"""The front page of a memo: the ask, the tiles, the terms, sources and uses."""

from collections.abc import Iterator

from rackrate.deal.debt import FloatingRate, Level, Sculpted, TargetBalance
from rackrate.documents.layout.blocks import Block, Heading, Pair, Table, Text, Tile, row, strong
from rackrate.documents.memo.given import TEMPLATES, Financed, Given, case_words, least
from rackrate.documents.wording import day, listed, millions, name, number, percent, times

MONTHS = 12


def ask(given: Given) -> str:
    """The ask in one sentence."""
    deal, classes = given.deal, given.underwriting.tranches
    power = sum(facility.capacity_kw for facility in deal.facilities) / 1000
    count = len(deal.facilities)
    on = (
        f"{count} {'facility' if count == 1 else 'facilities'} of {number(power, 0 if power >= 10 else 1)} MW"
    )
    what = f"in {len(classes)} {'class' if len(classes) == 1 else 'classes'}" if classes else "as one loan"
    return f"{given.money(given.debt)} {what} on {on}, {due(given)}."


def due(given: Financed) -> str:
    """How and when the debt is to be repaid."""
    run, final = given.underwriting.waterfall, day(given.when(given.final))
    if run is None:
        return f"maturing {final}"
    if run.ard is None:
        return f"repaid from cash flow; legal final {final}"
    when = day(given.when(run.ard.month))
    how = (
        "to be refinanced at" if run.ard.refinanced else f"not refinanced in {case_words(given.paid_case)} at"
    )
    return f"{how} the anticipated repayment date of {when}; legal final {final}"


def tiles(given: Given) -> list[Tile]:
    """The figures to be seen first."""
    summary, deal = given.underwriting.summary, given.deal
    case = case_words(deal.sizing.case)
    lent = "Principal" if summary.issued is None else "Issued"
    cover = [
        Tile(lent, millions(given.debt), f"{deal.currency} m"),
        Tile("LTV", percent(summary.ltv, 1), "of value, loan as sized"),
        Tile("DSCR, closing", times(summary.dscr.closing), f"NCF, {case}"),
        Tile("DSCR, least year", times(summary.dscr.minimum), "rolling 12 months"),
    ]
    loan_life = next(
        (
            each.value
            for each in given.underwriting.coverage
            if (each.measure, each.case) == ("llcr", deal.sizing.case)
        ),
        None,
    )
    has_equipment = any(facility.equipment for facility in deal.facilities)
    if has_equipment and loan_life is not None:
        cover.append(Tile("LLCR", times(loan_life), f"NCF, {case}"))
    else:
        cover.append(Tile("Debt yield", percent(summary.debt_yield), f"NCF, {case}"))
    if summary.issued is None:
        return [*cover, Tile("Balloon", millions(given.underwriting.sizing.balloon), f"{deal.currency} m")]
    return [*cover, Tile("First loss at", percent(least(given.underwriting.tranches), 1), "cut of NCF")]


def terms(given: Given) -> list[Block]:
    """Terms beside sources and uses."""
    table = Table(("Term", "As asked"), "lL", [row(*term) for term in _terms(given)])
    return [
        Pair([Heading("Terms"), table], [Heading("Sources and uses, as far as stated"), *_sources(given)])
    ]


def _terms(given: Given) -> Iterator[tuple[str, str]]:
    deal, structure = given.deal, given.deal.structure
    if structure is not None:
        count = len(structure.classes)
        yield "Form", f"{TEMPLATES[structure.template]}, {count} {'class' if count == 1 else 'classes'}"
    yield "Closing", day(deal.closing)
    if structure is None:
        yield "Maturity", day(given.when(deal.debt.term_months))
    else:
        yield "ARD / legal final", f"{given.ard} / {given.final} months"
    yield "Sizing rate", f"{rate(deal.debt.rate)}, {deal.debt.day_count}"
    yield "Repayment", repayment(given)
    yield "Cases", f"sized in {name(deal.sizing.case)}, paid in {name(given.paid_case)}"
    if structure is None:
        return
    yield "Liquidity reserve", f"{number(structure.reserves.liquidity_months, 1)} months of coupon"
    fixed, share = sum(fee.annual for fee in structure.fees), sum(fee.rate for fee in structure.fees)
    points = f" and {percent(share, 3)} of the balance" if share else ""
    yield "Fees a year", f"{given.money(fixed, 2)}{points}"
    levels = structure.triggers
    found = (("trap", levels.trap_below), ("sweep", levels.amortise_below), ("PIK", levels.pik_below))
    told = listed([f"{word} {times(level)}" for word, level in found if level is not None])
    yield "DSCR triggers", told or "none"


def rate(terms: float | FloatingRate) -> str:
    """Write a rate: a number, or a margin and what bounds the index.

    >>> rate(FloatingRate(margin=0.0225, cap=0.045))
    'index + 2.25%, cap 4.50%'
    """
    if not isinstance(terms, FloatingRate):
        return percent(terms)
    bounds = [
        f"{word} {percent(at)}" for word, at in (("floor", terms.floor), ("cap", terms.cap)) if at is not None
    ]
    return ", ".join([f"index + {percent(terms.margin)}", *bounds])


def repayment(given: Given) -> str:
    """How principal is repaid."""
    debt = given.deal.debt
    first = f"{debt.interest_only_months} months interest only, then "
    first = first if 0 < debt.interest_only_months < debt.term_months else ""
    match debt.amortisation:
        case Level(months=months):
            return f"{first}level over {months} months"
        case Sculpted(dscr=dscr):
            return f"{first}sculpted to {times(dscr)}"
        case TargetBalance():
            return f"{first}to a written balance"
        case _:
            return "interest only"


def reserve(given: Given) -> float:
    """The reserve funded at closing: as stated, else months of coupon on what is issued."""
    structure = given.deal.structure
    if structure is None:
        return 0.0
    if structure.reserves.initial is not None:
        return structure.reserves.initial
    coupons = sum(note.principal * note.coupon for note in given.underwriting.tranches)
    return structure.reserves.liquidity_months * coupons / MONTHS


def _sources(given: Given) -> Iterator[Block]:
    """Debt against cost and reserve; what the request does not say is told as that."""
    cost, held, debt = sum(facility.cost for facility in given.deal.facilities), reserve(given), given.debt
    total = max(debt, cost + held)

    def line(label: str, amount: float) -> tuple[str, str, str]:
        return label, millions(amount), percent(amount / total if total else None, 1)

    rows = [row(*line("Debt", debt))]
    rows += [row(*line("Equity and other sources, not stated", total - debt))] if total > debt else []
    rows += [strong(*line("Sources", total)), row(*line("Cost of the facilities", cost))]
    rows += [row(*line("Liquidity reserve at closing", held))] if held else []
    rows += [row(*line("Other uses, not stated", total - cost - held))] if total > cost + held else []
    yield Table(("", f"{given.deal.currency} m", "share"), "Lrr", rows)
    ratio = percent(debt / cost, 1) if cost else "–"
    yield Text(
        f"Loan to cost {ratio}. The request states cost and reserve alone; nothing else is assumed.",
        note=True,
    )
