"""Published deals for a terminal: the list of them, and one with each figure beside the answer's."""

from collections.abc import Sequence

from rackrate.published.comparison import Row, Underwritten
from rackrate.published.figures import Published
from rackrate.reports.tables import columns, page

VERDICTS = (
    "reproduced: computed, and within the rounding of what is printed. given: a number of the deal itself, "
    "handed back. chosen to hit: an assumption of the deal was chosen so that it is. What is published and "
    "what is assumed, part by part:"
)


def list_deals(deals: Sequence[tuple[str, Published]]) -> str:
    """Tabulate the published deals that are shipped."""
    rows = [(name, told.title, told.kind) for name, told in deals]
    return page([columns(("class", "template", "note"), rows)[1:], ["rackrate published NAME: one of them."]])


def compare_figures(found: Underwritten) -> str:
    """Tabulate every published figure of a deal beside the answer's, and what explains a difference."""
    told = found.published
    rows = [(row.figure.what, row.figure.published, row.shown, row.verdict) for row in found.rows]
    return page(
        [
            [f"{told.title}  ({found.deal.currency}, closing {found.deal.closing})"],
            [told.about],
            columns(("figure", "published", "rackrate", "note"), rows),
            [difference_of(row) for row in found.rows if row.figure.why],
            [VERDICTS],
            [f"{remark.parts}: {remark.comment}" for remark in found.remarks],
            ["Sources:", *told.sources],
        ]
    )


def difference_of(row: Row) -> str:
    """Say why a figure of the answer is not the published one."""
    return f"{row.figure.what}: {row.figure.why}"
