"""Rows of the steps of the priority of payments, each from what the step before has left."""

from collections.abc import Sequence

from rackrate.deal.structure import Step
from rackrate.documents.workbook.structure.waterfall_run import Run, flag, numbers

LAST_CENT = "1E-12"
FEES = {"fees": ("fees_due1", "fees"), "uncapped_fees": ("uncapped_due1", "uncapped")}


def write_steps(run: Run) -> None:
    """Write every step in its order; what the last leaves goes to equity."""
    for n, step in enumerate(run.priority):
        run.steps = n + 1
        run.sheet.heading(f"Step {n + 1}: {step.kind.replace('_', ' ')}")
        _step(run, step)
    run.paid.setdefault("equity", []).append(run.cash)


def _condition(run: Run, step: Step) -> str:
    return {
        "always": "1",
        "amortising": run.at("amortising"),
        "trapping": flag(run, "trap"),
        "not_pik": f"(1-{flag(run, 'pik')})",
    }[step.when]


def _step(run: Run, step: Step) -> None:
    on = _condition(run, step)
    match step.kind:
        case "fees" | "uncapped_fees":
            due, account = FEES[step.kind]
            left = "".join(f"-{ref}" for ref in run.paid.get(account, []))
            _pay(
                run,
                [(account, step.kind.replace("_", " "), _when(on, f"({run.at(due)}{left})"))],
                draws=step.kind == "fees",
            )
        case "interest":
            rows = [
                (f"interest{j}", run.name(j), _when(on, run.now("interest", j))) for j in numbers(run, step)
            ]
            _pay(run, rows, draws=True, pro_rata=step.order == "pro_rata")
        case "additional_interest":
            rows = [
                (f"additional{j}", run.name(j), _when(on, run.now("additional", j)))
                for j in numbers(run, step)
            ]
            _pay(run, rows, pro_rata=step.order == "pro_rata")
        case "reserve":
            _pay(run, [("reserve", "reserve", _when(on, f"MAX(0,{run.at('target')}-{run.reserve})"))])
            run.reserve = f"({run.reserve}+{run.paid['reserve'][-1]})"
        case "scheduled_principal":
            _scheduled(run, step, on)
        case "principal":
            _sweep(run, step, on)
        case "trap":
            owed = "+".join(f"{run.now('interest', j)}+{run.now('principal', j)}" for j in run.classes)
            amount = run.row(f"s{run.steps}.trap", "to the trap", f"{on}*IF({owed}>0,1,0)*{run.cash}")
            run.cash = run.row(f"s{run.steps}.cash", "left", f"{run.cash}-{amount}")
            run.trap = run.row(f"s{run.steps}.trapped", "trap", f"{run.trap}+{amount}")
        case "equity":
            amount = run.row(f"s{run.steps}.equity", "to equity", _when(on, run.cash))
            run.paid.setdefault("equity", []).append(amount)
            run.cash = run.row(f"s{run.steps}.cash", "left", f"{run.cash}-{amount}")


def _when(on: str, amount: str) -> str:
    return amount if on == "1" else f"{on}*{amount}"


def _pay(
    run: Run, rows: Sequence[tuple[str, str, str]], *, draws: bool = False, pro_rata: bool = False
) -> None:
    """Pay amounts due in sequence, or in proportion; reserve, then trap, help where they may.

    ``rows`` are the account paid, its label, and the formula of what is due.
    """
    if pro_rata and len(rows) > 1:
        _pay_in_proportion(run, rows, draws=draws)
        return
    for account, label, amount in rows:
        key = f"s{run.steps}.{account}"
        due = run.row(f"{key}.due", f"{label}: due", amount)
        short = f"MAX(0,{due}-{run.cash})"
        if draws:
            short = _drawn(run, key, label, due)
        paid = run.row(f"{key}.paid", f"{label}: paid", f"{due}-{short}")
        run.cash = run.row(f"{key}.cash", f"{label}: left", f"MAX({due},{run.cash})-{short}-{paid}")
        run.paid.setdefault(account, []).append(paid)


def _drawn(run: Run, key: str, label: str, due: str) -> str:
    """Draw what cash lacks from reserve, then trap; what is short after that."""
    missing = f"MAX(0,{due}-{run.cash})"
    first = run.row(f"{key}.reserve", f"{label}: from reserve", f"MIN({missing},{run.reserve})")
    second = run.row(f"{key}.trap", f"{label}: from trap", f"MIN({missing}-{first},{run.trap})")
    run.reserve, run.trap = f"({run.reserve}-{first})", f"({run.trap}-{second})"
    return run.row(f"{key}.short", f"{label}: short", f"{missing}-{first}-{second}")


def _pay_in_proportion(run: Run, rows: Sequence[tuple[str, str, str]], *, draws: bool) -> None:
    key = f"s{run.steps}.all"
    dues = [
        run.row(f"s{run.steps}.{account}.due", f"{label}: due", amount) for account, label, amount in rows
    ]
    due = run.row(f"{key}.due", "all: due", "+".join(dues))
    short = _drawn(run, key, "all", due) if draws else f"MAX(0,{due}-{run.cash})"
    funded = run.row(f"{key}.paid", "all: paid", f"{due}-{short}")
    for (account, label, _), own in zip(rows, dues, strict=True):
        share = f"IF({due}>0,{own}*({funded}/{due}),0)"
        run.paid.setdefault(account, []).append(
            run.row(f"s{run.steps}.{account}.paid", f"{label}: paid", share)
        )
    run.cash = run.row(f"{key}.cash", "all: left", f"MAX({due},{run.cash})-{short}-{funded}")


def _scheduled(run: Run, step: Step, on: str) -> None:
    """Scheduled principal: outstanding less the share that should be left and interest deferred so far."""
    members = numbers(run, step)
    alone = [j for j in members if run.terms.notes[j - 1].own_schedule]
    together = [j for j in members if j not in alone]
    within = f"{on}*IF({{m}}<{run.terms.term},1,0)"

    def goal(j: int) -> str:
        return f"({{class{j}.drawn}}*{run.shared(f'share{j}')}+{run.at(f'so_far{j}')})"

    key = f"s{run.steps}"
    left, issued = "0", "0"
    if together:
        owed = "+".join(run.now("principal", j) for j in together)
        goals = "-".join(goal(j) for j in together)
        left = run.row(f"{key}.left0", "due together", f"MAX(0,{owed}-{goals})")
        issued = "+".join(f"{{class{j}.drawn}}" for j in together)
    rows = []
    pro_rata = step.order == "pro_rata"
    whole = "+".join(f"MAX(0,{run.now('principal', j)}-{goal(j)})" for j in together)
    for j in members:
        balance = run.now("principal", j)
        own = f"MAX(0,{balance}-{goal(j)})"
        if pro_rata:
            amount = own if j in alone else f"IF({whole}>0,{own}*({left}/({whole})),0)"
        elif j in alone:
            amount = _to_the_last_cent(balance, own, f"{{class{j}.drawn}}")
        else:
            amount = _to_the_last_cent(balance, left, f"({issued})")
        wanted = run.row(f"{key}.wanted{j}", f"{run.name(j)}: by schedule", amount)
        if j not in alone and not pro_rata:
            left = run.row(f"{key}.left{j}", "left for those behind", f"MAX(0,{left}-{wanted})")
        rows.append((f"principal{j}", run.name(j), f"{within}*{wanted}"))
    _pay(run, rows, pro_rata=pro_rata)


def _to_the_last_cent(balance: str, due: str, issued: str) -> str:
    return f"IF({balance}-{due}<={LAST_CENT}*{issued},{balance},{due})"


def _sweep(run: Run, step: Step, on: str) -> None:
    """Principal beyond schedule; while amortising the trap joins the sweep."""
    joins = run.row(f"s{run.steps}.joins", "trap joins", f"{on}*{run.at('amortising')}*{run.trap}")
    run.cash = run.row(f"s{run.steps}.cash", "cash", f"{run.cash}+{joins}")
    run.trap = run.row(f"s{run.steps}.trap", "trap", f"{run.trap}-{joins}")
    rows = []
    for j in numbers(run, step):
        watched = run.coupons.note(j - 1).ltv_trigger is not None and step.when == "amortising"
        share = f"MAX({on},{run.at(f'ltv{j}')})" if watched else on
        rows.append((f"principal{j}", run.name(j), f"{share}*{run.now('principal', j)}"))
    _pay(run, rows, pro_rata=step.order == "pro_rata")
