"""What the committee should know of a pool, in sentences and tiles."""

from msgspec import Struct

from rackrate.deal.answers.pool import PoolUnderwriting, ScenarioFigures
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.documents.layout.blocks import Point, Tile
from rackrate.documents.wording import day, listed, millions, name, number, percent, times, words, years

YEAR = 12
BREAKS = {
    "ncf_haircut": "a cut of net cash flow and values of",
    "cdr_multiple": "a multiple of default rates of",
    "severity": "a severity of",
}


class PoolGiven(Struct, frozen=True):
    """A pool, its underwriting, and the house defaults of pools."""

    pool: Pool
    underwriting: PoolUnderwriting
    ruleset: PoolRuleset

    def money(self, amount: float, places: int = 1) -> str:
        """Write an amount with its currency."""
        return f"{self.pool.currency} {millions(amount, places)} m"

    @property
    def worst(self) -> ScenarioFigures | None:
        """The scenario in which the loans lose most."""
        return max(self.underwriting.scenarios, key=lambda each: each.loss_share, default=None)


def ask(given: PoolGiven) -> str:
    """The pool in one sentence."""
    summary, notes = given.underwriting.summary, given.underwriting.tranches
    loans = f"{summary.count} {'loan' if summary.count == 1 else 'loans'} of {given.money(summary.balance)}"
    closing = f"closing {day(given.pool.closing)}"
    if not notes or summary.issued is None:
        return f"{loans}, {closing}."
    return f"{given.money(summary.issued)} in {len(notes)} classes on {loans}, {closing}."


def tiles(given: PoolGiven) -> list[Tile]:
    """The figures to be seen first."""
    summary, worst = given.underwriting.summary, given.worst
    last = Tile(
        "Largest loss", percent(None if worst is None else worst.loss_share), "of the pool, any scenario"
    )
    return [
        Tile("Balance", millions(summary.balance), f"{given.pool.currency} m"),
        Tile("Rate", percent(summary.wa_rate), "weighted"),
        Tile("DSCR", times(summary.wa_dscr), "weighted"),
        Tile("LTV", percent(summary.wa_ltv, 1), "weighted"),
        Tile("Debt yield", percent(summary.wa_debt_yield), "weighted"),
        last,
    ]


def known(given: PoolGiven) -> list[Point]:
    """Concentration, maturities, losses, what breaks first, tests that fail."""
    found = {
        "Concentration.": _concentration(given),
        "Maturities.": _maturities(given),
        "Losses.": _losses(given),
        "What breaks first.": _breaks(given),
        "Tests.": _tests(given),
    }
    return [Point(lead, text) for lead, text in found.items() if text]


def _concentration(given: PoolGiven) -> str:
    told, largest = given.underwriting.concentration, given.underwriting.concentration.loan[0]
    who = f"loan {name(largest.id)} is {percent(largest.share, 1)} of the balance"
    groups = f"{number(told.effective_groups, 1)} effective obligor groups"
    tenants = [f"tenant {name(each.id)} is behind {percent(each.share, 1)}" for each in told.tenant[:1]]
    return f"{number(told.effective_loans, 1)} effective loans in {groups}: {listed([who, *tenants])}."


def _maturities(given: PoolGiven) -> str:
    told = given.underwriting.concentration.maturity
    wall = max(told, key=lambda each: each.share)
    term = given.underwriting.summary.wa_term_months
    average = f"; on average in {years(term / YEAR)} years" if term is not None else ""
    return f"{percent(wall.share, 1)} of the balance matures in {wall.id}{average}."


def _losses(given: PoolGiven) -> str:
    worst = given.worst
    if worst is None:
        return ""
    told = f"In scenario {name(worst.name)}, the worst of {len(given.underwriting.scenarios)}, "
    told += (
        f"{percent(worst.defaulted_share, 1)} of the balance defaults and {percent(worst.loss_share)} is lost"
    )
    lost = [
        f"class {name(each.name)} {given.money(each.principal_loss)}"
        for each in worst.classes
        if each.principal_loss > 0
    ]
    if not given.underwriting.tranches:
        return f"{told}."
    return f"{told}; {listed(lost)} of principal." if lost else f"{told}; no class loses principal."


def _breaks(given: PoolGiven) -> str:
    """The class that the least cut of cash flow, multiple of default rates and severity leave unpaid."""
    told = []
    for field, said in BREAKS.items():
        solved = [
            (point.value, note.name)
            for note in given.underwriting.tranches
            if note.break_even and (point := getattr(note.break_even, field)).value is not None
        ]
        if solved:
            value, note = min(solved)
            shown = number(value, 1) if field == "cdr_multiple" else percent(value, 1)
            told.append(f"{said} {shown} leaves class {name(note)} unpaid")
    return f"In the reported scenario {listed(told)}." if told else ""


def _tests(given: PoolGiven) -> str:
    found = given.underwriting.tests
    failed = [name(words(test.name)) for test in found if not test.passes]
    if not found:
        return ""
    return f"{len(failed)} of {len(found)} fail: {listed(failed)}." if failed else f"All {len(found)} pass."
