// What is taken away of the deal and of the answer shown: files, the service's own documents, paper.
import { html } from "./html.js";
import { csvOf, download, downloadDeal, fileName, notice } from "./files.js";
import { authorization } from "./keys.js";
import { shown, stale } from "./requests.js";
import { offers } from "./schema.js";

const DOCUMENTS = [
    ["workbook", "Workbook", "xlsx"],
    ["memo", "Memo", "pdf"],
    ["cashflow", "Cash flow", "csv"],
];
const offered = () =>
    DOCUMENTS.filter(
        ([name]) => offers(`/v1/underwritings/{id}/${name}`) || offers(`/v1/underwritings/{identity}/${name}`),
    );

async function downloadDocument(answer, name, ending) {
    const response = await fetch(`/v1/underwritings/${answer.id}/${name}`, {
        headers: { ...authorization(), ...(name === "cashflow" ? { Accept: "text/csv" } : {}) },
    });
    if (!response.ok)
        notice.value = {
            tone: "bad",
            text: `The service did not give the ${name}: ${(await response.json().catch(() => ({}))).detail || response.status}.`,
        };
    else download(fileName(name, ending), await response.blob(), response.headers.get("Content-Type"));
}
const downloadAnswer = (answer) =>
    download(fileName("answer", "json"), JSON.stringify(answer, null, 2), "application/json");
function downloadMonths({ cash_flow: { date, lines } }) {
    const rows = date.map((day, i) => [day, ...Object.values(lines).map((line) => line[i])]);
    download(fileName("cash-flow", "csv"), csvOf([["date", ...Object.keys(lines)], ...rows]), "text/csv");
}

// The list: of the answer shown only, disabled with the reason while it is stale.
export function TakeAway({ onPrint, onDone }) {
    const answer = shown.value?.answer;
    const closed = !answer || stale.value;
    const item = (label, take, disabled = closed) =>
        html`<button disabled=${disabled} onClick=${() => {
            onDone();
            take();
        }}>${label}</button>`;
    return html`${stale.value && html`<p class="help">Wait until the deal is answered; the deal itself can be taken at any time.</p>`}
        ${item("Deal, JSON", downloadDeal, false)}${item("Answer, JSON", () => downloadAnswer(answer))}
        ${item("Cash flow by month, CSV", () => downloadMonths(answer))}
        ${offered().map(([name, label, ending]) => item(`${label}, ${ending.toUpperCase()}`, () => downloadDocument(answer, name, ending)))}
        ${item("Print", onPrint, false)}<a href="/docs">The contract, to be tried</a>`;
}
