// What a cell of the rent roll says of a lease, and how what is typed in it is read.
import { html } from "./html.js";
import { addMonths, day, fixed, month } from "./numbers.js";
import { read, shown } from "./units.js";
import { kindName } from "./words.js";

const ISO = /^\d{4}-\d{2}-\d{2}$/;

const percent = (value) => shown("percent", value, 1);
const escalationText = (rule) =>
    !rule
        ? ""
        : rule.kind === "fixed"
          ? `${percent(rule.rate)} fixed`
          : rule.kind === "cpi"
            ? [
                  "CPI",
                  rule.floor != null && `from ${percent(rule.floor)}`,
                  rule.cap != null && `to ${percent(rule.cap)}`,
              ]
                  .filter(Boolean)
                  .join(" ")
            : `${rule.steps?.length} steps`;
const powerText = (terms) =>
    !terms
        ? ""
        : terms.kind === "metered"
          ? [
                "Metered",
                terms.pue_cap != null && `PUE to ${shown("price", terms.pue_cap)}`,
                terms.markup ? `+${percent(terms.markup)}` : null,
            ]
                .filter(Boolean)
                .join(", ")
          : terms.kind === "fixed_price"
            ? `Fixed ${shown("price", terms.price_per_mwh)}/MWh`
            : kindName(terms.kind);

// {value} with the parts of it that were typed, or the {error} of the first that cannot be read.
function withParts(value, parts) {
    for (const [key, kind, text] of parts) {
        if (text === undefined) continue;
        const found = read(kind, text);
        if (found.error) return found;
        value = { ...value, [key]: found.value };
    }
    return { value };
}
// What was typed of an escalation or of power terms: {value} or {error}.
function readEscalation(text) {
    const given = text.trim().replace(/\s*(fixed|a year|p\.?a\.?)\s*$/i, "");
    const cpi = /^cpi(?:\s+from\s+(.+?))?(?:\s+to\s+(.+))?$/i.exec(given);
    if (cpi)
        return withParts({ kind: "cpi" }, [
            ["floor", "percent", cpi[1]],
            ["cap", "percent", cpi[2]],
        ]);
    const rate = read("percent", given);
    return rate.error
        ? { error: "not an escalation yet: 2.5% fixed, CPI or CPI from 1% to 4%" }
        : { value: { kind: "fixed", rate: rate.value } };
}
function readPower(text) {
    const given = text.trim();
    if (/^(included|incl|gross)/i.test(given)) return { value: { kind: "included" } };
    if (/^(direct|tenant)/i.test(given)) return { value: { kind: "direct" } };
    const price = /^fixed(?:\s+price)?\s+\D?([\d.,]+)/i.exec(given);
    if (price) return withParts({ kind: "fixed_price" }, [["price_per_mwh", "plain", price[1]]]);
    const metered = /^(?:metered|pass|net)[a-z -]*(?:,\s*pue to ([\d.,]+))?(?:,\s*\+([\d.,]+%))?$/i.exec(given);
    if (metered)
        return withParts({ kind: "metered" }, [
            ["pue_cap", "plain", metered[1]],
            ["markup", "percent", metered[2]],
        ]);
    return { error: "not power terms yet: metered, included, direct or fixed 88" };
}
// What the text of a cell says of each kind; the rest of the terms stays when their text is edited.
const SAID = { metered: ["pue_cap", "markup"], fixed_price: ["price_per_mwh"], fixed: ["rate"], cpi: ["floor", "cap"] };
export const keeping = (before, value) =>
    before?.kind && before.kind === value?.kind
        ? { ...Object.fromEntries(Object.entries(before).filter(([key]) => !SAID[value.kind]?.includes(key))), ...value }
        : value;

// The columns: {key, head, unit, kind, show, read}; without `read` it is read only.
export const COLUMNS = [
    { key: "id", head: "Lease", text: true, width: 84, names: ["lease", "id", "leaseid", "suite", "unit", "space"] },
    {
        key: "tenant",
        head: "Tenant",
        text: true,
        width: 84,
        display: (column, lease, deal) => {
            const name = deal.tenants.find((tenant) => tenant?.id === lease.tenant)?.name;
            return html`${lease.tenant ?? ""}${name && name !== lease.tenant ? html` <span class="aside">${name}</span>` : ""}`;
        },
        names: ["tenant", "tenantid", "customer", "lessee", "obligor"],
    },
    {
        key: "rating",
        head: "Rating",
        width: 64,
        fixed: true,
        text: true,
        of: (lease, deal) => deal.tenants.find((tenant) => tenant?.id === lease.tenant)?.rating ?? "",
        names: ["rating", "creditrating"],
    },
    {
        key: "contracted_kw",
        head: "Contracted",
        unit: "kW",
        kind: "kw",
        width: 84,
        names: ["contracted", "contractedkw", "kw", "mw", "load", "criticalload", "capacity"],
    },
    {
        key: "rent_per_kw_month",
        head: "Rent",
        unit: "/kW-month",
        kind: "rent",
        width: 84,
        names: ["rent", "rentperkwmonth", "rate", "baserent", "rentkwmonth"],
    },
    {
        key: "commencement",
        head: "Starts",
        unit: "date",
        kind: "date",
        width: 90,
        display: (column, lease) => (ISO.test(lease[column.key]) ? day(lease[column.key]) : (lease[column.key] ?? "")),
        names: ["starts", "start", "startdate", "commencement", "commencementdate", "from"],
    },
    {
        key: "term_months",
        head: "Term",
        unit: "months",
        kind: "months",
        width: 70,
        names: ["term", "termmonths", "months", "leaseterm"],
    },
    {
        key: "end",
        head: "Ends",
        unit: "read only",
        width: 84,
        fixed: true,
        of: (lease) =>
            typeof lease.commencement === "string" && Number.isInteger(lease.term_months)
                ? month(addMonths(lease.commencement, lease.term_months))
                : "",
    },
    {
        key: "free_rent_months",
        head: "Free rent",
        unit: "months",
        kind: "months",
        width: 76,
        optional: true,
        names: ["freerent", "freerentmonths", "abatement"],
    },
    {
        key: "escalation",
        head: "Escalation",
        unit: "a year",
        width: 98,
        text: true,
        show: escalationText,
        read: readEscalation,
        names: ["escalation", "escalator", "bump", "increase"],
    },
    {
        key: "utilisation",
        head: "Utilisation",
        unit: "average",
        kind: "percent",
        width: 84,
        optional: true,
        names: ["utilisation", "utilization", "averageutilisation", "load factor", "utilisationaverage"],
    },
    {
        key: "peak_utilisation",
        head: "Utilisation",
        unit: "peak",
        kind: "percent",
        width: 84,
        optional: true,
        names: ["peakutilisation", "peakutilization", "peak", "utilisationpeak"],
    },
    {
        key: "power",
        head: "Power",
        width: 190,
        text: true,
        show: powerText,
        read: readPower,
        names: ["power", "powerterms", "electricity"],
    },
    {
        key: "ramp",
        head: "Ramp",
        width: 84,
        text: true,
        fixed: true,
        nested: true,
        of: (lease) => (lease.ramp?.length ? `${lease.ramp.length} steps` : "none"),
    },
    {
        key: "termination",
        head: "Termination",
        width: 100,
        text: true,
        fixed: true,
        nested: true,
        of: (lease) => (lease.termination ? `month ${lease.termination.month}` : "none"),
    },
    {
        key: "reserved",
        head: "Reserved",
        width: 76,
        text: true,
        optional: true,
        show: (value) => (value ? "yes" : "no"),
        read: (text) =>
            /^(yes|no|true|false)$/i.test(text.trim())
                ? { value: /^(yes|true)$/i.test(text.trim()) }
                : { error: "yes or no" },
        names: ["reserved"],
    },
    { key: "comment", head: "Comment", width: 160, text: true, optional: true, names: ["comment", "note", "notes"] },
];
export const SELDOM = ["ramp", "termination", "reserved", "comment"]; // columns that wait to be chosen
export const nameOf = (column) => [column.head, column.head === "Utilisation" ? column.unit : ""].filter(Boolean).join(", ");
export const readCell = (column, text) =>
    column.read
        ? column.read(text)
        : column.kind
          ? read(column.kind, text)
          : text.trim()
            ? { value: text.trim() }
            : { error: "needs a name" };
export const showCell = (column, lease, deal) => {
    if (column.of) return column.of(lease, deal);
    const value = lease[column.key];
    if (column.show) return column.show(value);
    return column.kind === "date" ? (value ?? "") : column.kind ? shown(column.kind, value, 0) : (value ?? "");
};
