// The page: its regions, its views, its keys. Views read what is shown and keep no figures of their own.
import { html, render, useEffect, useState } from "./html.js";
import { chosen, deals, open, present, selection } from "./deal.js";
import { kept, loadLimit, loadShipped, notice, openFile, openShipped, pool } from "./files.js";
import { allProblems, ask, printing, run, shown, stale, view } from "./requests.js";
import { Headline, Warnings, spokenHeadline } from "./headline.js";
import { KeyDialog } from "./keys.js";
import { readLink } from "./link.js";
import { Outline } from "./outline.js";
import { ruleset } from "./rulesets.js";
import { contract, loadContract } from "./schema.js";
import { LeaseGrid } from "./leases.js";
import { PoolPage } from "./pools.js";
import { Palette } from "./palette.js";
import { Meaning } from "./glossary.js";
import { loadCharts, spoken } from "./charts.js";
import { short } from "./sentences.js";
import { money, plural } from "./numbers.js";
import { OVERLAYS, VIEWS, choose, flagged, go, isGrid, menu, pane } from "./navigation.js";
import { COMMANDS, keys } from "./commands.js";
import { TopBar } from "./topbar.js";
import { Editor } from "./editor.js";
import { View, Views } from "./views.js";

const PRINTED = ["overview", "structure", "power"];
const FIRST = "examples/colocation-multi-tenant.json";

function Notice() {
    if (!notice.value) return null;
    return html`<p class=${`notice ${notice.value.tone}`} role="status" data-testid="notice">${notice.value.text} <button class="link" onClick=${() => (notice.value = null)}>Close</button></p>`;
}

function Page() {
    const [dropping, setDropping] = useState(false);
    useEffect(() => {
        const over = (event) => {
            if ([...event.dataTransfer.types].includes("Files")) {
                event.preventDefault();
                setDropping(true);
            }
        };
        const drop = (event) => {
            setDropping(false);
            if (event.dataTransfer.files[0]) {
                event.preventDefault();
                openFile(event.dataTransfer.files[0]);
            }
        };
        const leave = (event) => event.relatedTarget === null && setDropping(false);
        const outside = (event) => OVERLAYS.peek().menu && !event.target.closest(".menu-of") && menu("");
        const all = [
            ["dragover", over],
            ["drop", drop],
            ["dragleave", leave],
            ["keydown", keys],
            ["pointerdown", outside],
        ];
        for (const [name, listener] of all) document.addEventListener(name, listener);
        return () => all.forEach(([name, listener]) => document.removeEventListener(name, listener));
    }, []);
    const now = shown.value;
    const cases = [
        ...new Set([
            "issuer",
            ...Object.keys(ruleset.value.cases),
            ...(present.value?.cases || []).map((one) => one?.name).filter(Boolean),
        ]),
    ];
    const grid = isGrid() && contract.value;
    if (pool.value)
        return html`<${TopBar} /><${PoolPage} here=${pane.value === "deal"} onClose=${() => (pool.value = null)} />${notice.value && html`<div class="over"><${Notice} /></div>`}
        <nav class="bottom" aria-label="Panes">${["deal", "results"].map((name) => html`<button aria-current=${pane.value === name ? "page" : undefined} onClick=${() => (pane.value = name)}>${name === "deal" ? "Pool" : "Results"}</button>`)}</nav>
        ${dropping && html`<div class="veil"><p class="dialog">Drop it here</p></div>`}<p class="heard" aria-live="polite">${spoken.value}</p>`;
    return html`<${TopBar} />
        <aside id="deal" class=${`deal ${pane.value === "deal" ? "here" : ""}`} aria-label="Deal" tabindex="-1">
            ${now && html`<p class=${`strip ${stale.value ? "stale" : ""}`}><b>${money(now.answer.summary.principal, now.document.currency)}</b> ${short(now.answer, now.document, now.document.currency)}</p>`}
            <nav aria-label="Parts of the deal"><${Outline} onChoose=${choose} /></nav><div class="editor"><${Editor} /></div></aside>
        <main id="results" class=${`${pane.value === "deal" && !grid ? "" : "here"} ${grid ? "gridded" : ""} ${stale.value ? "dim" : ""}`} aria-label="Results" tabindex="-1" data-pane=${pane.value}>
            <${Notice} />
            ${
                grid
                    ? html`<${LeaseGrid} at=${selection.value} onClose=${() => choose(selection.value.replace(/\/leases$/, ""))} onGo=${go} />`
                    : html`
            <${Headline} onFlag=${flagged} cases=${cases} />
            <nav aria-label="Views"><${Views} /></nav>
            ${OVERLAYS.value.warnings && html`<div class="grid"><${Warnings} onGo=${go} /></div>`}
            <div id="view" class="grid" role="tabpanel" aria-labelledby=${`tab-${view.value}`} key=${printing.value ? "printed" : view.value} data-testid="view">${stale.value && allProblems.value.length > 0 && html`<p class="note bad span-12">${allProblems.value.length} ${plural(allProblems.value.length, "problem keeps", "problems keep")} this from being answered. The figures are those before your last edit.</p>`}${printing.value ? html`${PRINTED.map((name) => html`<h2 class="span-12">${VIEWS.find(([key]) => key === name)[1]}</h2><${View} name=${name} />`)}<${Warnings} onGo=${go} />` : html`<${View} name=${view.value} />`}</div>`
            }
            ${now && html`<footer>Figures are the service’s own; copies and CSV are unrounded. Answer ${now.answer.id.slice(0, 12)} · engine ${now.answer.engine} · ruleset ${now.answer.ruleset.name} · nothing is stored on the server.</footer>`}
        </main>
        <nav class="bottom" aria-label="Panes">${[
            ["deal", "Deal"],
            ["results", "Results"],
            ["ask", "Ask"],
        ].map(
            ([name, label]) =>
                html`<button aria-current=${pane.value === name ? "page" : undefined} onClick=${() => {
                    pane.value = name;
                    if (name === "ask") view.value = "stresses";
                    if (name === "results" && ["stresses", "compare"].includes(view.peek())) view.value = "overview";
                }}>${label}</button>`,
        )}</nav>
        <${KeyDialog} onKey=${ask} /><${Palette} commands=${COMMANDS} views=${VIEWS} onView=${(name) => {
            view.value = name;
            pane.value = "results";
        }} onGo=${go} />
        ${dropping && html`<div class="veil"><p class="dialog">Drop the deal here</p></div>`}
        <${Meaning} /><${Live} />`;
}

function Live() {
    const [said, setSaid] = useState("");
    const headline = spokenHeadline();
    useEffect(() => {
        const timer = setTimeout(setSaid, 800, headline);
        return () => clearTimeout(timer);
    }, [headline]);
    return html`<p class="heard" aria-live="polite" data-testid="live">${said}</p><p class="heard" aria-live="polite">${spoken.value}</p><p class="heard" aria-live="assertive">${allProblems.value[0]?.message || ""}</p>`;
}

async function start() {
    render(html`<${Page} />`, document.getElementById("page"));
    loadShipped();
    loadLimit();
    loadContract().catch(
        () =>
            (notice.value = {
                tone: "bad",
                text: "The contract could not be read; the forms are away. The results still work.",
            }),
    );
    await begin();
    setTimeout(loadCharts, 50);
}
async function begin() {
    let linked = null;
    try {
        linked = await readLink(location.hash);
    } catch (fault) {
        notice.value = { tone: "bad", text: fault.message };
    }
    if (linked) {
        open(linked.document);
        if (linked.held) deals[1 - chosen.peek()].document.value = linked.held;
        if (VIEWS.some(([name]) => name === linked.view)) view.value = linked.view;
        run.value = linked.run;
    } else if (kept.peek().length) open(kept.peek()[0].document);
    else await openShipped(FIRST);
}
addEventListener("hashchange", begin);

start();
