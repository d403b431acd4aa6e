"""Debt services that covers are measured on, as formulas."""

from dataclasses import dataclass

from rackrate.deal.debt import Level
from rackrate.deal.sizing_tests import MinDscr
from rackrate.documents.workbook.source import Source
from rackrate.engine.debt.debt_service import ANNUITY_MONTHS


@dataclass(frozen=True)
class Service:
    """A debt service: its kind, the annuity's months if amortising, the constant if stressed, as formulas."""

    kind: str
    months: str = str(ANNUITY_MONTHS)
    constant: str = "0"

    @property
    def key(self) -> str:
        """What tells it from others in the key of a row."""
        own = {"amortising": self.months, "stressed": self.constant}.get(self.kind, "")
        return f"{self.kind}.{own.strip('{}')}"


def of_test(test: MinDscr, name: str, default: str) -> Service:
    """The service that a test measures; ``name`` is the prefix of its inputs."""
    months = str(ANNUITY_MONTHS) if test.months is None else f"{{in_{name}_months}}"
    constant = "0" if test.constant is None else f"{{in_{name}_constant}}"
    return Service(test.service or default, months, constant)


def reported(source: Source) -> list[Service]:
    """Services whose cover is reported: scheduled, interest only, amortising, stressed where a test is."""
    tests = [
        (f"test{i + 1}", test) for i, test in enumerate(source.sized.loan.tests) if isinstance(test, MinDscr)
    ]
    own = ["{in_debt_level}"] if isinstance(source.deal.debt.amortisation, Level) else []
    asked = [
        f"{{in_{name}_months}}"
        for name, test in tests
        if test.service == "amortising" and test.months is not None
    ]
    constants = [
        f"{{in_{name}_constant}}"
        for name, test in tests
        if test.service == "stressed" and test.constant is not None
    ]
    return [
        Service("actual"),
        Service("interest_only"),
        Service("amortising", months=[*own, *asked, str(ANNUITY_MONTHS)][0]),
        *(Service("stressed", constant=constant) for constant in constants[:1]),
    ]
