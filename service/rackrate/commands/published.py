"""Published: the published deals that are shipped, or one underwritten beside what was printed of it."""

import sys

from rackrate.commands.refusals import printed
from rackrate.published.comparison import underwrite_published
from rackrate.published.figures import names, published_of
from rackrate.published.tables import compare_figures, list_deals


def show_published(name: str | None) -> int:
    """Print the list, or one deal by its name; exit with 2 where there is none of that name."""
    if name is not None and name not in names():
        print(f"no published deal {name!r}: there are {', '.join(names())}", file=sys.stderr)
        return 2
    if name is None:
        return printed(lambda: list_deals([(known, published_of(known)) for known in names()]))
    return printed(lambda: compare_figures(underwrite_published(name)))
