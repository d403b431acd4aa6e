// The outline: the parts of a deal in its own order, with what there is to see in each; a tree for the keyboard.
import { html } from "./html.js";
import { present, selection } from "./deal.js";
import { allProblems, shown } from "./requests.js";
import { fixed, inWords, percent, plural } from "./numbers.js";

// The parts: {pointer, name, level, aside}.
export function partsOf(deal) {
    if (!deal) return [];
    const list = (value) => (Array.isArray(value) ? value : []);
    const parts = [
        { pointer: "/", name: "Deal", level: 1 },
        { pointer: "/tenants", name: "Tenants", level: 1, aside: fixed(list(deal.tenants).length) },
        { pointer: "/facilities", name: "Facilities", level: 1, aside: fixed(list(deal.facilities).length) },
    ];
    list(deal.facilities).forEach((facility, i) => {
        const at = `/facilities/${i}`;
        parts.push(
            {
                pointer: at,
                name: String(facility?.id ?? i + 1),
                level: 2,
                aside:
                    typeof facility?.capacity_kw === "number" ? `${fixed(facility.capacity_kw / 1000, 1, 0)} MW` : "",
            },
            { pointer: `${at}/leases`, name: "Leases", level: 3, aside: fixed(list(facility?.leases).length) },
            { pointer: `${at}/power`, name: "Power contracts", level: 3, aside: fixed(list(facility?.power).length) },
            {
                pointer: `${at}/operating_costs`,
                name: "Operating costs",
                level: 3,
                aside: fixed(list(facility?.operating_costs).length),
            },
            { pointer: `${at}/market`, name: "Market terms", level: 3 },
        );
    });
    const rate = deal.debt?.rate;
    const term = deal.debt?.term_months;
    parts.push(
        { pointer: "/market", name: "Market curves", level: 1 },
        {
            pointer: "/debt",
            name: "Debt",
            level: 1,
            aside: [
                typeof rate === "number" ? percent(rate, 2) : "floating",
                typeof term === "number" ? `${fixed(term / 12, 1, 0)} y` : "",
            ]
                .filter(Boolean)
                .join(", "),
        },
        { pointer: "/sizing/tests", name: "Sizing tests", level: 1, aside: fixed(list(deal.sizing?.tests).length) },
        {
            pointer: "/structure",
            name: "Structure",
            level: 1,
            aside: deal.structure
                ? `${inWords(list(deal.structure.classes).length)} ${plural(list(deal.structure.classes).length, "class", "classes")}`
                : "none",
        },
        { pointer: "/cases", name: "Cases", level: 1, aside: fixed(list(deal.cases).length) },
    );
    return parts;
}

// The part of the outline whose form has the field at a pointer.
export function partOf(pointer, deal) {
    const within = partsOf(deal)
        .map((part) => part.pointer)
        .filter((at) => at !== "/" && (pointer === at || pointer.startsWith(`${at}/`)));
    if (within.length) return within.sort((a, b) => b.length - a.length)[0];
    return pointer.startsWith("/sizing") ? "/sizing/tests" : "/";
}

export function Outline({ onChoose }) {
    const deal = present.value;
    const parts = partsOf(deal);
    const count = (list, at) => list.filter((item) => partOf(item.pointer, deal) === at).length;
    const warnings = shown.value?.answer.warnings || [];
    const move = (event, index) => {
        const steps = { ArrowDown: 1, ArrowUp: -1, Home: -parts.length, End: parts.length };
        let next = null;
        if (event.key in steps) next = Math.min(parts.length - 1, Math.max(0, index + steps[event.key]));
        else if (event.key.length === 1 && /\S/.test(event.key) && !event.ctrlKey && !event.metaKey) {
            const turned = [...parts.slice(index + 1), ...parts.slice(0, index + 1)];
            const found = turned.find((part) => part.name.toLowerCase().startsWith(event.key.toLowerCase()));
            next = found ? parts.indexOf(found) : null;
        }
        if (next === null) return;
        event.preventDefault();
        onChoose(parts[next].pointer);
        event.currentTarget.closest("[role=tree]").querySelectorAll("[role=treeitem]")[next].focus();
    };
    const selected = parts.some((part) => part.pointer === selection.value) ? selection.value : "/";
    return html`<div class="outline" role="tree" aria-label="Parts of the deal">${parts.map((part, i) => {
        const wrong = count(allProblems.value, part.pointer);
        const check = count(warnings, part.pointer);
        return html`<div role="treeitem" aria-level=${part.level} key=${part.pointer} class=${`level-${part.level}`} aria-selected=${part.pointer === selected ? "true" : "false"}
            tabindex=${part.pointer === selected ? 0 : -1} data-testid=${`outline-${part.pointer}`} onClick=${() => onChoose(part.pointer)}
            onKeyDown=${(event) => (event.key === "Enter" || event.key === " " ? (event.preventDefault(), onChoose(part.pointer)) : move(event, i))}>
            <span class="name">${part.name}</span>${wrong > 0 && html`<span class="pill bad">${wrong} ${plural(wrong, "problem")}</span>`}${!wrong && check > 0 && html`<span class="pill warn">${check} to check</span>`}
            <span class="aside">${part.aside}</span></div>`;
    })}</div>`;
}
