// The waterfall: cash flow against debt service with every covenant, where the cash goes, one period's payments.
import { html, useEffect, useMemo, useState } from "./html.js";
import {
    Chart,
    Panel,
    Table,
    downloadCsv,
    grouped,
    levelLines,
    narrow,
    runsOf,
    timeAxis,
    triggerLevels,
    valueAxis,
} from "./charts.js";
import { day, fixed, millions, month, ratio, sum } from "./numbers.js";
import { authorization } from "./keys.js";
import { issuersRun, shown } from "./requests.js";
import { periodOf } from "./sentences.js";

const QUARTER = 3;

const quarters = (period) => Math.max(1, Math.round(QUARTER / period)); // periods of a quarter, or one
const coverOf = (run, deal) =>
    deal.structure.triggers.service === "assumed_amortisation" ? run.dscr_assumed : run.dscr_actual;

// Series of the run, or of the sized loan where there is no structure, by payment date. `due` is by quarter: the
// service of a month is answered as that of three.
function seriesOf(answer, deal) {
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
const counted = (flags) => {
    const count = flags.filter(Boolean).length;
    return count ? `${count} of ${flags.length} periods` : "never";
};

// What there is to mark along time: {index, text}, those of one date joined.
function events(answer, deal, series) {
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

// A line with its name on it, at a share of its length.
function named(values, words, share, style) {
    const known = values.map((value, i) => [value, i]).filter(([value]) => value !== null);
    const [, at] = known[Math.floor(known.length * share)] || [];
    return values.map((value, i) =>
        i === at && words
            ? {
                  value,
                  symbol: "circle",
                  symbolSize: 0.1,
                  label: { show: true, position: "top", distance: 9, formatter: words, fontSize: 11, ...style },
              }
            : { value, symbol: "none" },
    );
}

const HEIGHTS = { above: 132, below: 128, strip: 16 }; // of the plots, pixels
function coverOption(series, marks, levels, words) {
    const { date, ncf, due, dscr, issuer } = series;
    const size = quarters(series.period);
    const bars = grouped(ncf, size);
    const known = [...dscr, ...(issuer || [])].filter((v) => v !== null && v !== undefined).sort((a, b) => a - b);
    const clip = Math.max(2, Math.ceil(known[Math.floor(0.98 * (known.length - 1))] ?? 2));
    return (t, width) => {
        const small = narrow(width);
        const right = small ? 12 : 104;
        const grid = (top, height) => ({ left: 44, right, top, height });
        const step = (width - 44 - right) / date.length;
        const owes = (i) => series.owed[Math.max(0, i * size - 1)] > 0.005 || due[i] > 0.005;
        const data = date.map((_, i) => {
            const group = Math.floor(i / size);
            if (i !== Math.min(date.length - 1, group * size + Math.floor(size / 2))) return null;
            return {
                value: bars[group],
                itemStyle: { color: !owes(group) ? t.neutral : bars[group] < due[group] - 0.005 ? t.div2 : t.div6 },
            };
        });
        const trapped = series.run ? runsOf(series.run.trapping) : [];
        const shade = (labelled) => ({
            silent: true,
            itemStyle: { color: t.trapShade, opacity: 0.55 },
            data: trapped.map(([from, to], i) => [
                {
                    xAxis: from,
                    label: {
                        show: labelled && i === 0 && (to - from) * step > 130,
                        formatter: `Cash trapped from ${month(date[from])}`,
                        position: "insideTopLeft",
                        color: t.trap,
                        fontSize: 11,
                        fontWeight: 600,
                    },
                },
                { xAxis: to },
            ]),
        });
        const lines = (labelled) => ({
            silent: true,
            symbol: "none",
            label: { show: labelled, color: t.ink3, fontSize: 11, position: "end" },
            data: marks.map((mark) => ({
                xAxis: mark.index,
                lineStyle: { color: mark.bad ? t.bad : t.ink3, type: "dotted", width: 1.2 },
                label: {
                    show: labelled && (!small || !mark.text.startsWith("Legal")),
                    formatter: small ? mark.text.split(",")[0].split(":")[0] : mark.text,
                    color: mark.bad ? t.bad : t.ink3,
                    align:
                        mark.index > date.length * 0.7 ? "right" : mark.index < date.length * 0.2 ? "left" : "center",
                },
            })),
        });
        const strips = series.flags
            .map(([name, flags, tone], row) =>
                runsOf(flags).map(([from, to]) => ({ value: [from, row, to], itemStyle: { color: t[tone] }, name })),
            )
            .flat();
        const axis = (index, extra) =>
            timeAxis(date, t, width, {
                gridIndex: index,
                axisLabel: { show: false },
                axisTick: { show: false },
                ...extra,
            });
        const titled = (name) => ({
            name,
            nameLocation: "end",
            nameGap: 24,
            nameTextStyle: { color: t.ink, fontWeight: 600, fontSize: 12, align: "left", padding: [0, 0, 0, -36] },
        });
        const stripAxis = (labels, extra) => ({
            gridIndex: 2,
            type: "category",
            inverse: true,
            data: labels,
            axisLine: { show: false },
            axisTick: { show: false },
            axisLabel: { color: t.ink3, fontSize: 11, interval: 0 },
            splitLine: { show: true, interval: 0, lineStyle: { color: t.line } },
            ...extra,
        });
        const line = (name, values, colour, extra) => ({
            name,
            type: "line",
            symbol: "none",
            lineStyle: { color: colour, width: 1 },
            itemStyle: { color: colour },
            data: values,
            ...extra,
        });
        const cover = { xAxisIndex: 1, yAxisIndex: 1, connectNulls: false, showSymbol: true, showAllSymbol: true };
        const last = timeAxis(date, t, width, { gridIndex: 2 });
        const below = 44 + HEIGHTS.above + 40;
        return {
            axisPointer: { link: [{ xAxisIndex: "all" }] },
            grid: [
                grid(44, HEIGHTS.above),
                grid(below, HEIGHTS.below),
                grid(below + HEIGHTS.below + 8, series.flags.length * HEIGHTS.strip),
            ],
            xAxis: [axis(0), axis(1), { ...last, axisLine: { show: false } }],
            yAxis: [
                valueAxis(t, {
                    ...titled(words.above),
                    gridIndex: 0,
                    min: Math.min(0, ...bars),
                    axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => fixed(v / 1e6) },
                }),
                valueAxis(t, {
                    ...titled(words.below),
                    nameGap: 12,
                    gridIndex: 1,
                    max: clip,
                    interval: clip > 4 ? Math.ceil(clip / 4) : 1,
                    axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => `${fixed(v)}x` },
                }),
                stripAxis(series.flags.map(([name]) => name)),
                stripAxis(small ? [] : series.flags.map(([, flags]) => counted(flags)), {
                    position: "right",
                    splitLine: { show: false },
                }),
            ],
            series: [
                {
                    name: "NCF",
                    type: "bar",
                    xAxisIndex: 0,
                    yAxisIndex: 0,
                    data,
                    barWidth: Math.max(1, step * size * 0.9),
                    markLine: lines(true),
                },
                line(
                    "Debt service",
                    date.map((_, i) => due[Math.floor(i / size)]),
                    t.ink,
                    { step: "middle", lineStyle: { color: t.ink, width: 1.6 }, markArea: shade(true) },
                ),
                ...(issuer
                    ? [
                          line("DSCR, issuer", named(issuer, "issuer", 0.6, { color: t.ink3 }), t.ink3, {
                              ...cover,
                              lineStyle: { color: t.ink3, width: 1.1, type: "dashed" },
                          }),
                      ]
                    : []),
                line(
                    "DSCR",
                    named(dscr, issuer && words.run, 0.12, { color: t.cat1, fontWeight: 600 }).map((point) =>
                        point.value > clip ? { value: clip, symbol: "triangle" } : point,
                    ),
                    t.cat1,
                    {
                        ...cover,
                        lineStyle: { color: t.cat1, width: 1.8 },
                        symbolSize: 6,
                        markArea: shade(false),
                        markLine: {
                            ...lines(false),
                            data: [...lines(false).data, ...levelLines(levels, t, width, clip, HEIGHTS.below)],
                        },
                    },
                ),
                {
                    name: "Flags",
                    type: "custom",
                    xAxisIndex: 2,
                    yAxisIndex: 2,
                    data: strips,
                    encode: { x: [0, 2], y: 1 },
                    silent: true,
                    renderItem: (_, api) => {
                        const [x, y] = api.coord([api.value(0), api.value(1)]);
                        const [end] = api.coord([api.value(2), api.value(1)]);
                        return {
                            type: "rect",
                            shape: { x: x - step / 2, y: y - 4, width: end - x + step, height: 8 },
                            style: { fill: api.visual("color") },
                        };
                    },
                },
            ],
        };
    };
}

export function CoverChart({ answer, deal, span = 12, at }) {
    const code = deal.currency;
    const beside = issuersRun.value?.body === shown.value.body ? issuersRun.value.run : null;
    const view = useMemo(() => {
        const series = seriesOf(answer, deal);
        if (beside) series.issuer = coverOf(beside, deal);
        const levels = triggerLevels(deal.structure?.triggers || {});
        const quarter = series.period < QUARTER;
        const kind = !series.run
            ? "DSCR of the sized loan"
            : deal.structure.triggers.service === "assumed_amortisation"
              ? "DSCR on assumed amortisation"
              : quarter
                ? "DSCR, trailing three months"
                : "DSCR by period";
        const words = {
            above: `NCF (bars) and debt service (line), ${code} m a ${quarter ? "quarter" : "period"}`,
            below: `${kind}${levels.some(([level]) => level) ? ", and what trips below it" : ""}`,
            run: series.run?.case,
        };
        const cash = (head) => ({ head, unit: code, show: (v) => fixed(v, 0) });
        const table = {
            caption: "Cash flow against debt service",
            columns: [
                { head: "Date", text: true, show: day },
                { head: "DSCR", show: ratio },
                cash("NCF"),
                cash(series.run && quarter ? "Service of three months" : "Debt service"),
                ...(series.issuer ? [{ head: "DSCR, issuer", show: ratio }] : []),
                ...(series.unpaid ? [cash("Arrears")] : []),
                ...series.flags.map(([name]) => ({ head: name })),
            ],
            rows: series.date.map((date, i) => [
                date,
                series.dscr[i],
                series.ncf[i],
                series.service[i],
                ...(series.issuer ? [series.issuer[i]] : []),
                ...(series.unpaid ? [series.unpaid[i]] : []),
                ...series.flags.map(([, flags]) => flags[i]),
            ]),
        };
        return { series, table, option: coverOption(series, events(answer, deal, series), levels, words) };
    }, [answer, deal, beside]);
    const { series, table, option } = view;
    const shaded = series.run?.trapping.some(Boolean) ? " Shaded: cash trap on." : "";
    const dashed = series.issuer ? " Dashed: the issuer’s case." : "";
    return html`<${Panel} name="cover" title="Cash flow against debt service" span=${span} table=${table}
        sub=${`${series.run ? `Run of case ${series.run.case}` : `Case ${answer.cash_flow.case}, the sized loan`}. Orange bars: NCF below the debt service; grey: nothing is owed.${shaded}${dashed}`}>
        <${Chart} name="cover" height=${44 + HEIGHTS.above + 40 + HEIGHTS.below + 8 + series.flags.length * HEIGHTS.strip + 26} option=${option} table=${table} at=${at} label="Net cash flow against debt service, and its cover against the trigger levels" />
        ${series.flags.length > 0 && html`<p class="keyline narrow-only">${series.flags.map(([name, flags, tone]) => html`<span><i class=${`swatch ${tone}`}></i>${name}: ${counted(flags)}</span>`)}</p>`}<//>`;
}

function payments(answer) {
    const run = answer.waterfall;
    const over = (name, i) => sum(run.classes.map((note) => note[name][i]));
    const n = run.date.length;
    const ard = run.ard?.refinanced ? Math.ceil(run.ard.month / periodOf(run)) - 1 : -1;
    const each = (make) => Array.from({ length: n }, (_, i) => make(i));
    return {
        ard,
        n,
        Fees: each((i) => run.fees[i] + run.uncapped_fees[i]),
        Interest: each((i) => over("interest_paid", i) + over("additional_paid", i)),
        Principal: each((i) => over("principal_paid", i)),
        "Cash trap": each((i) => Math.max(0, run.trap[i] - (i ? run.trap[i - 1] : 0))),
        Equity: run.equity,
    };
}

export function WhereCashGoes({ answer, deal, period, onPeriod }) {
    const code = deal.currency;
    const run = answer.waterfall;
    const view = useMemo(() => {
        const paid = payments(answer);
        const size = quarters(periodOf(run));
        const names = ["Fees", "Interest", "Principal", "Cash trap", "Equity"];
        const sums = Object.fromEntries(names.map((name) => [name, grouped(paid[name], size)]));
        const dates = run.date.filter((_, i) => i % size === 0);
        const totals = dates.map((_, i) => sum(names.map((name) => Math.max(0, sums[name][i]))));
        const big = new Set(
            [Math.floor(paid.ard / size), dates.length - 1].filter(
                (i) => i >= 0 && totals[i] > 3 * [...totals].sort((a, b) => a - b)[Math.floor(totals.length * 0.9)],
            ),
        );
        const cut = big.size ? 1.15 * Math.max(...totals.filter((_, i) => !big.has(i))) : null;
        const table = {
            caption: "Where the cash goes",
            columns: [
                { head: "From", text: true, show: month },
                ...names.map((name) => ({ head: name, unit: code, show: (v) => fixed(v, 0) })),
            ],
            rows: dates.map((date, i) => [date, ...names.map((name) => sums[name][i])]),
        };
        const option = (chosen) => (t, width) => ({
            grid: { left: 44, right: 12, top: 22, bottom: 26 },
            xAxis: timeAxis(dates, t, width),
            yAxis: valueAxis(t, {
                ...(cut ? { max: cut } : {}),
                axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => (v === cut ? "" : fixed(v / 1e6)) },
            }),
            series: [
                ...names.map((name, k) => ({
                    name,
                    type: "bar",
                    stack: "paid",
                    barCategoryGap: "12%",
                    itemStyle: { color: [t.ink3, t.cat1, t.cat3, t.cat5, t.neutral][k] },
                    data: sums[name],
                    ...(k === 0 && big.size
                        ? {
                              markLine: {
                                  silent: true,
                                  symbol: "none",
                                  lineStyle: { color: t.ink3, type: "dotted" },
                                  data: [...big].map((i) => ({
                                      xAxis: i,
                                      label: {
                                          formatter:
                                              i === Math.floor(paid.ard / size)
                                                  ? `refinanced ${millions(run.ard.proceeds)}`
                                                  : `sold ${millions(run.sale)}`,
                                          color: t.ink2,
                                          align: i > dates.length * 0.7 ? "right" : "center",
                                      },
                                  })),
                              },
                          }
                        : {}),
                })),
                {
                    name: "Chosen",
                    type: "custom",
                    silent: true,
                    data: [[chosen, 0]],
                    renderItem: ({ coordSys }, api) => {
                        const [x] = api.coord([api.value(0), 0]);
                        const [wide] = api.size([1, 0]);
                        return {
                            type: "rect",
                            shape: { x: x - wide / 2, y: coordSys.y, width: wide, height: coordSys.height },
                            style: { fill: "transparent", stroke: t.ink, lineWidth: 1 },
                        };
                    },
                },
            ],
        });
        return { table, option, size, names };
    }, [answer]);
    const chosen = Math.floor(Math.min(period, run.date.length - 1) / view.size);
    const option = useMemo(() => view.option(chosen), [view, chosen]);
    return html`<${Panel} name="cash" title="Where the cash goes" span="7" table=${view.table} sub=${`What is paid in each ${view.size > 1 ? "quarter" : "period"}, ${code} m; releases of reserve and trap are in what they pay. Pick a bar to see its period.`}>
        <${Chart} name="cash" height=${300} option=${option} table=${view.table} at=${undefined} onPick=${(i) => onPeriod(i * view.size)} label="Cash paid by use and quarter" />
        <p class="keyline">${view.names.map((name, k) => html`<span><i class=${`swatch ${["ink-3", "cat-1", "cat-3", "cat-5", "neutral"][k]}`}></i>${name}</span>`)}</p><//>`;
}

let templates = null;
// The templates with their steps, asked for once; none where the service does not give them.
export const loadTemplates = () =>
    (templates ??= fetch("/v1/templates", { headers: authorization() })
        .then((response) => (response.ok ? response.json() : Promise.reject(response)))
        .catch(() => {
            templates = null;
            return { templates: [] };
        }));

// Rows of one period in the order of the steps: what came in, what was due, paid and short.
function orderOf(answer, deal, steps, i) {
    const run = answer.waterfall;
    const rows = [["Available cash", "", run.available[i], ""]];
    const less = (series) => (i ? series[i - 1] - series[i] : 0);
    if (less(run.trap) > 0.005) rows.push(["From the cash trap", "", less(run.trap), ""]);
    if (less(run.reserve) > 0.005) rows.push(["From the reserve", "", less(run.reserve), ""]);
    const period = periodOf(run);
    if (run.ard?.refinanced && Math.ceil(run.ard.month / period) - 1 === i)
        rows.push(["From the refinancing", "", run.ard.proceeds, ""]);
    if (i === run.date.length - 1 && run.sale > 0) rows.push(["From the sale", "", run.sale, ""]);
    const incoming = sum(rows.map((row) => row[2]));
    const first = rows.length;
    const principal = new Set();
    const per = {
        fees: () => [["Senior fees", run.fees[i], run.fees[i], 0]],
        interest: (names) =>
            names.map((note) => [
                `Interest, class ${note.name}`,
                note.interest_due[i],
                note.interest_paid[i],
                note.interest_due[i] - note.interest_paid[i] - note.capitalised[i],
            ]),
        scheduled_principal: (names) =>
            names
                .filter((note) => !principal.has(note.name) && principal.add(note.name))
                .map((note) => [`Principal, class ${note.name}`, "", note.principal_paid[i], ""]),
        reserve: () => (less(run.reserve) < -0.005 ? [["To the reserve", "", -less(run.reserve), ""]] : []),
        trap: () => (less(run.trap) < -0.005 ? [["To the cash trap", "", -less(run.trap), ""]] : []),
        uncapped_fees: () => [["Fees behind principal", "", run.uncapped_fees[i], ""]],
        additional_interest: (names) =>
            names
                .filter((note) => note.additional_paid[i] > 0)
                .map((note) => [`Additional interest, class ${note.name}`, "", note.additional_paid[i], ""]),
        equity: () => [["To equity", "", run.equity[i], ""]],
    };
    per.principal = per.scheduled_principal;
    const seen = new Set();
    for (const step of steps) {
        const notes = step.classes ? run.classes.filter((note) => step.classes.includes(note.name)) : run.classes;
        const made = (per[step.kind] || (() => []))(notes).filter((row) => !seen.has(row[0]) && seen.add(row[0]));
        rows.push(...made);
    }
    const paid = sum(rows.slice(first).map((row) => row[2]));
    return { rows, incoming, paid };
}
export function OrderOfPayments({ answer, deal, period, onPeriod }) {
    const run = answer.waterfall;
    const [listed, setListed] = useState(null);
    useEffect(() => {
        loadTemplates().then((found) => setListed(found.templates));
    }, []);
    const steps = deal.structure.steps || listed?.find((one) => one.name === deal.structure.template)?.steps;
    if (!steps)
        return html`<section class="panel span-5" data-testid="chart-order" aria-labelledby="title-order"><header><h3 id="title-order">Order of payments</h3></header><p class="note">${listed ? "The steps of the template could not be read from the service." : "Working it out"}</p></section>`;
    const i = Math.min(period, run.date.length - 1);
    const { rows, incoming, paid } = orderOf(answer, deal, steps, i);
    const off = Math.abs(incoming - paid) > Math.max(1, incoming * 1e-9);
    const thousand = (v) => fixed(v / 1e3, 0);
    const table = {
        caption: "Order of payments",
        columns: [
            { head: "Step", text: true },
            { head: "Due", show: thousand },
            { head: "Paid", show: thousand },
            { head: "Short", show: thousand },
        ],
        rows,
        heads: [0],
    };
    const move = (event) => {
        const year = Math.round(12 / periodOf(run));
        const to = {
            ArrowLeft: i - 1,
            ArrowRight: i + 1,
            PageUp: i - year,
            PageDown: i + year,
            Home: 0,
            End: run.date.length - 1,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        onPeriod(Math.max(0, Math.min(run.date.length - 1, to)));
    };
    const dscr = run.dscr_actual[i];
    const on = [run.trapping[i] && "trapping", run.amortising[i] && "sweeping", run.pik[i] && "deferring"]
        .filter(Boolean)
        .join(", ");
    return html`<section class="panel span-5" data-testid="chart-order" aria-labelledby="title-order" tabindex="0" onKeyDown=${move}><header><h3 id="title-order">Order of payments</h3><div class="actions"><button class="link" onClick=${() => downloadCsv(table, `payments-${run.date[i]}`)} aria-label="CSV: Order of payments">CSV</button></div></header>
        <p class="sub" aria-live="polite">${day(run.date[i])}, ${deal.currency} thousand. DSCR ${dscr === null ? "not known yet" : ratio(dscr)}${on ? `: ${on}` : ""}.</p>
        <div class="table-box"><${Table} table=${table} name="order" /></div>
        <p class="sub">${off ? `The steps do not add up to what came in: ${fixed(incoming, 2)} against ${fixed(paid, 2)}${i === 0 ? "; the reserve is funded at closing, outside" : ""}.` : `Adds up: ${thousand(incoming)} in, ${thousand(paid)} out.`}</p>
        <p class="row"><button onClick=${() => onPeriod(Math.max(0, i - 1))} aria-label="Period before">‹</button><button onClick=${() => onPeriod(Math.min(run.date.length - 1, i + 1))} aria-label="Next period">›</button><span class="aside">Arrow keys move by a period, Page keys by a year</span></p></section>`;
}
