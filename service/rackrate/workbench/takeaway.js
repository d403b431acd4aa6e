// What is taken away of the deal and of the answer shown: files, the service's own documents, paper.
import { html } from "./html.js";
import { csvOf, download, downloadDeal, fileName, notice } from "./files.js";
import { authorization } from "./keys.js";
import { post, shown, stale } from "./requests.js";
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

// A document of the answer; where the service has forgotten the answer, as after a restart, it is worked out again first.
async function fetchDocument({ answer, body }, name) {
    const headers = { ...authorization(), ...(name === "cashflow" ? { Accept: "text/csv" } : {}) };
    const get = () => fetch(`/v1/underwritings/${answer.id}/${name}`, { headers });
    const first = await get();
    if (first.status !== 404) return first;
    await post("/v1/underwritings?fields=id", body);
    return get();
}
async function downloadDocument(now, name, ending) {
    const refuse = (why) => (notice.value = { tone: "bad", text: `The service did not give the ${name}: ${why}.` });
    notice.value = { tone: "good", text: `The ${name} is being made; it is downloaded once it is there.` };
    try {
        const response = await fetchDocument(now, name);
        if (!response.ok) return refuse((await response.json().catch(() => ({}))).detail || response.status);
        download(fileName(name, ending), await response.blob(), response.headers.get("Content-Type"));
        notice.value = null;
    } catch {
        refuse("no connection");
    }
    return undefined;
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
        ${offered().map(([name, label, ending]) => item(`${label}, ${ending.toUpperCase()}`, () => downloadDocument(shown.peek(), name, ending)))}
        ${item("Print", onPrint, false)}<a href="/docs">The contract, to be tried</a>`;
}
