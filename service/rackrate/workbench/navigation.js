// Where the page stands: its view, its pane, the part that is edited, what is open above it.
import { signal } from "./html.js";
import { present, selection } from "./deal.js";
import { allProblems, shown, view } from "./requests.js";
import { focusField } from "./form.js";
import { partOf } from "./outline.js";

export const VIEWS = [
    ["overview", "Overview"],
    ["cash", "Cash flow"],
    ["structure", "Structure"],
    ["power", "Leases and power"],
    ["stresses", "Stresses"],
    ["compare", "Compare"],
    ["json", "JSON"],
];
export const OVERLAYS = signal({ menu: "", warnings: false });
export const pane = signal("results"); // at 390: deal, results or ask
export const period = signal(0);
export const pointed = signal(-1);

export const menu = (name) => (OVERLAYS.value = { ...OVERLAYS.peek(), menu: OVERLAYS.peek().menu === name ? "" : name });

// Show the field at a pointer: its part of the outline, its pane, the focus.
export function go(pointer) {
    const part = partOf(pointer, present.peek());
    selection.value = part;
    pane.value = "deal";
    requestAnimationFrame(() => requestAnimationFrame(() => focusField(pointer)));
}
export const isGrid = () => /^\/facilities\/\d+\/leases$/.test(selection.value);

export function choose(pointer) {
    selection.value = pointer;
    requestAnimationFrame(() => {
        const form = document.querySelector(".editor");
        form?.scrollTo(0, 0);
        if (matchMedia("(max-width: 820px)").matches) form?.scrollIntoView(); // where it is below the outline
    });
}

export function stepProblem(by) {
    const found = allProblems.peek();
    if (!found.length) return;
    stepProblem.at = ((stepProblem.at ?? (by > 0 ? -1 : 0)) + by + found.length) % found.length;
    go(found[stepProblem.at].pointer);
}

export const flagged = (flag) => {
    const dates = shown.peek()?.answer.waterfall?.date || [];
    if (!flag.date) return;
    if (!["overview", "cash"].includes(view.peek())) view.value = "overview";
    pointed.value = -1;
    requestAnimationFrame(() => {
        pointed.value = dates.indexOf(flag.date);
        document.querySelector('[data-testid="chart-cover"]')?.scrollIntoView({ block: "center" });
    });
};
