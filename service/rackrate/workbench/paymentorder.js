// The table of one period's payments, in the order of the steps.
import { html, useEffect, useState } from "./html.js";
import { Table, downloadCsv } from "./tables.js";
import { day, fixed, ratio, sum } from "./numbers.js";
import { authorization } from "./keys.js";
import { periodOf } from "./sentences.js";

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
