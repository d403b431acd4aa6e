"""Sheet of a waterfall: cash of each period through the priority of payments, in the order it is run."""

from rackrate.deal.structure import Step
from rackrate.documents.workbook.facility.time_sheet import OF_COUNT
from rackrate.documents.workbook.model import ENDLESS
from rackrate.documents.workbook.structure.waterfall_run import Run, flag, numbers

FLAGS = ("trap", "amortise", "pik")
WHY_SHARES = (
    "Value of the service: the share of the class left after each payment on its own schedule"
    " (docs/methodology.md, classes). It moves with the schedule and the principal: a new run."
)


def write_shared(run: Run) -> None:
    """Write what every run reads: interest per 1, accrual and schedule of each class by period."""
    sheet, step, k = run.sheet, run.step, run.case
    sheet.heading("Terms by period")
    sheet.row("w.m", "payment of the run", "{m}+1", style="count")
    for j in run.classes:
        note = run.coupons.note(j - 1)
        rows = run.coupons.of(j - 1, k)
        accrual = OF_COUNT[note.day_count]
        own = run.terms.notes[j - 1].own_schedule
        if step == 1:
            rate, years = f"{{{rows}.rate}}", f"{{{accrual}}}"
        else:
            rate = f"INDEX({{{rows}.rate@[:]}},{{m}}*{step}+1)"
            years = (
                f"SUMPRODUCT(({{t.m@[:]}}>={{m}}*{step})*({{t.m@[:]}}<({{m}}+1)*{step})*{{{accrual}@[:]}})"
            )
        sheet.row(f"w.rate{j}", f"{note.name}: coupon", rate, style="rate")
        sheet.row(f"w.years{j}", f"{note.name}: accrual", years, style="factor")
        if own:
            share = run.terms.schedule[j - 1].tolist()
            sheet.known(f"w.share{j}", f"{note.name}: left of 1", share, style="factor", note=WHY_SHARES)
            run.model.book.rows[f"w.share{j}"].values[0] = 1.0
        else:
            term, left = run.model.term, f"s{run.model.number(None)}.b"
            index = f"INDEX({{{left}@[:]}},MIN(({{m}}+1)*{step},{term}))"
            sheet.row(
                f"w.share{j}", f"{note.name}: left of 1 by schedule", index, style="factor", opening=1.0
            )
    sheet.run()


def write_opening(run: Run) -> None:
    """Opening balances, LTV tests, then the flags, on last period's data."""
    run.sheet.heading("Opening")
    for j in run.classes:
        run.row(f"open{j}", f"{run.name(j)}: opening balance", run.at(f"balance{j}", "@-1"))
    run.row("debt", "opening debt", run.all("open"))
    run.row("owing", "anything owed", f"IF({run.at('debt')}>0,1,0)", "flag")
    watched = [j for j in run.classes if run.coupons.note(j - 1).ltv_trigger is not None]
    if watched:
        run.row("value", "value that LTV is tested on", f"IF({{m}}=0,{ENDLESS},{_value(run)})")
    for j in watched:
        through = "+".join(run.at(f"open{n}") for n in range(1, j + 1))
        above = f"{through}>{{in_class{j}_ltv_trigger}}*{run.at('value')}"
        run.row(f"ltv{j}", f"{run.name(j)}: LTV trigger", f"IF({{m}}=0,0,IF({above},1,0))", "flag")
    for name in FLAGS:
        if getattr(run.structure.triggers, f"{name}_below") is not None:
            _flag(run, name)


def _flag(run: Run, name: str) -> None:
    tested, before = run.at("tested", "@-1"), run.at(f"{name}_on", "@-1")
    level, cures = f"{{in_{name}_below}}", run.at(f"{name}_cures", "@-1")
    low = run.row(
        f"{name}_low",
        f"{name}: below its level",
        f"IF(ISNUMBER({tested}),IF({tested}<{level},1,0),0)",
        "flag",
    )
    high = f"IF(ISNUMBER({tested}),1-{low},0)"
    held = run.row(
        f"{name}_cures",
        f"{name}: tests held since",
        f"({cures}+{high})*{before}*(1-{low})",
        "count",
        opening=0.0,
    )
    on = f"MAX({low},{before}*IF({held}>={{in_cure}},0,1))*{run.at('owing')}"
    run.row(f"{name}_on", f"{name}: on", on, "flag", opening=0.0)


def _value(run: Run) -> str:
    """Formula of the value at the start of last period in the case that is paid."""
    k, model = run.case, run.model
    basis, at, cut = model.source.priced.bases[run.structure.case], f"({{m}}-1)*{run.step}", run.haircut
    if basis.kind == "appraisal":
        parts = [
            f"IF({model.ends(f)}>{at},{{in_f{f + 1}_appraised_value}},0)" for f in range(model.facilities)
        ]
        return f"({'+'.join(parts)})" + (f"*(1-{cut})" if cut else "")
    month, cap = "{t.m@[:]}", model.cap_rate(k)

    def capitalised(first: str, factor: str) -> str:
        parts = []
        for f in range(model.facilities):
            flow = f"{{cf{k}.f{f + 1}.ncf@[:]}}"
            net = f"({flow}-{cut}*{flow}*({flow}>0))" if cut else flow
            years = f"MIN(MAX(0,{model.ends(f)}-({first})),12000)/12"
            year = f"({month}>={first})*({month}<{first}+12)"
            parts.append(f"SUMPRODUCT({year}*{net})*(1-(1+{cap})^(-{years}))/{cap}")
        return f"({'+'.join(parts)}){factor}"

    if basis.kind == "cap_rate":
        return f"IF({{m}}=1,{model.value(k, cut)},MAX(0,{capitalised(at, '')}))"
    rate = model.discount_rate(k)
    flow = f"({{cf{k}.ncf@[:]}}-{cut}*{{cf{k}.positive@[:]}})" if cut else f"{{cf{k}.ncf@[:]}}"
    inside = f"({month}>={at})*({month}<{at}+{basis.months})"
    months = f"SUMPRODUCT({inside}*{flow}*(1+{rate})^(-({month}-{at}+1)/12))"
    terminal = capitalised(f"{at}+{basis.months}", f"*(1+{rate})^(-{basis.months}/12)")
    return f"MAX(0,{months}+MAX(0,{terminal}))"


def write_cash(run: Run) -> None:
    """Cash at the top: negative cash is made good, then what the accounts need not hold is released."""
    run.sheet.heading("Cash")
    k = run.case
    before = f"IF({{m}}=0,0,{run.at('gone', '@-1')})"
    for name, label in (("available", "available"), ("ncf", "ncf")):
        flow = _by_period(run, f"cf{k}.{name}")
        if run.haircut:
            flow = f"({flow}-{run.haircut}*{_by_period(run, f'cf{k}.positive')})"
        run.row(name, label, f"(1-{before})*{flow}" if name == "available" else flow)
    top = run.row("top", "with what was carried", f"{run.at('available')}+{run.at('carried', '@-1')}")
    reserve, trap = run.at("reserve", "@-1"), run.at("trap", "@-1")
    first = run.row("made1", "made good from reserve", f"MIN(MAX(0,-{top}),{reserve})")
    second = run.row("made2", "made good from trap", f"MIN(MAX(0,-{top}-{first}),{trap})")
    whole = f"{top}+{first}+{second}"
    run.row("carried", "carried below zero", f"MIN(0,{whole})", opening=0.0)
    left = f"({reserve}-{first})"
    excess = run.row("excess", "reserve above its target", f"{left}-MIN({run.at('target', '@-1')},{left})")
    freed = run.row("freed", "trap released on cure", f"(1-{flag(run, 'trap')})*({trap}-{second})")
    run.cash = run.row("cash", "cash to pay with", f"MAX(0,{whole})+{excess}+{freed}")
    run.reserve = run.row("reserve_top", "reserve", f"{left}-{excess}")
    run.trap = run.row("trap_top", "trap", f"{trap}-{second}-{freed}")


def _by_period(run: Run, row: str) -> str:
    if run.step == 1:
        return f"{{{row}}}"
    inside = f"({{t.m@[:]}}>={{m}}*{run.step})*({{t.m@[:]}}<({{m}}+1)*{run.step})"
    return f"SUMPRODUCT({inside}*{{{row}@[:]}})"


def write_dues(run: Run) -> None:
    """Fees, the reserve's target, interest, deferral, and additional interest after a failed ARD."""
    run.sheet.heading("What falls due")
    _fees(run)
    target = "+".join(f"{run.at(f'open{j}')}*{run.shared(f'rate{j}')}" for j in run.classes)
    opening = "+".join(f"{{class{j}.drawn}}*{{w.rate{j}@[0]}}" for j in run.classes)
    run.row(
        "target",
        "reserve: target",
        f"{{in_liquidity}}*({target})/12",
        opening=f"{{in_liquidity}}*({opening})/12",
    )
    ard = f"{{in_ard}}/{run.step}"
    turbo = run.row("turbo", "after the ARD", f"{run.at('owing')}*IF({{m}}>={ard},1,0)", "flag")
    run.row("amortising", "amortising", f"MAX({flag(run, 'amortise')},{turbo})", "flag")
    for j in run.classes:
        name, r = run.name(j), f"({run.shared(f'rate{j}')}*{run.shared(f'years{j}')})"
        opened, unpaid = run.at(f"open{j}"), run.at(f"unpaid{j}", "@-1")
        due = run.row(f"due{j}", f"{name}: interest due", f"{opened}*{r}+{unpaid}+{unpaid}*{r}")
        deferred = f"{flag(run, 'pik')}*{due}" if run.coupons.note(j - 1).deferrable else "0"
        added = run.row(f"capitalised{j}", f"{name}: interest deferred", deferred)
        run.row(f"interest_due{j}", f"{name}: interest to be paid", f"{due}-{added}")
        run.row(f"principal_due{j}", f"{name}: balance", f"{opened}+{added}")
        run.row(
            f"so_far{j}", f"{name}: deferred so far", f"{run.at(f'so_far{j}', '@-1')}+{added}", opening=0.0
        )
        extra = f"{turbo}*{opened}*{{in_additional}}*{run.shared(f'years{j}')}"
        run.row(
            f"additional_due{j}", f"{name}: additional interest", f"{run.at(f'additional{j}', '@-1')}+{extra}"
        )


def _fees(run: Run) -> None:
    years, owing, debt = f"{run.step}/12", run.at("owing"), run.at("debt")
    within, above = [run.at("fees_owed", "@-1")], [run.at("uncapped_owed", "@-1")]
    for n, fee in enumerate(run.structure.fees):
        due = run.row(
            f"fee{n + 1}",
            f"fee: {fee.name}",
            f"{owing}*({{in_fee{n + 1}_annual}}+{{in_fee{n + 1}_rate}}*{debt})*{years}",
        )
        if not fee.senior:
            above.append(due)
        elif fee.cap_annual is None:
            within.append(due)
        else:
            cap = f"MIN({due},{{in_fee{n + 1}_cap}}*{years})"
            within.append(cap)
            above.append(f"({due}-{cap})")
    for j in run.classes:
        if run.coupons.note(j - 1).vfn is not None:
            undrawn = f"({{class{j}.issued}}-{{class{j}.drawn}})"
            fee_due = f"{owing}*{{in_class{j}_commitment_fee}}*{undrawn}*{run.shared(f'years{j}')}"
            within.append(run.row(f"commitment{j}", f"{run.name(j)}: commitment fee", fee_due))
    run.row("fees_due1", "fees ahead of interest", "+".join(within))
    run.row("uncapped_due1", "fees behind principal", "+".join(above))


def write_cover(run: Run) -> None:
    """Both covers of the period; the next period's triggers test one of them."""
    run.sheet.heading("Cover")
    service = [
        f"{run.at(f'open{j}')}*({run.shared(f'rate{j}')}*{run.shared(f'years{j}')})" for j in run.classes
    ]
    within = f"IF({{m}}<{run.terms.term},1,0)"
    planned = [step for step in run.priority if step.kind == "scheduled_principal"]
    service += [f"{within}*({_scheduled(run, step)})" for step in planned]
    run.row("service", "service", "+".join(service))
    window, span = (3, "-2:0") if run.step == 1 else (1, "0:0")
    known = f"AND({run.at('owing')}=1,{{m}}>={window - 1},SUM({run.at('service', '@' + span)})>0)"
    ratio = f"SUM({run.at('ncf', '@' + span)})/SUM({run.at('service', '@' + span)})"
    run.row("dscr_actual", "dscr on actual service", f'IF({known},{ratio},"")', "cover")
    tested = "dscr_actual"
    if run.structure.triggers.constant is not None:
        run.row("assumed", "assumed service", f"{run.at('debt')}*{{in_constant}}*{run.step}/12")
        known = known.replace(".service@", ".assumed@")
        ratio = ratio.replace(".service@", ".assumed@")
        run.row("dscr_assumed", "dscr on assumed amortisation", f'IF({known},{ratio},"")', "cover")
    if run.structure.triggers.service == "assumed_amortisation":
        tested = "dscr_assumed"
    run.row("tested", "cover tested next", f"{run.at(tested)}", "cover")
    for name in FLAGS if run.key == "w" else ():
        if getattr(run.structure.triggers, f"{name}_below") is not None:
            run.row(f"{name}_level", f"{name}: level", f"{{in_{name}_below}}", "cover")


def _scheduled(run: Run, step: Step) -> str:
    """Scheduled principal of a step's classes as planned, what was paid before left aside."""
    members = numbers(run, step)
    alone = [j for j in members if run.terms.notes[j - 1].own_schedule]
    together = [j for j in members if j not in alone]

    def planned(j: int) -> str:
        share = run.shared(f"share{j}")
        return f"{{class{j}.drawn}}*({share.replace('}', '@-1}')}-{share})"

    parts = []
    if together:
        repaid, owed = "+".join(map(planned, together)), "+".join(run.at(f"open{j}") for j in together)
        parts.append(f"MIN(MAX(0,{repaid}),{owed})")
    parts += [f"MIN(MAX(0,{planned(j)}),{run.at(f'open{j}')})" for j in alone]
    return "+".join(parts) or "0"
