"""Underwrite a deal: facility terms in; cash flow, debt, classes, waterfall, stresses and reasons out."""

# Design: this page reads as the contents of a credit memo. It is where the nouns of the engine are joined; none of them
# knows another.

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rackrate import __version__
from rackrate.deal.cases import Case
from rackrate.deal.debt import TargetBalance
from rackrate.deal.errors import Invalid
from rackrate.deal.figures import RulesetStamp
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing import EquipmentTest
from rackrate.deal.underwriting import Deal, Underwriting, check
from rackrate.engine import metrics
from rackrate.engine.cases import adjustment
from rackrate.engine.cautions import cautions
from rackrate.engine.coverage import coverage
from rackrate.engine.debt import Collateral, Flows, Terms, Year
from rackrate.engine.income import Income, Runs, cases_of, earn, run
from rackrate.engine.loan import arrange
from rackrate.engine.rates import annual_rate
from rackrate.engine.resolve import Resolved, last_contract_end, resolve, stabilised_month
from rackrate.engine.sizing import Sized, outcome, size
from rackrate.engine.timeline import Floats, Timeline, timeline
from rackrate.engine.valuation import Estate, Lens, exit_values, horizon, lens, value

YEAR = 12


@dataclass(frozen=True)
class Priced:
    """A deal with its facilities run: what debt and structure are sized and paid on."""

    deal: Deal
    ruleset: Ruleset
    cases: Mapping[str, Case]
    resolved: Resolved
    runs: Runs
    lenses: Mapping[str, Lens]
    estates: Mapping[str, Estate]

    @property
    def timeline(self) -> Timeline:
        """Months of the whole horizon."""
        return self.resolved.timeline

    @property
    def paid_case(self) -> str:
        """Case the waterfall is paid in; without a structure the issuer's."""
        return "issuer" if self.deal.structure is None else self.deal.structure.case


def months_paid(deal: Deal) -> int:
    """Months to the later of maturity and legal final."""
    final = 0 if deal.structure is None else deal.structure.legal_final_months
    return max(deal.debt.term_months, final)


def horizon_months(deal: Deal, lenses: Mapping[str, Lens]) -> int:
    """Months of cash flow that debt, structure, tests and values read."""
    whole = timeline(deal.closing, 1)
    structure = deal.structure
    revalued = 0
    if structure is not None and any(note.ltv_trigger is not None for note in structure.classes):
        revalued = structure.legal_final_months + horizon(lenses[structure.case])
    return max(
        months_paid(deal) + YEAR,
        last_contract_end(deal, whole) + YEAR,
        stabilised_month(deal, whole) + YEAR,
        revalued,
        *(horizon(view) for view in lenses.values()),
    )


def price(deal: Deal, ruleset: Ruleset) -> Priced:
    """Run a deal's facilities in every case it names.

    Raises
    ------
    Invalid
        If the deal contradicts itself, with every contradiction.
    """
    if faults := check(deal, ruleset):
        raise Invalid.of(faults)
    cases = cases_of(deal, ruleset)
    lenses = {name: lens(deal.sizing.value, case, ruleset) for name, case in cases.items()}
    months = timeline(deal.closing, horizon_months(deal, lenses))
    resolved = resolve(deal, ruleset, months)
    contracted = {
        test.case or deal.sizing.case for test in deal.sizing.tests if isinstance(test, EquipmentTest)
    }
    runs = earn(resolved, deal, cases, deal.sizing.case, contracted, months_paid(deal))
    appraisals = np.array([facility.appraised_value for facility in deal.facilities], dtype=float)
    expiry = resolved.facilities["expiry"].copy()
    estates = {
        name: Estate(appraisals, expiry, income.closing_ncf, income.facility_ncf)
        for name, income in runs.incomes.items()
    }
    return Priced(deal, ruleset, cases, resolved, runs, lenses, estates)


def borrow(priced: Priced) -> Sized:
    """Size the loan: the least principal that every test allows."""
    deal, months = priced.deal, priced.timeline
    term = deal.debt.term_months
    amortisation = deal.debt.amortisation
    target = None
    if isinstance(amortisation, TargetBalance):
        target = timeline(deal.closing, term + 1).curve(amortisation.curve)[1:]
    terms = Terms(
        period_months=1,
        accrual=months.accrual(deal.debt.day_count),
        term=term,
        interest_only=deal.debt.interest_only_months,
        amortisation=amortisation,
        target=target,
        balloon=deal.debt.balloon,
    )
    cases = {name: flows_of(priced, income) for name, income in priced.runs.incomes.items()}
    return size(arrange(terms, deal.sizing.tests, cases, deal.sizing.case))


def flows_of(priced: Priced, income: Income) -> Flows:
    """One case as the debt sees it."""
    deal, months, name = priced.deal, priced.timeline, income.case.name
    start = stabilised_month(deal, months)
    add = adjustment(income.case, "rate_add")
    estate = priced.estates[name]
    return Flows(
        case=name,
        rate=annual_rate(deal.debt.rate, months.curve(deal.market.base_rate), add),
        ncf=income.ncf,
        noi=income.noi,
        closing=Year(ncf=income.closing["ncf"], noi=income.closing["noi"]),
        stabilised=Year(ncf=_sum(income.ncf[start : start + YEAR]), noi=_sum(income.noi[start : start + YEAR])),
        value=float(value(priced.lenses[name], estate, np.zeros(1))[0]),
        cost=sum(facility.cost for facility in deal.facilities),
        rate_add=add,
        take_out=take_out(estate, deal.debt.term_months),
        last_contract_end=last_contract_end(deal, months),
        collateral=collateral(priced, income),
    )


def _sum(values: Floats) -> float:
    return float(sum(values.tolist()))


def take_out(estate: Estate, month: int) -> Callable[[float], float]:
    """Capital value, at a cap rate, of the twelve months from a month."""
    return lambda cap: float(exit_values(estate, cap, np.zeros(1), month, month)[0])


def collateral(priced: Priced, income: Income) -> Collateral | None:
    """The equipment in one case, where its contracted income was asked for."""
    deal, term = priced.deal, priced.deal.debt.term_months
    equipment = [facility.equipment for facility in deal.facilities if facility.equipment is not None]
    if income.contracted is None or not equipment:
        return None
    month = np.arange(term)
    residual, book = np.zeros(term), np.zeros(term)
    for item in equipment:
        residual += item.cost * timeline(deal.closing, term).curve(item.residual)
        book += item.cost * np.maximum(0.0, 1.0 - month / item.life_months)
    contracted = income.contracted.copy()
    contracted[last_contract_end(deal, priced.timeline) :] = 0.0
    return Collateral(contracted, residual, book)


def underwrite(deal: Deal, ruleset: Ruleset, *, id: str, by_facility: bool = False) -> Underwriting:  # noqa: A002 - the answer's own word
    """Underwrite a deal.

    Parameters
    ----------
    deal : Deal
    ruleset : Ruleset
        The house defaults it names.
    id : str
        What the answer is known by: a hash of engine, ruleset and request.
    by_facility : bool
        Whether the cash flow is answered by facility too.

    Raises
    ------
    Invalid
        If the deal contradicts itself.
    CannotFinance
        If a test allows no debt, naming the test.
    """
    priced = price(deal, ruleset)
    sized = borrow(priced)
    rows = coverage(sized)
    figures, pool = metrics.credit(priced.resolved, deal, ruleset)
    lines, steps = metrics.bridge(priced.runs, deal.sizing.case)
    capital = None
    paid = priced.runs.scenario(priced.paid_case)
    months = months_paid(deal)
    detail = None
    if by_facility:
        split = resolve(deal, ruleset, priced.timeline, by_facility=True)
        from rackrate.engine.cases import Scenario
        detail = run(split, deal, [Scenario(priced.cases[priced.paid_case])], months)
    return Underwriting(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        summary=metrics.summary(sized, capital, priced.runs, rows, pool),
        bridge=lines,
        bridge_steps=steps,
        coverage=rows,
        sizing=outcome(sized, priced.timeline),
        tranches=[],
        waterfall=None,
        cash_flow=metrics.cash_flow(
            priced.runs.flow, paid, priced.paid_case, priced.timeline.payment_dates[:months], deal, detail
        ),
        power=metrics.power(priced.runs.flow, paid, months, deal.debt.term_months),
        credit=figures,
        break_evens=[],
        warnings=cautions(deal, ruleset, priced.timeline, priced.runs.flow.unused[paid], pool.effective_tenants),
    )
