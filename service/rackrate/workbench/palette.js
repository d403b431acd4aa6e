// The palette: any field, view, command or term by name, from the keyboard.
import { html, signal, useState } from "./html.js";
import { present } from "./deal.js";
import { partsOf } from "./outline.js";
import { GLOSSARY } from "./words.js";

const MOST = 12;
export const paletteOpen = signal(false);

export function Palette({ commands, views, onView, onGo }) {
    const [text, setText] = useState("");
    const [at, setAt] = useState(0);
    if (!paletteOpen.value) return null;
    const all = [
        ...commands.map(([name, act, keys]) => ({ name, act, aside: keys || "command" })),
        ...views.map(([key, name]) => ({ name, act: () => onView(key), aside: "view" })),
        ...partsOf(present.value).map((part) => ({
            name: part.level > 1 ? `${part.name} (${part.pointer})` : part.name,
            act: () => onGo(part.pointer),
            aside: "part of the deal",
        })),
        ...Object.entries(GLOSSARY).map(([name, meaning]) => ({
            name: `${name}: ${meaning}`,
            act: () => {},
            aside: "term",
        })),
    ];
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((one) => words.every((word) => one.name.toLowerCase().includes(word))).slice(0, MOST);
    const close = () => {
        paletteOpen.value = false;
        setText("");
        setAt(0);
    };
    const keys = (event) => {
        if (event.key === "Escape") close();
        else if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
        else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
        else if (event.key === "Enter" && found[at]) {
            close();
            found[at].act();
        } else return;
        event.preventDefault();
    };
    return html`<div class="veil" onPointerDown=${(event) => event.target === event.currentTarget && close()}><div class="dialog palette" role="dialog" aria-modal="true" aria-label="Go to">
        <input role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant=${found[at] ? `palette-${at}` : undefined} aria-label="Go to any field, view or command" placeholder="Go to a field, a view, a command, a term" value=${text} data-testid="palette"
            onInput=${(event) => {
                setText(event.target.value);
                setAt(0);
            }} onKeyDown=${keys} ref=${(node) => node && document.activeElement !== node && node.focus()} />
        <ul id="palette-list" role="listbox" aria-label="Found">${found.map(
            (one, i) =>
                html`<li role="option" id=${`palette-${i}`} aria-selected=${i === at ? "true" : "false"} onClick=${() => {
                    close();
                    one.act();
                }}>${one.name}<span class="aside">${one.aside}</span></li>`,
        )}</ul></div></div>`;
}
