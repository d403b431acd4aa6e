"""What pools of either kind tell alike: shares by year, and what each class loses by scenario."""

from collections.abc import Callable, Iterable, Sequence

from rackrate.deal.answers.ground_pool import GroundScenario
from rackrate.deal.answers.pool import ScenarioFigures
from rackrate.deal.answers.pools.concentration import YearShare
from rackrate.reports.tables import columns, millions, percent

COLUMNS = 5  # scenarios side by side
Told = tuple[str, Callable[[float], str], str]  # label, how it is written, field of the scenario


def years_table(head: str, what: str, shares: Sequence[YearShare], total: float) -> list[str]:
    """A wall: the share of a total, and the amount, by year.

    >>> years_table("matures in", "balance", [YearShare(id=2031, share=0.5)], 10e6)
    ['matures in   share  balance', '      2031  50.00%     5.0m']
    """
    rows = [(str(year.id), percent(year.share), millions(year.share * total)) for year in shares]
    return columns((head, "share", what), rows)


def scenarios_tables(
    scenarios: Sequence[ScenarioFigures] | Sequence[GroundScenario], told: Sequence[Told]
) -> Iterable[list[str]]:
    """What is told of each scenario, and what each class loses in it, scenarios side by side."""
    for first in range(0, len(scenarios), COLUMNS):
        shown = scenarios[first : first + COLUMNS]
        rows = [(label, *(write(getattr(one, field)) for one in shown)) for label, write, field in told]
        for k, note in enumerate(shown[0].classes):
            rows.append((f"{note.name} loses", *(millions(one.classes[k].principal_loss) for one in shown)))
        yield columns(("", *(one.name for one in shown)), rows)
