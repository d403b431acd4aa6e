// A pool of loans: its figures, what each class loses by scenario, maturities, concentration, classes, loans.
import { effect, html, signal, useMemo, useState } from "./html.js";
import { Chart, shareBars, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { Table, downloadCsv } from "./tables.js";
import { Undefined } from "./glossary.js";
import { Axis, Bar, scaleOf } from "./marks.js";
import { pool } from "./files.js";
import { post } from "./requests.js";
import { NONE, day, fixed, millions, money, month, percent, ratio, sum, years } from "./numbers.js";
import { labelOf } from "./words.js";

const ASK_MS = 200; // after the last change of the text
const TOP = 10; // names of a concentration that are drawn
const MOST = 400; // loans listed; the CSV has all
const ISSUER = "issuer";
const answered = signal(null); // {document, answer}: the last good answer
const refused = signal(null); // the problem document of the last refusal
export const working = signal(false);
let flight = null;
let timer = 0;

effect(() => {
    const document = pool.value;
    flight?.abort();
    clearTimeout(timer);
    if (!document) {
        answered.value = null;
        return;
    }
    working.value = true;
    timer = setTimeout(ask, answered.peek() ? ASK_MS : 0, document);
});

async function ask(document) {
    const own = (flight = new AbortController());
    try {
        const response = await post("/v1/pools", JSON.stringify(document), { signal: own.signal });
        const said = await response.json();
        if (own.signal.aborted) return;
        if (response.ok) answered.value = { document, answer: said };
        refused.value = response.ok ? null : said;
    } catch {
        if (own.signal.aborted) return;
        refused.value = { title: "No connection", detail: "The pool is safe; change it to ask again." };
    }
    working.value = false;
}

const FIGURES = [
    ["DSCR", (s) => ratio(s.wa_dscr), (s) => `as one loan ${ratio(s.dscr)}`],
    ["LTV", (s) => percent(s.wa_ltv), (s) => `as one loan ${percent(s.ltv)}`],
    ["Debt yield", (s) => percent(s.wa_debt_yield, 2), () => "weighted"],
    ["Interest", (s) => percent(s.wa_rate, 2), (s) => `${percent(s.wa_net_rate, 2)} net of fees`],
    ["Maturity", (s) => `${years(s.wa_term_months === null ? null : s.wa_term_months / 12)} y`, () => "weighted"],
    ["Effective loans", (s) => fixed(s.effective_loans, 1), (s) => `of ${s.count}`],
    ["Effective groups", (s) => fixed(s.effective_groups, 1), () => "obligors that are one"],
    ["Top ten", (s) => percent(s.top_10_share), (s) => `top one ${percent(s.top_1_share)}`],
];

const kindWords = (kind) =>
    labelOf(kind)
        .replace(/\b(dscr|ltv)\b/g, (name) => name.toUpperCase())
        .replace(" wa ", " weighted ");
const testName = (test) =>
    (test.name === test.kind ? kindWords(test.kind) : test.name) +
    (test.by ? `, ${test.top === 1 ? "the largest" : `top ${test.top}`} by ${labelOf(test.by).toLowerCase()}` : "");

function Headline({ answer, code }) {
    const { summary } = answer;
    const failed = answer.tests.filter((test) => !test.passes);
    const words = !answer.tests.length
        ? "No test is asked of this pool."
        : failed.length
          ? `${failed.map(testName).join("; ")} ${failed.length === 1 ? "fails" : "fail"}; ${answer.tests.length - failed.length} of ${answer.tests.length} tests pass.`
          : `All ${answer.tests.length} tests pass.`;
    return html`<section class=${working.value ? "headline stale" : "headline"} aria-label="Headline"><div class="lead"><div><p class="label">Balance at closing</p>
        <p class="principal" data-testid="pool-balance" data-value=${summary.balance}>${money(summary.balance, code)}</p><p class="label">${summary.count} loans${summary.issued === null ? "" : ` · ${money(summary.issued, code)} issued`}</p></div>
        <p class="sentence">${words} Reported scenario: ${answer.collateral.scenario}.</p></div>
        <dl class="figures">${FIGURES.map(([name, show, aside]) => html`<div><dt>${name}</dt><dd><b>${show(summary).startsWith(NONE) ? html`<${Undefined} />` : show(summary)}</b><small>${aside(summary)}</small></dd></div>`)}</dl></section>`;
}

// What each class loses in each scenario: a share of its principal says how dark the cell is.
function Losses({ answer, code }) {
    const { scenarios, tranches } = answer;
    const lost = (scenario, name) => scenario.classes.find((one) => one.name === name)?.principal_loss ?? null;
    const table = {
        caption: "What each class loses",
        columns: [
            { head: "Class", text: true },
            ...scenarios.map((one) => ({ head: one.name, unit: `${code} m`, show: (v) => millions(v, 2) })),
        ],
        rows: [
            ["All loans", ...scenarios.map((one) => one.collateral_loss)],
            ...tranches.map((note) => [note.name, ...scenarios.map((one) => lost(one, note.name))]),
        ],
        heads: [0],
    };
    const tone = (share) => (share > 0.5 ? 1 : share > 0.1 ? 2 : share > 1e-9 ? 3 : 4);
    return html`<${Panel} name="pool-losses" title="What each class loses, by scenario" span="7" table=${table} picture=${false} sub=${`${code} m of principal never repaid. Of the loans: realised losses, and their share of the balance at closing.`}>
        <div class="heat-box"><table class="heat" data-testid="pool-heat"><caption class="heard">Principal lost by class and scenario</caption><thead><tr><th scope="col" class="corner"><span class="heard">Class</span></th>${scenarios.map((one) => html`<th scope="col">${one.name}</th>`)}</tr></thead>
        <tbody><tr><th scope="row">All loans</th>${scenarios.map((one) => html`<td data-value=${one.collateral_loss}><b>${millions(one.collateral_loss)}</b> <small>${percent(one.loss_share)}</small></td>`)}</tr>
        ${tranches.map(
            (note) =>
                html`<tr><th scope="row">${note.name}</th>${scenarios.map((one) => {
                    const figure = lost(one, note.name);
                    const step = tone(note.principal ? figure / note.principal : 0);
                    return html`<td data-value=${figure} style=${{ background: `var(--div-${step})`, color: `var(--on-div-${step})` }}>${figure === null ? html`<${Undefined} why="A strip has no principal that could be lost." />` : figure > 0.5 ? millions(figure) : "none"}</td>`;
                })}</tr>`,
        )}</tbody></table></div><//>`;
}

function Maturities({ answer }) {
    const { maturity } = answer.concentration;
    const view = useMemo(() => {
        const first = maturity[0]?.id ?? 0;
        const list = Array.from({ length: (maturity.at(-1)?.id ?? 0) - first + 1 }, (_, i) => first + i);
        const share = list.map((year) => maturity.find((one) => one.id === year)?.share ?? 0);
        const table = {
            caption: "Maturity wall",
            columns: [
                { head: "Year", text: true },
                { head: "Matures", unit: "share of balance", show: (v) => percent(v) },
            ],
            rows: list.map((year, i) => [String(year), share[i]]),
        };
        const option = (t) => ({
            grid: { left: 48, right: 12, top: 24, bottom: 26 },
            xAxis: {
                type: "category",
                data: list.map(String),
                axisLabel: { color: t.ink3 },
                axisLine: { lineStyle: { color: t.rule } },
                axisTick: { show: false },
            },
            yAxis: valueAxis(t, { axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => percent(v, 0) } }),
            series: [
                shareBars(t, "Matures", share),
            ],
        });
        return { table, option };
    }, [maturity]);
    return html`<${Panel} name="pool-maturity" title="Maturity wall" span="5" table=${view.table} sub="Share of the balance at closing that matures in each year, by contract.">
        <${Chart} name="pool-maturity" height=${240} option=${view.option} table=${view.table} label="Share of the balance that matures, by year" /><//>`;
}

const BY = ["loan", "tenant", "sponsor", "market", "property_type"];
function Concentration({ answer, names }) {
    const [by, setBy] = useState(BY[0]);
    const all = answer.concentration[by];
    const rows = all.slice(0, TOP);
    const scale = scaleOf(Math.max(0.01, ...rows.map((one) => one.share)));
    const table = {
        caption: `Concentration by ${labelOf(by).toLowerCase()}`,
        columns: [
            { head: labelOf(by), text: true },
            { head: "Share", show: (v) => percent(v) },
        ],
        rows: all.map((one) => [one.id, one.share]),
    };
    return html`<${Panel} name="pool-concentration" title="Concentration" span="5" table=${table} sub=${`Share of the balance${all.length > TOP ? `, top ten of ${all.length}` : ""}.`}
        actions=${html`<label>By <select data-testid="pool-by" value=${by} onChange=${(event) => setBy(event.target.value)}>${BY.map((name) => html`<option value=${name}>${labelOf(name).toLowerCase()}</option>`)}</select></label>`}>
        ${rows.length === 0 && html`<p class="note">None is named.</p>`}
        <div class="lollipops" role="list">${rows.map((one) => html`<div class="lollipop" role="listitem" key=${one.id}><span>${(by === "loan" && names.get(one.id)) || one.id}</span><span class="track"><${Bar} from=${0} to=${scale.at(one.share)} tone="better-soft" /></span><b>${percent(one.share)}</b></div>`)}
        <div class="lollipop foot" aria-hidden="true"><span></span><span class="track"><${Axis} scale=${scale} show=${(v) => percent(v, 0)} /></span><b></b></div></div><//>`;
}

const Listed = ({ name, title, sub, table, span = 12, most }) =>
    html`<section class=${`panel span-${span}`} data-testid=${`chart-${name}`} aria-labelledby=${`title-${name}`}><header><h3 id=${`title-${name}`}>${title}</h3><div class="actions"><button class="link" onClick=${() => downloadCsv(table, name)} aria-label=${`CSV: ${title}`}>CSV</button></div></header><p class="sub">${sub}</p>
        <div class="table-box" tabindex="0" role="region" aria-label=${title}><${Table} table=${table} name=${name} most=${most} /></div></section>`;

function Tests({ answer }) {
    const share = (test) => /dscr|effective/.test(test.kind);
    const show = (test) => (value) => (share(test) ? fixed(value, 2) : percent(value, 2));
    const table = {
        caption: "Tests of the pool",
        columns: ["Test", "Limit", "Actual", "Passes"].map((head, i) => ({ head, text: i === 0, show: (v) => v })),
        rows: answer.tests.map((test) => [
            testName(test),
            show(test)(test.limit),
            show(test)(test.actual),
            test.passes ? "yes" : html`<span class="lost">no</span>`,
        ]),
    };
    if (!answer.tests.length) return null;
    return html`<section class="panel span-7" data-testid="chart-pool-tests"><header><h3>Tests</h3></header><p class="sub">In the order asked, each in its case.</p><div class="table-box"><${Table} table=${table} name="pool-tests" /></div></section>`;
}

function Classes({ answer, code }) {
    if (!answer.tranches.length) return null;
    const cash = (head) => ({ head, unit: `${code} m`, show: (v) => millions(v, 2) });
    const share = (head, unit, digits = 1) => ({ head, unit, show: (v) => percent(v, digits) });
    const broken = (point) =>
        point ? (point.status === "solved" ? point.value : point.status.replace("_", " ")) : null;
    const solved = (show) => (value) => (typeof value === "number" ? show(value) : value);
    const table = {
        caption: "Classes",
        columns: [
            { head: "Class", text: true },
            cash("Principal"),
            share("Coupon", "", 2),
            share("Yield", "", 2),
            share("Credit", "enhancement"),
            share("LTV"),
            { head: "DSCR", show: ratio },
            { head: "WAL", unit: "years", show: years },
            { head: "Window", text: true },
            cash("Principal loss"),
            { head: "Breaks at", unit: "CDR multiple", show: solved((v) => `${fixed(v, 2)}×`) },
            { head: "Breaks at", unit: "NCF haircut", show: solved((v) => percent(v)) },
            { head: "Supports", text: true },
        ],
        rows: answer.tranches.map((note) => [
            note.name,
            note.notional ?? note.principal,
            note.coupon,
            note.yield,
            note.credit_enhancement,
            note.ltv,
            note.dscr,
            note.wal,
            note.window ? `${month(note.window[0])} to ${month(note.window[1])}` : "none",
            note.principal_loss,
            broken(note.break_even?.cdr_multiple),
            broken(note.break_even?.ncf_haircut),
            note.supports,
        ]),
    };
    return html`<${Listed} name="pool-classes" title="Classes" table=${table} sub=${`In the reported scenario, ${answer.collateral.scenario}; of a strip its notional. “Supports” is model-implied, not a rating.`} />`;
}

function Loans({ answer, code, names }) {
    const table = useMemo(() => {
        const of = (loan) => loan.cases.find((one) => one.case === ISSUER) || loan.cases[0] || {};
        return {
            caption: "Loans",
            columns: [
                { head: "Loan", text: true },
                { head: "Name", text: true },
                { head: "Balance", unit: `${code} m`, show: (v) => millions(v, 2) },
                { head: "Share", show: (v) => percent(v) },
                { head: "DSCR", unit: "NCF", show: ratio },
                { head: "LTV", show: (v) => percent(v) },
                { head: "All-in LTV", show: (v) => percent(v) },
                { head: "Debt yield", show: (v) => percent(v, 2) },
                { head: "One-year PD", show: (v) => percent(v, 2) },
                { head: "Matures", unit: "months", show: (v) => fixed(v) },
                { head: "Outcome", text: true },
                { head: "Defaults", unit: "share", show: (v) => percent(v) },
                { head: "Loss", unit: `${code} m`, show: (v) => millions(v, 2) },
            ],
            rows: answer.loans.map((loan) => [
                loan.id,
                names.get(loan.id) ?? null,
                loan.balance,
                loan.share,
                of(loan).dscr ?? null,
                of(loan).ltv ?? null,
                of(loan).all_in_ltv ?? null,
                of(loan).debt_yield ?? null,
                loan.one_year_pd,
                loan.maturity_month,
                loan.outcome.status,
                loan.outcome.defaulted,
                loan.outcome.loss,
            ]),
        };
    }, [answer, names]);
    const more = answer.loans.length > MOST ? ` The first ${MOST} of ${answer.loans.length}; the CSV has all.` : "";
    return html`<${Listed} name="pool-loans" title="Loans" table=${table} most=${MOST} sub=${`At closing in the issuer’s case; outcome in the reported scenario, ${answer.collateral.scenario}.${more}`} />`;
}

// The pool as text, its problems beside it.
function Text({ onClose }) {
    const [fault, setFault] = useState("");
    const [text, setText] = useState(() => JSON.stringify(pool.peek(), null, 2));
    const change = (event) => {
        setText(event.target.value);
        try {
            pool.value = JSON.parse(event.target.value);
            setFault("");
        } catch (problem) {
            setFault(`not JSON yet: ${problem.message}`);
        }
    };
    const errors = refused.value ? refused.value.errors || [{ pointer: "", message: refused.value.detail }] : [];
    return html`<div class="form"><h2>The pool</h2><p class="row"><button onClick=${onClose} data-testid="pool-close">‹ Back to the deal</button></p><p class="help">Edits here are asked at once; the last good figures stay.</p>
        <textarea class="code" rows="30" spellcheck="false" aria-label="The pool as JSON" aria-invalid=${fault || errors.length ? "true" : undefined} data-testid="pool-json" value=${text} onInput=${change}></textarea>
        ${fault && html`<p class="problem">${fault}</p>`}${errors.map((one) => html`<p class="problem" data-testid=${`problem-${one.pointer}`}>${one.pointer || "The pool"}: ${one.message}</p>`)}</div>`;
}

export function PoolPage({ here, onClose }) {
    const now = answered.value;
    const names = useMemo(
        () => new Map((now?.document.loans || []).map((loan) => [loan.id, loan.name])),
        [now?.document],
    );
    const same = now && { answer: now.answer, code: now.document.currency, names };
    const warnings = now?.answer.warnings || [];
    return html`<aside id="deal" class=${`deal ${here ? "here" : ""}`} aria-label="Pool" tabindex="-1"><div class="editor"><${Text} onClose=${onClose} /></div></aside>
        <main id="results" class=${here ? "" : "here"} aria-label="Results" tabindex="-1">${
            now
                ? html`<${Headline} ...${same} />
            ${refused.value && html`<p class="note bad">${refused.value.title}. The figures are those before your last edit.</p>`}
            <div class="grid pool"><${Losses} ...${same} /><${Maturities} ...${same} /><${Tests} ...${same} /><${Concentration} ...${same} /><${Classes} ...${same} /><${Loans} ...${same} />
            ${warnings.length > 0 && html`<section class="panel span-12"><header><h3>What to check</h3></header><ul>${warnings.map((one) => html`<li>${one.message} <span class="aside">${one.pointer}</span></li>`)}</ul></section>`}</div>
            <footer>Figures are the service’s own; copies and CSV are unrounded. Answer ${now.answer.id.slice(0, 12)} · engine ${now.answer.engine} · closing ${day(now.document.closing)} · ${fixed(sum(now.answer.loans.map((loan) => loan.balance)), 0)} ${now.document.currency} of loans</footer>`
                : html`<p class="note">${refused.value ? `${refused.value.title}. ${refused.value.detail ?? ""}` : "Working it out"}</p>`
        }</main>`;
}
