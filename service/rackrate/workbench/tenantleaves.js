// One tenant leaves: each in turn, with the lowest cover, the first trigger and the classes that lose.
import { html, signal } from "./html.js";
import { caseOf } from "./deal.js";
import { Table, downloadCsv } from "./tables.js";
import { asked, body, post } from "./requests.js";
import { ruleset } from "./rulesets.js";
import { money, month, ratio } from "./numbers.js";

const TWO = 2; // tenants asked about at once
const leaving = signal({ rows: [] });
let stopLeaving = null;
// Each tenant in turn: the run's own case, and in the first month that tenant pays no more.
async function leave() {
    const own = (stopLeaving = new AbortController());
    const document = asked.peek();
    const text = body.peek();
    const name = document.structure?.case ?? "issuer";
    const own_ = caseOf(document, name);
    const adjustments = own_.name ? own_ : ruleset.value.cases[name] || {};
    leaving.value = { rows: [], working: true, body: text, of: document.tenants.length };
    const queue = document.tenants.slice();
    const one = async (tenant) => {
        const changed = {
            ...document,
            cases: [
                ...(document.cases || []).filter((other) => other.name !== "tenant leaves"),
                { ...adjustments, name: "tenant leaves", tenant_defaults: [{ tenant: tenant.id, month: 1 }] },
            ],
            structure: { ...document.structure, case: "tenant leaves" },
        };
        const response = await post("/v1/underwritings?fields=waterfall", JSON.stringify(changed), {
            signal: own.signal,
        });
        const said = await response.json();
        if (!response.ok) return { tenant, failed: said.errors?.[0]?.message || said.detail };
        const run = said.waterfall;
        const covers = run.dscr_actual.filter((value) => value !== null);
        const trips = ["trap", "amortise", "pik"]
            .filter((key) => run.triggers?.[key])
            .sort((a, b) => run.triggers[a].localeCompare(run.triggers[b]));
        return {
            tenant,
            lowest: covers.length ? Math.min(...covers) : null,
            trigger: trips[0],
            when: run.triggers?.[trips[0]],
            losses: run.classes.filter((note) => note.principal_loss > 0.005),
        };
    };
    const work = async () => {
        for (let tenant = queue.shift(); tenant && !own.signal.aborted; tenant = queue.shift()) {
            const row = await one(tenant);
            leaving.value = { ...leaving.peek(), rows: [...leaving.peek().rows, row] };
        }
    };
    try {
        await Promise.all(Array.from({ length: TWO }, work));
    } catch {
        /* stopped, or the connection went: what came is shown */
    }
    leaving.value = { ...leaving.peek(), working: false };
}

export function Leaving({ onGo }) {
    const now = leaving.value;
    const deal = asked.value;
    if (!deal.structure) return null;
    const rows = [...now.rows].sort((a, b) => (a.lowest ?? Infinity) - (b.lowest ?? Infinity));
    const words = { trap: "Cash trap", amortise: "Sweep", pik: "PIK" };
    const table = {
        caption: "One tenant leaves",
        columns: [
            { head: "Tenant", text: true },
            { head: "Lowest DSCR", show: ratio },
            { head: "First trigger", text: true },
            { head: "Classes that lose", text: true },
        ],
        rows: rows.map((row) => [
            row.tenant.name || row.tenant.id,
            row.lowest ?? null,
            row.failed ? row.failed : row.trigger ? `${words[row.trigger]}, ${month(row.when)}` : "none",
            row.losses?.length
                ? row.losses.map((note) => `${note.name} ${money(note.principal_loss, deal.currency)}`).join(", ")
                : "none",
        ]),
    };
    return html`<section class="panel span-12" data-testid="chart-leaving" aria-labelledby="title-leaving"><header><h3 id="title-leaving">One tenant leaves</h3><div class="actions">${now.working ? html`<span class="aside">${now.rows.length} of ${now.of}</span><button onClick=${() => stopLeaving.abort()}>Stop</button>` : html`<button class="primary small" data-testid="leaving-run" onClick=${leave}>${rows.length ? "Ask again" : "Ask"}</button>`}${rows.length > 0 && html`<button class="link" onClick=${() => downloadCsv(table, "tenant-leaves")}>CSV</button>`}</div></header>
        <p class="sub">Each tenant in turn stops paying in the first month, in the run’s own case.${!now.working && now.of > now.rows.length ? ` It stopped: ${now.rows.length} of ${now.of} tenants were answered.` : ""}${now.body && now.body !== body.value ? " Of the deal before your last edit." : ""}</p>
        ${rows.length ? html`<div class="table-box"><${Table} table=${table} name="leaving" /></div>` : html`<p class="note">A row a tenant, the lowest cover first. Nothing is run until you ask. <button class="link" onClick=${() => onGo("/tenants")}>See the tenants</button></p>`}</section>`;
}
