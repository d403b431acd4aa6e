// The top bar: the deal that is open, its state, and what can be done with it.
import { html } from "./html.js";
import { deal, holdBeside, open, present, redo, undo } from "./deal.js";
import { chooseFile, earlier, openShipped, openText, pool, shipped } from "./files.js";
import { ask, shown, state } from "./requests.js";
import { dealLine } from "./headline.js";
import { working } from "./pools.js";
import { TakeAway } from "./takeaway.js";
import { theme } from "./charts.js";
import { day } from "./numbers.js";
import { OVERLAYS, menu } from "./navigation.js";
import { turnTheme } from "./theme.js";
import { printAll } from "./print.js";
import { copyLink } from "./commands.js";

const PUBLISHED = "examples/published/"; // deals of public sources, in a list of their own

export function TopBar() {
    const pooled = pool.value;
    const now = pooled ?? present.value;
    const { kind, text, again } = state.value;
    const answer = shown.value?.answer;
    return html`<header class="top"><a class="skip" href="#deal">To the deal</a><a class="skip" href="#results">To the results</a>
        <span class="mark" aria-hidden="true"><svg width="16" height="16" viewBox="0 0 16 16"><path d="M1 2h14v3H1zM1 7h8v3H1zM1 12h11v3H1z" /></svg><b>rackrate</b></span>
        <div class="menu-of"><h1><button class="name" data-testid="open" aria-haspopup="true" aria-expanded=${OVERLAYS.value.menu === "open" ? "true" : "false"} onClick=${() => menu("open")}>${now?.name || "No deal"} <i>▾</i></button></h1>
            ${OVERLAYS.value.menu === "open" && html`<div class="menu" data-testid="open-menu">${!pooled && html`<${Actions} />`}${pooled && html`<details class="narrow-only"><summary>Take away</summary><${TakeAway} pooled onPrint=${printAll} onDone=${() => menu("")} /></details>`}<${OpenList} /></div>`}</div>
        <span class="about">${now && html`${now.currency} · closing ${typeof now.closing === "string" ? day(now.closing) : "?"}`}</span>
        <span class="grow"></span>
        ${
            pooled
                ? html`<span class=${`state ${working.value ? "working" : "answered"}`} data-testid="state" role="status">${working.value ? "Working it out" : "Answered"}</span>`
                : html`<span class=${`state ${kind}`} data-testid="state" role="status">${text}${answer && kind === "answered" ? html`<span class="engine"> · engine ${answer.engine} · ${answer.ruleset.name}</span>` : ""}${again && html` <button class="link" onClick=${ask}>Try again</button>`}</span>
        <button class="flat wide-only" data-testid="undo" disabled=${!deal.value.past.value.length} onClick=${undo}>Undo</button><button class="flat wide-only" data-testid="redo" disabled=${!deal.value.future.value.length} onClick=${redo}>Redo</button>
        <button class="wide-only" data-testid="hold" onClick=${holdBeside} disabled=${!now}>Hold beside</button>`
        }
        <div class="menu-of wide-only"><button data-testid="take-away" aria-haspopup="true" aria-expanded=${OVERLAYS.value.menu === "take" ? "true" : "false"} onClick=${() => menu("take")}>Take away <i>▾</i></button>
            ${OVERLAYS.value.menu === "take" && html`<div class="menu right" role="group" aria-label="Take away"><${TakeAway} pooled=${Boolean(pooled)} onPrint=${printAll} onDone=${() => menu("")} /></div>`}</div>
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
    const pools = shipped.value.filter((one) => one.loans || one.ground_leases);
    return html`<p class="label">Shipped deals</p>${shipped.value.filter((one) => !published.includes(one) && !pools.includes(one)).map(offered)}
        <p class="label">Pools</p>${pools.map(offered)}
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
