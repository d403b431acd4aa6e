"""Warnings about a pool, each with its JSON pointer."""

from collections.abc import Iterator

from rackrate.deal.answers.pool import PoolCaution, PoolTestOutcome
from rackrate.deal.answers.pools.certificates import RetentionFigures
from rackrate.deal.cases import ISSUER
from rackrate.deal.pools.loans import Stated
from rackrate.engine.certificates.runs import PoolRuns
from rackrate.engine.facility.cases import adjusted
from rackrate.engine.pool.loans import ARREARS

REPORTED_APART = 0.02
TOP_LOAN = 0.15
FEW_GROUPS = 5.0
ON_STATED = {"ncf_haircut", "cap_rate", "rate_add", "tenant_defaults"}


def cautions(
    runs: PoolRuns, tests: list[PoolTestOutcome], kept: RetentionFigures | None
) -> list[PoolCaution]:
    """Every warning: of the loans, of the tests and the pool, of the certificates."""
    return [*_of_cases(runs), *_of_loans(runs), *_of_tests(tests), *_of_pool(runs), *_of_classes(runs, kept)]


def _of_cases(runs: PoolRuns) -> Iterator[PoolCaution]:
    if not any(isinstance(loan.security, Stated) for loan in runs.pool.loans):
        return
    for i, case in enumerate(runs.pool.cases):
        moved = set(adjusted(case))
        if moved and not moved & ON_STATED:
            message = f"{case.name}: its adjustments cannot act on property known by its totals"
            yield PoolCaution(code="case_without_effect", message=message, pointer=f"/cases/{i}")


def _of_loans(runs: PoolRuns) -> Iterator[PoolCaution]:
    cover = runs.covers.of(ISSUER)
    run = runs.run(runs.reported)
    terms, final = run.inputs.terms, runs.clock.months
    behind = cover.all_in_ltv.tolist()
    flags = {
        name: run.collateral.of_loans(name).tolist()
        for name in ("extended", "negative_recovery", "advances_stopped")
    }
    for x, loan in enumerate(runs.pool.loans):
        at = f"/loans/{x}"
        if loan.status.arrears_months:
            state = ", in default at closing" if loan.status.arrears_months >= ARREARS else ""
            yield PoolCaution(
                code="in_arrears",
                message=f"loan {loan.id}: {loan.status.arrears_months} payments missed{state}",
                pointer=f"{at}/status",
            )
        if flags["extended"][x] > 0.0:
            yield PoolCaution(
                code="extends",
                message=f"loan {loan.id} does not refinance at maturity",
                pointer=f"{at}/maturity",
            )
        end = int(runs.loans.loans["term"][x]) + terms.extension_months + terms.recovery_months
        if runs.structure is not None and terms.test_maturity and end > final:
            message = f"loan {loan.id}: extension and recovery end in month {end}, legal final is {final}"
            yield PoolCaution(
                code="matures_after_final_less_extension", message=message, pointer=f"{at}/maturity"
            )
        share = loan.balance / runs.total
        if share > TOP_LOAN:
            yield PoolCaution(code="top_loan_above_15_percent", message=f"share {share:.3f}", pointer=at)
        if behind[x] > 1.0:
            yield PoolCaution(
                code="pari_passu_all_in_above_1", message=f"all-in LTV {behind[x]:.3f}", pointer=at
            )
        if flags["negative_recovery"][x] > 0.0:
            yield PoolCaution(
                code="negative_recovery",
                message=f"loan {loan.id}: a sale does not repay the servicer",
                pointer=at,
            )
        if flags["advances_stopped"][x] > 0.0:
            yield PoolCaution(
                code="advances_stopped",
                message=f"loan {loan.id}: advances are no longer recoverable",
                pointer=at,
            )
        yield from _reported(runs, x, at)
        yield from _implausible(runs, x, at)


def _reported(runs: PoolRuns, x: int, at: str) -> Iterator[PoolCaution]:
    reported, cover = runs.pool.loans[x].reported, runs.covers.of(ISSUER)
    for name, computed in (("dscr", float(cover.dscr[x])), ("ltv", float(cover.ltv[x]))):
        said = getattr(reported, name, None)
        if said is not None and abs(computed - said) > REPORTED_APART:
            message = f"{name} {computed:.4f} is computed, {said:.4f} reported"
            yield PoolCaution(code="reported_differs", message=message, pointer=f"{at}/reported/{name}")


def _implausible(runs: PoolRuns, x: int, at: str) -> Iterator[PoolCaution]:
    cover, plausible = runs.covers.of(ISSUER), runs.defaults.plausible
    figures = {
        "loan_rate": (float(runs.reported_rate[x]), plausible.loan_rate),
        "ltv": (float(cover.ltv[x]), plausible.ltv),
        "dscr": (float(cover.dscr[x]), plausible.dscr),
        "debt_yield": (float(cover.debt_yield[x]), plausible.debt_yield),
    }
    for name, (figure, (low, high)) in figures.items():
        if figure < low or figure > high:
            message = f"{name} {figure:g} outside {low:g} to {high:g}"
            yield PoolCaution(code="implausible", message=message, pointer=at)


def _of_tests(tests: list[PoolTestOutcome]) -> Iterator[PoolCaution]:
    for i, test in enumerate(tests):
        if not test.passes:
            actual = "nothing" if test.actual is None else f"{test.actual:g}"
            yield PoolCaution(
                code="pool_test_failed",
                message=f"{test.name} {actual} against {test.limit:g}",
                pointer=f"/tests/{i}",
            )


def _of_pool(runs: PoolRuns) -> Iterator[PoolCaution]:
    effective = runs.concentration.effective_groups
    if effective < FEW_GROUPS:
        yield PoolCaution(
            code="few_effective_groups", message=f"effective groups {effective:.2f}", pointer="/loans"
        )
    left = float(runs.run(runs.reported).collateral.stated[-1])
    if left > 1e-6:
        pointer = "" if runs.structure is None else "/structure/legal_final_months"
        yield PoolCaution(
            code="unresolved_at_final",
            message=f"{left:.2f} is still stated after the last month",
            pointer=pointer,
        )


def _of_classes(runs: PoolRuns, kept: RetentionFigures | None) -> Iterator[PoolCaution]:
    if kept is not None and not kept.passes:
        message = f"{kept.retained_share:.4f} is retained"
        yield PoolCaution(code="retention_fails", message=message, pointer="/structure/retention")
    if runs.structure is None:
        return
    ranks = [row.category for row in runs.capacity]
    cumulative, worst = 0.0, -1
    for k, note in enumerate(runs.structure.classes):
        if note.io is not None:
            continue
        cumulative += runs.sizes.principal[k]
        reached = [i for i, row in enumerate(runs.capacity) if cumulative <= row.principal * (1.0 + 1e-12)]
        own = reached[0] if reached else len(ranks)
        if own < worst:
            message = f"class {note.name} supports {ranks[own]}, better than a class before it"
            yield PoolCaution(code="classes_out_of_order", message=message, pointer=f"/structure/classes/{k}")
        worst = max(worst, own)
