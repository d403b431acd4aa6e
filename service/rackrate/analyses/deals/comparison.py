"""Compare one sized loan through several templates of the priority of payments, or two deals."""

import math
from dataclasses import dataclass

import msgspec
import numpy as np

from rackrate import __version__
from rackrate.analyses.deals import figures
from rackrate.analyses.deals.differences import differences
from rackrate.analyses.deals.underwriting import underwrite
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.errors import at_pointer
from rackrate.deal.requests.comparison import (
    Compared,
    Comparison,
    ComparisonRequest,
    Differences,
    TriggerEvents,
)
from rackrate.deal.requests.underwriting import Deal
from rackrate.deal.rulesets import Ruleset
from rackrate.deal.structure import Structure, Template
from rackrate.engine.debt.case_flows import size_loan
from rackrate.engine.debt.coverage import coverage
from rackrate.engine.debt.sizing import Sized
from rackrate.engine.facility.collateral import Collateral, run_cases
from rackrate.engine.facility.concentration import concentration
from rackrate.engine.structure.break_even import break_evens
from rackrate.engine.structure.payment import Paid, pay


@dataclass(frozen=True)
class PaidTemplate:
    """The structure paid through one template's priority of payments."""

    template: Template
    paid: Paid


def compare(request: ComparisonRequest, ruleset: Ruleset, *, id: str) -> Comparison:
    """Pay one deal through each template, and list its differences to another deal.

    Raises
    ------
    CannotFinance
        If a test allows no debt, naming the test.
    Invalid
        If a deal contradicts itself.
    """
    structure = request.deal.structure
    with at_pointer("/deal"):
        priced = run_cases(request.deal, ruleset)
        sized = size_loan(priced)
        runs = [
            PaidTemplate(template, pay(priced, sized, through(structure, template)))
            for template in request.templates
            if structure is not None
        ]
        own = runs[0].paid if runs else None if structure is None else pay(priced, sized, structure)
    pool = concentration(priced.resolved, len(request.deal.tenants))
    capital = None if own is None else own.capital
    return Comparison(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        summary=figures.summary(sized, capital, priced.runs, coverage(sized), pool),
        templates=[_compared(priced, sized, paid_template) for paid_template in runs],
        differences=None if request.against is None else beside(request.deal, request.against, ruleset),
    )


def beside(deal: Deal, against: Deal, ruleset: Ruleset) -> Differences:
    """Differences between the terms of two deals, and between their underwritings."""
    with at_pointer("/deal"):
        mine = underwrite(deal, ruleset, id="")
    with at_pointer("/against"):
        other = underwrite(against, ruleset, id="")
    terms = [msgspec.to_builtins(document) for document in (deal, against)]
    answers = [msgspec.to_builtins(answer) for answer in (mine, other)]
    return Differences(
        terms=list(differences(*terms, series=True)), figures=list(differences(*answers, series=False))
    )


def through(structure: Structure, template: Template) -> Structure:
    """The structure with a template's priority of payments instead of its own."""
    return msgspec.structs.replace(structure, template=template, steps=None)


def _compared(priced: Collateral, sized: Sized, paid_template: PaidTemplate) -> Compared:
    paid = paid_template.paid
    dates = priced.dates
    failures = break_evens(priced, sized, paid)
    run = figures.waterfall(paid.terms, paid.run, priced.paid_case, dates)
    owed = paid.run.balance[0].any(axis=0)
    return Compared(
        template=paid_template.template,
        tranches=figures.tranches(paid.structure, paid.capital, paid.terms, paid.run, failures, dates),
        triggers=TriggerEvents(trap=sum(run.trapping), amortise=sum(run.amortising), pik=sum(run.pik)),
        ard=run.ard,
        sale=run.sale,
        equity=math.fsum(paid.run.equity[0]),
        reserve_low=float(np.min(paid.run.reserve[0][owed], initial=np.inf)) if owed.any() else 0.0,
        principal_loss=math.fsum(paid.run.principal_loss[0]),
        interest_unpaid=math.fsum(paid.run.interest_unpaid[0, :, -1]),
    )
