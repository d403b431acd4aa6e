"""The collateral: cash flow and value of the facilities in every case that a deal names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from datetime import date
from typing import Any

from msgspec.structs import replace

from rackrate.deal.cases import Case, case_of
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing_tests import EquipmentTest
from rackrate.engine.facility.cases import Scenario, adjustment
from rackrate.engine.facility.cashflow import ScenarioCashFlows
from rackrate.engine.facility.income import Runs, cases_of, earn, run
from rackrate.engine.facility.leases import contracted_months
from rackrate.engine.facility.resolve import CollateralTerms, Resolved, resolve
from rackrate.engine.facility.valuation import ValuationBasis, ValuedFacilities, months_read, valuation_bases
from rackrate.engine.timeline import Timeline, timeline

YEAR = 12


@dataclass(frozen=True)
class Collateral:
    """The collateral of a deal: resolved facilities, income and valuation basis of each case.

    ``months_paid`` are those to the later of maturity and legal final.
    """

    deal: Deal
    ruleset: Ruleset
    cases: Mapping[str, Case]
    months_paid: int
    resolved: Resolved
    runs: Runs
    bases: Mapping[str, ValuationBasis]
    valued: Mapping[str, ValuedFacilities]

    @property
    def terms(self) -> CollateralTerms:
        """What debt and structure read of it beside its income."""
        return self.resolved

    @property
    def timeline(self) -> Timeline:
        """Months of the whole horizon."""
        return self.terms.timeline

    @property
    def dates(self) -> list[date]:
        """Payment dates to the later of maturity and legal final."""
        return self.timeline.payment_dates[: self.months_paid]

    @property
    def paid_case(self) -> str:
        """Case the waterfall is paid in; without a structure the issuer's."""
        return "issuer" if self.deal.structure is None else self.deal.structure.case


def months_paid(deal: Deal) -> int:
    """Months to the later of maturity and legal final."""
    final = 0 if deal.structure is None else deal.structure.legal_final_months
    return max(deal.debt.term_months, final)


def horizon_months(deal: Deal, bases: Mapping[str, ValuationBasis]) -> int:
    """Length of the cash flow in months: as far as debt, structure, tests and values read."""
    structure = deal.structure
    revalued = 0
    if structure is not None and any(note.ltv_trigger is not None for note in structure.classes):
        revalued = structure.legal_final_months + months_read(bases[structure.case])
    return max(
        months_paid(deal) + YEAR,
        *(month + YEAR for month in contracted_months(deal)),
        revalued,
        *(months_read(basis) for basis in bases.values()),
    )


def contracted_cases(deal: Deal) -> set[str]:
    """Cases in which an equipment test needs contracted income."""
    tests = [(test, deal.sizing.case) for test in deal.sizing.tests]
    for note in deal.structure.classes if deal.structure is not None else ():
        tests += [(limit, case_of(note, deal.sizing.case)) for limit in note.limits]
    return {case_of(test, case) for test, case in tests if isinstance(test, EquipmentTest)}


def run_cases(deal: Deal, ruleset: Ruleset) -> Collateral:
    """Cash flow and value of the facilities in every case that a deal names."""
    cases = cases_of(deal, ruleset)
    bases = valuation_bases(deal, ruleset, cases)
    resolved = resolve(deal, ruleset, timeline(deal.closing, horizon_months(deal, bases)))
    paid = months_paid(deal)
    runs = earn(resolved, cases, deal.sizing.case, contracted_cases(deal), paid)
    return Collateral(deal, ruleset, cases, paid, resolved, runs, bases, valued_facilities(resolved, runs))


def valued_facilities(resolved: Resolved, runs: Runs, haircut: float = 0.0) -> dict[str, ValuedFacilities]:
    """The facilities as they are valued in each case; a haircut is one of the appraisals."""
    appraisals = resolved.appraisals * (1.0 - haircut)
    expiry = resolved.facilities["expiry"].copy()
    return {
        name: ValuedFacilities(appraisals, expiry, income.closing_ncf, income.facility_ncf)
        for name, income in runs.incomes.items()
    }


Adjustments = Mapping[str, Any]
"""Values by name of a case's field."""


def reprice(priced: Collateral, points: Sequence[Adjustments], *, held: bool) -> list[Collateral]:
    """The collateral at each point, adjustments set in every case: one run of the facilities for all.

    Parameters
    ----------
    held : bool
        Whether the classes are held. Then ``ncf_haircut`` is the uniform haircut of their break-evens: it is
        taken of what each case leaves, and of the appraisals.
    """
    if not any(points):
        return [priced] * len(points)
    deal, ruleset = priced.deal, priced.ruleset
    haircuts = [point.get("ncf_haircut", 0.0) if held else 0.0 for point in points]
    moved = [{name: _moved(case, point, held) for name, case in priced.cases.items()} for point in points]
    valued_on = [valuation_bases(deal, ruleset, cases) for cases in moved]
    months = max([priced.timeline.months, *(horizon_months(deal, bases) for bases in valued_on)])
    longer = months > priced.timeline.months
    resolved = resolve(deal, ruleset, timeline(deal.closing, months)) if longer else priced.resolved
    together = {f"{k}/{name}": case for k, cases in enumerate(moved) for name, case in cases.items()}
    contracted = {f"{k}/{name}" for k in range(len(points)) for name in contracted_cases(deal)}
    runs = earn(resolved, together, None, contracted, priced.months_paid)
    return [
        _point(replace_fields(priced, cases=cases, bases=bases, resolved=resolved), runs, k, haircuts[k])
        for k, (cases, bases) in enumerate(zip(moved, valued_on, strict=True))
    ]


def _moved(case: Case, point: Adjustments, held: bool) -> Case:
    """A case with the adjustments of a point; haircuts of held classes compound, defaults add up.

    >>> _moved(Case(name="x", ncf_haircut=0.5), {"ncf_haircut": 0.5}, True).ncf_haircut
    0.75
    """
    moved = replace(case, **point)
    if held and "ncf_haircut" in point:
        own = adjustment(case, "ncf_haircut")
        moved = replace(moved, ncf_haircut=own + point["ncf_haircut"] * (1.0 - own))
    if moved.tenant_defaults and case.tenant_defaults and "tenant_defaults" in point:
        moved = replace(moved, tenant_defaults=[*case.tenant_defaults, *moved.tenant_defaults])
    return moved


def _point(priced: Collateral, runs: Runs, k: int, haircut: float) -> Collateral:
    own = Runs({name: runs.incomes[f"{k}/{name}"] for name in priced.cases}, runs.flow, [])
    return replace_fields(priced, runs=own, valued=valued_facilities(priced.resolved, own, haircut))


def split(priced: Collateral) -> ScenarioCashFlows:
    """Cash flow by facility in the waterfall's case."""
    case = priced.cases[priced.paid_case]
    return run(priced.resolved.by_facility(), [Scenario(case)], priced.months_paid)
