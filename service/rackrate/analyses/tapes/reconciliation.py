"""Totals of a tape, held against those that are stated."""

from collections.abc import Iterable, Mapping

from rackrate.deal.answers.tape import TapeLoan, TapeTotals, TotalDifference, WeightedAverage

LEAST_VALUE = 1.0  # that a loan is held against


def totals(loans: list[TapeLoan], properties: int) -> TapeTotals:
    """Totals of what was read; each average is over the balance that has the figure."""
    held = [(loan, loan.balance) for loan in loans if isinstance(loan.balance, float)]
    return TapeTotals(
        count=len(loans),
        properties=properties,
        balance=sum(balance for _, balance in held),
        wa_rate=_average((loan.rate, balance) for loan, balance in held),
        wa_dscr=_average((loan.reported.dscr if loan.reported else None, balance) for loan, balance in held),
        wa_ltv=_average((_ltv(loan, balance), balance) for loan, balance in held),
    )


def _ltv(loan: TapeLoan, balance: float) -> float | None:
    """Loan to value of a whole loan; a note of one is less than what the property carries."""
    if loan.pari_passu_share != 1.0 or not loan.security or not isinstance(loan.security.value, float):
        return None
    return balance / loan.security.value if loan.security.value >= LEAST_VALUE else None


def _average(figures: Iterable[tuple[object, float]]) -> WeightedAverage:
    found = [(figure, balance) for figure, balance in figures if isinstance(figure, float)]
    weight = sum(balance for _, balance in found)
    value = sum(figure * balance for figure, balance in found) / weight if weight > 0.0 else None
    return WeightedAverage(value=value, balance=weight)


def differences(found: TapeTotals, stated: Mapping[str, float]) -> list[TotalDifference]:
    """Hold each stated total against the one that was read, in the order stated."""
    return [_difference(name, value, getattr(found, name)) for name, value in stated.items()]


def _difference(name: str, stated: float, read: float | WeightedAverage) -> TotalDifference:
    value = read.value if isinstance(read, WeightedAverage) else float(read)
    return TotalDifference(
        total=name, stated=stated, read=value, difference=None if value is None else value - stated
    )
