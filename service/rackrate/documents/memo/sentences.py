"""What the committee should know, in sentences: each from figures, a clause without its figure left out."""

from collections.abc import Iterator

from msgspec import UNSET

from rackrate.deal.answers.figures import BreakEven
from rackrate.deal.answers.runs import ArdEvent
from rackrate.deal.answers.sizing import TestOutcome
from rackrate.documents.layout.blocks import Point
from rackrate.documents.memo.given import Financed, Given, binding, case_words, figure, next_test, test_words
from rackrate.documents.wording import day, listed, name, number, percent, times, years

EASED = 0.05  # of a limit
TRIGGERS = {"trap": "trips the cash trap", "amortise": "starts early amortisation", "pik": "defers interest"}
YEAR = 12


def known(given: Given) -> list[Point]:
    """What the committee should know of a deal."""
    return points(given, _concentration(given))


def points(given: Financed, concentration: str) -> list[Point]:
    """What binds, what would add, what breaks first, how it is repaid, concentration, the two covers."""
    found = {
        "What binds.": _binds(given),
        "What would add.": _would_add(given),
        "What breaks first.": _breaks(given),
        "How it is repaid.": _repaid(given),
        "Concentration.": concentration,
        "Two covers.": _covers(given),
    }
    return [Point(lead, text) for lead, text in found.items() if text]


def limit(test: TestOutcome) -> str:
    """A test and its limit."""
    return f"{test_words(test)} of {figure(test, test.limit)}"


def lower(text: str) -> str:
    """Begin a text within a sentence."""
    return text[:1].lower() + text[1:]


def _binds(given: Financed) -> str:
    summary, test, following = given.underwriting.summary, binding(given), next_test(given)
    principal = given.money(summary.principal)
    if summary.binding_test == "classes" and summary.issued is not None:
        short = given.money(summary.principal - summary.issued)
        told = f"The classes' own limits stop {short} short of the {principal} that the loan's tests allow"
        return f"{told}; of those {lower(limit(test))} is the tightest." if test else f"{told}."
    if test is None:
        return f"The debt's own terms size it at {principal}."
    told = f"{limit(test)} sizes the debt at {principal}."
    if following is None or following.slack is None:
        return told
    share = percent(following.slack / summary.principal) if summary.principal else ""
    above = f"stands {given.money(following.slack)} above, {share} of the debt"
    return f"{told} The next limit, {lower(limit(following))}, {above}."


def _would_add(given: Financed) -> str:
    """What easing the binding limit by a twentieth would allow, by its shadow price."""
    test, following = binding(given), next_test(given)
    if test is None or not test.shadow_price or given.underwriting.summary.binding_test == "classes":
        return ""
    eased = test.limit * (1 + EASED if test.shadow_price > 0 else 1 - EASED)
    gain = abs(test.shadow_price) * test.limit * EASED
    told = f"Easing that limit by one twentieth, to {figure(test, eased)}, would by its shadow price allow "
    told += f"{given.money(gain)} more"
    if following is not None and following.slack is not None and following.slack < gain:
        return f"{told}, but the next limit stops it after {given.money(following.slack)}."
    return f"{told}."


def _breaks(given: Financed) -> str:
    """The least cut that trips anything, the one at which cover is 1.00x, the one at which a class loses."""
    found = [each for each in given.underwriting.break_evens if each.measure == "ncf_haircut"]
    if not found:
        return ""
    ordered = sorted(found, key=_cut)
    covered = next((each for each in ordered if each.target.dscr_minimum is not UNSET), None)
    losing = next((each for each in ordered if each.target.first_loss is not UNSET), None)
    chosen = {id(each): each for each in (ordered[0], covered, losing) if each is not None}
    told = [f"{_event(each)} {_at(each)}" for each in sorted(chosen.values(), key=_cut)]
    return f"A lasting cut of net cash flow {listed(told)}."


def _cut(each: BreakEven) -> float:
    return -1.0 if each.value is None else each.value


def _event(each: BreakEven) -> str:
    target = each.target
    if target.trigger is not UNSET:
        return TRIGGERS[target.trigger]
    if target.first_loss is not UNSET:
        return f"costs class {name(target.first_loss)} its first loss"
    level = None if target.dscr_minimum is UNSET else target.dscr_minimum
    return f"brings the least year's cover to {times(level)}"


def _at(each: BreakEven) -> str:
    if each.status == "at_once":
        return "at once, without any"
    return "never" if each.status == "never" else f"at {percent(each.value, 1)}"


def _repaid(given: Financed) -> str:
    run, structure = given.underwriting.waterfall, given.deal.structure
    if run is None or structure is None:
        sized = given.underwriting.sizing
        share = percent(1 - sized.balloon / sized.principal, 1) if sized.principal else ""
        rest = f"; the balloon is {given.money(sized.balloon)}" if sized.balloon > 0 else ""
        return f"{share} of the loan is repaid before {day(given.when(given.deal.debt.term_months))}{rest}."
    if run.ard is None:
        lost = sum(note.principal_loss for note in run.classes)
        cash = "cash flow and sale" if run.sale else "cash flow"
        told = f"In {case_words(given.paid_case)} the debt is repaid from {cash}"
        told += f" by {day(given.when(given.final))}"
        return f"{told}, but for {given.money(lost)}." if lost else f"{told}, in full."
    return " ".join(_ard(given, run.ard))


def _ard(given: Financed, ard: ArdEvent) -> Iterator[str]:
    """What happens at the anticipated repayment date, and what if it is refused."""
    share = percent(ard.balance / given.debt, 1) if given.debt else ""
    when, case = day(given.when(ard.month)), case_words(given.paid_case)
    balance = given.money(ard.balance)
    if ard.refinanced:
        yield f"In {case} the refinance test holds on {when} for the {balance} then outstanding:"
        yield f"{share} of the debt rests on that take-out."
    else:
        run = given.underwriting.waterfall
        lost = sum(note.principal_loss for note in run.classes) if run else 0.0
        rest = f"and {given.money(lost)} is lost" if lost else "and nothing is lost"
        yield f"In {case} the take-out fails on {when} with {balance} outstanding, {share} of the debt;"
        yield f"cash flow and sale repay it by {day(given.when(given.final))}, {rest}."
    ends = [note for note in given.underwriting.tranches if note.wal_to_final is not None]
    if ends and ard.refinanced:
        told = [
            f"class {name(note.name)} is repaid in {years(note.wal_to_final)} years"
            for note in ends[:: max(len(ends) - 1, 1)]
        ]
        yield f"Refused, {listed(told[:1] if len(ends) == 1 else told)} on average."


def _concentration(given: Given) -> str:
    credit, summary = given.underwriting.credit, given.underwriting.summary
    if not credit.tenants or summary.effective_tenants is None:
        return ""
    largest = max(credit.tenants, key=lambda tenant: tenant.share)
    who = next(tenant for tenant in given.deal.tenants if tenant.id == largest.id)
    rating = f" ({who.rating})" if who.rating else ""
    told = (
        f"{number(summary.effective_tenants, 1)} effective tenants: {name(who.name or who.id)}{rating} pays "
    )
    told += f"{percent(largest.share, 1)} of contract rent"
    if summary.walt_years is None:
        return f"{told}."
    beyond = summary.walt_years - given.ard / YEAR
    word = "beyond" if beyond >= 0 else "short of"
    end = "the anticipated repayment" if given.deal.structure else "maturity"
    return (
        f"{told}; leases run {years(summary.walt_years)} years on average, {years(abs(beyond))} {word} {end}."
    )


def _covers(given: Financed) -> str:
    """Tell apart the cover that sizes the loan and the one that the waterfall tests."""
    summary, run = given.underwriting.summary, given.underwriting.waterfall
    if run is None or summary.dscr.closing is None:
        return ""
    first = next((cover for cover in run.dscr_actual if cover is not None), None)
    if first is None:
        return ""
    sizing = (
        f"{times(summary.dscr.closing)} is {case_words(given.deal.sizing.case)} at the loan's sizing rate"
    )
    paid = (
        f"on the classes' own coupons {case_words(given.paid_case)} covers {times(first)} when first tested"
    )
    return f"{sizing}; {paid}."
