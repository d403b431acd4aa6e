// Structure: the capital stack, and the classes with all their figures.
import { html, useMemo } from "./html.js";
import { classTone } from "./classcolours.js";
import { Panel } from "./panels.js";
import { Table, downloadCsv } from "./tables.js";
import { Columns, chosenColumns } from "./columns.js";
import { fixed, millions, money, month, percent, ratio, years } from "./numbers.js";

const SELDOM = ["Yield", "Subordination", "Window"]; // columns of the classes that wait to be chosen
const LABEL_APART = 0.07; // of the column's height
export function CapitalStack({ answer, deal, onGo }) {
    const code = deal.currency;
    const view = useMemo(() => {
        const classes = answer.tranches;
        const top = Math.max(1, classes.at(-1)?.detachment.value ?? 1);
        const value = answer.summary.value;
        const table = {
            caption: "Capital stack",
            columns: [
                { head: "Class", text: true },
                { head: "Principal", unit: code, show: (v) => fixed(v, 0) },
                { head: "Attaches", unit: "LTV", show: (v) => percent(v) },
                { head: "Detaches", unit: "LTV", show: (v) => percent(v) },
                { head: "DSCR", show: ratio },
                { head: "Coupon", show: (v) => percent(v, 2) },
                { head: "Supports", text: true },
            ],
            rows: classes.map((note) => [
                note.name,
                note.principal,
                note.attachment.value,
                note.detachment.value,
                note.dscr,
                note.coupon,
                note.supports,
            ]),
        };
        return { classes, top, value, table, equity: value - (answer.summary.issued ?? 0) };
    }, [answer, deal]);
    if (!answer.tranches.length) {
        return html`<${Panel} name="stack" title="Capital stack" span="5"><p class="note">No classes yet. <button class="link" onClick=${() => onGo("/structure")}>Add a structure</button> to see classes and payments.</p><//>`;
    }
    const rows = [...view.classes.map((note, i) => ({ note, i })).reverse()];
    const count = rows.length + 1;
    const apart = []; // detachment points far enough from those above to be written
    for (const { note } of rows)
        if (!apart.length || note.detachment.value < apart.at(-1) - LABEL_APART * view.top)
            apart.push(note.detachment.value);
    const at = (share) => 100 - (100 * share) / view.top;
    const middle = (row) => (100 * (row + 0.5)) / count;
    const few = answer.summary.effective_tenants !== null && answer.summary.effective_tenants < 3;
    return html`<${Panel} name="stack" title="Capital stack" span="5" table=${view.table}
        sub=${`Classes by share of value ${money(view.value, code)}, LTV and DSCR cumulative. “Supports” is model-implied, not a rating.${few ? ` ${fixed(answer.summary.effective_tenants, 1)} effective tenants: concentration says more than cover.` : ""}`}>
        <div class="stack-head" aria-hidden="true"><span>LTV</span><div class="row-of"><span>Class</span><span>${code} m</span><span>DSCR</span><span>Coupon</span><span>Supports</span></div></div>
        <div class="stack" style=${{ height: `${Math.max(200, count * 40)}px` }}>
            <div class="ltvs">${apart.map((value) => html`<span style=${{ top: `${at(value)}%` }}>${percent(value, 0)}</span>`)}</div>
            <div class="column">${view.top <= 1 && html`<span class="equity" style=${{ top: "0%", height: `${at(view.classes.at(-1).detachment.value)}%` }}></span>`}
                ${view.classes.map((note, i) => html`<span class="slice" style=${{ top: `${at(note.detachment.value)}%`, height: `${at(note.attachment.value) - at(note.detachment.value)}%`, background: classTone(i, view.classes.length) }}></span>`)}
                ${view.top > 1 && html`<span class="value-line" style=${{ top: `${at(1)}%` }} title="Value"></span>`}</div>
            <svg class="joins" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">${rows.map(
                ({ note }, row) => {
                    const from = (at(note.attachment.value) + at(note.detachment.value)) / 2;
                    return html`<path d=${`M0 ${from}C50 ${from} 50 ${middle(row + 1)} 100 ${middle(row + 1)}`} />`;
                },
            )}${view.equity > 0 && html`<path d=${`M0 ${at(view.classes.at(-1).detachment.value) / 2}C50 ${at(view.classes.at(-1).detachment.value) / 2} 50 ${middle(0)} 100 ${middle(0)}`} />`}</svg>
            <div class="rows" role="list"><div class="row-of" role="listitem"><span>Equity</span><span>${millions(view.equity)}</span><span class="long">${percent(view.equity / view.value)} of value</span></div>
                ${rows.map(({ note, i }) => html`<div class="row-of" role="listitem" data-testid=${`class-${note.name}`}><button class="plain" onClick=${() => onGo(`/structure/classes/${i}`)}><b>${note.name}</b></button><span>${millions(note.principal)}</span><span>${ratio(note.dscr)}</span><span>${percent(note.coupon, 2)}</span><span>${note.supports ?? "none"}</span></div>`)}</div>
        </div><//>`;
}

export function ClassesTable({ answer, deal }) {
    const code = deal.currency;
    const table = useMemo(() => {
        const runs = Object.fromEntries((answer.waterfall?.classes || []).map((run) => [run.name, run]));
        const words = (note, i) =>
            [
                deal.structure.classes[i]?.vfn && "VFN",
                typeof deal.structure.classes[i]?.coupon === "object" && "floating",
                deal.structure.classes[i]?.deferrable && "deferrable",
            ]
                .filter(Boolean)
                .join(", ");
        const rows = answer.tranches.map((note, i) => {
            const lost = runs[note.name]?.principal_loss ?? null;
            const haircut =
                note.break_even_haircut === null
                    ? "at once"
                    : note.break_even_haircut === 1
                      ? "never"
                      : percent(note.break_even_haircut);
            const final = lost > 0.005 && !note.wal_to_final ? "not repaid" : years(note.wal_to_final);
            return [
                note.name + (words(note, i) ? ` (${words(note, i)})` : ""),
                note.principal,
                note.coupon,
                note.yield,
                note.attachment.value,
                note.detachment.value,
                note.credit_enhancement,
                note.subordination ?? null,
                note.dscr,
                note.debt_yield,
                note.wal_to_ard,
                final,
                note.duration,
                note.window ? `${month(note.window[0])} to ${month(note.window[1])}` : "none",
                haircut,
                lost,
                note.supports,
            ];
        });
        const share = (head, unit, digits = 1, term) => ({ head, unit, term, show: (v) => percent(v, digits) });
        return {
            caption: "Classes",
            rows: [
                ...rows,
                [
                    "All",
                    answer.summary.issued,
                    "",
                    "",
                    answer.tranches[0]?.attachment.value,
                    answer.tranches.at(-1)?.detachment.value,
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "",
                    answer.waterfall ? answer.waterfall.classes.reduce((t, run) => t + run.principal_loss, 0) : "",
                    "",
                ],
            ],
            heads: [rows.length],
            columns: [
                { head: "Class", text: true },
                { head: "Principal", unit: `${code} m`, show: (v) => millions(v, 2) },
                share("Coupon", "", 2),
                share("Yield", "", 2),
                share("Attach", "LTV", 1, "Attachment"),
                share("Detach", "LTV", 1, "Detachment"),
                share("Credit", "enhancement", 1, "Credit enhancement"),
                share("Sub-", "ordination", 1, "Subordination"),
                { head: "DSCR", term: "DSCR", show: ratio },
                share("Debt", "yield", 2, "Debt yield"),
                { head: "WAL to", unit: "ARD, y", term: "WAL", show: years },
                { head: "WAL to", unit: "final, y", term: "WAL", show: (v) => v },
                { head: "Duration", term: "Duration", show: (v) => fixed(v, 2) },
                { head: "Window", text: true },
                {
                    head: "Break-even",
                    unit: "NCF haircut",
                    term: "Break-even haircut",
                    show: (v) => (v === "at once" ? html`<span class="lost">at once</span>` : v),
                },
                {
                    head: "Principal loss",
                    unit: `${code} m`,
                    show: (v) => (v > 0.005 ? html`<span class="lost">${millions(v, 2)}</span>` : millions(v, 2)),
                },
                { head: "Supports", text: true },
            ],
        };
    }, [answer, deal]);
    if (!answer.tranches.length) return null;
    const names = table.columns.map((column) => [column.head, column.unit].filter(Boolean).join(" ").replace("- ", ""));
    const shows = chosenColumns("classes", SELDOM);
    const kept = (list) => list.filter((_, i) => shows(names[i]));
    const seen = { ...table, columns: kept(table.columns), rows: table.rows.map(kept) };
    return html`<section class="panel span-12" data-testid="chart-classes" data-edit=${0}><header><h3>Classes</h3><div class="actions"><${Columns} table="classes" columns=${names.slice(1).map((name) => [name, name])} away=${SELDOM} /><button class="link" onClick=${() => downloadCsv(table, "classes")} aria-label="CSV: Classes">CSV</button></div></header>
        <p class="sub">Sized in case ${deal.sizing.case} at closing; lives and losses of the run of case ${answer.waterfall.case}. “Supports” is model-implied, not a rating.</p>
        <div class="table-box" tabindex="0" role="region" aria-label="Classes"><${Table} table=${seen} name="classes" /></div></section>`;
}
