"""`rackrate portfolio FILE`: underwrite a deal a line on every core, as `POST /v1/portfolios` answers it."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path

from rackrate import processors
from rackrate.faults import internal_error
from rackrate.portfolio.lines import compute, numbered
from rackrate.portfolio.pool import in_order


def underwrite_portfolio(file: Path) -> int:
    """Underwrite the deals of a file, a line each, and print what a service would answer, in order."""
    counts: Counter[bool] = Counter()
    work = partial(compute, on_fault=internal_error)
    try:
        opened = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return 2
    with opened as lines:
        for line in in_order(work, numbered(lines), processors.available()):
            counts[line.status == 200] += 1
            sys.stdout.buffer.write(line.content)
            sys.stdout.buffer.flush()
    if counts[False]:
        print(f"{counts[False]} of {counts.total()} deals refused", file=sys.stderr)
    return 1 if counts[False] else 0
