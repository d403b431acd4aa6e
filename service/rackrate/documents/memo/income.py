"""From the issuer's net cash flow to the one the loan is sized on, and where each change comes from."""

from collections.abc import Iterator

from rackrate.deal.cases import ISSUER, Case
from rackrate.documents.charts.bars import bridge_chart
from rackrate.documents.layout.blocks import Block, Chart, Row, Table, Text, row, strong
from rackrate.documents.memo.adjustments import adjustment_words, told_value
from rackrate.documents.memo.given import Financed, Given
from rackrate.documents.wording import NOTHING, millions, name, percent, words

TOTALS = ("egi", "noi", "ncf")
LINES = {
    "base_rent": "Base rent",
    "power_recovery": "Power recovery",
    "other_income": "Other income",
    "vacancy_and_credit_loss": "Vacancy and credit loss",
    "egi": "Effective gross income",
    "power_cost": "Power cost",
    "ground_rent": "Ground rent",
    "management_fee": "Management fee",
    "noi": "Net operating income",
    "capital_reserve": "Capital reserve",
    "leasing_costs": "Leasing costs",
    "ncf_haircut": "Haircut",
    "ncf": "Net cash flow",
}
MOVED = {  # lines that an adjustment is in, where it is in one
    "rent_haircut": "base_rent",
    "vacancy_floor": "vacancy_and_credit_loss",
    "management_fee_floor": "management_fee",
    "capex_reserve_floor": "capital_reserve",
    "ncf_haircut": "ncf_haircut",
    "credit": "vacancy_and_credit_loss",
    "power_price_factor": "power_cost",
}
SMALLEST = 500.0  # of currency: a step of less is drawn as nothing


def line_words(line: str) -> str:
    """Name a line of the cash flow."""
    return LINES.get(line) or name(words(line.removeprefix("opex:"))).capitalize()


def sizing_case(given: Financed) -> Case:
    """The case in which the loan is sized: the request's, else the ruleset's."""
    return case_of(given, given.deal.sizing.case)


def case_of(given: Financed, named: str) -> Case:
    """The case of a name: the request's, else the ruleset's, else the issuer's."""
    own = {case.name: case for case in given.deal.cases}
    return own.get(named) or given.ruleset.cases.get(named) or Case(name=ISSUER)


def income(given: Given) -> Iterator[Block]:
    """The sentence, the chart of steps, the table of lines."""
    lines = {line.line: line for line in given.underwriting.bridge}
    ncf = lines["ncf"]
    change = ncf.underwritten - ncf.issuer
    share = f", {percent(change / ncf.issuer, 1)}" if ncf.issuer else ""
    became = f"becomes {given.money(ncf.underwritten, 2)} in case {name(given.deal.sizing.case)}{share}."
    yield Text(f"First-year net cash flow of {given.money(ncf.issuer, 2)} in the issuer's case {became}")
    steps = [
        (adjustment_words(step.adjustment), step.ncf_change)
        for step in given.underwriting.bridge_steps
        if abs(step.ncf_change) >= SMALLEST
    ]
    if steps:
        told = ", ".join(f"{label} {millions(amount, 2)}" for label, amount in steps)
        unit = f"{given.deal.currency} m"
        yield Chart(
            bridge_chart(steps, ncf.issuer),
            f"Changes of first-year net cash flow, {unit}: {told}.",
            f"Change of first-year net cash flow, {unit} and share of the issuer's, an adjustment at a time "
            "in the engine's order. A step moves several lines of the table, so that steps and lines differ.",
        )
    head = (
        f"Year from closing, {given.deal.currency} m",
        "issuer",
        "sized on",
        "change",
        "where the change comes from",
    )
    yield Table(head, "lrrrL", list(_rows(given)))


def _rows(given: Given) -> Iterator[Row]:
    """Lines that are anything in either case, each change with the adjustment that makes it."""
    case, reasons = sizing_case(given), dict[str, list[str]]()
    for step in given.underwriting.bridge_steps:
        line = MOVED.get(step.adjustment)
        if line is not None:
            reasons.setdefault(line, []).append(
                told_value(step.adjustment, getattr(case, step.adjustment), given)
            )
        elif step.adjustment == "opex_factor":
            for each in given.underwriting.bridge:
                if each.line.startswith("opex:"):
                    told = told_value(step.adjustment, case.opex_factor, given)
                    reasons.setdefault(each.line, []).append(told)
    for each in given.underwriting.bridge:
        if each.line not in LINES and not each.line.startswith("opex:"):
            continue
        change = each.underwritten - each.issuer
        if not (each.issuer or each.underwritten):
            continue
        moved = abs(change) >= SMALLEST
        cells = (
            line_words(each.line),
            millions(each.issuer, 2),
            millions(each.underwritten, 2),
            millions(change, 2) if moved else NOTHING,
            "; ".join(reasons.get(each.line, ())) if moved else "",
        )
        yield strong(*cells) if each.line in TOTALS else row(*cells)
