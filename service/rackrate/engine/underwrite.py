"""Underwrite a deal: facility terms in; cash flow, debt, classes, waterfall, stresses and reasons out."""

# Design: this page reads as the contents of a credit memo. It is where the nouns of the engine are joined; none of them
# knows another.

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rackrate import __version__
from rackrate.deal.cases import Case
from rackrate.deal.debt import TargetBalance
from rackrate.deal.figures import BreakEven, BreakEvenTarget, RulesetStamp
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.sizing import EquipmentTest
from rackrate.deal.structure import Structure
from rackrate.deal.underwriting import Deal, Underwriting
from rackrate.engine import metrics
from rackrate.engine.cases import Scenario, adjustment
from rackrate.engine.cashflow import CashFlow
from rackrate.engine.cautions import cautions
from rackrate.engine.coverage import coverage, minimum_under
from rackrate.engine.debt import Collateral, Flows, Terms, Year
from rackrate.engine.income import Income, Runs, cases_of, earn, run
from rackrate.engine.leases import last_contract_end, stabilised_month
from rackrate.engine.limits import ClassTerms
from rackrate.engine.loan import arrange
from rackrate.engine.rates import annual_rate
from rackrate.engine.resolve import Resolved, resolve
from rackrate.engine.sizing import Sized, outcome, size
from rackrate.engine.stress import Failure, first_failures
from rackrate.engine.structure import ANY, NONE, Stand, cash, own_balance, trigger_levels, waterfall_terms
from rackrate.engine.timeline import Floats, Timeline, timeline
from rackrate.engine.tranches import Capital, tranche
from rackrate.engine.valuation import Estate, Lens, exit_values, horizon, lens, value
from rackrate.engine.waterfall import Distribution, Flags, distribute
from rackrate.engine.waterfall import Terms as WaterfallTerms

UNPAID = 0.01  # currency units of principal or interest after legal final above which a class has lost
COVERED = 1.0
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
    """Run a deal's facilities in every case it names."""
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
        stabilised=Year(
            ncf=_sum(income.ncf[start : start + YEAR]), noi=_sum(income.noi[start : start + YEAR])
        ),
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


def stand(priced: Priced, case: str) -> Stand:
    """One case as the waterfall stands on it."""
    income = priced.runs.incomes[case]
    return Stand(income.case, income.ncf, income.available, priced.estates[case], priced.lenses[case])


def class_terms(priced: Priced, structure: Structure, on: Stand) -> list[ClassTerms]:
    """The classes as their limits are tested: coupon by case, accrual, repayment of their own."""
    deal, months = priced.deal, priced.timeline
    base = months.curve(deal.market.base_rate)
    adds = {name: adjustment(case, "rate_add") for name, case in priced.cases.items()}
    return [
        ClassTerms(
            note,
            {name: annual_rate(note.coupon, base, add) for name, add in adds.items()},
            months.accrual(note.day_count),
            own_balance(deal, structure, k, on, months),
        )
        for k, note in enumerate(structure.classes)
    ]


@dataclass(frozen=True)
class Paid:
    """A structure: its classes as issued, and the waterfall as tested, refinanced, and refused."""

    structure: Structure
    capital: Capital
    terms: WaterfallTerms
    on: Stand
    run: Distribution


REPORTED, REFINANCED, REFUSED = range(3)  # scenarios of the run


def pay(priced: Priced, sized: Sized, structure: Structure) -> Paid:
    """Size the classes and pay them: as the refinance test says, refinanced whatever it says, and refused."""
    deal, ruleset = priced.deal, priced.ruleset
    on = stand(priced, structure.case)
    capital = tranche(sized, class_terms(priced, structure, on), structure.denomination, ruleset.supports)
    principals = [note.principal for note in capital.classes]
    terms = waterfall_terms(deal, structure, principals, sized.schedule.balance, on, priced.timeline)
    base = cash(deal, structure, ruleset, on, np.zeros(3))
    run = distribute(terms, replace(base, takeout=np.array([base.takeout[0], ANY, NONE])))
    return Paid(structure, capital, terms, on, run)


def break_evens(priced: Priced, sized: Sized, paid: Paid) -> list[tuple[BreakEvenTarget, Failure]]:
    """Least uniform haircut of net cash flow at which cover is lost, a trigger trips, a class is left unpaid."""
    deal, structure, terms = priced.deal, paid.structure, paid.terms
    levels = {name: level for name, level in trigger_levels(structure.triggers).items() if level is not None}

    def fails(haircuts: Floats) -> Flags:
        run = distribute(terms, cash(deal, structure, priced.ruleset, paid.on, haircuts))
        cover = run.dscr_actual if structure.triggers.service == "actual" else run.dscr_assumed
        tripped = [(cover[:, :-1] < level).any(axis=1) for level in levels.values()]
        lost = minimum_under(sized, haircuts) < COVERED
        short = (run.principal_loss > UNPAID) | (run.interest_unpaid[:, :, -1] > UNPAID)
        return np.column_stack([lost, *tripped, short])

    targets = [
        BreakEvenTarget(dscr_minimum=COVERED),
        *(BreakEvenTarget(trigger=name) for name in levels),
        *(BreakEvenTarget(first_loss=note.name) for note in structure.classes),
    ]
    return list(zip(targets, first_failures(fails), strict=True))


def underwrite(deal: Deal, ruleset: Ruleset, *, id: str, by_facility: bool = False) -> Underwriting:
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
    paid = None if deal.structure is None else pay(priced, sized, deal.structure)
    rows = coverage(sized)
    figures, pool = metrics.credit(priced.resolved, deal, ruleset)
    lines, steps = metrics.bridge(priced.runs, deal.sizing.case)
    failures = [] if paid is None else break_evens(priced, sized, paid)
    scenario, months = priced.runs.scenario(priced.paid_case), months_paid(deal)
    dates = priced.timeline.payment_dates[:months]
    return Underwriting(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        summary=metrics.summary(sized, None if paid is None else paid.capital, priced.runs, rows, pool),
        bridge=lines,
        bridge_steps=steps,
        coverage=rows,
        sizing=outcome(sized, priced.timeline),
        tranches=[] if paid is None else metrics.tranches(paid.structure, paid.capital, paid.terms, paid.run, failures, dates),
        waterfall=None if paid is None else metrics.waterfall(paid.terms, paid.run, priced.paid_case, dates),
        cash_flow=metrics.cash_flow(
            priced.runs.flow, scenario, priced.paid_case, dates, deal, split(priced) if by_facility else None
        ),
        power=metrics.power(priced.runs.flow, scenario, months, deal.debt.term_months),
        credit=figures,
        break_evens=[
            BreakEven(measure="ncf_haircut", target=target, value=failure.value) for target, failure in failures
        ],
        warnings=cautions(
            deal, ruleset, priced.timeline, priced.runs.flow.unused[scenario], pool.effective_tenants
        ),
    )


def split(priced: Priced) -> CashFlow:
    """The cash flow of the waterfall's case by facility."""
    resolved = resolve(priced.deal, priced.ruleset, priced.timeline, by_facility=True)
    return run(resolved, priced.deal, [Scenario(priced.cases[priced.paid_case])], months_paid(priced.deal))
