"""Templates of the priority of payments: lists of steps, most senior first."""

# Design: a structure is a list. Templates differ in where the reserve stands; each pays principal beyond its
# schedule while amortising, and traps what is left while trapping.

from collections.abc import Mapping, Sequence

from rackrate.deal.structure import Step, Template

_FEES = Step(kind="fees")
_INTEREST = Step(kind="interest")
_RESERVE = Step(kind="reserve")
_SCHEDULED = Step(kind="scheduled_principal")
_SWEEP = Step(kind="principal", when="amortising")
_REST = (
    Step(kind="trap", when="trapping"),
    Step(kind="uncapped_fees"),
    Step(kind="additional_interest"),
    Step(kind="equity"),
)
_RESERVE_LAST = (_FEES, _INTEREST, _SCHEDULED, _SWEEP, _RESERVE, *_REST)

TEMPLATES: Mapping[Template, Sequence[Step]] = {
    "abs_master_trust": (_FEES, _INTEREST, _RESERVE, _SCHEDULED, _SWEEP, *_REST),
    "cmbs_single_asset": _RESERVE_LAST,
    "compute_term_loan": _RESERVE_LAST,
    "project_finance": (_FEES, _INTEREST, _SCHEDULED, _RESERVE, _SWEEP, *_REST),
}

PURPOSES: Mapping[Template, str] = {
    "abs_master_trust": "Notes of a master trust: the liquidity reserve stands before principal.",
    "cmbs_single_asset": "Single-asset, single-borrower CMBS: the reserve has what principal leaves.",
    "compute_term_loan": "Term loan on compute: the steps of cmbs_single_asset under the name of its market.",
    "project_finance": "Project bonds: the reserve stands between scheduled principal and the cash sweep.",
}
