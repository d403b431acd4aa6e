// A pool of ground leases: rents and the debt on them, what each class loses by case, expiries, lessees, leases.
import { html, useMemo } from "./html.js";
import { Undefined } from "./glossary.js";
import { NONE, fixed, millions, money, percent, ratio, years } from "./numbers.js";
import { Listed, Losses, Shares, Wall } from "./poolparts.js";
import { nameOf } from "./sentences.js";
import { BreakEvens, Tests } from "./sizing.js";
import { CapitalStack } from "./structure.js";

const MONTHS = 12;
const FIGURES = [
    ["DSCR", (s) => ratio(s.dscr.closing), (s) => `least year ${ratio(s.dscr.minimum)}`],
    ["LTV", (s) => percent(s.ltv), () => "of the leases"],
    ["Look-through", (s) => percent(s.look_through_ltv), () => "of land, buildings"],
    ["Rent cover", (s) => ratio(s.coverage), () => "by leaseholds"],
    ["Debt yield", (s) => percent(s.debt_yield, 2), () => "of net cash flow"],
    ["Value", (s, code) => money(s.value, code), (s, code) => `of ${money(s.combined_value, code)}`],
];

function Headline({ answer, code, stale }) {
    const { summary } = answer;
    const binding = answer.sizing.tests.find((test) => test.binding);
    const words = binding ? `${nameOf(binding)} binds` : "The classes stop it";
    const following = answer.sizing.tests.find((test) => test.name === summary.next_test);
    const next = following ? `; ${nameOf(following)} is next` : "";
    const paid = answer.waterfall ? ` Paid in case ${answer.waterfall.case}.` : "";
    return html`<section class=${stale ? "headline stale" : "headline"} aria-label="Headline"><div class="lead"><div><p class="label">Principal on ground rents</p>
        <p class="principal" data-testid="ground-principal" data-value=${summary.principal}>${money(summary.principal, code)}</p><p class="label">${answer.ground_leases.length} ground leases${summary.issued === null ? "" : ` · ${money(summary.issued, code)} issued`}</p></div>
        <p class="sentence">${words}${next}.${paid}</p></div>
        <dl class="figures">${FIGURES.map(([name, show, aside]) => html`<div><dt>${name}</dt><dd><b>${show(summary, code).startsWith(NONE) ? html`<${Undefined} />` : show(summary, code)}</b><small>${aside(summary, code)}</small></dd></div>`)}</dl></section>`;
}

const LEAD = [
    {
        label: "Rent in default",
        value: (one) => one.defaulted_share,
        cell: (one) => html`<b>${percent(one.defaulted_share)}</b>`,
    },
];

function Leases({ answer, code, names }) {
    const table = useMemo(
        () => ({
            caption: "Ground leases",
            columns: [
                { head: "Ground lease", text: true },
                { head: "Name", text: true },
                { head: "Rent", unit: `${code} m a year`, show: (v) => millions(v, 2) },
                { head: "Cover", unit: "of rent", show: ratio },
                { head: "Least", unit: "twelve months", show: ratio },
                { head: "Value", unit: `${code} m`, show: (v) => millions(v, 2) },
                { head: "GLTV", show: (v) => percent(v) },
                { head: "Expires in", unit: "years", show: (v) => years(v / MONTHS) },
                { head: "Defaults", unit: "month", show: (v) => fixed(v) },
                { head: "Cured", text: true },
            ],
            rows: answer.ground_leases.map((lease) => [
                lease.id,
                names.get(lease.id) ?? null,
                lease.rent,
                lease.coverage,
                lease.minimum_coverage,
                lease.value,
                lease.gltv,
                lease.expiry,
                lease.default_month,
                lease.cured === null ? "" : lease.cured ? "yes" : "no",
            ]),
        }),
        [answer, names],
    );
    return html`<${Listed} name="ground-leases" title="Ground leases" table=${table} sub=${`In case ${answer.cash_flow.case}; rent of the first twelve months; GLTV is value over that of land and improvements.`} />`;
}

// The text is where a pool is edited: what a deal's panels would lead to is found there.
const toText = () => document.querySelector("[data-testid=pool-json]")?.focus();

export function GroundResults({ answer, document: of, code, names, stale }) {
    const same = { answer, deal: of, onGo: toText };
    return html`<${Headline} answer=${answer} code=${code} stale=${stale} />
        <div class="grid pool">${answer.scenarios.length > 0 && html`<${Losses} scenarios=${answer.scenarios} tranches=${answer.tranches} code=${code} lead=${LEAD} sub=${`${code} m of principal never repaid, the classes as issued, paid from each case’s rents. Rent in default: share of ground rent at closing, cured or not.`} />`}
        <${Wall} name="ground-expiry" title="Expiry wall" years=${answer.concentration.expiry} of="share of ground rent" what="Ends" sub="Share of ground rent at closing whose lease ends in each year." />
        <${Leases} answer=${answer} code=${code} names=${names} />
        <${Tests} ...${same} /><${Shares} by="Lessee" all=${answer.concentration.tenant} of="ground rent at closing" />
        ${answer.tranches.length > 0 && html`<${CapitalStack} ...${same} /><${BreakEvens} ...${same} />`}</div>`;
}
