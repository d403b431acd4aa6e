"""Underwrite a pool of loans: collateral, capacity, certificates, stresses and reasons."""

# Design: this page reads as the parts of the answer; each line of it is a module of this folder.

from rackrate import __version__
from rackrate.analyses.pools.cautions import cautions
from rackrate.deal.answers.figures import RulesetStamp
from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.pools.rulesets import PoolRuleset
from rackrate.deal.requests.pool import Pool
from rackrate.deal.rulesets import Ruleset
from rackrate.engine.certificates import figures
from rackrate.engine.certificates.loan_figures import loan_figures
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.certificates.tranches import retention, tranches


def underwrite_pool(
    pool: Pool, ruleset: Ruleset, defaults: PoolRuleset, *, id: str, with_tranches: bool = True
) -> PoolUnderwriting:
    """Underwrite a pool of loans.

    Parameters
    ----------
    pool : Pool
    ruleset, defaults : Ruleset, PoolRuleset
        The house defaults it names.
    id : str
        What the answer is known by.
    with_tranches : bool
        Whether the classes are measured: break-evens are nearly all of the work.

    Raises
    ------
    Invalid
        If a payment does not cover its interest.
    CannotFinance
        If the limits of the classes leave nothing to issue.
    """
    runs = PoolRuns(pool, ruleset, defaults)
    tested = figures.tests(runs)
    kept = retention(runs)
    return PoolUnderwriting(
        id=id,
        engine=__version__,
        ruleset=RulesetStamp(name=ruleset.name, sha256=ruleset.sha256),
        pool_ruleset=RulesetStamp(name=defaults.name, sha256=defaults.sha256),
        summary=figures.summary(runs),
        loans=loan_figures(runs),
        capacity=figures.capacity(runs),
        tests=tested,
        concentration=figures.concentration(runs),
        collateral=figures.collateral(runs),
        waterfall=figures.waterfall(runs),
        tranches=tranches(runs) if with_tranches else [],
        retention=kept,
        scenarios=figures.scenarios(runs),
        warnings=cautions(runs, tested, kept),
    )
