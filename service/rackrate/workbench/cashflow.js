// The cash flow: every line by year or month, of the deal or of a facility.
import { html, useEffect, useMemo, useRef, useState } from "./html.js";
import { body, post, shown } from "./requests.js";
import { grouped } from "./charts.js";
import { downloadCsv } from "./tables.js";
import { Columns, chosenColumns } from "./columns.js";
import { fixed, month, plural } from "./numbers.js";
import { labelOf } from "./words.js";

const TOTALS = new Set(["egi", "noi", "ncf", "available"]);
const COSTS = /^(vacancy|power_cost|opex|ground_rent|management_fee|capital_reserve|leasing_costs|ncf_haircut)/;
const ROW = 29; // pixels of a month
const DRAWN = 48; // months drawn at once

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

// The lines as a table: a row a line and a column a year, or a row a month and a column a line.
function laidOut(lines, dates, monthly, code) {
    if (monthly) {
        return {
            corner: "Month",
            rows: dates.map((date, i) => ({
                key: date,
                head: month(date),
                values: lines.map((line) => line.values[i]),
            })),
            columns: lines.map((line) => ({ head: labelOf(line.name), name: line.name })),
            csv: lines.map((line) => ({ head: line.name, unit: code })),
        };
    }
    const years = Array.from({ length: Math.ceil(dates.length / 12) }, (_, i) => ({
        head: `Year ${i + 1}`,
        unit: code,
    }));
    return {
        corner: "Line",
        rows: lines.map((line) => ({
            key: line.name,
            head: labelOf(line.name),
            name: line.name,
            values: grouped(line.values, 12),
        })),
        columns: years,
        csv: years,
    };
}

export function CashFlowTable({ answer, deal }) {
    const [monthly, setMonthly] = useState(false);
    const [facility, setFacility] = useState("");
    const [parts, setParts] = useState(null);
    const [top, setTop] = useState(0);
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
    const shows = chosenColumns("cashflow");
    const all = useMemo(() => {
        const lines = (facility && parts?.facilities?.find((one) => one.id === facility)?.lines) || flow.lines;
        return Object.entries(lines).map(([name, values]) => ({ name, values }));
    }, [flow, parts, facility]);
    const lines = all.filter((line) => line.values.some((value) => value !== 0));
    const seen = lines.filter((line) => shows(line.name));
    const view = laidOut(seen, flow.date, monthly, deal.currency);
    const table = {
        caption: "Cash flow",
        columns: [{ head: view.corner, text: true }, ...view.csv],
        rows: view.rows.map((row) => [row.key, ...row.values]),
    };
    const start = Math.max(0, Math.min(view.rows.length - DRAWN, Math.floor(top / ROW) - 8));
    const drawn = view.rows.slice(start, start + DRAWN);
    const left = Math.max(0, view.rows.length - start - DRAWN);
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
            PageDown: [r + 12, c],
            PageUp: [r - 12, c],
        }[event.key];
        if (!to) return;
        event.preventDefault();
        const next = [Math.max(0, Math.min(view.rows.length - 1, to[0])), Math.max(0, Math.min(last, to[1]))];
        const y = next[0] * ROW;
        const box = grid.current;
        if (y < box.scrollTop || y > box.scrollTop + box.clientHeight - 3 * ROW) {
            box.scrollTop = Math.max(0, y - box.clientHeight / 2);
            setTop(box.scrollTop);
        }
        setAt(next);
        requestAnimationFrame(() => grid.current?.querySelector(`[data-at="${next.join("-")}"]`)?.focus());
    };
    const copy = (event) => {
        if (getSelection()?.toString()) return;
        event.preventDefault();
        event.clipboardData.setData(
            "text/plain",
            [table.columns.map((column) => column.head), ...table.rows].map((row) => row.join("\t")).join("\n"),
        );
    };
    const { facilities } = deal;
    const zeros = all.length - lines.length;
    const cell = (row, r) => (value, c) =>
        html`<td role="gridcell" key=${c} data-at=${`${r}-${c}`} data-value=${value} tabindex=${at[0] === r && at[1] === c ? 0 : -1} onFocus=${() => setAt([r, c])} class=${TOTALS.has(view.columns[c].name) ? "sum" : ""}>${thousands(value, COSTS.test(row.name ?? view.columns[c].name))}</td>`;
    const space = (count) => count > 0 && html`<tr aria-hidden="true" style=${{ height: `${count * ROW}px` }}></tr>`;
    return html`<section class="panel span-12" data-testid="chart-cashflow" data-edit=${shown.value?.edit} aria-labelledby="title-cashflow">
        <header><h3 id="title-cashflow">Cash flow</h3><div class="actions">
            <label>By <select value=${monthly ? "month" : "year"} onChange=${(event) => {
                setMonthly(event.target.value === "month");
                setTop(0);
                setAt([0, 0]);
            }}><option value="year">year</option><option value="month">month</option></select></label>
            ${facilities.length > 1 && html`<label>Of <select value=${facility} onChange=${(event) => setFacility(event.target.value)}><option value="">the deal</option>${facilities.map((one) => html`<option value=${one.id}>${one.id}</option>`)}</select></label>`}
            <${Columns} table="cashflow" label="Lines" columns=${lines.map((line) => [line.name, labelOf(line.name)])} />
            <button class="link" onClick=${() => downloadCsv(table, "cash-flow")}>CSV</button></div></header>
        <p class="sub">${deal.currency} thousand, run of case ${flow.case}${monthly ? "" : "; years from closing"}. Costs in brackets.${zeros ? ` ${zeros} ${plural(zeros, "line is", "lines are")} zero.` : ""}</p>
        <div class="table-box" ref=${grid} onScroll=${(event) => setTop(event.currentTarget.scrollTop)}><table class=${`data flow ${monthly ? "by-month" : ""}`} role="grid" aria-label="Cash flow" aria-colcount=${view.columns.length + 1} aria-rowcount=${view.rows.length + 1} data-testid="table-cashflow" onKeyDown=${move} onCopy=${copy}>
            <thead><tr role="row"><th scope="col" class="text">${view.corner}</th>${!monthly && html`<th scope="col" class="text"><span class="heard">Shape</span></th>`}${view.columns.map((column) => html`<th scope="col">${column.head}</th>`)}</tr></thead>
            <tbody>${space(start)}${drawn.map((row, k) => html`<tr role="row" key=${row.key} aria-rowindex=${start + k + 2} class=${TOTALS.has(row.name) ? "total" : ""}><th scope="row" class="text">${row.head}</th>${!monthly && html`<td role="gridcell"><${Spark} values=${row.values} /></td>`}${row.values.map(cell(row, start + k))}</tr>`)}${space(left)}</tbody></table></div></section>`;
}
