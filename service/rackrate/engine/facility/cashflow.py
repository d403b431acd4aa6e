"""Cash flow of the facilities, scenario by scenario: letting, power, costs, net cash flow."""

# Design: one call per kernel for all scenarios. Facilities are summed into groups inside the kernel, so
# memory grows with scenarios times facilities times months only for what valuation needs of each
# facility.

from dataclasses import dataclass

import numpy as np

from rackrate import kernel
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.rows import Rows
from rackrate.engine.timeline import Floats
from rackrate.kernel import records

LINE = {name: column for column, name in enumerate(records.LINES)}
COSTS_AT = LINE["power_cost"] + 1  # where operating costs are read
SUPPLY = {name: column for column, name in enumerate(records.SUPPLY)}
MASS_TOLERANCE = 1e-9
CELLS = 1_000_000  # facilities times months of the scenarios run together: bounds what is held at once


class MassNotConserved(Exception):  # noqa: N818  says what is wrong, as refusals do
    """Probability mass of a lease does not add up to one: the kernel is wrong, and no answer is given."""


@dataclass(frozen=True)
class ScenarioCashFlows:
    """Cash flow of S scenarios over N months.

    Attributes
    ----------
    lines : array [S, G, lines, N]
        Money per month by group of facilities; the kernel's lines, then operating costs by name.
    facility_ncf : array [S, F, N]
        Net cash flow of each facility.
    power : array [S, G, 6, N]
        Columns of ``kernel.records.SUPPLY`` by group of facilities: MWh and money per month.
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
        return _sum_facilities(self.lines[:, :, self._column(name)])

    def group_line(self, name: str, group: int) -> Floats:
        """One line of one group of facilities, [S, N]."""
        return self.lines[:, group, self._column(name)]

    def _column(self, name: str) -> int:
        if name.startswith("opex:"):
            return len(records.LINES) + self.cost_names.index(name.removeprefix("opex:"))
        return LINE[name]

    def whole(self, scenario: int) -> Floats:
        """Lines of the whole deal in one scenario, in the order they are read, [lines, N]."""
        sums = _sum_facilities(self.lines[scenario : scenario + 1])[0]
        costs = range(len(records.LINES), len(sums))
        lines: Floats = sums[[*range(COSTS_AT), *costs, *range(COSTS_AT, len(records.LINES))]]
        return lines

    def line_names(self) -> list[str]:
        """Names of the lines in the order they are read."""
        costs = [f"opex:{name}" for name in self.cost_names]
        return [*records.LINES[:COSTS_AT], *costs, *records.LINES[COSTS_AT:]]

    def supply(self, name: str) -> Floats:
        """One column of power of the whole deal, [S, N]."""
        return _sum_facilities(self.power[:, :, SUPPLY[name]])

    def group_supply(self, name: str, group: int) -> Floats:
        """One column of power of one group of facilities, [S, N]."""
        return self.power[:, group, SUPPLY[name]]


def _sum_facilities(values: Floats) -> Floats:
    """Sum over the second axis, facility by facility, so that the order of additions is fixed.

    >>> _sum_facilities(np.array([[[1.0, 2.0], [10.0, 20.0]]])).tolist()
    [[11.0, 22.0]]
    """
    total = values[:, 0]
    for group in range(1, values.shape[1]):
        total = total + values[:, group]
    return total


def cash_flow(resolved: Resolved, scenarios: Rows, survival: Floats, within: int) -> ScenarioCashFlows:
    """Every line of the cash flow in every scenario.

    Parameters
    ----------
    scenarios : rows [S] of ``records.SCENARIO``
    survival : array [S, T, N]
    within : int
        Months over which power paid for and not used is summed.
    """
    count, facilities, months = len(scenarios), len(resolved.facilities), resolved.timeline.months
    groups = int(resolved.facilities["group"].max()) + 1
    flow = ScenarioCashFlows(
        lines=np.empty((count, groups, len(records.LINES) + len(resolved.cost_names), months)),
        facility_ncf=np.empty((count, facilities, months)),
        power=np.empty((count, groups, len(records.SUPPLY), months)),
        unused=np.empty((count, len(resolved.contracts))),
        cost_names=resolved.cost_names,
    )
    together = max(1, CELLS // (facilities * months))
    for first in range(0, count, together):
        _run(resolved, scenarios, survival, within, flow, slice(first, first + together))
    return flow


def _run(
    resolved: Resolved, scenarios: Rows, survival: Floats, within: int, flow: ScenarioCashFlows, part: slice
) -> None:
    """Run the kernel on some of the scenarios: letting, power supply, net cash flow, into their rows."""
    rows = scenarios[part]
    shape = len(rows), len(resolved.facilities)
    months = resolved.timeline.months
    letting = np.empty((*shape, len(records.LETTING), months))
    power = np.empty((*shape, len(records.SUPPLY), months))
    off = np.empty((len(rows), len(resolved.leases)))
    kernel.let(
        resolved.leases,
        resolved.markets,
        rows,
        resolved.rent,
        resolved.kw,
        resolved.market_rent,
        resolved.growth,
        resolved.pue,
        survival[part],
        letting,
        off,
    )
    if off.max(initial=0.0) > MASS_TOLERANCE:
        raise MassNotConserved(f"lease {int(off.argmax()) % off.shape[1]}: mass is off by {off.max()}")
    kernel.supply(
        resolved.facilities,
        resolved.contracts,
        rows,
        resolved.power_index,
        resolved.timeline.hours,
        resolved.pue,
        letting,
        power,
        flow.unused[part],
        within,
    )
    for group in range(flow.power.shape[1]):
        flow.power[part, group] = _sum_facilities(power[:, resolved.facilities["group"] == group])
    kernel.net(
        resolved.facilities,
        resolved.costs,
        rows,
        resolved.amounts,
        letting,
        power,
        flow.lines[part],
        flow.facility_ncf[part],
    )
