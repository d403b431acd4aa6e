"""What is read at the start of a month: triggers, and the class in control."""

from rackrate.kernel import records
from rackrate.kernel.reference.trust.accounts import Trust


def is_tripped(
    trust: Trust, stated: float, first: float, defaulted: float, squares: float, owes: bool
) -> bool:
    """Whether a trigger is tripped this month, or was once and latches."""
    now = False
    for k, trigger in enumerate(trust.triggers):
        kind, level = int(trigger["kind"]), float(trigger["level"])
        trips = False
        if stated > 0.0 and owes:
            if kind == records.CUMULATIVE_LOSS:
                trips = trust.loss / first > level
            elif kind == records.DEFAULTED_SHARE:
                trips = defaulted / stated > level
            elif kind == records.REMAINING_SHARE:
                trips = stated / first < level
            elif kind == records.EFFECTIVE_LOANS:
                trips = stated * stated < level * squares
            else:
                owed = float(trust.owed[: int(trigger["through"]) + 1].sum())
                trips = owed > 0.0 and stated / owed < level
        trust.latched[k] |= trips and bool(trigger["latched"])
        now |= trips or bool(trust.latched[k])
    return now


def controlling(trust: Trust, cut: float) -> int:
    """The class in control after appraisal reductions; -1 where none may be."""
    found = first = -1
    for k in range(len(trust.owed) - 1, -1, -1):
        if trust.notes[k]["io"]:
            continue
        taken = min(cut, trust.owed[k])
        cut -= taken
        if trust.notes[k]["controls"]:
            first = k
            if found < 0 and trust.owed[k] - taken >= float(trust.terms["control_share"]) * trust.issued[k]:
                found = k
    return found if found >= 0 else first
