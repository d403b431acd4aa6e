// What is taken away of the deal and of the answer shown: files, the service's own documents, paper.
import { html } from "./html.js";
import { csvOf, download, downloadDeal, fileName, notice } from "./files.js";
import { authorization } from "./keys.js";
import { answered, working } from "./pools.js";
import { post, shown, stale } from "./requests.js";
import { offers } from "./schema.js";

const DOCUMENTS = [
    ["workbook", "Workbook", "xlsx"],
    ["memo", "Memo", "pdf"],
    ["cashflow", "Cash flow", "csv"],
];
const offered = (at) =>
    DOCUMENTS.filter(([name]) => offers(`${at}/{id}/${name}`) || offers(`${at}/{identity}/${name}`));
// What is shown, where the service keeps it, and what it was asked: a deal's or a pool's.
const ofDeal = () => ({ at: "/v1/underwritings", now: shown.value, waits: stale.value });
const ofPool = () => {
    const now = answered.value;
    return {
        at: "/v1/pools",
        now: now && { answer: now.answer, body: JSON.stringify(now.document) },
        waits: working.value,
    };
};

// A document of the answer; where the service has forgotten the answer, as after a restart, it is worked out again first.
async function fetchDocument(at, { answer, body }, name) {
    const headers = { ...authorization(), ...(name === "cashflow" ? { Accept: "text/csv" } : {}) };
    const get = () => fetch(`${at}/${answer.id}/${name}`, { headers });
    const first = await get();
    if (first.status !== 404) return first;
    await post(`${at}?fields=id`, body);
    return get();
}
async function downloadDocument(at, now, name, ending) {
    const refuse = (why) => (notice.value = { tone: "bad", text: `The service did not give the ${name}: ${why}.` });
    notice.value = { tone: "good", text: `The ${name} is being made; it is downloaded once it is there.` };
    try {
        const response = await fetchDocument(at, now, name);
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
export function TakeAway({ pooled = false, onPrint, onDone }) {
    const { at, now, waits } = pooled ? ofPool() : ofDeal();
    const closed = !now || waits;
    const what = pooled ? "pool" : "deal";
    const item = (label, take, disabled = closed) =>
        html`<button disabled=${disabled} onClick=${() => {
            onDone();
            take();
        }}>${label}</button>`;
    return html`${waits && html`<p class="help">Wait until the ${what} is answered; the ${what} itself can be taken at any time.</p>`}
        ${item(`${pooled ? "Pool" : "Deal"}, JSON`, downloadDeal, false)}${item("Answer, JSON", () => downloadAnswer(now.answer))}
        ${now?.answer.cash_flow && item("Cash flow by month, CSV", () => downloadMonths(now.answer))}
        ${offered(at).map(([name, label, ending]) => item(`${label}, ${ending.toUpperCase()}`, () => downloadDocument(at, now, name, ending)))}
        ${item("Print", onPrint, false)}<a href="/docs">The contract, to be tried</a>`;
}
