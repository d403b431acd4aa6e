// Terms of the field with a dotted underline: a line on each, shown on focus and hover.
import { html, signal, useEffect } from "./html.js";
import { GLOSSARY, whyUndefined } from "./words.js";
import { NONE } from "./numbers.js";

const APART = 6; // pixels between a term and its line
const told = signal(null); // {text, left, top}

// A term where it is used, by its own words or others.
export const Term = ({ name, children }) =>
    html`<span class="term" tabindex="0" data-term=${name}>${children ?? name}</span>`;

// A figure that is not defined, and why; of those of a column the first is enough for the keyboard.
export const Undefined = ({ of, why = whyUndefined(of), passed }) =>
    html`<span class="term" tabindex=${passed ? undefined : 0} data-why=${why} aria-description=${why}>${NONE}</span>`;

// The line on the term that has the pointer or the focus, below it and within the window.
export function Meaning() {
    useEffect(() => {
        const tell = (event) => {
            const term = event.target.closest?.("[data-term], [data-why]");
            const box = term?.getBoundingClientRect();
            const text = term && (term.dataset.why ?? GLOSSARY[term.dataset.term]);
            told.value = box && { text, left: box.left, top: box.bottom + APART };
        };
        const leave = (event) => event.key === "Escape" && (told.value = null);
        const away = () => (told.value = null);
        const all = [
            ["mouseover", tell],
            ["focusin", tell],
            ["keydown", leave],
            ["scroll", away],
        ];
        for (const [name, listener] of all) document.addEventListener(name, listener, true);
        return () => all.forEach(([name, listener]) => document.removeEventListener(name, listener, true));
    }, []);
    const { text, left, top } = told.value || {};
    return html`<p class="meaning" role="tooltip" hidden=${!text} style=${{ left: `min(${left ?? 0}px, calc(100vw - 300px))`, top: `${top ?? 0}px` }}>${text}</p>`;
}
