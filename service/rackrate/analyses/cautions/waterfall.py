"""Warnings of the reported waterfall: triggers that trip, shortfalls, losses, a missed ARD."""

from collections.abc import Iterator

import numpy as np

from rackrate.deal.answers.figures import Caution
from rackrate.deal.answers.runs import ClassRun, WaterfallRun
from rackrate.deal.structure import Structure
from rackrate.engine.structure.reporting import first
from rackrate.kernel.records import TRIGGERS

OF_THE_RUN = ("trigger_trips", "interest_missed", "ard_missed", "principal_lost")


def run_cautions(structure: Structure, run: WaterfallRun, least: float) -> Iterator[Caution]:
    """Warn of tripped triggers, unpaid interest, lost principal and a missed ARD, with class and date.

    Parameters
    ----------
    least : float
        Amount above which interest or principal is unpaid, deal currency.
    """
    for name in TRIGGERS:
        day = getattr(run.triggers, name)
        if day is not None:
            pointer = f"/structure/triggers/{name}_below"
            message = f"the {name} trigger trips for all classes on {day}"
            yield Caution(code="trigger_trips", message=f"{message}{_case(run)}", pointer=pointer)
    for k, note in enumerate(run.classes):
        yield from _class_cautions(note, run, least, f"/structure/classes/{k}")
    if run.ard is not None and not run.ard.refinanced:
        period = run.ard.month // structure.period_months - 1
        owed = ", ".join(
            note.name for note in run.classes if note.balance[period] + note.interest_unpaid[period] > 0.0
        )
        message = f"not refinanced at the ARD on {run.date[period]}, outstanding: {owed}{_case(run)}"
        absent = structure.ard_months is None
        pointer = "/debt/term_months" if absent else "/structure/ard_months"
        yield Caution(code="ard_missed", message=message, pointer=pointer)


def _class_cautions(note: ClassRun, run: WaterfallRun, least: float, at: str) -> Iterator[Caution]:
    if note.ltv_trigger is not None:
        message = f"the LTV trigger of class {note.name} trips on {note.ltv_trigger}{_case(run)}"
        yield Caution(code="trigger_trips", message=message, pointer=f"{at}/ltv_trigger")
    missed = first(run.date, np.array(note.interest_unpaid) > least)
    if missed is not None:
        message = f"class {note.name} is not paid all its interest on {missed}{_case(run)}"
        yield Caution(code="interest_missed", message=message, pointer=at)
    if note.principal_loss > least:
        message = f"class {note.name} loses {note.principal_loss:,.0f} of principal on {run.date[-1]}"
        yield Caution(code="principal_lost", message=f"{message}{_case(run)}", pointer=at)


def _case(run: WaterfallRun) -> str:
    return f" (case {run.case})"
