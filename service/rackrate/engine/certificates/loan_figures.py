"""Figures of every loan of a pool: by case, by scenario, and beside those that are reported."""

from rackrate.deal.answers.pools.loans import LoanCase, LoanFigures, LoanOutcome, ReportedFigures
from rackrate.deal.cases import ISSUER
from rackrate.engine.certificates.figures import listed
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.debt.terms import ratio
from rackrate.engine.pool.cashflow import PoolCashFlow
from rackrate.kernel import records


def loan_figures(runs: PoolRuns) -> list[LoanFigures]:
    """Figures of every loan."""
    cases = [_loan_cases(runs, name) for name in runs.named_cases]
    outcomes = _outcomes(runs.run(runs.reported).collateral)
    place = {x: g for g, group in enumerate(runs.concentration.groups) for x in group.loans}
    issuer = runs.covers.of(ISSUER)
    ltv = listed(issuer.ltv)
    dscr = listed(issuer.dscr)
    found = []
    for x, loan in enumerate(runs.pool.loans):
        capacity = {row.category: row.by_loan[x] for row in runs.capacity}
        found.append(
            LoanFigures(
                id=loan.id,
                balance=loan.balance,
                share=loan.balance / runs.total,
                group=place[x],
                maturity_month=int(runs.loans.loans["term"][x]),
                reported=None
                if loan.reported is None
                else ReportedFigures(
                    dscr=loan.reported.dscr,
                    ltv=loan.reported.ltv,
                    dscr_difference=difference(dscr[x], loan.reported.dscr),
                    ltv_difference=difference(ltv[x], loan.reported.ltv),
                ),
                cases=[case[x] for case in cases],
                capacity=capacity,
                credit_enhancement={
                    name: 1.0 - lent / loan.balance if loan.balance > 0.0 else 0.0
                    for name, lent in capacity.items()
                },
                one_year_pd=runs.concentration.pd[x],
                outcome=outcomes[x],
            )
        )
    return found


def difference(computed: float | None, reported: float | None) -> float | None:
    """Computed less reported, where there are both."""
    return None if computed is None or reported is None else computed - reported


def _loan_cases(runs: PoolRuns, name: str) -> list[LoanCase]:
    cover = runs.covers.of(name)
    columns = {
        "noi": cover.noi,
        "ncf": cover.ncf,
        "value": cover.value,
        "service": cover.service,
        "dscr": cover.dscr,
        "dscr_noi": ratio(cover.share * cover.noi, cover.service),
        "dscr_interest_only": ratio(cover.own_ncf, cover.interest),
        "dscr_amortising": ratio(cover.own_ncf, cover.amortising),
        "ltv": cover.ltv,
        "debt_yield": cover.debt_yield,
        "all_in_ltv": cover.all_in_ltv,
        "all_in_dscr": cover.all_in_dscr,
    }
    table = [listed(column) for column in columns.values()]
    return [LoanCase(case=name, **dict(zip(columns, row, strict=True))) for row in zip(*table, strict=True)]


def _outcomes(found: PoolCashFlow) -> list[LoanOutcome]:
    rows = {name: found.of_loans(name).tolist() for name in records.POOL_OUTCOME}
    made = []
    for x in range(len(rows["loss"])):
        defaulted, prepaid, repaid = rows["defaulted"][x], rows["prepaid"][x], rows["repaid"][x]
        open_ = rows["unresolved"][x]
        masses = {
            "repaid": repaid,
            "prepaid": prepaid,
            "defaulted": defaulted - open_,
            "unresolved": open_ + rows["left"][x],
        }
        month = int(rows["last_month"][x])
        made.append(
            LoanOutcome(
                status=max(masses, key=lambda name: masses[name]),  # type: ignore[arg-type]
                month=month if month >= 0 else None,
                defaulted=defaulted,
                prepaid=prepaid,
                repaid=repaid,
                loss=rows["loss"][x],
                extended=rows["extended"][x] > 0.0,
            )
        )
    return made
