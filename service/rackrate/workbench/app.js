// The page: its regions, its views, its keys. Views read what is shown and keep no figures of their own.
import { computed, effect, html, render, signal, useEffect, useState } from "./html.js";
import { chosen, deal, deals, held, holdBeside, open, present, redo, selection, undo } from "./deal.js";
import {
    chooseFile,
    downloadDeal,
    earlier,
    kept,
    loadLimit,
    loadShipped,
    notice,
    openFile,
    openShipped,
    openText,
    pool,
    shipped,
} from "./files.js";
import { allProblems, ask, printing, refusal, run, shown, stale, state, view } from "./requests.js";
import { Field, focusField, Members } from "./form.js";
import { Headline, Warnings, dealLine, spokenHeadline } from "./headline.js";
import { KeyDialog, wanted } from "./keys.js";
import { LONGEST, COMFORTABLE, linkTo, readLink } from "./link.js";
import { Outline, partOf, partsOf } from "./outline.js";
import { house } from "./rulesets.js";
import { choices, contract, loadContract, schemaAt } from "./schema.js";
import { HELP } from "./words.js";
import { CapitalStack, ClassLives, ClassesTable } from "./structure.js";
import { Bridge, BreakEvens, Tests } from "./sizing.js";
import { CashFlowTable } from "./cashflow.js";
import { CoverChart } from "./coverchart.js";
import { WhereCashGoes } from "./cashuses.js";
import { OrderOfPayments } from "./paymentorder.js";
import { LeaseGrid } from "./leases.js";
import { LeasesAndPower } from "./power.js";
import { Stresses } from "./sensitivities.js";
import { Compare } from "./comparisons.js";
import { PoolPage, working } from "./pools.js";
import { TakeAway } from "./takeaway.js";
import { JsonView } from "./json.js";
import { Palette, paletteOpen } from "./palette.js";
import { Meaning } from "./glossary.js";
import { loadCharts, spoken, theme } from "./charts.js";
import { short } from "./sentences.js";
import { day, money, plural } from "./numbers.js";

const VIEWS = [
    ["overview", "Overview"],
    ["cash", "Cash flow"],
    ["structure", "Structure"],
    ["power", "Leases and power"],
    ["stresses", "Stresses"],
    ["compare", "Compare"],
    ["json", "JSON"],
];
const PRINTED = ["overview", "structure", "power"];
const PUBLISHED = "examples/published/"; // deals of public sources, in a list of their own
const FIRST = "examples/colocation-multi-tenant.json";
const OVERLAYS = signal({ menu: "", warnings: false });
const pane = signal("results"); // at 390: deal, results or ask
const period = signal(0);
const pointed = signal(-1);

const menu = (name) => (OVERLAYS.value = { ...OVERLAYS.peek(), menu: OVERLAYS.peek().menu === name ? "" : name });

// Show the field at a pointer: its part of the outline, its pane, the focus.
function go(pointer) {
    const part = partOf(pointer, present.peek());
    selection.value = part;
    pane.value = "deal";
    requestAnimationFrame(() => requestAnimationFrame(() => focusField(pointer)));
}
const isGrid = () => /^\/facilities\/\d+\/leases$/.test(selection.value);

function choose(pointer) {
    selection.value = pointer;
    requestAnimationFrame(() => {
        const form = document.querySelector(".editor");
        form?.scrollTo(0, 0);
        if (matchMedia("(max-width: 820px)").matches) form?.scrollIntoView(); // where it is below the outline
    });
}

function stepProblem(by) {
    const found = allProblems.peek();
    if (!found.length) return;
    stepProblem.at = ((stepProblem.at ?? (by > 0 ? -1 : 0)) + by + found.length) % found.length;
    go(found[stepProblem.at].pointer);
}

async function copyLink() {
    const link = await linkTo(present.peek(), { view: view.peek(), run: run.peek(), held: held.peek() });
    if (link.length > LONGEST) {
        notice.value = { tone: "warn", text: "This deal is too long for a link. Download it as a file instead." };
        return;
    }
    try {
        await navigator.clipboard.writeText(link);
        notice.value = {
            tone: "good",
            text:
                link.length > COMFORTABLE
                    ? "Copied. Long link: some mail programs cut it. A file is safer."
                    : "Copied. The link holds the deal itself; the service keeps nothing.",
        };
    } catch {
        history.replaceState(null, "", link);
        notice.value = { tone: "good", text: "The link is in the address bar: copy it from there." };
    }
}

const COMMANDS = [
    ["Open a deal", chooseFile, "Ctrl O"],
    ["Download the deal", downloadDeal, "Ctrl S"],
    ["Copy a link to the deal", copyLink],
    ["Undo", undo, "Ctrl Z"],
    ["Redo", redo, "Shift Ctrl Z"],
    ["Hold beside", holdBeside],
    ["Print", () => printAll()],
    ["Next problem", () => stepProblem(1), "F8"],
    ["Previous problem", () => stepProblem(-1), "Shift F8"],
    ["Light or dark", () => turnTheme()],
    ["API key or token", () => (wanted.value = "A key or token is sent with every request.")],
];

function keys(event) {
    const ctrl = event.ctrlKey || event.metaKey;
    const within = event.target.closest?.("input, textarea, select");
    const at = `${ctrl ? "C" : ""}${event.shiftKey ? "S" : ""}-${event.key.toLowerCase()}`;
    const action = {
        "C-z": undo,
        "CS-z": redo,
        "C-y": redo,
        "C-s": downloadDeal,
        "C-o": chooseFile,
        "C-k": () => (paletteOpen.value = !paletteOpen.peek()),
        "-f8": () => stepProblem(1),
        "S-f8": () => stepProblem(-1),
    }[at];
    if (event.key === "Escape" && OVERLAYS.peek().menu) return menu("");
    if (!action || (within?.tagName === "TEXTAREA" && /z|y/.test(event.key))) return undefined;
    event.preventDefault();
    return action();
}

function turnTheme() {
    const next = theme.peek() === "dark" ? "light" : "dark";
    try {
        localStorage.setItem("rackrate.theme", next);
    } catch {
        /* it then lasts as long as the page */
    }
    setTheme(next);
}
function setTheme(name) {
    document.documentElement.dataset.theme = name;
    theme.value = name;
}
const wishes = matchMedia("(prefers-color-scheme: dark)");
const chosenTheme = () => {
    try {
        return localStorage.getItem("rackrate.theme");
    } catch {
        return null;
    }
};
setTheme(chosenTheme() || (wishes.matches ? "dark" : "light"));
wishes.addEventListener("change", () => chosenTheme() || setTheme(wishes.matches ? "dark" : "light"));
let themeBeforePrint = "";
addEventListener("beforeprint", () => {
    printing.value = true;
    themeBeforePrint = theme.peek();
    setTheme("light");
});
addEventListener("afterprint", () => {
    printing.value = false;
    setTheme(themeBeforePrint);
});

// Print once the parts are there that no view has asked for; with problems, what is shown.
function printAll() {
    printing.value = true;
    const ready = computed(() => Boolean(shown.value?.answer.credit && !stale.value) || allProblems.value.length > 0);
    let done = false;
    const stop = effect(() => {
        if (!ready.value || done) return;
        done = true;
        requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
        queueMicrotask(() => stop());
    });
}

function TopBar() {
    const pooled = pool.value;
    const now = pooled ?? present.value;
    const { kind, text, again } = state.value;
    const answer = shown.value?.answer;
    return html`<header class="top"><a class="skip" href="#deal">To the deal</a><a class="skip" href="#results">To the results</a>
        <span class="mark" aria-hidden="true"><svg width="16" height="16" viewBox="0 0 16 16"><path d="M1 2h14v3H1zM1 7h8v3H1zM1 12h11v3H1z" /></svg><b>rackrate</b></span>
        <div class="menu-of"><h1><button class="name" data-testid="open" aria-haspopup="true" aria-expanded=${OVERLAYS.value.menu === "open" ? "true" : "false"} onClick=${() => menu("open")}>${now?.name || "No deal"} <i>▾</i></button></h1>
            ${OVERLAYS.value.menu === "open" && html`<div class="menu" data-testid="open-menu">${!pooled && html`<${Actions} />`}<${OpenList} /></div>`}</div>
        <span class="about">${now && html`${now.currency} · closing ${typeof now.closing === "string" ? day(now.closing) : "?"}`}</span>
        <span class="grow"></span>
        ${
            pooled
                ? html`<span class=${`state ${working.value ? "working" : "answered"}`} data-testid="state" role="status">${working.value ? "Working it out" : "Answered"}</span><button class="wide-only" onClick=${downloadDeal}>Download</button>`
                : html`<span class=${`state ${kind}`} data-testid="state" role="status">${text}${answer && kind === "answered" ? html`<span class="engine"> · engine ${answer.engine} · ${answer.ruleset.name}</span>` : ""}${again && html` <button class="link" onClick=${ask}>Try again</button>`}</span>
        <button class="flat wide-only" data-testid="undo" disabled=${!deal.value.past.value.length} onClick=${undo}>Undo</button><button class="flat wide-only" data-testid="redo" disabled=${!deal.value.future.value.length} onClick=${redo}>Redo</button>
        <button class="wide-only" data-testid="hold" onClick=${holdBeside} disabled=${!now}>Hold beside</button>
        <div class="menu-of wide-only"><button data-testid="take-away" aria-haspopup="true" aria-expanded=${OVERLAYS.value.menu === "take" ? "true" : "false"} onClick=${() => menu("take")}>Take away <i>▾</i></button>
            ${OVERLAYS.value.menu === "take" && html`<div class="menu right" role="group" aria-label="Take away"><${TakeAway} onPrint=${printAll} onDone=${() => menu("")} /></div>`}</div>`
        }
        <button class="flat wide-only" onClick=${turnTheme} aria-label=${`Use the ${theme.value === "dark" ? "light" : "dark"} theme`}>${theme.value === "dark" ? "Light" : "Dark"}</button>
        ${!pooled && html`<button class="primary" data-testid="copy-link" disabled=${!now} onClick=${copyLink}>Copy link</button>`}</header>`;
}

// What the bar has no room for on a telephone.
function Actions() {
    return html`<div class="narrow-only actions-of"><button disabled=${!deal.value.past.value.length} onClick=${undo}>Undo</button><button disabled=${!deal.value.future.value.length} onClick=${redo}>Redo</button>
        <button onClick=${() => {
            holdBeside();
            menu("");
        }} disabled=${!present.value}>Hold beside</button><button onClick=${turnTheme}>${theme.value === "dark" ? "Light" : "Dark"}</button>
        <details><summary>Take away</summary><${TakeAway} onPrint=${printAll} onDone=${() => menu("")} /></details></div>`;
}

function OpenList() {
    const paste = (event) => {
        event.preventDefault();
        openText(event.clipboardData.getData("text/plain"), "What you pasted");
        menu("");
    };
    const offered = (one) =>
        html`<button onClick=${() => {
            menu("");
            openShipped(one.path);
        }}><b>${one.name}</b><small>${dealLine(one)}</small></button>`;
    const published = shipped.value.filter((one) => one.path.startsWith(PUBLISHED));
    const pools = shipped.value.filter((one) => one.loans);
    return html`<p class="label">Shipped deals</p>${shipped.value.filter((one) => !published.includes(one) && !pools.includes(one)).map(offered)}
        <p class="label">Pools of loans</p>${pools.map(offered)}
        <details data-testid="published"><summary class="label">${published.length} published deals, underwritten again</summary>${published.map(offered)}</details>
        ${
            earlier.value.length > 0 &&
            html`<p class="label">Earlier in this browser only</p>${earlier.value.slice(0, 5).map(
                (one) =>
                    html`<button onClick=${() => {
                        menu("");
                        open(one.document);
                    }}><b>${one.name}</b></button>`,
            )}`
        }
        <p class="label">Your own</p><button data-testid="open-file" onClick=${() => {
            menu("");
            chooseFile();
        }}><b>Open a file</b><small>or drop one on the page</small></button>
        <textarea rows="2" data-testid="paste-deal" aria-label="Paste a deal as JSON" placeholder="Or paste a deal as JSON here" onPaste=${paste} onChange=${(
            event,
        ) => {
            if (event.target.value.trim()) {
                openText(event.target.value, "What you pasted");
                menu("");
            }
        }}></textarea>`;
}

function Editor() {
    const now = present.value;
    if (!now || !contract.value) return html`<p class="note">Reading the contract.</p>`;
    const at = partsOf(now).some((part) => part.pointer === selection.value) ? selection.value : "/";
    const title = partsOf(now).find((part) => part.pointer === at)?.name;
    const found = allProblems.value;
    return html`${found.length > 0 && html`<div class="problems" role="group" aria-label="Problems"><b>${found.length} ${plural(found.length, "problem keeps", "problems keep")} this from being answered</b><ul>${found.slice(0, 8).map((problem) => html`<li><button class="plain" onClick=${() => go(problem.pointer)}>${problem.pointer || "The deal"}: ${problem.message}</button></li>`)}</ul></div>`}
        <div class="form" aria-label=${title} role="group" key=${at}><h2>${title}</h2>${HELP[at] && html`<p class="help">${HELP[at]}</p>`}<${Part} at=${at} now=${now} /></div>`;
}
function Part({ at, now }) {
    if (at === "/")
        return html`<${Members} pointer="" node=${contract.value.components.schemas.Deal} value=${now} skip=${["tenants", "facilities", "market", "debt", "cases", "sizing", "structure"]} />`;
    const facility = /^\/facilities\/\d+$/.exec(at);
    if (facility)
        return html`<${Members} pointer=${at} node=${choices(schemaAt(at, now)).alternatives[0]} value=${now.facilities[at.split("/")[2]]} skip=${["leases", "power", "operating_costs", "market"]} />`;
    if (/leases$/.test(at))
        return html`<p class="note">The leases fill the page. <button class="link" onClick=${() => choose(at.replace(/\/leases$/, ""))}>Back to the facility</button></p>`;
    if (at === "/facilities")
        return html`<${Field} pointer="/facilities" name="facilities" node=${schemaAt(at, now)} required=${true} />`;
    if (at === "/sizing/tests")
        return html`<${Field} pointer=${at} name="tests" node=${schemaAt(at, now)} required=${true} extra=${{ items: testNotes(now) }} /><${Members} pointer="/sizing" node=${choices(schemaAt("/sizing", now)).alternatives[0]} value=${now.sizing} skip=${["tests"]} />`;
    return html`<${Field} pointer=${at} name=${at.split("/").at(-1)} node=${schemaAt(at, now)} required=${at !== "/structure" && at !== "/cases"} />`;
}
function testNotes(now) {
    const answer = shown.value?.answer;
    if (!answer || stale.value) return [];
    return now.sizing.tests.map((_, i) => {
        const test = answer.sizing.tests[i];
        if (!test) return undefined;
        return test.binding
            ? { text: "binds", tone: "binds" }
            : { text: test.slack === null ? "limits nothing" : `${money(test.slack, now.currency)} to spare` };
    });
}

function Views() {
    const tabs = (event) => {
        const i = VIEWS.findIndex(([name]) => name === view.value);
        const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: VIEWS.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        view.value = VIEWS[(to + VIEWS.length) % VIEWS.length][0];
        event.currentTarget.querySelectorAll("[role=tab]")[(to + VIEWS.length) % VIEWS.length].focus();
    };
    const count = shown.value?.answer.warnings.length || 0;
    return html`<div class="views"><div class="tabs" role="tablist" aria-label="Views" onKeyDown=${tabs}>${VIEWS.map(([name, label]) => html`<button role="tab" id=${`tab-${name}`} aria-selected=${view.value === name ? "true" : "false"} aria-controls="view" tabindex=${view.value === name ? 0 : -1} data-testid=${`view-${name}`} onClick=${() => (view.value = name)}>${label}</button>`)}</div>
        <button class=${`pill ${count ? "warn" : ""}`} data-testid="warnings" aria-expanded=${OVERLAYS.value.warnings ? "true" : "false"} onClick=${() => (OVERLAYS.value = { ...OVERLAYS.peek(), warnings: !OVERLAYS.peek().warnings })}>${count} ${plural(count, "warning")}</button></div>`;
}

function View({ name }) {
    const now = shown.value;
    if (name === "json") return html`<${JsonView} onGo=${go} />`;
    if (!now)
        return html`<p class="note">${refusal.value ? `${refusal.value.title}. ${refusal.value.detail}` : "Working it out"}</p>`;
    const { answer, document: of } = now;
    const same = { answer, deal: of, onGo: go };
    const pick = (index) => (period.value = index);
    switch (name) {
        case "cash":
            return html`<${CashFlowTable} ...${same} /><${CoverChart} ...${same} at=${pointed.value} />`;
        case "structure":
            return html`<${ClassesTable} ...${same} /><${ClassLives} ...${same} />${!printing.value && html`<${CapitalStack} ...${same} />`}${answer.waterfall && html`<${WhereCashGoes} ...${same} period=${period.value} onPeriod=${pick} /><${OrderOfPayments} ...${same} period=${period.value} onPeriod=${pick} />`}`;
        case "power":
            return html`<${LeasesAndPower} ...${same} />`;
        case "stresses":
            return html`<${Stresses} ...${same} />`;
        case "compare":
            return html`<${Compare} ...${same} />`;
        default:
            return html`<${Tests} ...${same} /><${CapitalStack} ...${same} /><${CoverChart} ...${same} at=${pointed.value} /><${BreakEvens} ...${same} /><${Bridge} ...${same} />`;
    }
}

const flagged = (flag) => {
    const dates = shown.peek()?.answer.waterfall?.date || [];
    if (!flag.date) return;
    if (!["overview", "cash"].includes(view.peek())) view.value = "overview";
    pointed.value = -1;
    requestAnimationFrame(() => {
        pointed.value = dates.indexOf(flag.date);
        document.querySelector('[data-testid="chart-cover"]')?.scrollIntoView({ block: "center" });
    });
};

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
            ...Object.keys(house.value.cases),
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
