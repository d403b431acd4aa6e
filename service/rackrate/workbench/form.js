// Forms, built from the service's schema: every field of the chosen part, its unit, its default, its problem.
import { html, useState } from "./html.js";
import { draft, drafts, edit, forgetDraft, join, pathOf, present, valueAt } from "./deal.js";
import { allProblems } from "./requests.js";
import { alternativeOf, blank, choices, defaultOf, isUnion, kindOfAlternative, newItem } from "./schema.js";
import { read, shown } from "./units.js";
import { kindName, kindOf, labelOf, unitOf } from "./words.js";

const idOf = (pointer) => `f${pointer.replace(/[^A-Za-z0-9]/g, "-")}`;
const problemsAt = (pointer) => allProblems.value.filter((problem) => problem.pointer === pointer);
const BY_DEFAULT = / ?By default `[^`]*`\.?$/; // a default is shown in the field
const LONG = 6; // items of a list that are opened with it

function Problem({ pointer }) {
    const found = problemsAt(pointer);
    return found.length
        ? html`<p class="problem" id=${`${idOf(pointer)}-problem`} data-testid=${`problem-${pointer}`}>${found.map((p) => p.message).join("; ")}</p>`
        : null;
}

// One text field of a number, a date or a text. What does not parse stays as typed and is never sent.
function Input({ pointer, kind, value, placeholder, label, onDone }) {
    const [typed, setTyped] = useState(null);
    const waiting = drafts.value[pointer];
    const text =
        typed ??
        waiting?.text ??
        (kind === "text" ? (value ?? "") : kind === "date" ? (value ?? "") : shown(kind, value).replace(/[%x]$/, ""));
    const wrong = problemsAt(pointer).length > 0;
    const found = typed && typed.trim() && kind !== "text" ? read(kind, typed) : null;
    const change = (given) => {
        setTyped(given);
        if (!given.trim() && kind !== "text") return (forgetDraft(pointer), edit(pointer, undefined));
        if (kind === "text") return edit(pointer, given === "" && placeholder !== undefined ? undefined : given);
        const result = read(kind, given);
        if (result.error) draft(pointer, given, result.error);
        else edit(pointer, result.value);
    };
    return html`<input id=${idOf(pointer)} class=${`input ${kind}`} value=${text} data-pointer=${pointer} data-testid=${`field-${pointer}`}
            inputmode=${kind === "text" || kind === "date" ? "text" : "decimal"} autocomplete="off" spellcheck="false" aria-label=${label} placeholder=${placeholder}
            aria-invalid=${wrong ? "true" : undefined} aria-describedby=${`${idOf(pointer)}-help ${wrong ? `${idOf(pointer)}-problem` : ""}`}
            onInput=${(event) => change(event.target.value)} onBlur=${() => {
                setTyped(null);
                onDone?.();
            }} />
        ${
            found &&
            !found.error &&
            typed !== shown(kind, found.value) &&
            html`<span class="echo">${found.echo}${
                found.suggest &&
                html` <button type="button" class="link" onMouseDown=${(event) => event.preventDefault()} onClick=${() => {
                    setTyped(null);
                    edit(pointer, found.suggest.value);
                }}>${found.suggest.text}</button>`
            }</span>`
        }`;
}

function placeholderOf(node, optional, kind) {
    const value = defaultOf(node);
    if (typeof value === "number")
        return kind === "text" || kind === "date" ? String(value) : shown(kind, value).replace(/[%x]$/, "");
    if (typeof value === "string" && value) return value;
    return optional ? "none" : undefined;
}

// One row: label, field, unit, help, problem; whatever the schema allows here.
export function Field({ pointer, name, node, parent, extra, required }) {
    const { alternatives, optional, node: about } = choices(node);
    const value = valueAt(present.value, pointer);
    const one = alternativeOf(alternatives, value);
    const help = (about.description || one.description)?.replace(BY_DEFAULT, "");
    const common = {
        pointer,
        name,
        node: { ...one, ...about },
        value,
        one,
        alternatives,
        optional: optional || !required,
        help,
        parent,
        extra,
    };
    if (isUnion(alternatives)) return html`<${Union} ...${common} />`;
    if (alternatives.length > 1 && alternatives.some((other) => ["array", "object"].includes(other.type)))
        return html`<${Alternatives} ...${common} />`;
    if (one.enum) return html`<${Choice} ...${common} />`;
    if (one.type === "boolean") return html`<${Switch} ...${common} />`;
    if (one.type === "array") return html`<${List} ...${common} />`;
    if (one.type === "object") return html`<${Group} ...${common} />`;
    return html`<${Scalar} ...${common} />`;
}

function Row({ pointer, label, help, unit, extra, children, tone, picker }) {
    return html`<div class=${`field ${tone || ""}`}>
        <label for=${idOf(pointer)}>${label}</label>
        <div class="control">${children}${unit && html`<span class="unit">${unit}</span>`}</div>
        <p class="help" id=${`${idOf(pointer)}-help`}>${extra || help}</p>${picker}
        <${Problem} pointer=${pointer} />
    </div>`;
}

function Scalar({ pointer, name, label, node, value, one, optional, help, parent, extra, picker }) {
    const kind = one.type === "string" ? (one.format === "date" ? "date" : "text") : kindOf(name, node, parent);
    const unit = kind === "text" || kind === "date" ? "" : unitOf(kind, name, node, present.value.currency);
    return html`<${Row} pointer=${pointer} label=${label || labelOf(name)} help=${help} extra=${extra?.text} tone=${extra?.tone} unit=${unit} picker=${picker}>
        <${Input} pointer=${pointer} kind=${kind} value=${value} placeholder=${placeholderOf(node, optional, kind)} /><//>`;
}

function Choice({ pointer, name, value, one, node, optional, help, extra }) {
    const number = typeof one.enum[0] === "number";
    const set = (event) =>
        edit(pointer, event.target.value === "" ? undefined : number ? Number(event.target.value) : event.target.value);
    return html`<${Row} pointer=${pointer} label=${labelOf(name)} help=${help} extra=${extra?.text}>
        <select id=${idOf(pointer)} data-pointer=${pointer} data-testid=${`field-${pointer}`} onChange=${set} value=${value ?? ""} aria-describedby=${`${idOf(pointer)}-help`}>
            ${optional && html`<option value="">${defaultOf(node) ? labelOf(String(defaultOf(node))) : "not set"}</option>`}
            ${one.enum.map((item) => html`<option value=${item}>${number ? item : labelOf(item)}</option>`)}
        </select><//>`;
}

function Switch({ pointer, name, value, node, help }) {
    return html`<${Row} pointer=${pointer} label=${labelOf(name)} help=${help}>
        <input type="checkbox" id=${idOf(pointer)} data-pointer=${pointer} data-testid=${`field-${pointer}`} checked=${value ?? defaultOf(node) ?? false}
            aria-describedby=${`${idOf(pointer)}-help`} onChange=${(event) => edit(pointer, event.target.checked)} /><//>`;
}

// One kind of several: choosing another keeps what both have.
function Union({ pointer, name, value, one, alternatives, optional, help, extra, parent }) {
    const set = (event) => {
        if (!event.target.value) return edit(pointer, undefined);
        const next = alternatives.find((other) => kindOfAlternative(other) === event.target.value);
        const fresh = blank(next);
        const shared = Object.fromEntries(
            Object.entries(value || {}).filter(([key]) => key !== "kind" && key in next.properties),
        );
        return edit(pointer, { ...fresh, ...shared });
    };
    const title = /^\d+$/.test(name) ? null : labelOf(name);
    return html`<fieldset class="group">
        <div class="field"><label for=${`${idOf(pointer)}-kind`}>${title || "Kind"}</label>
            <div class="control"><select id=${`${idOf(pointer)}-kind`} data-pointer=${pointer} data-testid=${`field-${pointer}/kind`} value=${value?.kind ?? ""} onChange=${set}>
                ${optional && html`<option value="">not set</option>`}
                ${alternatives.map((other) => html`<option value=${kindOfAlternative(other)}>${kindName(kindOfAlternative(other))}</option>`)}
            </select></div>
            <p class="help">${value ? one.description : help}</p><${Problem} pointer=${pointer} /></div>
        ${value && html`<${Members} pointer=${pointer} node=${one} value=${value} skip=${extra?.skip} />`}
    </fieldset>`;
}

// A number, values by date, or a rate with a margin: the select changes between them.
function Alternatives(props) {
    const { pointer, name, value, one, alternatives, node, help, optional, parent, extra } = props;
    const words = (other) => ({ array: "By date", object: "Floating" })[other.type] || "A number";
    const set = (event) => {
        const next = alternatives[Number(event.target.value)];
        const start = Array.isArray(value) ? value[0]?.[1] : typeof value === "number" ? value : 0;
        edit(
            pointer,
            next.type === "array"
                ? [[present.peek().closing, start ?? 0]]
                : next.type === "object"
                  ? blank(next)
                  : start,
        );
    };
    const chosen = alternatives.indexOf(one);
    const picker = html`<select class="mini" aria-label=${`${labelOf(name)}: kind of value`} value=${chosen} onChange=${set}>${alternatives.map((other, i) => html`<option value=${i}>${words(other)}</option>`)}</select>`;
    const kind = kindOf(name, node, parent);
    if (one.type === "array")
        return html`<div class="field wide"><span class="label">${labelOf(name)}</span>${picker}<p class="help">${help}</p><${Problem} pointer=${pointer} /><${Points} pointer=${pointer} value=${value || []} kind=${kind} label=${labelOf(name)} /></div>`;
    if (one.type === "object")
        return html`<fieldset class="group"><div class="field"><span class="label">${labelOf(name)}</span><div class="control">${picker}</div><p class="help">${help}</p><${Problem} pointer=${pointer} /></div><${Members} pointer=${pointer} node=${one} value=${value || {}} /></fieldset>`;
    return html`<${Scalar} ...${{ pointer, name, node, value, one, optional, help, parent, extra, picker }} />`;
}

function Points({ pointer, value, kind, label }) {
    return html`<table class="points"><tbody>${value.map(
        (_, i) => html`<tr key=${i}>
        <td><${Input} pointer=${join(join(pointer, i), 0)} kind="date" value=${value[i][0]} label=${`${label}: date ${i + 1}`} /><${Problem} pointer=${join(join(pointer, i), 0)} /></td>
        <td><${Input} pointer=${join(join(pointer, i), 1)} kind=${kind} value=${value[i][1]} label=${`${label}: value ${i + 1}`} /><${Problem} pointer=${join(join(pointer, i), 1)} /></td>
        <td><button type="button" class="quiet" aria-label=${`Remove point ${i + 1} of ${label}`} disabled=${value.length < 2} onClick=${() => edit(join(pointer, i), undefined)}>Remove</button></td></tr>`,
    )}</tbody></table>
        <button type="button" onClick=${() => edit(join(pointer, "-"), [...(value.at(-1) || [present.peek().closing, 0])])}>Add a date</button>`;
}

const titleOf = (item, i) =>
    (item && typeof item === "object"
        ? item.name || item.id || (item.kind && kindName(item.kind)) || (item.tenant && `Lease of ${item.tenant}`)
        : null) || `${i + 1}`;

function List({ pointer, name, node, one, value, help, extra }) {
    const items = value || [];
    const pair = choices(one.items).alternatives[0];
    const add = () => edit(pointer, [...items, newItem(items, one.items, name)]);
    return html`<div class="list"><h4>${labelOf(name)} <span class="count">${items.length}</span></h4><p class="help">${help}</p><${Problem} pointer=${pointer} />
        ${
            pair.prefixItems
                ? items.map(
                      (item, i) =>
                          html`<div class="row" key=${i}>${item.map((part, k) => html`<${Input} key=${k} pointer=${join(join(pointer, i), k)} kind=${kindOf(k ? name : "plain", pair.prefixItems[k])} value=${part} label=${`${labelOf(name)} ${i + 1}, ${k + 1}`} />`)}</div>`,
                  )
                : items.map(
                      (item, i) =>
                          html`<${Item} key=${i} pointer=${join(pointer, i)} item=${item} index=${i} node=${one.items} list=${pointer} few=${items.length <= LONG} extra=${extra?.items?.[i]} />`,
                  )
        }
        <button type="button" onClick=${add} data-testid=${`add-${pointer}`}>Add ${/^\d/.test(name) ? "one" : `to ${labelOf(name).toLowerCase()}`}</button></div>`;
}
function Item({ pointer, item, index, node, list, few, extra }) {
    const marked = allProblems.value.some(
        (problem) => problem.pointer.startsWith(`${pointer}/`) || problem.pointer === pointer,
    );
    const [opened, setOpened] = useState(few && index === 0 && !list.endsWith("tests"));
    if (typeof item !== "object" || item === null) {
        return html`<div class="row"><${Input} pointer=${pointer} kind=${typeof item === "number" ? "plain" : "text"} value=${item} label=${`Item ${index + 1}`} /><button type="button" class="quiet" onClick=${() => edit(pointer, undefined)} aria-label=${`Remove item ${index + 1}`}>Remove</button></div>`;
    }
    const leg = ["limit", "ltv", "dscr", "advance_rate"].find((field) => typeof item[field] === "number");
    if (leg && item.kind && /(tests|limits)$/.test(list)) {
        const one = alternativeOf(choices(node).alternatives, item);
        return html`<div class=${`limit-of ${extra?.tone || ""}`}><${Scalar} pointer=${join(pointer, leg)} name=${leg} label=${item.name || kindName(item.kind)} node=${choices(one.properties[leg]).node} one=${{ type: "number" }} value=${item[leg]} parent=${item} help=${one.description} extra=${extra} />
            <details class="more" open=${opened || marked} onToggle=${(event) => setOpened(event.target.open)}><summary>All its terms</summary>${
                (opened || marked) &&
                html`<${Field} pointer=${pointer} name=${String(index)} node=${node} required=${true} extra=${{ skip: [leg] }} />
            <button type="button" class="quiet" onClick=${() => edit(pointer, undefined)}>Remove ${titleOf(item, index)}</button>`
            }</details></div>`;
    }
    return html`<details class=${`item ${extra?.tone || ""}`} open=${opened || marked} onToggle=${(event) => setOpened(event.target.open)}>
        <summary><b>${titleOf(item, index)}</b>${extra && html` <span class="aside">${extra.text}</span>`}${marked && html` <span class="pill bad">problem</span>`}</summary>
        ${
            (opened || marked) &&
            html`<${Field} pointer=${pointer} name=${String(index)} node=${node} required=${true} extra=${extra} />
        <button type="button" class="quiet" onClick=${() => edit(pointer, undefined)}>Remove ${titleOf(item, index)}</button>`
        }</details>`;
}

function Group({ pointer, name, one, value, optional, help }) {
    if (/^\d+$/.test(name)) return html`<${Members} pointer=${pointer} node=${one} value=${value || {}} />`;
    if (value === undefined || value === null)
        return html`<div class="field"><span class="label">${labelOf(name)}</span><div class="control"><button type="button" onClick=${() => edit(pointer, blank(one))}>Add</button></div><p class="help">${help}</p><${Problem} pointer=${pointer} /></div>`;
    return html`<fieldset class="group"><legend>${labelOf(name)}</legend><p class="help">${help}</p><${Problem} pointer=${pointer} /><${Members} pointer=${pointer} node=${one} value=${value} />
        ${optional && html`<button type="button" class="quiet" onClick=${() => edit(pointer, undefined)}>Remove ${labelOf(name).toLowerCase()}</button>`}</fieldset>`;
}

// The members of an object: those that have a value or are required, then the others under "More".
export function Members({ pointer, node, value, skip = [] }) {
    const required = node.required || [];
    const names = Object.keys(node.properties).filter((name) => name !== "kind" && !skip.includes(name));
    const filled = (name) =>
        required.includes(name) ||
        (value[name] !== undefined && value[name] !== null) ||
        allProblems.value.some((p) => p.pointer.startsWith(join(pointer, name)));
    const [first, more] = [names.filter(filled), names.filter((name) => !filled(name))];
    const field = (name) =>
        html`<${Field} key=${join(pointer, name)} pointer=${join(pointer, name)} name=${name} node=${node.properties[name]} parent=${value} required=${required.includes(name)} />`;
    return html`${first.map(field)}${more.length > 0 && html`<${More} names=${more} field=${field} />`}`;
}
function More({ names, field }) {
    const [opened, setOpened] = useState(false);
    return html`<details class="more" open=${opened} onToggle=${(event) => setOpened(event.target.open)}><summary>More: ${names.map(labelOf).slice(0, 3).join(", ").toLowerCase()}${names.length > 3 ? " …" : ""}</summary>${opened && names.map(field)}</details>`;
}

// Bring a field into sight and focus; its part of the outline must be shown already.
export function focusField(pointer) {
    const path = pathOf(pointer);
    for (let k = path.length; k > 0; k--) {
        const at = `/${path
            .slice(0, k)
            .map((part) => part.replace(/~/g, "~0").replace(/\//g, "~1"))
            .join("/")}`;
        const field = document.getElementById(idOf(at)) || document.querySelector(`[data-pointer="${CSS.escape(at)}"]`);
        if (field) {
            field.closest("details:not([open])")?.setAttribute("open", "");
            field.scrollIntoView({ block: "center" });
            field.focus();
            return true;
        }
    }
    return false;
}
