"""Rows of a portfolio for a terminal: as they come, so that their widths are set beforehand."""

from rackrate.deal.answers.figures import Summary
from rackrate.deal.answers.ground_pool import GroundSummary
from rackrate.deal.answers.pool import PoolSummary
from rackrate.reports.tables import WIDTH, millions, percent, times

NAME = 28
ROW = "{:>6}  {:<28}  {:>12}  {:<16}  {:>6}  {:>6}  {:>7}"
HEAD = ROW.format("line", "deal", "principal", "bound by", "DSCR", "least", "LTV")


def row(line: int, name: str, summary: Summary | GroundSummary | PoolSummary) -> str:
    """A deal, or a pool, that was underwritten; a pool of loans has no test that binds."""
    if isinstance(summary, PoolSummary):
        bound = f"{summary.count:,} loans"
        figures = (times(summary.dscr), times(None), percent(summary.ltv))
        return ROW.format(line, cut(name), millions(summary.balance), bound, *figures)
    figures = (times(summary.dscr.closing), times(summary.dscr.minimum), percent(summary.ltv))
    return ROW.format(line, cut(name), millions(summary.principal), cut(summary.binding_test, 16), *figures)


def refused_row(line: int, name: str, detail: str) -> str:
    """A deal that was refused, and the first reason."""
    told = f"{line:>6}  {cut(name):<28}  refused: {detail}"
    return cut(told, WIDTH)


def cut(text: str, width: int = NAME) -> str:
    """What is printable of a text, within a width.

    >>> cut("Phoenix powered shell", 10), cut("a\\tb")
    ('Phoenix p…', 'a b')
    """
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain if len(plain) <= width else plain[: width - 1] + "…"
