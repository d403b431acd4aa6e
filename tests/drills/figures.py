"""Figures: what a drill measured, against what it must keep to; one table at the end of the run."""

import os
from dataclasses import dataclass, field

TIMES_HOLD = "DRILL_TIMES"  # in the environment: the machine has nothing else to do


@dataclass
class Figures:
    """Rows of the table, one per figure."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def hold(self, drill: str, measure: str, value: float, most: float) -> None:
        """Write a figure down and assert that it is at most `most`."""
        self.rows.append((drill, measure, f"{value:.4g}", f"<= {most:.4g}"))
        assert value <= most, f"{drill}: {measure} is {value:.4g}, at most {most:.4g}"

    def within(self, drill: str, measure: str, value: float, most: float) -> None:
        """Write a time down, and hold it where the machine has nothing else to do."""
        if os.environ.get(TIMES_HOLD):
            self.hold(drill, measure, value, most)
        else:
            self.tell(drill, measure, value)

    def reach(self, drill: str, measure: str, value: float, least: float) -> None:
        """Write a figure down and assert that it is at least `least`."""
        self.rows.append((drill, measure, f"{value:.4g}", f">= {least:.4g}"))
        assert value >= least, f"{drill}: {measure} is {value:.4g}, at least {least:.4g}"

    def tell(self, drill: str, measure: str, value: float) -> None:
        """Write a figure down that depends on the machine and is not asserted."""
        self.rows.append((drill, measure, f"{value:.4g}", ""))

    def table(self) -> list[str]:
        """The table, a line a row.

        >>> figures = Figures()
        >>> figures.hold("redis killed", "failed", 0, 0)
        >>> figures.table()[-1].split()
        ['redis', 'killed', 'failed', '0', '<=', '0']
        """
        rows = [("drill", "figure", "value", "must be"), *self.rows]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


FIGURES = Figures()
