"""Explanation of a deal for a terminal: what binds, what breaks first and when, what would lend more."""

from collections.abc import Callable, Sequence
from datetime import date

from msgspec import UNSET

from rackrate.analyses.deals.differences import labels
from rackrate.deal.answers.figures import BreakEvenTarget
from rackrate.deal.answers.sizing import TestOutcome
from rackrate.deal.requests.sensitivity import SolvedBreakEven, StressOutcome
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.reports.sensitivity import GROWN, target_words
from rackrate.reports.summary import limit_of, tests_table
from rackrate.reports.tables import NOTHING, columns, day, millions, page, percent, plain, times

Dated = tuple[SolvedBreakEven, date | None]
CUT = "a lasting cut of every month's net cash flow, and of every value"


def explanation(
    deal: Deal,
    underwriting: Underwriting,
    fallen: Sequence[SolvedBreakEven],
    stressed: Sequence[StressOutcome],
    grown: Sequence[SolvedBreakEven],
    multiple: float,
) -> str:
    """Explain a deal.

    Parameters
    ----------
    fallen
        How far adjustments go until something breaks.
    stressed
        Waterfalls just past those of `fallen` that are cuts of net cash flow, named by their place there.
    grown
        What would make the loan `multiple` of itself.
    """
    ruleset, principal = underwriting.ruleset.name, underwriting.summary.principal
    cuts = _cuts(underwriting, fallen, stressed)
    return page(
        [
            [f"{deal.name}  ({deal.currency}, closing {deal.closing}, {ruleset})"],
            ["WHAT BINDS", *_binding(underwriting)],
            tests_table(underwriting.sizing.tests),
            ["WHAT BREAKS FIRST, AND WHEN", _first(cuts)],
            _broken(cuts),
            _alone(fallen),
            [f"WHAT WOULD MAKE THE LOAN {multiple:g} TIMES ITSELF, {millions(principal * multiple)}"],
            _larger(grown),
            [f"id {underwriting.id}"],
        ]
    )


def _binding(underwriting: Underwriting) -> list[str]:
    """Which test sizes the loan, the next one, and where the classes stop short of both."""
    summary, tests = underwriting.summary, underwriting.sizing.tests
    named = dict(zip(labels([test.name for test in tests]), tests, strict=True))
    told = [_sized(name, test) for name, test in named.items() if test.binding]
    if summary.binding_test == "classes" and summary.issued is not None:
        short, issued = millions(summary.principal - summary.issued), millions(summary.issued)
        told.append(f"The limits of the classes stop {short} short of it: {issued} is issued.")
    elif summary.next_test in named:
        following = named[summary.next_test]
        above = millions(following.slack)
        told.append(f"Next is {summary.next_test} of {limit_of(following)}: it stands {above} above.")
    return told


def _sized(name: str, test: TestOutcome) -> str:
    return f"{name} of {limit_of(test)} sizes the loan at {millions(test.max_principal)}."


def _cuts(
    underwriting: Underwriting, fallen: Sequence[SolvedBreakEven], stressed: Sequence[StressOutcome]
) -> list[Dated]:
    """What breaks as net cash flow falls, the first first, each with its date just past its break-even."""
    followed = {int(stress.name): stress for stress in stressed}
    found = [
        (each, _stress_date(each.target, followed[i]) if i in followed else _run_date(each, underwriting))
        for i, each in enumerate(fallen)
        if each.adjustment == "ncf_haircut"
    ]
    return sorted(found, key=lambda dated: (dated[0].status == "never", dated[0].value or 0.0))


def _first(cuts: Sequence[Dated]) -> str:
    """The sentence that says what comes first."""
    first, when = cuts[0]
    on = "" if when is None else f", on {when}"
    if first.status == "never":
        return f"Nothing does, at any cut: {CUT}."
    if first.status == "at_once":
        return f"As it is, without any stress: {target_words(first.target)}{on}."
    return f"First {target_words(first.target)}, at a cut of {percent(first.value)}{on}: {CUT}."


def _broken(cuts: Sequence[Dated]) -> list[str]:
    """A row for each thing that breaks."""
    rows = [
        (target_words(found.target), _at(found, percent), NOTHING if when is None else day(when))
        for found, when in cuts
    ]
    return columns(("target", "cut of NCF", "first on"), rows)


def _stress_date(target: BreakEvenTarget, stress: StressOutcome) -> date | None:
    if target.trigger is not UNSET and stress.triggers is not None:
        return getattr(stress.triggers, target.trigger, None)
    return next((note.first_shortfall for note in stress.classes if note.name == target.first_loss), None)


def _run_date(found: SolvedBreakEven, underwriting: Underwriting) -> date | None:
    """Of what breaks at once, its date in the run as it is."""
    run = underwriting.waterfall
    if run is None or found.status != "at_once":
        return None
    if found.target.trigger is not UNSET:
        return getattr(run.triggers, found.target.trigger, None)
    return next((note.first_shortfall for note in run.classes if note.name == found.target.first_loss), None)


def _alone(fallen: Sequence[SolvedBreakEven]) -> list[str]:
    """How far each other adjustment goes, alone, until the least cover is gone."""
    rows = [(found.adjustment, _at(found, plain)) for found in fallen if found.adjustment != "ncf_haircut"]
    covers = {found.target.dscr_minimum for found in fallen if found.target.dscr_minimum is not UNSET}
    told = f"Each alone, until the least DSCR is {times(min(covers))}:" if covers else ""
    return [told, *columns(("adjustment", "at"), rows)] if rows else []


def _at(found: SolvedBreakEven, figure: Callable[[float | None], str]) -> str:
    if found.status == "never":
        return "never"
    return "as it is" if found.status == "at_once" else figure(found.value)


def _larger(grown: Sequence[SolvedBreakEven]) -> list[str]:
    rows = [(found.adjustment, _at(found, plain), found.held_by or "") for found in grown]
    return [*columns(("adjustment", "at", "held by"), rows), GROWN]
