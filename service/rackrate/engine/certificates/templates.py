"""Templates of certificates: a priority of payments as a list of steps."""

from itertools import groupby

from rackrate.deal.pools.certificates import Certificates, PoolStep
from rackrate.deal.pools.classes import Certificate

WRITES_DOWN = {"cmbs_conduit": True, "cmbs_pro_rata": True, "abs_loans": False}


def steps_of(structure: Certificates) -> list[PoolStep]:
    """The steps of a structure, its template's where it has none."""
    if structure.steps is not None:
        return structure.steps
    paid = [note for note in structure.classes if note.io is None]
    strips = [note.name for note in structure.classes if note.io is not None]
    ranks = [[note.name for note in notes] for _, notes in groupby(paid, key=_rank)]
    names = [note.name for note in paid]
    tail = [PoolStep(kind="premiums", classes=names, rest=strips[-1] if strips else None)]
    reserve, residual = PoolStep(kind="reserve"), PoolStep(kind="residual")
    match structure.template:
        case "cmbs_conduit":
            return [*_conduit(ranks, strips), *tail, reserve, residual]
        case "cmbs_pro_rata":
            return [*_pro_rata(ranks, strips, names), *tail, reserve, residual]
        case "abs_loans":
            return [*_abs_loans(names, strips), *tail, residual]


def _rank(note: Certificate) -> int:
    return note.rank or 0


def _conduit(ranks: list[list[str]], strips: list[str]) -> list[PoolStep]:
    first = ranks[0]
    steps = [
        PoolStep(kind="fees"),
        PoolStep(kind="interest", classes=[*first, *strips], order="pro_rata"),
        PoolStep(kind="principal", classes=first, order="to_crossover"),
        PoolStep(kind="reimbursement", classes=first),
    ]
    for name in (name for rank in ranks[1:] for name in rank):
        steps += [
            PoolStep(kind="interest", classes=[name]),
            PoolStep(kind="principal", classes=[name]),
            PoolStep(kind="reimbursement", classes=[name]),
        ]
    return steps


def _pro_rata(ranks: list[list[str]], strips: list[str], names: list[str]) -> list[PoolStep]:
    later = [name for rank in ranks[1:] for name in rank]
    return [
        PoolStep(kind="fees"),
        PoolStep(kind="interest", classes=[*ranks[0], *strips], order="pro_rata"),
        *(PoolStep(kind="interest", classes=[name]) for name in later),
        PoolStep(kind="principal", classes=names, order="pro_rata", when="untripped"),
        PoolStep(kind="principal", classes=names, when="tripped"),
        PoolStep(kind="reimbursement", classes=names),
    ]


def _abs_loans(names: list[str], strips: list[str]) -> list[PoolStep]:
    return [
        PoolStep(kind="fees"),
        *(PoolStep(kind="interest", classes=[name]) for name in [*names, *strips]),
        PoolStep(kind="principal", classes=names, to="target"),
        PoolStep(kind="reserve"),
        PoolStep(kind="turbo", classes=names, when="tripped"),
    ]
