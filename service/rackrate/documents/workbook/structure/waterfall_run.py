"""A run of the waterfall while its rows are written: names of its rows, and references to them."""

from dataclasses import dataclass, field

from rackrate.deal.structure import Step, Structure
from rackrate.documents.workbook.formulas.book import Sheet
from rackrate.documents.workbook.model import Model
from rackrate.documents.workbook.structure.coupon_rows import Coupons
from rackrate.engine.structure.templates import TEMPLATES
from rackrate.engine.structure.waterfall_terms import WaterfallTerms


@dataclass
class Run:
    """A run of the waterfall while its rows are written.

    ``key`` is the prefix of its rows, ``haircut`` the formula of a uniform haircut (none if empty),
    ``refused`` whether refinancing is refused. ``cash``, ``reserve`` and ``trap`` are the formulas of what is
    left of them.
    """

    model: Model
    coupons: Coupons
    sheet: Sheet
    terms: WaterfallTerms
    key: str
    haircut: str = ""
    refused: bool = False
    cash: str = "0"
    reserve: str = "0"
    trap: str = "0"
    paid: dict[str, list[str]] = field(default_factory=dict)
    steps: int = 0

    @property
    def structure(self) -> Structure:
        """The structure that is paid."""
        return self.coupons.structure

    @property
    def classes(self) -> range:
        """Numbers of the classes, from 1."""
        return range(1, len(self.structure.classes) + 1)

    @property
    def case(self) -> int:
        """Number of the case that is paid."""
        return self.model.number(self.structure.case)

    @property
    def step(self) -> int:
        """Months in a period."""
        return self.structure.period_months

    @property
    def priority(self) -> list[Step]:
        """Steps in order of priority."""
        return list(self.structure.steps or TEMPLATES[self.structure.template])

    def at(self, name: str, where: str = "") -> str:
        """Reference to a row of this run."""
        return f"{{{self.key}.{name}{where}}}"

    def row(
        self, name: str, label: str, formula: str, style: str = "money", opening: str | float | None = None
    ) -> str:
        """Add a row of this run; a reference to it."""
        self.sheet.row(f"{self.key}.{name}", label, formula, style=style, opening=opening)
        return self.at(name)

    def name(self, j: int) -> str:
        """Name of a class."""
        return self.structure.classes[j - 1].name

    def all(self, field_: str) -> str:
        """Sum over the classes of a row."""
        return "+".join(self.at(f"{field_}{j}") for j in self.classes)

    def shared(self, name: str) -> str:
        """Reference to a row that every run reads: coupons, accruals, schedule."""
        return f"{{w.{name}}}"

    def now(self, what: str, j: int) -> str:
        """What a class is owed by now: its row after the dues, less what steps have paid of it."""
        paid = "".join(f"-{ref}" for ref in self.paid.get(f"{what}{j}", []))
        return f"({self.at(f'{what}_due{j}')}{paid})" if paid else self.at(f"{what}_due{j}")


def flag(run: Run, name: str) -> str:
    """Reference to a flag; 0 where the structure has no such trigger."""
    return run.at(f"{name}_on") if getattr(run.structure.triggers, f"{name}_below") is not None else "0"


def numbers(run: Run, step: Step) -> list[int]:
    """Numbers of the classes of a step, in the order it pays them."""
    if step.classes is None:
        return list(run.classes)
    names = [note.name for note in run.structure.classes]
    return [names.index(name) + 1 for name in step.classes]
