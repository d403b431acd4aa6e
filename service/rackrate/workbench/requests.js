// Requests: the newest deal is asked about, older requests are dropped, and nothing older is ever shown.
import { batch, computed, effect, signal } from "./html.js";
import { begun, drafts, edited, present, withValue, pathOf } from "./deal.js";
import { authorization, key, wanted } from "./keys.js";
import { relaxed } from "./sentences.js";

const DEBOUNCE_MS = 40;
const PROBE_MS = 300;
const REMEMBERED = 20; // answers, so that undo is instant
const ALWAYS = [
    "id",
    "engine",
    "ruleset",
    "summary",
    "bridge",
    "bridge_steps",
    "sizing",
    "tranches",
    "waterfall",
    "cash_flow",
    "break_evens",
    "warnings",
];
const OF_VIEW = { power: ["credit", "power"], json: ["coverage", "credit", "power"] };

export const view = signal("overview");
export const run = signal(null); // the case shown instead of the deal's own; null for the deal's
export const state = signal({ kind: "idle", text: "" });
const problems = signal([]); // {pointer, message}, of the last refusal
export const refusal = signal(null); // the problem document of the last refusal
export const shown = signal(null); // {answer, document, body, edit}: the last good answer
export const probe = signal(null); // {body, principal, issued}: what an easier limit gives
export const before = signal(null); // {principal}: of the answer before the last edit, for a while
let fading = null;
export const issuersRun = signal(null); // {body, run}: the issuer's case beside another that is shown
const answers = new Map();
let flight = null;
let timer = 0;
let failures = 0;

export const asked = computed(() =>
    present.value && run.value && present.value.structure
        ? withValue(present.value, ["structure", "case"], run.value)
        : present.value,
);
export const body = computed(() => (asked.value ? JSON.stringify(asked.value) : null));
export const stale = computed(() =>
    Boolean(
        shown.value && (shown.value.body !== body.value || Object.keys(drafts.value).length || problems.value.length),
    ),
);
export const printing = signal(false); // every printed view is laid out, whichever is shown
const parts = computed(() => [...ALWAYS, ...((printing.value ? OF_VIEW.power : OF_VIEW[view.value]) || [])]);
export const allProblems = computed(() => [
    ...Object.entries(drafts.value).map(([pointer, { message }]) => ({ pointer, message, draft: true })),
    ...problems.value,
]);

// Post JSON as who holds the key; the answer is the response. Throws as `fetch` does.
export const post = (path, text, { signal: stop, accept = "application/json" } = {}) =>
    fetch(path, {
        method: "POST",
        body: text,
        signal: stop,
        headers: { "Content-Type": "application/json", Accept: accept, ...authorization() },
    });

function remember(text, answer) {
    const known = { ...answers.get(text), ...answer };
    answers.delete(text);
    answers.set(text, known);
    while (answers.size > REMEMBERED) answers.delete(answers.keys().next().value);
    return known;
}

function show(text, answer, edit, took) {
    const last = shown.peek();
    batch(() => {
        clearTimeout(fading);
        const moved = last?.begun === begun.peek() && last.answer.summary.principal !== answer.summary.principal;
        before.value = moved ? { principal: last.answer.summary.principal } : null;
        if (moved) fading = setTimeout(() => (before.value = null), 6000);
        problems.value = [];
        refusal.value = null;
        shown.value = { answer, document: asked.peek(), body: text, edit, begun: begun.peek() };
        state.value = {
            kind: "answered",
            text: took === null ? "Answered" : `Answered in ${Math.max(1, Math.round(took))} ms`,
        };
    });
    failures = 0;
}

// Ask now what has to be asked, or show what is known.
export async function ask() {
    clearTimeout(timer);
    const text = body.peek();
    if (text === null) return;
    const edit = edited.peek();
    const count = Object.keys(drafts.peek()).length;
    flight?.abort();
    flight = null;
    if (count) {
        state.value = { kind: "refused", text: `Not answered: ${count} ${count === 1 ? "problem" : "problems"}` };
        return;
    }
    const wants = parts.peek();
    const known = answers.get(text);
    const missing = known ? wants.filter((part) => !(part in known)) : wants;
    if (!missing.length) {
        show(text, remember(text, known), edit, null);
        return;
    }
    if (known?.summary && shown.peek()?.body !== text) show(text, known, edit, null);
    const own = (flight = new AbortController());
    const start = performance.now();
    const waiting = setTimeout(() => (state.value = { kind: "working", text: "Working it out" }), 150);
    try {
        const response = await fetched(known, text, missing, own.signal);
        const said = await response.json();
        if (own.signal.aborted || edit !== edited.peek()) return;
        if (response.ok) show(text, remember(text, said), edit, performance.now() - start);
        else refuse(response, said);
    } catch {
        if (own.signal.aborted) return;
        retry(Math.min(8, 2 ** failures++) * 1000, "No connection. Your deal is safe.");
    } finally {
        clearTimeout(waiting);
        if (flight === own) flight = null;
    }
}

// Fetch more of an answer that is known by its id; compute it again where the service has forgotten it.
async function fetched(known, text, missing, stop) {
    const query = `?fields=${missing.join(",")}`;
    if (known?.id) {
        const again = await fetch(`/v1/underwritings/${known.id}${query}`, { signal: stop, headers: authorization() });
        if (again.ok) return again;
    }
    return post(`/v1/underwritings${query}`, text, { signal: stop });
}

function refuse(response, said) {
    const { status } = response;
    if (status === 401 || status === 403) {
        wanted.value = said.detail || "This service wants an API key or a token.";
        state.value = { kind: "refused", text: "Wants a key" };
    } else if (status === 429 || status === 503) {
        const wait = Math.max(1, Number(response.headers.get("Retry-After")) || 1) * (1 + 0.2 * Math.random());
        retry(wait * 1000, `Paused, ${Math.ceil(wait)} s. Your deal is safe.`);
    } else {
        const found = said.errors?.length ? said.errors : [{ pointer: "", message: said.detail || said.title }];
        batch(() => {
            problems.value = found;
            refusal.value = said;
            state.value = {
                kind: "refused",
                text: `Not answered: ${found.length} ${found.length === 1 ? "problem" : "problems"}`,
            };
        });
    }
}

function retry(wait, text) {
    state.value = { kind: "waiting", text, again: failures >= 3 };
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
}
addEventListener("online", () => state.peek().kind === "waiting" && ask());

effect(() => {
    body.value;
    drafts.value;
    parts.value;
    key.value;
    clearTimeout(timer);
    if (flight) timer = setTimeout(ask, DEBOUNCE_MS);
    else timer = setTimeout(ask, 0);
});

// After a good answer of another case: the waterfall of the issuer's, to be drawn beside it.
let besides = null;
let besideTimer = 0;
effect(() => {
    const now = shown.value;
    clearTimeout(besideTimer);
    besides?.abort();
    if (!now || issuersRun.peek()?.body === now.body) return;
    if ((now.document.structure?.case ?? "issuer") === "issuer") return;
    const text = JSON.stringify(withValue(now.document, ["structure", "case"], "issuer"));
    const have = answers.get(text);
    if (have?.waterfall) {
        issuersRun.value = { body: now.body, run: have.waterfall };
        return;
    }
    besideTimer = setTimeout(async () => {
        if (body.peek() !== now.body) return;
        const own = (besides = new AbortController());
        try {
            const response = await post("/v1/underwritings?fields=waterfall", text, { signal: own.signal });
            if (response.ok) issuersRun.value = { body: now.body, run: (await response.json()).waterfall };
        } catch {
            // the run shown is drawn alone
        }
    }, PROBE_MS);
});

// After a good answer: what would one step of the binding limit give?
let probing = null;
let probeTimer = 0;
effect(() => {
    const now = shown.value;
    clearTimeout(probeTimer);
    probing?.abort();
    if (!now || probe.peek()?.body === now.body) return;
    probeTimer = setTimeout(async () => {
        const easier = relaxed(now.answer, now.document);
        if (!easier || body.peek() !== now.body) return;
        probing = new AbortController();
        try {
            const changed = JSON.stringify(withValue(now.document, pathOf(easier.pointer), easier.limit));
            const response = await post("/v1/underwritings?fields=summary", changed, { signal: probing.signal });
            if (!response.ok || body.peek() !== now.body) return;
            const { summary } = await response.json();
            probe.value = {
                body: now.body,
                principal: summary.principal,
                issued: summary.issued,
                binding: summary.binding_test,
            };
        } catch {
            // the sentence then says what the shadow price alone can say
        }
    }, PROBE_MS);
});
