"""Size of a deal: counts of all that the engine loops over, known before anything is run."""

# Design: months and cases are found by the functions that a run finds them by, so that they cannot differ.

from dataclasses import dataclass

from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.facility.collateral import contracted_cases, horizon_months, months_paid
from rackrate.engine.facility.income import cases_of
from rackrate.engine.facility.valuation import valuation_bases
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.kernel import records


@dataclass(frozen=True, slots=True)
class Extent:
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
    payments, periods : int
        Steps of the priority of payments, and payment dates.
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
    classes: int
    fees: int
    payments: int
    periods: int

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
    payments = [] if structure is None else structure.steps or TEMPLATES[structure.template]
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
        classes=len(classes),
        fees=0 if structure is None else len(structure.fees),
        payments=len(payments),
        periods=0 if structure is None else structure.legal_final_months // structure.period_months,
    )


def _points(deal: Deal) -> int:
    market, held = deal.market, deal.facilities
    costs = [cost.annual for facility in held for cost in facility.operating_costs]
    residuals = [facility.equipment.residual for facility in held if facility.equipment is not None]
    curves = [market.power_index, market.cpi, market.base_rate, *(facility.pue for facility in held)]
    return sum(len(curve) for curve in (*curves, *costs, *residuals) if isinstance(curve, list))
