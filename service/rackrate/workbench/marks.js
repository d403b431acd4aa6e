// Marks drawn as plain elements, and any panel of them as one SVG picture.
import { html } from "./html.js";

// A scale from a value to a share of the width, in percent, with round ticks.
export function scaleOf(most, least = 0, about = 4) {
    const span = most - least || 1;
    const rough = span / about;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough);
    const first = Math.floor(least / step) * step;
    const rounded = first + step * Math.max(1, Math.ceil((most - first) / step - 0.05));
    const last = Math.max(most, rounded); // a round end, but for a bar that all but reaches one
    const ticks = [];
    for (let i = 0; first + i * step <= last + step * 1e-9; i++) ticks.push(first + i * step);
    return { at: (value) => (100 * (value - first)) / (last - first), ticks, first, last };
}
export const Axis = ({ scale, show }) =>
    html`<div class="axis" aria-hidden="true">${scale.ticks.map((tick) => html`<span style=${{ left: `${scale.at(tick)}%` }}>${show(tick)}</span>`)}</div>`;
export const Bar = ({ from, to, tone, children, title }) =>
    html`<span class=${`bar ${tone}`} title=${title} style=${{ left: `${Math.min(from, to)}%`, width: `${Math.abs(to - from)}%` }}>${children}</span>`;
export const Tick = ({ at, tone }) => html`<span class=${`tick ${tone || ""}`} style=${{ left: `${at}%` }}></span>`;

const escaped = (text) =>
    text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

// What is drawn in a panel as one SVG: filled boxes, borders as lines, texts where they stand, inner SVG as it is.
export function pictureOf(root) {
    const frame = root.getBoundingClientRect();
    const parts = [];
    const seen = (element) => {
        const style = getComputedStyle(element);
        return style.visibility !== "hidden" && style.display !== "none" ? style : null;
    };
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) return write(node);
        const style = node.nodeType === Node.ELEMENT_NODE ? seen(node) : null;
        if (!style || node.classList.contains("heard")) return undefined;
        const box = node.getBoundingClientRect();
        const [x, y] = [box.left - frame.left, box.top - frame.top];
        if (node.tagName === "svg")
            return parts.push(`<g transform="translate(${x} ${y})">${[...node.children].map(outlined).join("")}</g>`);
        if (!/rgba\(0, 0, 0, 0\)|transparent/.test(style.backgroundColor))
            parts.push(
                `<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" fill="${style.backgroundColor}"/>`,
            );
        if (parseFloat(style.borderBottomWidth) > 0)
            parts.push(`<path d="M${x} ${y + box.height}h${box.width}" stroke="${style.borderBottomColor}"/>`);
        return node.childNodes.forEach(walk);
    };
    const write = (node) => {
        const text = node.textContent.trim();
        if (!text) return;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        const style = getComputedStyle(node.parentElement);
        parts.push(
            `<text x="${box.left - frame.left}" y="${box.bottom - frame.top - 0.28 * parseFloat(style.fontSize)}" font-size="${style.fontSize}" font-weight="${style.fontWeight}" fill="${style.color}">${escaped(text)}</text>`,
        );
    };
    walk(root);
    const size = `width="${Math.ceil(frame.width)}" height="${Math.ceil(frame.height)}"`;
    return {
        width: Math.ceil(frame.width),
        height: Math.ceil(frame.height),
        svg: `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="Source Sans 3, sans-serif">${parts.join("")}</svg>`,
    };
}
function outlined(shape) {
    const style = getComputedStyle(shape);
    const copy = shape.cloneNode(true);
    for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray"])
        copy.setAttribute(name, style.getPropertyValue(name));
    copy.removeAttribute("class");
    return new XMLSerializer().serializeToString(copy);
}
