"""Warnings of limits: one that may be a percentage, a class that has none, a case that changes nothing."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from msgspec import Struct

from rackrate.deal.answers.figures import Caution
from rackrate.deal.requests.underwriting import TAIL_MONTHS, Deal
from rackrate.deal.sizing_tests import MaxLtc, MaxLtv, MinDebtYield, MinDscr, MinLlcr, MinPlcr, SculptedTest
from rackrate.engine.debt.terms import Flows

MOST_SHARE, MOST_COVER = 2.0, 10.0  # of value, cost or principal; of debt service or debt
MOST_NAMED = {
    **dict.fromkeys(("ltv", "ltv_trigger", "advance_rate", "constant"), MOST_SHARE),
    **dict.fromkeys(("cap_rate", "terminal_cap_rate", "exit_cap_rate"), MOST_SHARE),
    **dict.fromkeys(("dscr", "trap_below", "amortise_below", "pik_below"), MOST_COVER),
}
MOST_LIMIT: dict[type[Struct], float] = {  # what is not named here, a leverage, has no such measure
    **dict.fromkeys((MaxLtv, MaxLtc, MinDebtYield), MOST_SHARE),
    **dict.fromkeys((MinDscr, SculptedTest, MinLlcr, MinPlcr), MOST_COVER),
}


def limit_cautions(deal: Deal) -> Iterator[Caution]:
    """Warn of each limit that is a percentage perhaps, and of each class that takes whatever is left."""
    for at, part in _parts(deal):
        yield from _out_of_range(part, at)
    for k, note in enumerate(() if deal.structure is None else deal.structure.classes):
        if not note.limits and note.principal is None and note.vfn is None:
            message = f"class {note.name} has no limit, principal or commitment: it takes what debt is left"
            pointer = f"/structure/classes/{k}/limits"
            yield Caution(code="class_without_limits", message=message, pointer=pointer)


def _parts(deal: Deal) -> Iterator[tuple[str, Struct | None]]:
    """Yield what has limits, with its pointer, in the order of the document."""
    yield "/debt/amortisation", deal.debt.amortisation
    yield "/sizing/value", deal.sizing.value
    for i, test in enumerate(deal.sizing.tests):
        yield f"/sizing/tests/{i}", test
    if deal.structure is None:
        return
    yield "/structure", deal.structure
    for k, note in enumerate(deal.structure.classes):
        at = f"/structure/classes/{k}"
        for i, limit in enumerate(note.limits):
            yield f"{at}/limits/{i}", limit
        yield at, note
        yield f"{at}/schedule", note.schedule
    yield "/structure/triggers", deal.structure.triggers


def _out_of_range(part: Struct | None, at: str) -> Iterator[Caution]:
    if part is None:
        return
    for name, most in _bounded(type(part)):
        figure = getattr(part, name)
        if figure is not None and figure > most:
            tag = part.__struct_config__.tag
            kind = name if tag in (None, name) else f"{tag} {name}"
            message = f"{kind} {figure:g} is above {most:g}: a percentage, perhaps"
            yield Caution(code="limit_out_of_range", message=message, pointer=f"{at}/{name}")


@cache
def _bounded(kind: type[Struct]) -> list[tuple[str, float]]:
    """Fields of a Struct that have such a bound, and the bound."""
    bounds = {**MOST_NAMED, "limit": MOST_LIMIT.get(kind)}
    return [(name, most) for name in kind.__struct_fields__ if (most := bounds.get(name)) is not None]


def case_cautions(deal: Deal, issuer: Flows, sized: Flows) -> Iterator[Caution]:
    """Warn of a sizing case whose cash flow, rate and value are those of the issuer's."""
    final = 0 if deal.structure is None else deal.structure.legal_final_months
    months = max(deal.debt.term_months, final) + TAIL_MONTHS
    if _alike(issuer, sized, max(months, sized.last_contract_end)):
        message = f"sizing case {deal.sizing.case} changes nothing of the issuer's"
        yield Caution(code="case_without_effect", message=message, pointer="/sizing/case")


def _alike(a: Flows, b: Flows, months: int) -> bool:
    figures = all(
        getattr(a, name) == getattr(b, name) for name in ("closing", "stabilised", "value", "rate_add")
    )
    return figures and all(
        np.array_equal(one[:months], other[:months]) for one, other in ((a.rate, b.rate), (a.ncf, b.ncf))
    )
