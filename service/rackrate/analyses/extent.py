"""Size of a deal: counts of all that the engine loops over, known before anything is run."""

# Design: months and cases are found by the functions that a run finds them by, so that they cannot differ.

from dataclasses import dataclass

from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.structure import Structure
from rackrate.engine.facility.collateral import contracted_cases, horizon_months, months_paid
from rackrate.engine.facility.income import cases_of
from rackrate.engine.facility.valuation import valuation_bases
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.kernel import records


@dataclass(frozen=True, slots=True, kw_only=True)
class Payments:
    """Counts of a waterfall: classes, fees, steps of the priority of payments, and payment dates."""

    classes: int = 0
    fees: int = 0
    payments: int = 0
    periods: int = 0


def payments_of(structure: Structure | None) -> Payments:
    """Count what is paid, how often; nothing without a structure."""
    if structure is None:
        return Payments()
    return Payments(
        classes=len(structure.classes),
        fees=len(structure.fees),
        payments=len(structure.steps or TEMPLATES[structure.template]),
        periods=structure.legal_final_months // structure.period_months,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent(Payments):
    """Counts of a deal; without a structure those of the waterfall are 0.

    Attributes
    ----------
    cases, months : int
        Runs of the facilities over the whole horizon, and its months.
    paid, term : int
        Months answered, and of the debt.
    costs, lines : int
        Operating costs of all facilities, and lines of a cash flow.
    points : int
        Points of all curves of the market, the facilities and their costs.
    payers : int
        Tenants that can have a lease.
    """

    cases: int
    months: int
    paid: int
    term: int
    facilities: int
    leases: int
    contracts: int
    costs: int
    lines: int
    points: int
    tenants: int
    payers: int
    tests: int
    limits: int

    @property
    def segments(self) -> int:
        """Number of leases, facilities and power contracts: each has a cash flow of its own."""
        return self.leases + self.facilities + self.contracts


def extent(deal: Deal, ruleset: Ruleset) -> Extent:
    """Count the leases, facilities, cases, months, classes and periods of a deal."""
    cases, structure, held = cases_of(deal, ruleset), deal.structure, deal.facilities
    bases = valuation_bases(deal, ruleset, cases)
    names = {cost.name for facility in held for cost in facility.operating_costs}
    leases = sum(len(facility.leases) for facility in held)
    classes = [] if structure is None else structure.classes
    paid = payments_of(structure)
    return Extent(
        cases=len(cases) + len(contracted_cases(deal)),
        months=horizon_months(deal, bases),
        paid=months_paid(deal),
        term=deal.debt.term_months,
        facilities=len(held),
        leases=leases,
        contracts=sum(len(facility.power) for facility in held),
        costs=sum(len(facility.operating_costs) for facility in held),
        lines=len(records.LINES) + len(names),
        points=_points(deal),
        tenants=len(deal.tenants),
        payers=min(len(deal.tenants), leases),
        tests=len(deal.sizing.tests),
        limits=sum(len(note.limits) for note in classes),
        classes=paid.classes,
        fees=paid.fees,
        payments=paid.payments,
        periods=paid.periods,
    )


def _points(deal: Deal) -> int:
    market, held = deal.market, deal.facilities
    costs = [cost.annual for facility in held for cost in facility.operating_costs]
    residuals = [facility.equipment.residual for facility in held if facility.equipment is not None]
    curves = [market.power_index, market.cpi, market.base_rate, *(facility.pue for facility in held)]
    return sum(len(curve) for curve in (*curves, *costs, *residuals) if isinstance(curve, list))
