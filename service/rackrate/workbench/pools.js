// A pool: asked as it is edited; of loans their figures, losses by scenario, maturities, concentration, classes.
import { effect, html, signal, useMemo, useState } from "./html.js";
import { Table } from "./tables.js";
import { pool } from "./files.js";
import { Undefined } from "./glossary.js";
import { GroundResults } from "./groundleases.js";
import { Listed, Losses, Shares, Wall } from "./poolparts.js";
import { post } from "./requests.js";
import { NONE, day, fixed, millions, money, month, percent, ratio, years } from "./numbers.js";
import { labelOf } from "./words.js";

const ASK_MS = 200; // after the last change of the text
const MOST = 400; // loans listed; the CSV has all
const ISSUER = "issuer";
export const answered = signal(null); // {document, answer}: the last good answer
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

function Maturities({ answer }) {
    return html`<${Wall} name="pool-maturity" title="Maturity wall" years=${answer.concentration.maturity} of="share of balance" what="Matures"
        sub="Share of the balance at closing that matures in each year, by contract." />`;
}

const BY = ["loan", "tenant", "sponsor", "market", "property_type"];
function Concentration({ answer, names }) {
    const [by, setBy] = useState(BY[0]);
    const choose = html`<label>By <select data-testid="pool-by" value=${by} onChange=${(event) => setBy(event.target.value)}>${BY.map((name) => html`<option value=${name}>${labelOf(name).toLowerCase()}</option>`)}</select></label>`;
    return html`<${Shares} by=${labelOf(by)} all=${answer.concentration[by]} nameOf=${(one) => (by === "loan" && names.get(one.id)) || one.id} of="the balance" actions=${choose} />`;
}

const LEAD = [
    {
        label: "All loans",
        loss: (one) => one.collateral_loss,
        cell: (one) => html`<b>${millions(one.collateral_loss)}</b> <small>${percent(one.loss_share)}</small>`,
    },
];

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
    const [typed, setTyped] = useState(null); // {document, text, fault}: of the pool that is shown, or it is stale
    const held = typed?.document === pool.value ? typed : null;
    const text = held?.text ?? JSON.stringify(pool.value, null, 2);
    const fault = held?.fault ?? "";
    const change = (event) => {
        const text = event.target.value;
        let fault = "";
        try {
            pool.value = JSON.parse(text);
        } catch (problem) {
            fault = `not JSON yet: ${problem.message}`;
        }
        setTyped({ document: pool.peek(), text, fault });
    };
    const errors = refused.value ? refused.value.errors || [{ pointer: "", message: refused.value.detail }] : [];
    return html`<div class="form"><h2>The pool</h2><p class="row"><button onClick=${onClose} data-testid="pool-close">‹ Back to the deal</button></p><p class="help">Edits here are asked at once; the last good figures stay.</p>
        <textarea class="code" rows="30" spellcheck="false" aria-label="The pool as JSON" aria-invalid=${fault || errors.length ? "true" : undefined} data-testid="pool-json" value=${text} onInput=${change}></textarea>
        ${fault && html`<p class="problem">${fault}</p>`}${errors.map((one) => html`<p class="problem" data-testid=${`problem-${one.pointer}`}>${one.pointer || "The pool"}: ${one.message}</p>`)}</div>`;
}

function LoanResults({ answer, code, names }) {
    const same = { answer, code, names };
    return html`<${Headline} ...${same} />
        <div class="grid pool"><${Losses} scenarios=${answer.scenarios} tranches=${answer.tranches} code=${code} lead=${LEAD} sub=${`${code} m of principal never repaid. Of the loans: realised losses, and their share of the balance at closing.`} /><${Maturities} ...${same} /><${Tests} ...${same} /><${Concentration} ...${same} /><${Classes} ...${same} /><${Loans} ...${same} /></div>`;
}

export function PoolPage({ here, onClose }) {
    const now = answered.value;
    const names = useMemo(
        () => new Map((now?.document.loans || now?.document.ground_leases || []).map((one) => [one.id, one.name])),
        [now?.document],
    );
    const warnings = now?.answer.warnings || [];
    const Results = now?.answer.loans ? LoanResults : GroundResults;
    return html`<aside id="deal" class=${`deal ${here ? "here" : ""}`} aria-label="Pool" tabindex="-1"><div class="editor"><${Text} onClose=${onClose} /></div></aside>
        <main id="results" class=${here ? "" : "here"} aria-label="Results" tabindex="-1">${
            now
                ? html`${refused.value && html`<p class="note bad">${refused.value.title}. The figures are those before your last edit.</p>`}
            <${Results} answer=${now.answer} document=${now.document} code=${now.document.currency} names=${names} stale=${working.value} />
            ${warnings.length > 0 && html`<div class="grid pool"><section class="panel span-12"><header><h3>What to check</h3></header><ul>${warnings.map((one) => html`<li>${one.code.replaceAll("_", " ")}: ${one.message} <span class="aside">${one.pointer}</span></li>`)}</ul></section></div>`}
            <footer>Figures are the service’s own; copies and CSV are unrounded. Answer ${now.answer.id.slice(0, 12)} · engine ${now.answer.engine} · closing ${day(now.document.closing)}</footer>`
                : html`<p class="note">${refused.value ? `${refused.value.title}. ${refused.value.detail ?? ""}` : "Working it out"}</p>`
        }</main>`;
}
