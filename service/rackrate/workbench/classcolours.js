// Colours of the classes: the ramp's own five, and points between them where there are more.
import { tokens } from "./charts.js";

export const CLASS_TOKENS = 5;

// The colour of a class by its place: the ramp's own five, or points between them where there are more.
export function classTone(index, count) {
    if (count <= CLASS_TOKENS) return `var(--class-${index + 1})`;
    const place = (index / (count - 1)) * (CLASS_TOKENS - 1);
    const low = Math.floor(place);
    return low === place
        ? `var(--class-${low + 1})`
        : `color-mix(in lab, var(--class-${low + 1}), var(--class-${low + 2}) ${Math.round((place - low) * 100)}%)`;
}
// The same as a colour that a drawing takes.
export function classColour(index, count) {
    const probe = document.createElement("i");
    probe.style.color = classTone(index, count);
    document.body.append(probe);
    const colour = getComputedStyle(probe).color;
    probe.remove();
    const lab = /^lab\(/.test(colour);
    return lab ? tokens()[`class${Math.min(CLASS_TOKENS, index + 1)}`] : colour;
}
