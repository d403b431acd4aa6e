// Comparisons: the deal held beside this one, differences only; one deal through the four templates.
import { effect, html, signal, useEffect, useMemo, useState } from "./html.js";
import { Panel } from "./panels.js";
import { Table, downloadCsv } from "./tables.js";
import { Undefined } from "./glossary.js";
import { editTheOther, held, holdBeside, pathOf, valueAt } from "./deal.js";
import { asked, body, post, shown } from "./requests.js";
import { change, fixed, millions, money, percent, ratio, years } from "./numbers.js";
import { breakEvenName, nameOf } from "./sentences.js";
import { classTone } from "./classcolours.js";
import { loadTemplates } from "./paymentorder.js";
import { schemaAt } from "./schema.js";
import { shown as figureOf } from "./units.js";
import { kindOf, labelOf, unitOf } from "./words.js";

const MOST = 200; // differences listed
const heldAnswer = signal(null); // {body, answer}
export const comparedAnswer = signal(null); // the held deal's answer, or null
const compared = signal({});

// The held deal is asked about once, and again only when it is another.
effect(() => {
    const document = held.value;
    comparedAnswer.value = null;
    if (!document) return;
    const text = JSON.stringify(document);
    if (heldAnswer.peek()?.body === text) {
        comparedAnswer.value = heldAnswer.peek().answer;
        return;
    }
    post("/v1/underwritings?fields=id,summary,sizing,tranches,break_evens", text)
        .then(async (response) => {
            if (!response.ok || JSON.stringify(held.peek()) !== text) return;
            heldAnswer.value = { body: text, answer: await response.json() };
            comparedAnswer.value = heldAnswer.peek().answer;
        })
        .catch(() => {});
});

// Pointers at which two documents differ: {pointer, before, after}.
function differences(a, b, pointer = "") {
    if (Object.is(a, b)) return [];
    const both = [a, b].every((node) => node && typeof node === "object") && Array.isArray(a) === Array.isArray(b);
    if (!both) return [{ pointer, before: a, after: b }];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
        differences(a[key], b[key], `${pointer}/${key}`),
    );
}
// A number as its field shows it, with its unit.
function figure(value, pointer, deal) {
    const name = pathOf(pointer).at(-1);
    const node = schemaAt(pointer, deal);
    const kind = kindOf(name, node, valueAt(deal, pointer.slice(0, pointer.lastIndexOf("/"))));
    const unit = ["percent", "times"].includes(kind) ? "" : unitOf(kind, name, node, deal.currency);
    return `${figureOf(kind, value)}${unit && ` ${unit}`}`;
}
const said = (value, pointer, deal) =>
    value === undefined
        ? "not there"
        : value === null
          ? "none"
          : typeof value === "object"
            ? Array.isArray(value)
                ? `${value.length} items`
                : labelOf(value.kind || value.name || value.id || "an object")
            : typeof value === "number"
              ? figure(value, pointer, deal)
              : String(value);
const placed = (pointer) =>
    pathOf(pointer)
        .map((part) => (/^\d+$/.test(part) ? Number(part) + 1 : labelOf(part)))
        .join(" › ");

function Changed({ other, deal, onGo }) {
    const list = useMemo(() => differences(other, deal), [other, deal]);
    const table = {
        caption: "What you changed",
        columns: [
            { head: "Where", text: true },
            { head: "Held", text: true },
            { head: "This one", text: true },
        ],
        rows: list
            .slice(0, MOST)
            .map((one) => [
                placed(one.pointer),
                said(one.before, one.pointer, other),
                said(one.after, one.pointer, deal),
            ]),
    };
    return html`<section class="panel span-6" data-testid="chart-changed"><header><h3>What you changed</h3>${list.length > 0 && html`<div class="actions"><button class="link" onClick=${() => downloadCsv(table, "changes")}>CSV</button></div>`}</header>
        ${list.length === 0 ? html`<p class="note">Nothing: the two deals are the same. Edit this one and see what comes of it.</p>` : html`<p class="sub">${list.length} ${list.length === 1 ? "place differs" : "places differ"}.</p><div class="table-box"><table class="data" data-testid="table-changed"><caption class="heard">What you changed</caption><thead><tr><th scope="col" class="text">Where</th><th scope="col" class="text">Held</th><th scope="col" class="text">This one</th></tr></thead><tbody>${table.rows.map(([where, before, after], i) => html`<tr><th scope="row" class="text"><button class="plain" onClick=${() => onGo(list[i].pointer)}>${where}</button></th><td class="text">${before}</td><td class="text">${after}</td></tr>`)}</tbody></table></div>`}</section>`;
}

// Figures of both, and their difference: ratios in points, money in money.
function cameOf(now, then, code) {
    const s = (answer) => answer.summary;
    const points = (v) => `${fixed(v * 100, 2)} pts`;
    const row = (name, read, show, diff = show) => {
        const [a, b] = [read(then), read(now)];
        return [name, a, b, a === null || b === null ? null : b - a, show, diff];
    };
    const cash = (v) => money(v, code);
    const tests = now.sizing.tests.flatMap((test, i) => {
        const before = then.sizing.tests[i];
        return before && before.kind === test.kind
            ? [
                  [
                      `${nameOf(test)} allows`,
                      before.max_principal,
                      test.max_principal,
                      before.max_principal === null || test.max_principal === null
                          ? null
                          : test.max_principal - before.max_principal,
                      cash,
                      cash,
                  ],
              ]
            : [];
    });
    const evens = now.break_evens.flatMap((point) => {
        const before = then.break_evens.find((other) => breakEvenName(other) === breakEvenName(point));
        return before
            ? [
                  [
                      `${breakEvenName(point)} at`,
                      before.value,
                      point.value,
                      before.value === null || point.value === null ? null : point.value - before.value,
                      (v) => percent(v),
                      points,
                  ],
              ]
            : [];
    });
    return [
        row("Principal", (a) => s(a).principal, cash),
        row("Issued", (a) => s(a).issued, cash),
        row("Value", (a) => s(a).value, cash),
        row("DSCR, closing", (a) => s(a).dscr.closing, ratio),
        row("DSCR, minimum", (a) => s(a).dscr.minimum, ratio),
        row(
            "LTV",
            (a) => s(a).ltv,
            (v) => percent(v),
            points,
        ),
        row(
            "Debt yield",
            (a) => s(a).debt_yield,
            (v) => percent(v, 2),
            points,
        ),
        row("NOI", (a) => s(a).noi, cash),
        row("NCF", (a) => s(a).ncf, cash),
        row(
            "WALT",
            (a) => s(a).walt_years,
            (v) => `${years(v)} y`,
        ),
        ...tests,
        ...evens,
    ];
}
function Came({ now, then, code }) {
    const rows = cameOf(now, then, code);
    const table = {
        caption: "What came of it",
        columns: ["Figure", "Held", "This one", "Difference"].map((head, i) => ({ head, text: i === 0 })),
        rows: rows.map((row) => row.slice(0, 4)),
    };
    const show = (value, format, name) => (value === null ? html`<${Undefined} of=${name} />` : format(value));
    return html`<section class="panel span-6" data-testid="chart-came"><header><h3>What came of it</h3><div class="actions"><button class="link" onClick=${() => downloadCsv(table, "differences")}>CSV</button></div></header><p class="sub">${nameOf({ kind: now.summary.binding_test, name: now.summary.binding_test })} binds${now.summary.binding_test === then.summary.binding_test ? " in both" : `; ${nameOf({ kind: then.summary.binding_test, name: then.summary.binding_test })} in the held one`}. Ratios differ in points.</p>
        <div class="table-box"><table class="data" data-testid="table-came"><caption class="heard">What came of it</caption><thead><tr><th scope="col" class="text">Figure</th><th scope="col">Held</th><th scope="col">This one</th><th scope="col">Difference</th></tr></thead><tbody>${rows.map(([name, a, b, d, format, diff]) => html`<tr class=${d ? "" : "same"}><th scope="row" class="text">${name}</th><td>${show(a, format, name)}</td><td>${show(b, format, name)}</td><td class=${d > 0 ? "up" : d < 0 ? "down" : "aside"}>${d === null ? html`<${Undefined} why="One of the two is not defined." />` : d === 0 ? "same" : change(d, diff)}</td></tr>`)}</tbody></table></div></section>`;
}

const Lying = ({ tranches, most, name }) =>
    html`<div class="lying" role="listitem"><span>${name}</span><span class="track">${tranches.map((note, i) => html`<span class="slice" title=${note.name} style=${{ left: `${(100 * note.attachment.value) / most}%`, width: `${(100 * (note.detachment.value - note.attachment.value)) / most}%`, background: classTone(i, tranches.length), color: `var(--on-class-${Math.min(5, i + 1)})` }}>${note.detachment.value - note.attachment.value > 0.06 ? note.name : ""}</span>`)}</span><b>${percent(tranches.at(-1)?.detachment.value ?? null)}</b></div>`;

async function compareTemplates() {
    const document = asked.peek();
    const text = body.peek();
    compared.value = { ...compared.peek(), working: true, said: "" };
    try {
        const response = await post("/v1/comparisons", JSON.stringify({ deal: document }));
        const answer = await response.json();
        if (!response.ok)
            throw new Error(
                answer.errors?.[0] ? `${answer.errors[0].pointer} ${answer.errors[0].message}` : answer.detail,
            );
        compared.value = { answer, body: text, document };
    } catch (fault) {
        compared.value = { ...compared.peek(), working: false, said: `Not answered: ${fault.message}` };
    }
}

function Templates() {
    const now = compared.value;
    const code = asked.value.currency;
    const found = now.answer?.templates || [];
    const [listed, setListed] = useState([]);
    useEffect(() => {
        loadTemplates().then(({ templates }) => setListed(templates));
    }, []);
    const same = listed
        .filter((one) => one.same_as.some((other) => one.name < other))
        .map((one) => `${[one.name, ...one.same_as].map(labelOf).join(" and ")} have the same steps`);
    const table = found.length > 0 && {
        caption: "Four templates",
        columns: [
            { head: "Template", text: true },
            { head: "Trap", unit: "periods", show: (v) => fixed(v) },
            { head: "Sweep", unit: "periods", show: (v) => fixed(v) },
            { head: "PIK", unit: "periods", show: (v) => fixed(v) },
            { head: "At ARD", text: true },
            { head: "Sale", unit: `${code} m`, show: (v) => millions(v) },
            { head: "Equity", unit: `${code} m`, show: (v) => millions(v) },
            { head: "Principal lost", unit: `${code} m`, show: (v) => millions(v, 2) },
            { head: "Interest unpaid", unit: `${code} m`, show: (v) => millions(v, 2) },
            { head: "WAL to final", unit: "y, senior", show: years },
        ],
        rows: found.map((one) => [
            labelOf(one.template),
            one.triggers.trap,
            one.triggers.amortise,
            one.triggers.pik,
            one.ard ? (one.ard.refinanced ? "refinanced" : "missed") : "nothing owed",
            one.sale,
            one.equity,
            one.principal_loss,
            one.interest_unpaid,
            one.tranches[0]?.wal_to_final ?? null,
        ]),
    };
    return html`<section class="panel span-12" data-testid="chart-templates" aria-labelledby="title-templates"><header><h3 id="title-templates">Four templates</h3><div class="actions"><button class="primary small" data-testid="templates-run" disabled=${now.working} onClick=${compareTemplates}>${now.working ? "Working it out" : found.length ? "Ask again" : "Ask"}</button>${table && html`<button class="link" onClick=${() => downloadCsv(table, "templates")}>CSV</button>`}</div></header>
        <p class="sub">The same loan and classes paid through each template’s steps.${same.length ? ` ${same.join("; ")}.` : ""}${now.answer && now.body !== body.value ? " Of the deal before your last edit." : ""}</p>
        ${now.said && html`<p class="note bad">${now.said}</p>`}
        ${table ? html`<div class="table-box"><${Table} table=${table} name="templates" /></div>` : html`<p class="note">Nothing is run until you ask.</p>`}</section>`;
}

export function Compare({ deal, answer, onGo }) {
    const other = held.value;
    const then = comparedAnswer.value;
    const most =
        other && then
            ? Math.max(1, then.tranches.at(-1)?.detachment.value ?? 0, answer.tranches.at(-1)?.detachment.value ?? 0)
            : 1;
    return html`${!other && html`<section class="panel span-12"><header><h3>Two deals</h3></header><p class="note">Nothing is held. <button class="link" onClick=${holdBeside}>Hold this deal beside</button>, edit, and see here what you changed and what came of it.</p></section>`}
        ${
            other &&
            then &&
            shown.value &&
            html`${answer.tranches.length > 0 && then.tranches.length > 0 && html`<${Panel} name="stacks" title="Two stacks on one axis" sub="Classes by share of value. “Supports” is model-implied, not a rating."><div class="lyings" role="list"><${Lying} name="Held" tranches=${then.tranches} most=${most} /><${Lying} name="This one" tranches=${answer.tranches} most=${most} /></div><p class="row"><button onClick=${editTheOther}>Edit the other</button></p><//>`}
        <${Changed} other=${other} deal=${deal} onGo=${onGo} /><${Came} now=${answer} then=${then} code=${deal.currency} />`
        }
        ${other && !then && html`<p class="note">Working out the held deal.</p>`}
        ${deal.structure ? html`<${Templates} />` : html`<p class="note">Templates pay classes: add a structure to compare them.</p>`}`;
}
