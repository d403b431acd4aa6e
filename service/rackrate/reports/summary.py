"""Underwriting as tables for a terminal."""

from collections.abc import Callable, Sequence

from rackrate.analyses.cautions.waterfall import OF_THE_RUN
from rackrate.analyses.deals.differences import labels
from rackrate.deal.answers.figures import Caution
from rackrate.deal.answers.runs import WaterfallRun
from rackrate.deal.answers.sizing import TestOutcome, limit_unit
from rackrate.deal.answers.tranches import Tranche
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.reports.tables import (
    NOTHING,
    columns,
    day,
    millions,
    page,
    percent,
    times,
    years,
)

SUPPORTS = "What a class supports is a house rule of {} on its LTV and DSCR, not a rating."
PER_HUNDREDTH = "per 0.01: what the test would allow more if its limit were 0.01 higher (1 percent, 0.01x)."
TRIGGERS = ("trap", "amortise", "pik")


def summarise(deal: Deal, underwriting: Underwriting) -> str:
    """Tabulate loan, bridge, tests, classes, triggers and warnings."""
    ruleset = underwriting.ruleset.name
    return page(
        [
            [f"{deal.name}  ({deal.currency}, closing {deal.closing}, {ruleset})"],
            _headline(underwriting),
            _bridge(underwriting),
            tests_table(underwriting.sizing.tests),
            tranches_table(underwriting.tranches) + [SUPPORTS.format(ruleset)] * bool(underwriting.tranches),
            triggers_table(deal, underwriting.waterfall),
            _warnings(underwriting.warnings),
            [f"id {underwriting.id}"],
        ]
    )


def tests_table(tests: Sequence[TestOutcome]) -> list[str]:
    """Every sizing test: the principal it allows, its slack and its shadow price."""
    head = ("", "test", "limit", "actual", "allows", "slack", "per 0.01")
    names = labels([test.name for test in tests])
    return [*columns(head, map(_test, tests, names)), PER_HUNDREDTH]


def tranches_table(tranches: Sequence[Tranche]) -> list[str]:
    """The classes: principal, attachment, DSCR, average life, supported category."""
    head = ("class", "principal", "coupon", "LTV from", "to", "DSCR", "debt yield", "WAL", "supports")
    return columns(head, map(_tranche, tranches))


def triggers_table(deal: Deal, run: WaterfallRun | None) -> list[str]:
    """First date of each trigger and of each shortfall of a class in the reported waterfall."""
    if run is None or deal.structure is None:
        return []
    levels = deal.structure.triggers
    rows = [
        (name, "all", f"below {times(level)}", day(getattr(run.triggers, name)))
        for name in TRIGGERS
        if (level := getattr(levels, f"{name}_below")) is not None
    ]
    for note, own in zip(run.classes, deal.structure.classes, strict=True):
        if own.ltv_trigger is not None:
            rows.append(("ltv", note.name, f"above {percent(own.ltv_trigger)}", day(note.ltv_trigger)))
        rows.append(("shortfall", note.name, "", day(note.first_shortfall)))
    return [*columns(("trigger", "class", "level", "first"), rows), f"first: in case {run.case}"]


def _headline(underwriting: Underwriting) -> list[str]:
    summary = underwriting.summary
    following = f", next {summary.next_test}" if summary.next_test else ""
    rows = [
        ("Principal", f"{millions(summary.principal)}  bound by {summary.binding_test}{following}"),
        ("Issued", millions(summary.issued)),
        (
            "DSCR",
            f"{times(summary.dscr.closing)} closing, {times(summary.dscr.minimum)} minimum, "
            f"{times(summary.dscr.average)} average",
        ),
        ("LTV", f"{percent(summary.ltv)} of {millions(summary.value)}"),
        (
            "Debt yield",
            f"{percent(summary.debt_yield)} on NCF {millions(summary.ncf)} a year "
            f"(NOI {millions(summary.noi)})",
        ),
        (
            "Rent roll",
            f"{years(summary.walt_years)} to expiry, largest tenant {percent(summary.top_tenant_share)}",
        ),
    ]
    return [f"{name:<12}{value}" for name, value in rows]


def _bridge(underwriting: Underwriting) -> list[str]:
    """Cash flow of the first year in the issuer's and the sizing case; lines of zero are left out."""
    rows = [
        (row.line, millions(row.issuer), millions(row.underwritten), millions(row.underwritten - row.issuer))
        for row in underwriting.bridge
        if row.issuer or row.underwritten
    ]
    steps = [f"{step.adjustment} {millions(step.ncf_change)}" for step in underwriting.bridge_steps]
    table = columns(("line", "issuer", "underwritten", "change"), rows)
    return table + [f"NCF from one to the other: {', '.join(steps)}"] * bool(steps)


def _test(test: TestOutcome, name: str) -> tuple[str, ...]:
    figure = _figure(test)
    slack = "binds" if test.binding else millions(test.slack)
    mark, moved = ">" if test.binding else "", test.shadow_price
    return (
        mark,
        name,
        figure(test.limit),
        figure(test.actual),
        millions(test.max_principal),
        slack,
        millions(None if moved is None else moved / 100),
    )


def limit_of(test: TestOutcome) -> str:
    """The limit of a test as it reads: a percentage or a multiple."""
    return _figure(test)(test.limit)


def _figure(test: TestOutcome) -> Callable[[float | None], str]:
    return times if limit_unit(test.kind, test.leg) == "ratio" else percent


def _tranche(note: Tranche) -> tuple[str, ...]:
    return (
        note.name,
        millions(note.principal),
        percent(note.coupon),
        percent(note.attachment.value),
        percent(note.detachment.value),
        times(note.dscr),
        percent(note.debt_yield),
        years(note.wal_to_ard),
        note.supports or NOTHING,
    )


def _warnings(cautions: Sequence[Caution]) -> list[str]:
    """Lines of warnings: every event of the reported waterfall, any other kind once with its count."""
    kinds: dict[str, list[Caution]] = {}
    for caution in cautions:
        kind = caution.code + (caution.message if caution.code in OF_THE_RUN else "")
        kinds.setdefault(kind, []).append(caution)
    return [
        f"! {alike[0].message} ({alike[0].pointer})"
        + (f", and {len(alike) - 1} more such" if alike[1:] else "")
        for alike in kinds.values()
    ]
