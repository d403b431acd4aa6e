"""Sheets of stress: the run on either side of the break-even of the class that is chosen."""

from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model
from rackrate.documents.workbook.structure.coupon_rows import Coupons
from rackrate.documents.workbook.structure.waterfall_ends import write_run

EITHER_SIDE = "0.000001"  # of the solved haircut, which is known to 1e-8
UNPAID = "1E-10"  # of all that is issued, above which an amount is unpaid
PURPOSE = "The waterfall with net cash flow cut just {} the break-even of the class chosen on Classes."


def solved(model: Model) -> list[int]:
    """Numbers of the classes whose break-even was solved for."""
    roots = [tranche.break_even_haircut for tranche in model.source.answer.tranches]
    return [j for j, root in enumerate(roots, start=1) if root is not None and 0.0 < root < 1.0]


def write_stress(model: Model, coupons: Coupons, classes: Sheet) -> None:
    """Write the choice of a class, the haircut on either side, and a run at each."""
    found, row, count = solved(model), classes.next, len(coupons.structure.classes)
    classes.say(row, 0, "Stress: number of the class tested", "total")
    classes.put(row, 4, float(found[0]), "input:count", name="in_stress_class")
    classes.say(row + 1, 0, "Haircut at which it holds")
    root = f"N(INDEX({{class1.break_even..class{count}.break_even}},{{in_stress_class}}))"
    classes.put(row + 1, 4, f"={root}-{EITHER_SIDE}", "number", name="in_haircut_holds")
    classes.say(row + 2, 0, "Haircut at which it fails")
    classes.put(row + 2, 4, f"={root}+{EITHER_SIDE}", "number", name="in_haircut_fails")
    classes.next = row + 4
    for key, name, side in (("xh", "holds", "below"), ("xf", "fails", "above")):
        run = write_run(
            model,
            coupons,
            f"Stress_{name}",
            f"Stress: {name}",
            PURPOSE.format(side),
            key,
            f"{{in_haircut_{name}}}",
        )
        last = run.sheet.months - 1
        lost = [f"MAX({{{key}.balance{j}@[{last}]}},{{{key}.unpaid{j}@[{last}]}})" for j in run.classes]
        at = {"holds": row + 1, "fails": row + 2}[name]
        classes.say(at, 5, "unpaid after legal final")
        chosen = "+".join(f"IF({{in_stress_class}}={j},{amount},0)" for j, amount in enumerate(lost, start=1))
        classes.put(at, 6, f"={chosen}", "price", key=f"stress.{name}")
