"""Underwrite a deal: cash flow, sizing, tranches, waterfall, break-evens and coverage from its terms."""

# Design: this page reads as the contents of a credit memo; each line of it is a module of this folder.

from rackrate import __version__
from rackrate.analyses.cautions.inputs import cautions
from rackrate.analyses.cautions.limits import case_cautions
from rackrate.analyses.cautions.waterfall import run_cautions
from rackrate.analyses.deals import figures
from rackrate.analyses.deals.points import Base, base_of
from rackrate.deal.answers.figures import BreakEven, RulesetStamp
from rackrate.deal.requests.underwriting import Deal, Underwriting
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.sizing import outcome
from rackrate.engine.facility.collateral import split
from rackrate.engine.structure.break_even import break_evens
from rackrate.engine.structure.reporting import unpaid_above


def underwrite(deal: Deal, ruleset: Ruleset, *, id: str, by_facility: bool = False) -> Underwriting:
    """Underwrite a deal: size the loan on its cash flow, tranche it, pay it, and report every figure.

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
    done = base_of(deal, ruleset)
    return underwriting(done, id=id, by_facility=by_facility)


def underwriting(done: Base, *, id: str, by_facility: bool = False) -> Underwriting:
    """Report every figure of a deal that is priced, sized and paid."""
    priced = done.priced
    sized = done.sized
    paid = done.paid
    deal, ruleset = priced.deal, priced.ruleset
    rows = coverage(sized)
    credit, pool = figures.credit(priced.resolved, deal, ruleset)
    lines, steps = figures.bridge(priced.runs, deal.sizing.case)
    failures = [] if paid is None else break_evens(priced, sized, paid)
    scenario, dates = priced.runs.scenario(priced.paid_case), priced.dates
    run = None if paid is None else figures.waterfall(paid.terms, paid.run, priced.paid_case, dates)
    return Underwriting(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        summary=figures.summary(sized, None if paid is None else paid.capital, priced.runs, rows, pool),
        bridge=lines,
        bridge_steps=steps,
        coverage=rows,
        sizing=outcome(sized, priced.timeline),
        tranches=[]
        if paid is None
        else figures.tranches(paid.structure, paid.capital, paid.terms, paid.run, failures, dates),
        waterfall=run,
        cash_flow=figures.cash_flow(
            priced.runs.flow, scenario, priced.paid_case, dates, deal, split(priced) if by_facility else None
        ),
        power=figures.power(priced.runs.flow, scenario, len(dates), deal.debt.term_months),
        credit=credit,
        break_evens=[
            BreakEven(measure="ncf_haircut", target=target, value=failure.value, status=failure.status)
            for target, failure in failures
        ],
        warnings=[
            *cautions(
                deal, ruleset, priced.resolved, priced.runs.flow.unused[scenario], pool.effective_tenants
            ),
            *case_cautions(deal, sized.loan.cases["issuer"], sized.loan.cases[deal.sizing.case]),
            *(
                ()
                if paid is None or run is None
                else run_cautions(paid.structure, run, unpaid_above(paid.terms))
            ),
        ],
    )
