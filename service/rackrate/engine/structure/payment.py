"""Payment: the classes of a sized deal paid through the waterfall, and how far cash may fall."""

from dataclasses import dataclass

import numpy as np

from rackrate.deal.structure import Structure
from rackrate.engine.debt.interest_rates import annual_rate
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.cases import adjustment
from rackrate.engine.facility.collateral import Collateral
from rackrate.engine.structure.cash import CaseCash, haircut_line
from rackrate.engine.structure.class_limits import ClassTerms
from rackrate.engine.structure.structure import own_balance, waterfall_terms
from rackrate.engine.structure.tranches import Capital, tranche
from rackrate.engine.structure.waterfall import HaircutLine, WaterfallResult, distribute
from rackrate.engine.structure.waterfall_terms import WaterfallTerms

ANY, NONE = np.inf, -1.0  # take-outs that always and never refinance


def case_cash(priced: Collateral, case: str) -> CaseCash:
    """One case as the waterfall stands on it."""
    income = priced.runs.incomes[case]
    return CaseCash(income.case, income.ncf, income.available, priced.estates[case], priced.lenses[case])


def class_terms(priced: Collateral, structure: Structure, on: CaseCash) -> list[ClassTerms]:
    """The classes as their limits are tested: coupon by case, accrual, repayment of their own."""
    deal, months = priced.deal, priced.timeline
    base = months.curve(deal.market.base_rate)
    adds = {name: adjustment(case, "rate_add") for name, case in priced.cases.items()}
    return [
        ClassTerms(
            note,
            {name: annual_rate(note.coupon, base, add) for name, add in adds.items()},
            months.accrual(note.day_count),
            float(annual_rate(note.coupon, base[:1])[0]),
            own_balance(deal, structure, k, on, months),
        )
        for k, note in enumerate(structure.classes)
    ]


@dataclass(frozen=True)
class Paid:
    """A structure: its classes as issued, its cash as a line in a haircut, and the waterfall.

    The run has three scenarios: as tested, refinanced, and refused.
    """

    structure: Structure
    capital: Capital
    terms: WaterfallTerms
    on: CaseCash
    line: HaircutLine
    run: WaterfallResult


REPORTED, REFINANCED, REFUSED = range(3)  # scenarios of the run


def pay(priced: Collateral, sized: Sized, structure: Structure) -> Paid:
    """Size the classes and pay them: as the refinance test says, refinanced whatever it says, and refused."""
    deal, ruleset = priced.deal, priced.ruleset
    on = case_cash(priced, structure.case)
    capital = tranche(sized, class_terms(priced, structure, on), structure.denomination, ruleset.supports)
    principals = [note.principal for note in capital.classes]
    terms = waterfall_terms(deal, structure, principals, sized.schedule.balance, on, priced.timeline)
    line = haircut_line(deal, structure, ruleset, on)
    cash = line.by(np.zeros(3))
    cash.takeout[REFINANCED], cash.takeout[REFUSED] = ANY, NONE
    return Paid(structure, capital, terms, on, line, distribute(terms, cash))


def hold(priced: Collateral, sized: Sized, paid: Paid) -> Paid:
    """The same classes on other cash, paid once, as the refinance test says; what is sculpted stays so."""
    deal, structure = priced.deal, paid.structure
    on = case_cash(priced, structure.case)
    principals = [note.principal for note in paid.capital.classes]
    balance, agreed = sized.schedule.balance, paid.terms.schedule
    terms = waterfall_terms(deal, structure, principals, balance, on, priced.timeline, agreed)
    line = haircut_line(deal, structure, priced.ruleset, on)
    return Paid(structure, paid.capital, terms, on, line, distribute(terms, line.by(np.zeros(1))))
