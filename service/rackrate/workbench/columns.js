// Columns of a table, chosen by who reads it; the choice is kept in the browser.
import { html, signal } from "./html.js";

const STORE = "rackrate.columns";
const choices = signal(stored()); // by table: the names of those that are away
function stored() {
    try {
        return JSON.parse(localStorage.getItem(STORE) || "{}");
    } catch {
        return {};
    }
}

// Whether each column of a table is shown; `away` are those that are not until they are chosen.
export function chosenColumns(table, away = []) {
    const hidden = new Set(choices.value[table] ?? away);
    return (name) => !hidden.has(name);
}

function toggle(table, name, away) {
    const hidden = new Set(choices.peek()[table] ?? away);
    if (!hidden.delete(name)) hidden.add(name);
    choices.value = { ...choices.peek(), [table]: [...hidden] };
    try {
        localStorage.setItem(STORE, JSON.stringify(choices.peek()));
    } catch {
        /* it then lasts as long as the page */
    }
}

// The list to choose from: `columns` are [name, label].
export function Columns({ table, columns, away = [], label = "Columns" }) {
    const shows = chosenColumns(table, away);
    return html`<details class="columns" data-testid=${`columns-${table}`} onKeyDown=${(event) => {
        if (event.key === "Escape") event.currentTarget.open = false;
    }}><summary>${label}</summary><div role="group" aria-label=${`${label} shown`}>${columns.map(([name, text]) => html`<label key=${name}><input type="checkbox" checked=${shows(name)} onChange=${() => toggle(table, name, away)} />${text}</label>`)}</div></details>`;
}
