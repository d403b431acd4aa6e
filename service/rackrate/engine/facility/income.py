"""Income of the facilities in each case: NOI, NCF, closing figures, and the bridge between cases."""

# Design: a long run gives every case its months; a short run of the first year gives the figures annualised
# at closing (booked-not-billed leases left out) and the bridge. Both share one resolve.

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from rackrate.deal.cases import Case
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.cases import (
    ISSUER,
    Scenario,
    adjusted,
    bridge_cases,
    default_multipliers,
    scenario_rows,
    scripted_defaults,
)
from rackrate.engine.facility.cashflow import ScenarioCashFlows, cash_flow
from rackrate.engine.facility.resolve import Resolved
from rackrate.engine.facility.tenant_survival import survive
from rackrate.engine.timeline import Floats

YEAR = 12


@dataclass(frozen=True)
class Income:
    """Income of the facilities in one case.

    Attributes
    ----------
    ncf, noi, available : array [N]
        Of the deal, by month.
    facility_ncf : array [F, N]
    closing : dict
        Each line summed over the first twelve months, booked-not-billed leases left out.
    closing_ncf : array [F, 12]
        Months behind the closing figures, by facility.
    contracted : array [N] or None
        Net cash flow if nothing renews or re-lets, where it was asked for.
    """

    case: Case
    ncf: Floats
    noi: Floats
    available: Floats
    facility_ncf: Floats
    closing: dict[str, float]
    closing_ncf: Floats
    contracted: Floats | None


@dataclass(frozen=True)
class Runs:
    """Income by case, the cash flow of all cases, and the bridge from the issuer's case to another."""

    incomes: Mapping[str, Income]
    flow: ScenarioCashFlows
    bridge: list[tuple[str, float]]

    def scenario(self, case: str) -> int:
        """Scenario of a case in the cash flow."""
        return list(self.incomes).index(case)


def earn(
    resolved: Resolved,
    cases: Mapping[str, Case],
    bridged: str | None,
    contracted: set[str],
    within: int,
) -> Runs:
    """Run every case over the horizon and at closing, and the bridge to the case ``bridged``.

    Parameters
    ----------
    bridged : str or None
        None where no bridge is asked for.
    contracted : set of str
        Cases whose contracted income is asked for.
    within : int
        Months over which power paid for and not used is summed.
    """
    full = [Scenario(case) for case in cases.values()]
    bare = [Scenario(cases[name], contracted_only=True) for name in contracted]
    flow = run(resolved, [*full, *bare], within)
    steps = [] if bridged is None else [ISSUER, *bridge_cases(cases[bridged])]
    at_closing = [Scenario(case, closing=True) for case in [*cases.values(), *steps]]
    year = run(resolved.over(YEAR), at_closing, YEAR)
    net = [fsum(row.tolist()) for row in year.line("ncf")[len(cases) :]]
    changes = [after - before for before, after in pairwise(net)]
    ncf, noi, available = (flow.line(name) for name in ("ncf", "noi", "available"))
    names = year.line_names()
    ends = {name: ncf[len(full) + i] for i, name in enumerate(contracted)}
    incomes = {
        name: Income(
            case=case,
            ncf=ncf[s],
            noi=noi[s],
            available=available[s],
            facility_ncf=flow.facility_ncf[s],
            closing=dict(zip(names, map(fsum, year.whole(s).tolist()), strict=True)),
            closing_ncf=year.facility_ncf[s],
            contracted=ends.get(name),
        )
        for s, (name, case) in enumerate(cases.items())
    }
    moved = [] if bridged is None else adjusted(cases[bridged])
    return Runs(incomes, flow, list(zip(moved, changes, strict=True)))


def run(resolved: Resolved, scenarios: list[Scenario], within: int) -> ScenarioCashFlows:
    """Cash flow of scenarios, with tenants surviving as their cases say."""
    cases = [scenario.case for scenario in scenarios]
    multipliers = default_multipliers(cases, resolved.hazards.multipliers)
    scripted = scripted_defaults(cases, resolved.tenants)
    survival = survive(resolved.hazards, multipliers, scripted, resolved.timeline.months)
    return cash_flow(resolved, scenario_rows(scenarios), survival, within)


def cases_of(deal: Deal, ruleset: Ruleset) -> dict[str, Case]:
    """Every case a deal refers to by name, the issuer's first; the request's replaces the ruleset's."""
    known = {ISSUER.name: ISSUER, **ruleset.cases, **{case.name: case for case in deal.cases}}
    named = [ISSUER.name, deal.sizing.case, *(test.case for test in deal.sizing.tests)]
    if deal.structure is not None:
        named.append(deal.structure.case)
        for note in deal.structure.classes:
            named += [note.case, *(limit.case for limit in note.limits)]
    return {name: known[name] for name in named if name is not None}
