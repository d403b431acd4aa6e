// The service's own schema: what may stand at each place of a deal.
import { signal } from "./html.js";
import { pathOf } from "./deal.js";

export const contract = signal(null);

export async function loadContract() {
    contract.value = await (await fetch("/openapi.json")).json();
}
export const offers = (path) => Boolean(contract.value?.paths?.[path]);

function resolved(node) {
    if (!node?.$ref) return node;
    const target = contract.value.components.schemas[node.$ref.split("/").at(-1)];
    return { ...target, ...Object.fromEntries(Object.entries(node).filter(([key]) => key !== "$ref")) };
}

// What may stand here: {alternatives, optional, node}; each alternative with its references followed.
export function choices(node) {
    const flat = (one) => {
        const there = resolved(one);
        const inner = there.anyOf || there.oneOf;
        return inner ? inner.flatMap(flat) : [there];
    };
    const all = flat(node);
    const outer = resolved(node);
    const alternatives = all.filter((one) => one.type !== "null");
    return { alternatives, optional: alternatives.length < all.length, node: outer };
}
export const isUnion = (alternatives) => alternatives.length > 1 && alternatives.every((one) => one.properties?.kind);
export const kindOfAlternative = (one) => one.properties?.kind?.const ?? one.properties?.kind?.enum?.[0];
export const defaultOf = (node) => (node["x-default"] !== undefined ? node["x-default"] : node.default);

// The alternative that a value is of.
export function alternativeOf(alternatives, value) {
    if (alternatives.length === 1) return alternatives[0];
    if (isUnion(alternatives))
        return alternatives.find((one) => kindOfAlternative(one) === value?.kind) || alternatives[0];
    if (Array.isArray(value)) return alternatives.find((one) => one.type === "array") || alternatives[0];
    if (value && typeof value === "object") return alternatives.find((one) => one.type === "object") || alternatives[0];
    return alternatives.find((one) => !["array", "object"].includes(one.type)) || alternatives[0];
}

// The schema at a pointer, by the kinds that the document has.
export function schemaAt(pointer, document) {
    let node = contract.value.components.schemas.Deal;
    let value = document;
    for (const key of pathOf(pointer)) {
        const there = alternativeOf(choices(node).alternatives, value);
        if (!there) return null;
        node =
            there.type === "array"
                ? there.prefixItems
                    ? there.prefixItems[Number(key)]
                    : there.items
                : there.properties?.[key];
        if (!node) return null;
        value = value?.[key];
    }
    return node;
}

// The least document that a schema takes: for a new item of a list.
export function blank(node, name = "") {
    const { alternatives } = choices(node);
    const one = alternatives[0];
    if (one.const !== undefined) return one.const;
    if (one.enum) return one.enum[0];
    if (one.type === "object") {
        const kind = kindOfAlternative(one);
        const members = (one.required || [])
            .filter((member) => member !== "kind")
            .map((member) => [member, blank(one.properties[member], member)]);
        return { ...(kind ? { kind } : {}), ...Object.fromEntries(members) };
    }
    if (one.type === "array")
        return one.prefixItems ? one.prefixItems.map((item) => blank(item)) : one.minItems ? [blank(one.items)] : [];
    if (one.type === "string")
        return one.format === "date"
            ? "2027-01-01"
            : one.pattern?.includes("[A-Z]{3}")
              ? "USD"
              : `new-${name || "name"}`;
    if (one.type === "boolean") return false;
    return one.minimum ?? (one.exclusiveMinimum !== undefined ? one.exclusiveMinimum + 1 : 0);
}

// A new item of a list: a copy of the last under a name of its own, or a blank one.
export function newItem(items, node, name) {
    const last = items.at(-1);
    if (typeof last === "object" && last && !Array.isArray(last)) {
        const copy = structuredClone(last);
        for (const key of ["id", "name"])
            if (typeof copy[key] === "string")
                copy[key] = unused(
                    items.map((item) => item[key]),
                    copy[key],
                );
        return copy;
    }
    return blank(node, name.replace(/s$/, ""));
}
// The next name that no other has: the number at its end counted on.
export function unused(names, like) {
    const [, stem, digits] = /^(.*?)(\d*)$/.exec(like);
    for (let i = Number(digits || 1) + 1; ; i++) {
        const name = stem + String(i).padStart(digits.length, "0");
        if (!names.includes(name)) return name;
    }
}
