"""Payment: the tranches of a sized loan, paid through the waterfall."""

from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from rackrate.deal.structure import Structure
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral
from rackrate.engine.structure.cash import CaseCash, haircut_line
from rackrate.engine.structure.class_limits import ClassTerms
from rackrate.engine.structure.resolve import ResolvedStructure, resolve_structure
from rackrate.engine.structure.structure import own_balance, waterfall_terms
from rackrate.engine.structure.tranches import Capital, tranche
from rackrate.engine.structure.waterfall import HaircutLine, WaterfallResult, distribute
from rackrate.engine.structure.waterfall_terms import WaterfallTerms

ANY, NONE = np.inf, -1.0  # take-outs that always and never refinance


def case_cash(priced: Collateral, case: str) -> CaseCash:
    """Cash flow and valuation of the case that the waterfall runs in."""
    income = priced.runs.incomes[case]
    return CaseCash(income.case, income.ncf, income.available, priced.valued[case], priced.bases[case])


def class_terms(resolved: ResolvedStructure, on: CaseCash) -> list[ClassTerms]:
    """Coupon by case, accrual and own schedule of each class, as its limits read them."""
    return [
        ClassTerms(
            note,
            {name: coupons[k] for name, coupons in resolved.coupons.items()},
            resolved.accruals[k],
            resolved.contracted[k],
            own_balance(resolved, k, on),
        )
        for k, note in enumerate(resolved.structure.classes)
    ]


@dataclass(frozen=True)
class Paid:
    """A structure paid: classes as issued, cash as a line in a haircut, and the waterfall.

    The run has three scenarios: as tested, refinanced, and refused.
    """

    resolved: ResolvedStructure
    capital: Capital
    terms: WaterfallTerms
    on: CaseCash
    line: HaircutLine
    run: WaterfallResult

    @property
    def structure(self) -> Structure:
        """The structure that is paid."""
        return self.resolved.structure


REPORTED, REFINANCED, REFUSED = range(3)  # scenarios of the run


def pay(priced: Collateral, sized: Sized, structure: Structure) -> Paid:
    """Size the classes and pay them: as the refinance test says, refinanced, and not refinanced."""
    ruleset, on = priced.ruleset, case_cash(priced, structure.case)
    resolved = resolve_structure(structure, priced.deal, ruleset, priced.terms, priced.cases)
    capital = tranche(sized, class_terms(resolved, on), structure.denomination, ruleset.supports)
    principals = [note.principal for note in capital.classes]
    terms = waterfall_terms(resolved, principals, sized.schedule.balance, on)
    line = haircut_line(resolved, on)
    cash = line.by(np.zeros(3))
    cash.takeout[REFINANCED], cash.takeout[REFUSED] = ANY, NONE
    return Paid(resolved, capital, terms, on, line, distribute(terms, cash))


def hold(priced: Collateral, sized: Sized, paid: Paid, case: str = "") -> Paid:
    """Pay the same classes from other cash, as the refinance test says; sculpted balances are kept.

    The cash is that of `case`; of no name, the structure's own.
    """
    structure = replace(paid.structure, case=case) if case else paid.structure
    case = structure.case
    on = case_cash(priced, case)
    resolved = resolve_structure(
        structure, priced.deal, priced.ruleset, priced.terms, {case: priced.cases[case]}
    )
    principals = [note.principal for note in paid.capital.classes]
    terms = waterfall_terms(resolved, principals, sized.schedule.balance, on, paid.terms.schedule)
    line = haircut_line(resolved, on)
    return Paid(resolved, paid.capital, terms, on, line, distribute(terms, line.by(np.zeros(1))))
