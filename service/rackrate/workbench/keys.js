// The API key or token: asked for once where the service wants one, kept for this tab alone.
import { html, signal } from "./html.js";

const STORE = "rackrate.key";
export const key = signal(read());
export const wanted = signal(""); // why a key is wanted; empty where none is

function read() {
    try {
        return sessionStorage.getItem(STORE) || "";
    } catch {
        return "";
    }
}
function keepKey(text) {
    key.value = text.trim();
    try {
        if (key.peek()) sessionStorage.setItem(STORE, key.peek());
        else sessionStorage.removeItem(STORE);
    } catch {
        // the key then lasts as long as the page
    }
}
export const authorization = () => (key.peek() ? { Authorization: `Bearer ${key.peek()}` } : {});

export function KeyDialog({ onKey }) {
    if (!wanted.value) return null;
    const submit = (event) => {
        event.preventDefault();
        keepKey(new FormData(event.target).get("key"));
        wanted.value = "";
        onKey();
    };
    return html`<div class="veil"><form class="dialog" role="dialog" aria-modal="true" aria-labelledby="key-title" onSubmit=${submit}
        onKeyDown=${(event) => event.key === "Escape" && ((wanted.value = ""))}>
        <h2 id="key-title">This service wants an API key or a token</h2>
        <p>${wanted.value} It is kept for this tab alone, and sent to this service only.</p>
        <label for="key-input">Key or token</label>
        <input id="key-input" name="key" type="password" autocomplete="off" required ref=${(node) => node?.focus()} data-testid="key-input" />
        <p class="row"><button class="primary">Use it</button>
        <button type="button" onClick=${() => {
            keepKey("");
            wanted.value = "";
        }}>Forget</button></p>
    </form></div>`;
}
