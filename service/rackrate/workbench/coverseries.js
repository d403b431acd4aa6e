// Series of cash flow, debt service and cover by payment date, of the run or of the sized loan.
import { grouped } from "./charts.js";
import { sum } from "./numbers.js";
import { periodOf } from "./sentences.js";

export const QUARTER = 3;

export const quarters = (period) => Math.max(1, Math.round(QUARTER / period)); // periods of a quarter, or one
export const coverOf = (run, deal) =>
    deal.structure.triggers.service === "assumed_amortisation" ? run.dscr_assumed : run.dscr_actual;

// Series of the run, or of the sized loan where there is no structure, by payment date. `due` is by quarter: the
// service of a month is answered as that of three.
export function seriesOf(answer, deal) {
    const run = answer.waterfall;
    const flow = answer.cash_flow.lines.ncf;
    if (!run) {
        const { schedule } = answer.sizing;
        const service = schedule.interest.map((interest, i) => interest + schedule.principal[i]);
        return {
            date: schedule.date,
            period: 1,
            ncf: flow.slice(0, schedule.date.length),
            service,
            due: grouped(service, QUARTER),
            unpaid: null,
            dscr: schedule.dscr,
            flags: [],
            owed: schedule.balance,
        };
    }
    const period = periodOf(run);
    const size = quarters(period);
    const over = (name) => run.date.map((_, i) => sum(run.classes.map((note) => note[name][i])));
    const unpaid = over("interest_unpaid");
    return {
        date: run.date,
        period,
        ncf: grouped(flow, period).slice(0, run.date.length),
        service: run.service_actual,
        due: run.service_actual.filter((_, i) => i % size === size - 1 || i === run.date.length - 1),
        unpaid: unpaid.some((v) => v > 0.005) ? unpaid : null,
        owed: over("balance"),
        dscr: coverOf(run, deal),
        flags: [
            ["Trap", run.trapping, "trap"],
            ["Sweep", run.amortising, "sweep"],
            ["PIK", run.pik, "pik"],
        ],
        run,
    };
}
export const counted = (flags) => {
    const count = flags.filter(Boolean).length;
    return count ? `${count} of ${flags.length} periods` : "never";
};

// What there is to mark along time: {index, text}, those of one date joined.
export function events(answer, deal, series) {
    const at = (months) => Math.min(series.date.length, Math.ceil(months / series.period)) - 1;
    const found = [];
    const { ard } = answer.waterfall || {};
    const ardAt = ard ? at(ard.month) : -1;
    if (ard) found.push([ardAt, "ARD"]);
    found.push([at(deal.debt.term_months), "maturity"]);
    if (answer.waterfall) found.push([series.date.length - 1, "legal final"]);
    const joined = new Map();
    for (const [index, name] of found) joined.set(index, [...(joined.get(index) || []), name]);
    return [...joined].map(([index, names]) => {
        const words = names.join(", ");
        const outcome = index === ardAt ? (ard.refinanced ? ": refinanced, debt repaid" : ": not refinanced") : "";
        return {
            index,
            text: `${words[0].toUpperCase()}${words.slice(1)}${outcome}`,
            bad: index === ardAt && !ard.refinanced,
        };
    });
}
