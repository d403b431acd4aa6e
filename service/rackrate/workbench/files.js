// Deals and answers in and out of the page: shipped deals, files, text, the browser's own store; downloads.
import { computed, effect, signal } from "./html.js";
import { chosen, open, present } from "./deal.js";
import { fixed } from "./numbers.js";

const AUTOSAVE_MS = 400;
const KEPT = 10; // deals in the browser's store
const STORE = "rackrate.deals";
const base = new URL(".", import.meta.url).pathname;
export const shipped = signal([]);
export const pool = signal(null); // the pool on the page, of loans or of ground leases; null where a deal is
export const notice = signal(null); // {text, tone}: one thing said about what was opened, copied or kept
let mostBytes = Infinity; // of a document, as the service says it reads

export async function loadShipped() {
    shipped.value = await (await fetch(`${base}examples.json`)).json();
}
export async function loadLimit() {
    const entry = await fetch("/", { headers: { Accept: "application/json" } });
    if (entry.ok) mostBytes = (await entry.json()).max_body_bytes;
}
const isPool = (document) => Array.isArray(document?.loans) || Array.isArray(document?.ground_leases);
// A pool takes the page; a deal comes back to it.
function show(document) {
    pool.value = isPool(document) ? document : null;
    if (!pool.value) open(document);
}
export async function openShipped(path) {
    show(await (await fetch(base + path)).json());
}

function refuse(text) {
    notice.value = { tone: "bad", text: `${text} The deal on the page is untouched.` };
    return false;
}
// Read text as a deal or a pool; what cannot be read leaves the present one alone.
export function openText(text, from) {
    let document;
    try {
        document = JSON.parse(text);
    } catch (fault) {
        return refuse(`${from} is not JSON: ${fault.message}.`);
    }
    if (document && typeof document === "object" && document.deal) document = document.deal;
    if (!Array.isArray(document?.facilities) && !isPool(document))
        return refuse(`${from} is JSON, but neither a deal nor a pool: it has no facilities, loans or ground leases.`);
    show(document);
    notice.value = {
        tone: "good",
        text: pool.peek() ? `${from} is open.` : `${from} is open. Undo brings the deal before it back.`,
    };
    return true;
}
const mebibytes = (bytes) => fixed(bytes / 1048576, 1, 0);
export async function openFile(file) {
    if (file.size > mostBytes) {
        notice.value = {
            tone: "bad",
            text: `${file.name} has ${mebibytes(file.size)} MiB; the service reads ${mebibytes(mostBytes)} MiB. The deal on the page is untouched.`,
        };
        return;
    }
    openText(await file.text(), file.name);
}
export function chooseFile() {
    const input = Object.assign(document.createElement("input"), { type: "file", accept: ".json,application/json" });
    input.addEventListener("change", () => input.files[0] && openFile(input.files[0]));
    input.click();
}

export function download(name, content, type) {
    const url = URL.createObjectURL(new Blob([content], { type }));
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
}
const taken = () => pool.peek() ?? present.peek();
export const fileName = (what, ending) =>
    `${
        (taken()?.name || "deal")
            .replace(/[^\p{L}\p{N}]+/gu, "-")
            .replace(/^-|-$/g, "")
            .toLowerCase() || "deal"
    }${what ? `-${what}` : ""}.${ending}`;
export const downloadDeal = () => download(fileName("", "json"), JSON.stringify(taken(), null, 2), "application/json");

// Rows as RFC 4180 has them; a text that a spreadsheet would take for a formula is preceded by an apostrophe.
export function csvOf(rows) {
    const cell = (value) => {
        if (value === null || value === undefined) return "";
        if (typeof value === "number") return String(value);
        const text = /^[=+@\-\t\r]/.test(value) ? `'${value}` : String(value);
        return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

// Kept in this browser only: the last deals by the tab that edits them, newest first.
const tab = crypto.randomUUID?.() ?? String(Math.random());
let refused = false;
export const kept = signal(stored());
export const earlier = computed(() => kept.value.filter((entry) => entry.tab !== tab));
function stored() {
    try {
        return JSON.parse(localStorage.getItem(STORE) || "[]");
    } catch {
        return [];
    }
}
function keep(document) {
    const entries = [{ tab, name: document.name, document }, ...stored().filter((entry) => entry.tab !== tab)].slice(
        0,
        KEPT,
    );
    try {
        localStorage.setItem(STORE, JSON.stringify(entries));
        kept.value = entries;
    } catch {
        if (!refused)
            notice.value = {
                tone: "warn",
                text: "This browser keeps nothing: its store is full or closed. Download the deal to keep it.",
            };
        refused = true;
    }
}
let timer = 0;
effect(() => {
    const document = present.value;
    chosen.value;
    clearTimeout(timer);
    if (document) timer = setTimeout(keep, AUTOSAVE_MS, document);
});
