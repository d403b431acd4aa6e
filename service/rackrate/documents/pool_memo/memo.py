"""The memo of a pool: what it says, in which order."""

from collections.abc import Iterator

from rackrate.deal.answers.pool import PoolUnderwriting
from rackrate.deal.pools import rulesets
from rackrate.deal.requests.pool import Pool
from rackrate.documents.layout.blocks import Memo, Points, Section
from rackrate.documents.memo.assumptions import all_of, all_warnings, warning_blocks
from rackrate.documents.memo.memo import memo_of
from rackrate.documents.pool_memo.certificates import certificates, sizing
from rackrate.documents.pool_memo.loans import concentration, loan_table, loans
from rackrate.documents.pool_memo.overview import PoolGiven, ask, known, tiles
from rackrate.documents.pool_memo.ruleset_figures import HEADING, ruleset_figures

FORM = "Pool memo"
KEYS = (  # house numbers that every pool rests on
    "hazard.pd",
    "scenario.recovery_months",
    "scenario.recovery.costs",
    "scenario.recovery.decline",
    "scenario.extension_months",
    "concentration.lgd",
    "concentration.joint_share",
    "stated.default_downtime_months",
    "capacity.AAA.constant",
    "capacity.AAA.cap_rate",
)


def written(pool: Pool, underwriting: PoolUnderwriting) -> Memo:
    """Write a memo of a pool of loans."""
    given = PoolGiven(pool, underwriting, rulesets.load(underwriting.pool_ruleset.name))
    sections = [
        Section("What the committee should know", [Points(known(given))]),
        Section("Loans", list(loans(given))),
        Section("Concentration", list(concentration(given))),
        Section("Capacity and tests", list(sizing(given))),
    ]
    sections += [Section("Certificates", list(certificates(given)))] if underwriting.tranches else []
    sections += [
        Section("Warnings", list(warning_blocks(underwriting.warnings))),
        Section(HEADING, list(ruleset_figures(given.ruleset, KEYS, underwriting))),
        *_appendix(given),
    ]
    return memo_of(FORM, pool, underwriting, given.ruleset.name, ask(given), tiles(given), sections)


def _appendix(given: PoolGiven) -> Iterator[Section]:
    """All loans and all warnings, where the pages before had no room for them."""
    found = sorted(given.underwriting.loans, key=lambda loan: -loan.balance)
    yield from all_of("loans", found, lambda shown, rest: loan_table(given, shown, rest, "in the answer"))
    yield from all_warnings(given.underwriting.warnings)
