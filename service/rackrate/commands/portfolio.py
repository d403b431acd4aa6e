"""`rackrate portfolio FILE`: underwrite a deal a line on every core, as `POST /v1/portfolios` answers it."""

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec

from rackrate import processors
from rackrate.analyses.problems import ProblemDetails
from rackrate.analyses.projection import View
from rackrate.commands.progress import progress_bar
from rackrate.commands.refusals import NOT_RUN, REFUSED
from rackrate.deal.answers.figures import Summary
from rackrate.deal.answers.ground_pool import GroundSummary
from rackrate.deal.answers.pool import PoolSummary
from rackrate.faults import internal_error
from rackrate.portfolio.lines import WHOLE, Line, compute, numbered
from rackrate.portfolio.pool import in_order
from rackrate.reports.portfolio import HEAD, refused_row, row

SUMMARY = View(fields=("summary",))


class _Named(msgspec.Struct, frozen=True):
    """What a line calls its deal."""

    name: str = ""
    key: str = ""
    deal: "_Named | None" = None


class _Told(msgspec.Struct, frozen=True):
    """What a line of the answer says of its deal, for a table."""

    line: int
    underwriting: dict[str, msgspec.Raw] | None = None
    problem: ProblemDetails | None = None


class Answered(NamedTuple):
    """A line of the answer, and what its deal is called."""

    line: Line
    name: str


def underwrite_portfolio(file: Path, as_json: bool) -> int:
    """Underwrite the deals of a file, a line each, and print a row each, or what a service would answer."""
    counts: Counter[bool] = Counter()
    try:
        opened = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return NOT_RUN
    work = partial(_answer, view=WHOLE if as_json else SUMMARY)
    with opened as lines, progress_bar("deals") as bar:
        for number, answered in enumerate(in_order(work, numbered(lines), processors.available())):
            counts[answered.line.status == 200] += 1
            bar.update()
            if as_json:
                bar.write(answered.line.content.decode(), end="")
            else:
                bar.write("\n".join([HEAD] * (number == 0) + [_row(answered)]))
            sys.stdout.flush()
    if counts[False]:
        print(f"{counts[False]} of {counts.total()} deals refused", file=sys.stderr)
    return REFUSED if counts[False] else 0


def _answer(asked: tuple[int, bytes], view: View) -> Answered:
    return Answered(compute(asked, internal_error, view), _name(asked[1]))


def _name(content: bytes) -> str:
    """The key of a deal, else its name; nothing where a line has neither."""
    try:
        told = msgspec.json.decode(content, type=_Named)
    except (msgspec.DecodeError, RecursionError):
        return ""
    return told.key or told.name or (told.deal.name if told.deal else "")


def _summary(told: msgspec.Raw) -> Summary | GroundSummary | PoolSummary:
    """The summary of a line, by the figures that it has."""
    names = msgspec.json.decode(told, type=dict[str, msgspec.Raw])
    if "count" in names:
        return msgspec.json.decode(told, type=PoolSummary)
    if "look_through_ltv" in names:
        return msgspec.json.decode(told, type=GroundSummary)
    return msgspec.json.decode(told, type=Summary)


def _row(answered: Answered) -> str:
    told = msgspec.json.decode(answered.line.content, type=_Told)
    if told.underwriting is not None:
        return row(told.line, answered.name, _summary(told.underwriting["summary"]))
    detail = "" if told.problem is None else told.problem.detail
    return refused_row(told.line, answered.name, detail)
