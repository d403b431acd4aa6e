// The cash flow: every line by year or month, of the deal or of a facility.
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { body, post, shown } from "./requests.js";
import { downloadCsv, grouped } from "./charts.js";
import { fixed, month } from "./numbers.js";
import { labelOf } from "./words.js";

const TOTALS = new Set(["egi", "noi", "ncf", "available"]);
const COSTS = /^(vacancy|power_cost|opex|ground_rent|management_fee|capital_reserve|leasing_costs|ncf_haircut)/;
const SEEN = 36; // columns drawn at once by month

// Figures in thousands: costs in brackets.
const thousands = (value, cost) => {
    const text = fixed(value / 1e3, 0);
    return cost && value > 0 && /[1-9]/.test(text) ? `(${text})` : text;
};
function Spark({ values }) {
    const most = Math.max(...values, 0);
    const least = Math.min(...values, 0);
    const span = most - least || 1;
    const points = values
        .map(
            (value, i) =>
                `${((60 * i) / Math.max(1, values.length - 1)).toFixed(1)},${(14 - (14 * (value - least)) / span).toFixed(1)}`,
        )
        .join(" ");
    return html`<svg class="spark" width="60" height="16" viewBox="0 -1 60 16" aria-hidden="true"><polyline points=${points} /></svg>`;
}

export function CashFlowTable({ answer, deal }) {
    const [monthly, setMonthly] = useState(false);
    const [facility, setFacility] = useState("");
    const [parts, setParts] = useState(null);
    const [from, setFrom] = useState(0);
    const [at, setAt] = useState([0, 0]);
    const grid = useRef(null);
    const asked = body.value;
    useEffect(() => {
        if (!facility) return undefined;
        const stop = new AbortController();
        post("/v1/underwritings?detail=facility&fields=cash_flow", shown.peek().body, { signal: stop.signal })
            .then((response) => (response.ok ? response.json() : null))
            .then((said) => said && setParts(said.cash_flow))
            .catch(() => {});
        return () => stop.abort();
    }, [facility, asked, answer]);
    const flow = answer.cash_flow;
    const view = useMemo(() => {
        const lines = (facility && parts?.facilities?.find((one) => one.id === facility)?.lines) || flow.lines;
        const size = monthly ? 1 : 12;
        const columns = Array.from({ length: Math.ceil(flow.date.length / size) }, (_, i) =>
            monthly ? month(flow.date[i]) : `Year ${i + 1}`,
        );
        const all = Object.entries(lines).map(([name, values]) => ({ name, values, sums: grouped(values, size) }));
        const rows = all.filter((row) => row.values.some((value) => value !== 0));
        const table = {
            caption: "Cash flow",
            columns: [{ head: "Line", text: true }, ...columns.map((head) => ({ head, unit: deal.currency }))],
            rows: rows.map((row) => [row.name, ...row.sums]),
        };
        return { rows, columns, zeros: all.length - rows.length, table };
    }, [flow, parts, facility, monthly]);
    const shownColumns = monthly ? view.columns.slice(from, from + SEEN) : view.columns;
    const start = monthly ? from : 0;
    const move = (event) => {
        const [r, c] = at;
        const last = view.columns.length - 1;
        const to = {
            ArrowLeft: [r, c - 1],
            ArrowRight: [r, c + 1],
            ArrowUp: [r - 1, c],
            ArrowDown: [r + 1, c],
            Home: [r, 0],
            End: [r, last],
            PageDown: [r, c + 12],
            PageUp: [r, c - 12],
        }[event.key];
        if (!to) return;
        event.preventDefault();
        const next = [Math.max(0, Math.min(view.rows.length - 1, to[0])), Math.max(0, Math.min(last, to[1]))];
        if (monthly && (next[1] < from || next[1] >= from + SEEN))
            setFrom(Math.max(0, Math.min(last - SEEN + 1, next[1] - (next[1] < from ? 0 : SEEN - 1))));
        setAt(next);
        requestAnimationFrame(() => grid.current?.querySelector(`[data-at="${next.join("-")}"]`)?.focus());
    };
    const copy = (event) => {
        if (getSelection()?.toString()) return;
        event.preventDefault();
        event.clipboardData.setData(
            "text/plain",
            [["", ...view.columns], ...view.rows.map((row) => [row.name, ...row.sums])]
                .map((row) => row.join("\t"))
                .join("\n"),
        );
    };
    const facilities = deal.facilities;
    return html`<section class="panel span-12" data-testid="chart-cashflow" data-edit=${shown.value?.edit} aria-labelledby="title-cashflow">
        <header><h3 id="title-cashflow">Cash flow</h3><div class="actions">
            <label>By <select value=${monthly ? "month" : "year"} onChange=${(event) => {
                setMonthly(event.target.value === "month");
                setFrom(0);
                setAt([0, 0]);
            }}><option value="year">year</option><option value="month">month</option></select></label>
            ${facilities.length > 1 && html`<label>Of <select value=${facility} onChange=${(event) => setFacility(event.target.value)}><option value="">the deal</option>${facilities.map((one) => html`<option value=${one.id}>${one.id}</option>`)}</select></label>`}
            <button class="link" onClick=${() => downloadCsv(view.table, "cash-flow")}>CSV</button></div></header>
        <p class="sub">${deal.currency} thousand, run of case ${flow.case}; years from closing. Costs in brackets.${view.zeros ? ` ${view.zeros} ${view.zeros === 1 ? "line is" : "lines are"} zero.` : ""}</p>
        ${monthly && html`<p class="row"><button disabled=${from === 0} onClick=${() => setFrom(Math.max(0, from - 12))} aria-label="A year back">‹</button><button disabled=${from + SEEN >= view.columns.length} onClick=${() => setFrom(Math.min(view.columns.length - 1, from + 12))} aria-label="A year on">›</button><span class="aside">${shownColumns[0]} to ${shownColumns.at(-1)}</span></p>`}
        <div class="table-box" ref=${grid}><table class="data flow" role="grid" aria-label="Cash flow" aria-colcount=${view.columns.length + 1} aria-rowcount=${view.rows.length + 1} data-testid="table-cashflow" onKeyDown=${move} onCopy=${copy}>
            <thead><tr role="row"><th scope="col" class="text">Line</th><th scope="col" class="text"><span class="heard">Shape</span></th>${shownColumns.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
            <tbody>${view.rows.map(
                (
                    row,
                    r,
                ) => html`<tr role="row" key=${row.name} class=${TOTALS.has(row.name) ? "total" : ""}><th scope="row" class="text">${labelOf(row.name)}</th><td role="gridcell"><${Spark} values=${row.sums} /></td>
                ${row.sums.slice(start, start + shownColumns.length).map((value, k) => html`<td role="gridcell" key=${k} data-at=${`${r}-${start + k}`} data-value=${value} tabindex=${at[0] === r && at[1] === start + k ? 0 : -1} onFocus=${() => setAt([r, start + k])}>${thousands(value, COSTS.test(row.name))}</td>`)}</tr>`,
            )}</tbody></table></div></section>`;
}
