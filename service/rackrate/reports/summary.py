"""The summary: an underwriting as a person reads it at a terminal."""

import textwrap
from collections.abc import Iterable, Sequence

from rackrate.deal.answers.figures import Caution, TestOutcome, Tranche
from rackrate.deal.requests.underwriting import Deal, Underwriting

NOTHING = "–"
SHARES = ("max_ltv", "max_ltc", "min_debt_yield")  # tests whose figures read as percentages
SUPPORTS = "What a class supports is a house rule of {} on its LTV and DSCR, not a rating."
WIDTH = 100
TWO_LEGGED = {"refinance", "equipment"}  # a cover, or a share of value: whichever is tight


def summarise(deal: Deal, underwriting: Underwriting) -> str:
    """Write down principal, binding test, cover, tests, classes and warnings in at most 100 columns."""
    sections = [
        [f"{deal.name}  ({deal.currency}, closing {deal.closing}, {underwriting.ruleset.name})"],
        _headline(underwriting),
        _columns(("", "test", "limit", "actual", "allows", "slack"), map(_test, underwriting.sizing.tests)),
        _columns(
            ("class", "principal", "coupon", "LTV from", "to", "DSCR", "debt yield", "WAL", "supports"),
            map(_tranche, underwriting.tranches),
        )
        + [_wrapped(SUPPORTS.format(underwriting.ruleset.name))] * bool(underwriting.tranches),
        _warnings(underwriting.warnings),
        [f"id {underwriting.id}"],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines)


def millions(amount: float | None) -> str:
    """An amount in millions.

    >>> millions(2642363025.08), millions(None)
    ('2,642.4m', '–')
    """
    return NOTHING if amount is None else f"{amount / 1e6:,.1f}m"


def percent(share: float | None) -> str:
    """A share or a rate in percent.

    >>> percent(0.0826)
    '8.26%'
    """
    return NOTHING if share is None else f"{share * 100:.2f}%"


def times(ratio: float | None) -> str:
    """A cover.

    >>> times(1.5211)
    '1.52x'
    """
    return NOTHING if ratio is None else f"{ratio:.2f}x"


def years(span: float | None) -> str:
    """A span of years.

    >>> years(5.0)
    '5.0y'
    """
    return NOTHING if span is None else f"{span:.1f}y"


def _headline(underwriting: Underwriting) -> list[str]:
    told = underwriting.summary
    tightest = f"bound by {told.binding_test}" + (f", next {told.next_test}" if told.next_test else "")
    rows = [
        ("Principal", f"{millions(told.principal)}  {tightest}"),
        ("Issued", millions(told.issued)),
        (
            "DSCR",
            f"{times(told.dscr.closing)} closing, {times(told.dscr.minimum)} minimum, "
            f"{times(told.dscr.average)} average",
        ),
        ("LTV", f"{percent(told.ltv)} of {millions(told.value)}"),
        (
            "Debt yield",
            f"{percent(told.debt_yield)} on NCF {millions(told.ncf)} a year (NOI {millions(told.noi)})",
        ),
        ("Rent roll", f"{years(told.walt_years)} to expiry, largest tenant {percent(told.top_tenant_share)}"),
    ]
    return [f"{name:<12}{value}" for name, value in rows]


def _test(test: TestOutcome) -> tuple[str, ...]:
    figure = percent if test.kind in SHARES or _on_value(test) else times
    slack = "binds" if test.binding else millions(test.slack)
    mark = ">" if test.binding else ""
    return mark, test.name, figure(test.limit), figure(test.actual), millions(test.max_principal), slack


def _on_value(test: TestOutcome) -> bool:
    """Whether a test of two legs is tight on its share: a higher share allows more, a higher cover less."""
    return test.kind in TWO_LEGGED and (test.shadow_price or 0.0) > 0.0


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
    """Tell each kind of warning once, with its first case and how many more there are."""
    kinds: dict[str, list[Caution]] = {}
    for caution in cautions:
        kinds.setdefault(caution.code, []).append(caution)
    return [
        _wrapped(
            f"! {alike[0].message} ({alike[0].pointer})"
            + (f", and {len(alike) - 1} more such" if alike[1:] else "")
        )
        for alike in kinds.values()
    ]


def _wrapped(line: str) -> str:
    """A line within the width of the page, what follows the first indented."""
    return textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows under a head, words to the left and figures to the right; nothing where there are no rows.

    >>> _columns(("class", "LTV"), [("A", "60%"), ("B", "7%")])
    ['class  LTV', 'A      60%', 'B       7%']
    """
    table = [head, *rows]
    if len(table) == 1:
        return []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    words = {i for i, name in enumerate(head) if name in ("", "class", "test")}
    return [
        "  ".join(
            cell.ljust(width) if i in words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
