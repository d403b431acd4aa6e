"""What published deals teach together: cuts of cash, covers of one loan, losses of one tenant and of many."""

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from charts import FOLDER, bars_chart, dots_chart, losses_chart
from layout import table, tenths, wrapped

from rackrate.published.comparison import Underwritten, worked_out
from rackrate.reports.tables import percent, times

LESSONS, SIDE = ((Path(__file__).parent / f"{name}.md").read_text() for name in ("lessons", "side_by_side"))
COLOCATION, CHINA = "data-2023-cntr", "langfang-reit-2025"
SEEDS = {
    "compass-ii-2025": "one hyperscaler, fifteen years",
    COLOCATION: "a colocation hall, 23 tenants",
    "coreweave-ddtl-3": "a GPU contract",
    CHINA: "a Chinese server farm",
}
ALONE, MANY, NATIONAL = "one AA tenant", "23 tenants", "one AAA tenant, national scale"
LOSERS = {
    "bx-2026-vlt10": ALONE,
    "vantage-uk-2024": "two hyperscalers and others",
    COLOCATION: MANY,
    CHINA: NATIONAL,
}
DEBT_YIELD = "'coverage/debt_yield ncf closing {}/value'"
LTV = "'coverage/ltv closing issuer/value'"
HOUSE = f"1 - {DEBT_YIELD.format('underwritten')} / {DEBT_YIELD.format('issuer')}"
COVER = "'coverage/dscr {}/value'"
DEFINITIONS = {
    "NOI, issuer, interest only": COVER.format("noi interest_only closing issuer"),
    "NCF, issuer, interest only": COVER.format("ncf interest_only closing issuer"),
    "NCF, house case, interest only": COVER.format("ncf interest_only closing underwritten"),
    "NOI, issuer, thirty years level": COVER.format("noi amortising closing issuer"),
    "NCF, issuer, thirty years level": COVER.format("ncf amortising closing issuer"),
    "KNCF, interest only, 30/360": "'sizing/tests/30-360/actual'",
    "KNCF, interest only, ACT/360": COVER.format("ncf interest_only closing kbra"),
    "KNCF, tightest year of the loan": COVER.format("ncf interest_only minimum kbra"),
    "KNCF, thirty years level": COVER.format("ncf amortising closing kbra"),
    "KNCF, a take-out of thirty years at 7.5 percent": "'sizing/tests/refinance constant/actual'",
}
COMPARED: dict[str, tuple[str, Callable[[float], str]]] = {
    "Loan, m": ("'summary/principal' / 1e6", "{:,.0f}".format),
    "Cash over value, issuer": (f"{DEBT_YIELD.format('issuer')} * {LTV}", percent),
    "Cash over value, sizing case": ("'summary/debt_yield' * 'summary/ltv'", percent),
    "Loan to value, sizing case": ("'summary/ltv'", percent),
    "Debt yield": ("'summary/debt_yield'", percent),
    "Cover at closing": ("'summary/dscr/closing'", times),
    "Least cover": ("'summary/dscr/minimum'", times),
    "Effective tenants": ("'summary/effective_tenants'", "{:.1f}".format),
    "Years of lease left": ("'summary/walt_years'", "{:.1f}".format),
    "Rent lost to defaults in a year, expected": ("'credit/loss_distribution/expected'", "{:.3%}".format),
}
Deals = Mapping[str, Underwritten]


def lessons_of(deals: Deals) -> tuple[str, dict[str, str]]:
    """What the deals teach, in words, and the charts of it by path."""
    agency, house = cuts(deals)
    spread = {name: worked_out(place, deals[COLOCATION].answer) for name, place in DEFINITIONS.items()}
    spread = dict(sorted(spread.items(), key=lambda item: -item[1]))
    curves = {words: exceedance(deals[name]) for name, words in LOSERS.items()}
    bars = {
        "agency, published": [agency.get(name) for name in house],
        "house, computed": list(house.values()),
    }
    titles = [deals[name].published.title for name in house]
    charts = {
        "cuts": bars_chart("Cut of the issuer's net cash flow", titles, bars, ".1%"),
        "dscr": dots_chart("Debt service cover of one loan, by definition (DATA 2023-CNTR)", spread, ".2f"),
        "losses": losses_chart("Chance of losing more than a share of rent within a year", curves),
    }
    told = LESSONS.format(
        folder=FOLDER,
        least=tenths(min(agency.values())),
        most=tenths(max(agency.values())),
        known=", ".join(
            f"{tenths(house[name])} against the agency's {tenths(cut)} on {deals[name].published.title}"
            for name, cut in agency.items()
        ),
        china=tenths(house[CHINA]),
        highest=times(max(spread.values())),
        lowest=times(min(spread.values())),
        high=next(iter(spread)),
        low=list(spread)[-1],
        few=chance(curves[MANY], 0.0),
        few_tenth=chance(curves[MANY], 0.1),
        single=chance(curves[ALONE], 0.4),
        telecom=chance(curves[NATIONAL], 0.0),
    )
    return wrapped(told), {f"{FOLDER}/{name}.svg": chart for name, chart in charts.items()}


def cuts(deals: Deals) -> tuple[dict[str, float], dict[str, float]]:
    """The agency's cut of each deal where it is published, and the house's where its case is measured."""
    rows = [(name, row) for name, found in deals.items() for row in found.rows]
    agency = {name: -row.printed.value for name, row in rows if row.figure.is_cut}
    measured = {
        name: found
        for name, found in deals.items()
        if any(row["case"] == "underwritten" for row in found.answer["coverage"])
    }
    return agency, {name: worked_out(HOUSE, found.answer) for name, found in measured.items()}


def exceedance(found: Underwritten) -> list[tuple[float, float]]:
    """Chances of losing more than each share of rent."""
    losses = found.answer["credit"]["loss_distribution"]
    beyond = list(accumulate(reversed(losses["probability"])))[::-1]
    return list(zip(losses["loss"], [*beyond[1:], 0.0], strict=True))


def chance(curve: Sequence[tuple[float, float]], share: float) -> str:
    """The chance of losing more than a share, to two digits.

    >>> chance([(0.0, 0.1), (0.5, 0.0)], 0.2)
    '10 percent'
    """
    found = [beyond for loss, beyond in curve if loss <= share + 1e-12][-1]
    return f"{found * 100:.2g} percent"


def side_by_side(deals: Deals) -> str:
    """The seeds of the field in one table."""
    answers = [deals[name].answer for name in SEEDS]
    rows = [
        [what, *(show(worked_out(place, answer)) for answer in answers)]
        for what, (place, show) in COMPARED.items()
    ]
    lost = [percent(answer["tranches"][-1]["break_even_haircut"]) for answer in answers]
    rows.append(["Cash that may be lost before the last class loses", *lost])
    left = tenths(worked_out("'summary/ncf' / 3.725e9", deals[CHINA].answer))
    head = ["", *(f"[{words}](#{name})" for name, words in SEEDS.items())]
    return SIDE.format(left=left) + table(head, rows)
