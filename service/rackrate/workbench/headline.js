// The headline: the principal, the sentence that says why, eight figures, and what happens in the run shown.
import { html, useEffect } from "./html.js";
import { edit, held, present, editTheOther, release } from "./deal.js";
import { before, body, printing, probe, refusal, run, shown, stale } from "./requests.js";
import { change, fixed, inWords, money, percent, ratio, years } from "./numbers.js";
import { bindingSentence, changeSentence, classesIssued, flagsOf, told, warningGroups } from "./sentences.js";
import { comparedAnswer } from "./comparisons.js";
import { Term, Undefined } from "./glossary.js";

const Sentence = ({ parts }) => parts.map((part) => (part.b ? html`<b>${part.b}</b>` : part));

const FIGURES = [
    [
        "dscr-closing",
        "DSCR",
        (s) => ratio(s.dscr.closing),
        () => "NCF, closing",
        (s) => s.dscr.closing,
        (v) => ratio(v),
    ],
    [
        "dscr-minimum",
        "Minimum DSCR",
        (s) => ratio(s.dscr.minimum),
        () => "worst 12 months",
        (s) => s.dscr.minimum,
        (v) => ratio(v),
    ],
    [
        "ltv",
        "LTV",
        (s) => percent(s.ltv),
        (s, code) => `of ${money(s.value, code)}`,
        (s) => s.ltv,
        (v) => `${fixed(v * 100, 1)} pts`,
    ],
    [
        "debt-yield",
        "Debt yield",
        (s) => percent(s.debt_yield, 2),
        () => "NCF / principal",
        (s) => s.debt_yield,
        (v) => `${fixed(v * 100, 2)} pts`,
    ],
    ["noi", "NOI", (s, code) => money(s.noi, code), () => "closing year", (s) => s.noi, (v, code) => money(v, code)],
    ["ncf", "NCF", (s, code) => money(s.ncf, code), () => "closing year", (s) => s.ncf, (v, code) => money(v, code)],
    [
        "walt",
        "WALT",
        (s) => `${years(s.walt_years)} y`,
        () => "to expiry",
        (s) => s.walt_years,
        (v) => `${fixed(v, 1)} y`,
    ],
    [
        "tenants",
        "Effective tenants",
        (s) => fixed(s.effective_tenants, 1),
        (s, _, deal) => `of ${deal.tenants.length}; top ${percent(s.top_tenant_share, 0)}`,
        (s) => s.effective_tenants,
        (v) => fixed(v, 1),
    ],
];

const TERMS = {
    "dscr-closing": "DSCR",
    "dscr-minimum": "DSCR",
    ltv: "LTV",
    "debt-yield": "Debt yield",
    noi: "NOI",
    ncf: "NCF",
    walt: "WALT",
    tenants: "Effective tenants",
};
const BRIEF = { "dscr-minimum": "Min. DSCR", tenants: "Eff. tenants" }; // where there is little room

export function Headline({ onFlag, cases }) {
    const now = shown.value;
    const deal = present.value;
    const zero = refusal.value?.type?.endsWith("cannot-be-financed");
    useEffect(() => {
        document.title = `${deal?.name || "Deal"} · rackrate`;
    }, [deal?.name]);
    if (!now)
        return html`<section class="headline" aria-label="Headline"><p class="label">Principal</p><p class="principal" data-testid="principal">–</p><p class="sentence">${zero ? html`<b>Nothing can be borrowed.</b> ${refusal.value.detail}` : "Working it out"}</p></section>`;
    const { answer, document: of } = now;
    const code = of.currency;
    const summary = answer.summary;
    const relaxed = probe.value?.body === now.body ? probe.value : null;
    const other = comparedAnswer.value;
    const delta = before.value ? summary.principal - before.value.principal : 0;
    const classes = stale.value ? "headline stale" : "headline";
    return html`<section class=${classes} aria-label="Headline" data-edit=${now.edit}>
        <div class="lead"><div><p class="label">${stale.value ? "Principal, before your last edit" : "Principal"}</p>
            <p class="principal" data-testid="principal" data-value=${summary.principal}>${money(summary.principal, code)}</p>
            <p class="label" data-testid="issued">${classesIssued(answer, code)}${before.value && !stale.value ? html` · <b>${changeSentence(delta, code)}</b>` : ""}</p></div>
            <p class="sentence" data-testid="binding-sentence">${zero ? html`<b>Nothing can be borrowed.</b> ${refusal.value.detail} ` : html`<${Sentence} parts=${bindingSentence(answer, of, relaxed, code)} />`}</p></div>
        ${held.value && html`<p class="beside" data-testid="beside"><b>Held beside: ${held.value.name}</b> ${other ? html`${money(other.summary.principal, held.value.currency)} · ${summary.principal === other.summary.principal ? "the same principal" : `this one ${change(summary.principal - other.summary.principal, (v) => money(v, code))}`}` : "working it out"} <button class="link" onClick=${editTheOther}>Edit the other</button> <button class="link" onClick=${release}>Let go</button></p>`}
        <dl class="figures">${FIGURES.map(([name, label, show, of_, raw, diff]) => html`<div data-testid=${`kpi-${name}`}><dt><${Term} name=${TERMS[name]}><span class="long">${label}</span><span class="brief" aria-hidden="true">${BRIEF[name] || label}</span><//></dt><dd><b>${raw(summary) === null ? html`<${Undefined} of=${label} />` : show(summary, code)}</b><small>${other && raw(other.summary) !== null && raw(summary) !== null ? (raw(summary) === raw(other.summary) ? "same beside" : `${change(raw(summary) - raw(other.summary), (v) => diff(v, code))} beside`) : of_(summary, code, of)}</small></dd></div>`)}</dl>
        <div class="runline"><label>Run of case <select data-testid="run-select" value=${run.value ?? of.structure?.case ?? "issuer"} disabled=${!deal?.structure} onChange=${(event) => (run.value = event.target.value === (present.peek().structure?.case ?? "issuer") ? null : event.target.value)}>
            ${cases.map((name) => html`<option value=${name}>${name}</option>`)}</select></label>
            ${
                run.value &&
                html`<button class="link" onClick=${() => {
                    edit("/structure/case", run.value);
                    run.value = null;
                }}>Keep in the deal</button>`
            }
            <span class="flags">${flagsOf(answer, code).map((flag) => html`<button class=${`flag ${flag.tone || flag.code}`} data-testid=${`flag-${flag.code}`} onClick=${() => onFlag(flag)}><i></i>${flag.text}</button>`)}</span></div>
    </section>`;
}

export function Warnings({ onGo }) {
    const warnings = shown.value?.answer.warnings || [];
    return html`<div class="warnings panel span-12" data-testid="warnings-list"><header><h3>What to check</h3></header>
        ${warnings.length === 0 && html`<p class="note">No warnings.</p>`}
        ${warningGroups(warnings).map((group) => html`<details key=${group.code} open=${printing.value || group.items.length < 4}><summary>${group.text}</summary><ul>${group.items.map((warning) => html`<li><button class="plain" onClick=${() => onGo(warning.pointer)}>${warning.message}</button></li>`)}</ul></details>`)}</div>`;
}

// What the live region says, once typing rests.
export function spokenHeadline() {
    const now = shown.value;
    if (!now || stale.value || now.body !== body.value) return "";
    const parts = bindingSentence(now.answer, now.document, null, now.document.currency);
    return `Principal ${money(now.answer.summary.principal, now.document.currency)}. ${told(parts).split(". ")[0]}.`;
}
export const dealLine = (deal) =>
    deal.loans || deal.ground_leases
        ? `${deal.loans ? `${deal.loans} loans` : `${deal.ground_leases} ground leases`}, ${deal.classes} classes`
        : `${fixed(deal.kw / 1000)} MW, ${deal.tenants} ${deal.tenants === 1 ? "tenant" : "tenants"}, ${deal.classes ? `${inWords(deal.classes)} ${deal.classes === 1 ? "class" : "classes"}` : "sized only"}`;
