// The views of the answer, and the tabs between them.
import { html } from "./html.js";
import { printing, refusal, shown, view } from "./requests.js";
import { ClassLives } from "./classlives.js";
import { CapitalStack, ClassesTable } from "./structure.js";
import { BreakEvens, Bridge, Tests } from "./sizing.js";
import { CashFlowTable } from "./cashflow.js";
import { CoverChart } from "./coverchart.js";
import { WhereCashGoes } from "./cashuses.js";
import { OrderOfPayments } from "./paymentorder.js";
import { LeasesAndPower } from "./power.js";
import { Stresses } from "./sensitivities.js";
import { Compare } from "./comparisons.js";
import { JsonView } from "./json.js";
import { plural } from "./numbers.js";
import { OVERLAYS, VIEWS, go, period, pointed } from "./navigation.js";

export function Views() {
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

export function View({ name }) {
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
