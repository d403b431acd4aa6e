"""The four templates of a priority of payments: lists of steps, most senior first."""

# Design: a structure is a list. Templates differ in where the reserve stands; each pays principal beyond its
# schedule while amortising, and traps what is left while trapping.

from collections.abc import Mapping, Sequence

from rackrate.deal.structure import Step

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

TEMPLATES: Mapping[str, Sequence[Step]] = {
    "abs_master_trust": (_FEES, _INTEREST, _RESERVE, _SCHEDULED, _SWEEP, *_REST),
    "cmbs_single_asset": _RESERVE_LAST,
    "compute_term_loan": _RESERVE_LAST,
    "project_finance": (_FEES, _INTEREST, _SCHEDULED, _RESERVE, _SWEEP, *_REST),
}
