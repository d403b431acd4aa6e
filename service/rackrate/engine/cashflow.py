"""Cash flow of a deal's facilities in many scenarios: letting, power, every line to net cash flow."""

# Design: one call per kernel for all scenarios. Facilities are summed into groups inside the kernel, so memory grows with
# scenarios times facilities times months only for what valuation needs of each facility.

from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.engine.resolve import Resolved
from rackrate.engine.rows import Rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

LINE = {name: column for column, name in enumerate(records.LINES)}
SUPPLY = {name: column for column, name in enumerate(records.SUPPLY)}
MASS_TOLERANCE = 1e-9
OPERATING_COSTS_AFTER = "power_cost"


class MassNotConserved(Exception):
    """A lease's mass does not add up to one: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class CashFlow:
    """Cash flow of S scenarios over N months.

    Attributes
    ----------
    lines : array [S, G, lines, N]
        Money per month by group of facilities; the kernel's lines, then operating costs by name.
    facility_ncf : array [S, F, N]
        Net cash flow of each facility.
    power : array [S, F, 6, N]
        Columns of ``kernel.records.SUPPLY``: MWh and money per month.
    unused : array [S, C]
        Money paid for power not used, by contract.
    cost_names : tuple of str
        Operating costs in the order of their lines.
    """

    lines: Floats
    facility_ncf: Floats
    power: Floats
    unused: Floats
    cost_names: tuple[str, ...]

    def line(self, name: str) -> Floats:
        """One line of the whole deal, [S, N]."""
        return _sum_groups(self.lines[:, :, self._column(name)])

    def group_line(self, name: str, group: int) -> Floats:
        """One line of one group of facilities, [S, N]."""
        return self.lines[:, group, self._column(name)]

    def _column(self, name: str) -> int:
        if name.startswith("opex:"):
            return len(records.LINES) + self.cost_names.index(name.removeprefix("opex:"))
        return LINE[name]

    def line_names(self) -> list[str]:
        """Names of the lines in the order they are read."""
        names = list(records.LINES)
        at = names.index(OPERATING_COSTS_AFTER) + 1
        return names[:at] + [f"opex:{name}" for name in self.cost_names] + names[at:]

    def supply(self, name: str) -> Floats:
        """One column of power of the whole deal, [S, N]."""
        return _sum_groups(self.power[:, :, SUPPLY[name]])


def _sum_groups(values: Floats) -> Floats:
    total = values[:, 0].copy()
    for group in range(1, values.shape[1]):
        total += values[:, group]
    return total


def cash_flow(resolved: Resolved, scenarios: Rows, survival: Floats, within: int) -> CashFlow:
    """Every line of the cash flow in every scenario.

    Parameters
    ----------
    scenarios : rows [S] of ``records.SCENARIO``
    survival : array [S, T, N]
    within : int
        Months over which power paid for and not used is summed.
    """
    s, f, n = len(scenarios), len(resolved.facilities), resolved.timeline.months
    letting = np.empty((s, f, len(records.LETTING), n))
    off = np.empty((s, len(resolved.leases)))
    kernel.let(
        resolved.leases,
        resolved.markets,
        scenarios,
        resolved.rent,
        resolved.kw,
        resolved.market_rent,
        resolved.growth,
        resolved.pue,
        survival,
        letting,
        off,
    )
    if off.max(initial=0.0) > MASS_TOLERANCE:
        raise MassNotConserved(f"lease {int(off.argmax()) % off.shape[1]}: mass is off by {off.max()}")
    power = np.empty((s, f, len(records.SUPPLY), n))
    unused = np.empty((s, len(resolved.contracts)))
    kernel.supply(
        resolved.facilities,
        resolved.contracts,
        scenarios,
        resolved.power_index,
        resolved.timeline.hours,
        resolved.pue,
        letting,
        power,
        unused,
        within,
    )
    groups = int(resolved.facilities["group"].max()) + 1
    lines = np.empty((s, groups, len(records.LINES) + len(resolved.cost_names), n))
    facility_ncf = np.empty((s, f, n))
    kernel.net(
        resolved.facilities, resolved.costs, scenarios, resolved.amounts, letting, power, lines, facility_ncf
    )
    return CashFlow(lines, facility_ncf, power, unused, resolved.cost_names)
