// What was copied from a spreadsheet, read as leases: columns by their heads or from the cursor on, cells by their kind.
import { keeping, nameOf, readCell } from "./leasecells.js";
import { unused } from "./schema.js";
import { withUnit } from "./units.js";

const MOST = 2000; // rows
const REQUIRED = [
    "tenant",
    "contracted_kw",
    "rent_per_kw_month",
    "commencement",
    "term_months",
    "utilisation",
    "peak_utilisation",
    "power",
];

// Rows of cells: tabs, else semicolons, else commas; quoted cells may hold any of them and line breaks.
export function pastedRows(text) {
    const first = text.split("\n")[0];
    const mark = first.includes("\t") ? "\t" : first.includes(";") ? ";" : ",";
    const rows = [[]];
    let cell = "";
    let quoted = false;
    const body = text.replace(/\r\n?/g, "\n").replace(/\n+$/, "");
    for (let i = 0; i < body.length; i++) {
        const c = body[i];
        if (quoted) {
            if (c === '"' && body[i + 1] === '"') {
                cell += '"';
                i++;
            } else if (c === '"') quoted = false;
            else cell += c;
        } else if (c === '"' && !cell.trim()) {
            quoted = true;
            cell = "";
        } else if (c === mark || c === "\n") {
            rows.at(-1).push(cell.trim());
            cell = "";
            if (c === "\n") rows.push([]);
        } else cell += c;
    }
    rows.at(-1).push(cell.trim());
    return rows.filter((row) => row.some(Boolean)).slice(0, MOST + 1);
}

const bare = (head) =>
    head
        .toLowerCase()
        .replace(/\(.*?\)|\[.*?\]/g, "")
        .replace(/[^a-z]/g, "");
const unitIn = (head) => /[([](.*?)[)\]]/.exec(head)?.[1]?.trim() ?? "";
const columnOf = (head, columns) =>
    columns.find(
        (column) =>
            column.key === head || column.names?.includes(bare(head)) || column.key.replace(/_/g, "") === bare(head),
    ) || null;

// The unit that a head names goes with each of its cells that has none of its own.
function unitFor(column, head, cells) {
    const unit = `${unitIn(head)} ${/\bMW\b/i.test(head) ? "MW" : ""}`;
    if (column.kind === "kw") return /\bMW\b/i.test(unit) ? " MW" : "";
    if (column.kind === "rent") return /yr|year|annum/i.test(unit) ? "/kW-yr" : "";
    if (column.kind === "months") return /yr|year/i.test(unit) ? "y" : "";
    if (column.kind === "percent") {
        if (/%/.test(unit)) return "%";
        const numbers = cells.filter((cell) => cell && !/%|bp/i.test(cell)).map(Number);
        return numbers.length && numbers.every((number) => number <= 1) ? "share" : "";
    }
    return "";
}
const withUnitOf = (text, unit) =>
    !unit || /[a-z%]/i.test(text)
        ? text
        : unit === "share"
          ? `${Number((Number(text) * 100).toPrecision(12))}%`
          : text + unit;

// {columns, heads, unknown, rows, tenants, notes, bad, mode, at, apply}: what would become of the pasted cells.
// Heads name any of the columns; without them cells land on those that are shown, from the cursor on.
export function readPaste(cells, columns, shown, leases, deal, cursor) {
    const named = cells[0].map((head) => columnOf(head, columns));
    const heads = named.filter(Boolean).length >= Math.min(2, cells[0].length) ? cells[0] : null;
    const texts = heads ? cells.slice(1) : cells;
    const width = Math.max(...texts.map((row) => row.length), 0);
    const open = shown.slice(cursor.column);
    const chosen = Array.from({ length: width }, (_, i) => (heads ? (named[i] ?? null) : (open[i] ?? null)));
    const units = chosen.map((column, i) =>
        column
            ? unitFor(
                  column,
                  heads?.[i] ?? "",
                  texts.map((row) => row[i] ?? ""),
              )
            : "",
    );
    const rows = texts.map((row) => ({
        texts: row,
        cells: chosen.map((column, i) => cellOf(column, row[i] ?? "", units[i])),
    }));
    const unknown = heads
        ? heads.filter((_, i) => !named[i])
        : chosen.some((column) => !column)
          ? [`${chosen.filter((column) => !column).length} columns to the right of the grid`]
          : [];
    const notes = chosen
        .map((column, i) =>
            units[i] === "share" ? `${column.head}, ${column.unit}: numbers to 1 are read as shares.` : "",
        )
        .filter(Boolean);
    const keys = new Set(chosen.filter(Boolean).map((column) => column.key));
    const missing = heads ? REQUIRED.filter((key) => !keys.has(key)) : [];
    if (missing.length)
        notes.push(
            `Not given, and needed by a lease that is new: ${missing.map((key) => nameOf(columns.find((column) => column.key === key))).join("; ")}.`,
        );
    if (heads && !keys.has("escalation")) notes.push("Escalation is not given: new rows have 0% fixed.");
    return {
        columns: chosen,
        heads,
        unknown,
        rows,
        notes,
        tenants: newTenants(rows, chosen, deal),
        bad: rows.reduce((n, row) => n + row.cells.filter((cell) => cell?.error).length, 0),
        mode: heads ? "add" : "over",
        at: cursor.row,
        apply: (mode) => applied(mode, rows, chosen, leases, deal, cursor.row),
    };
}

function cellOf(column, text, unit) {
    if (!column || !text) return null;
    if (column.fixed) return { text, value: text };
    const found = readCell(column, withUnitOf(text, unit));
    return found.error
        ? { text, error: found.error }
        : { text: column.kind ? withUnit(column.kind, found.value) : text, value: found.value };
}
const cellNamed = (row, chosen, key) => row.cells[chosen.findIndex((column) => column?.key === key)];
const known = (deal, name) => deal.tenants.find((tenant) => tenant.id === name || tenant.name === name);

function newTenants(rows, chosen, deal) {
    const made = new Map();
    for (const row of rows) {
        const name = cellNamed(row, chosen, "tenant")?.value;
        if (!name || known(deal, name) || made.has(name)) continue;
        const rating = cellNamed(row, chosen, "rating")?.value;
        made.set(name, { id: name.slice(0, 64), ...(rating ? { rating } : {}) });
    }
    return [...made.values()];
}

function applied(mode, rows, chosen, leases, deal, at) {
    const next = mode === "replace" ? [] : leases.slice();
    const byId = new Map(next.map((lease, i) => [lease.id, i]));
    const bad = [];
    rows.forEach((row, k) => {
        const id = cellNamed(row, chosen, "id")?.value;
        const index = mode === "over" ? at + k : mode === "add" && byId.has(id) ? byId.get(id) : next.length;
        const before = next[index] ?? {
            id:
                id ??
                unused(
                    next.map((lease) => lease.id),
                    `lease-${next.length}`,
                ),
            escalation: { kind: "fixed", rate: 0 },
        };
        const lease = { ...before };
        chosen.forEach((column, i) => {
            const cell = row.cells[i];
            if (!column || column.fixed || !cell) return;
            if (cell.error) bad.push({ row: index, key: column.key, text: cell.text, error: cell.error });
            else
                lease[column.key] =
                    column.key === "tenant"
                        ? (known(deal, cell.value)?.id ?? cell.value.slice(0, 64))
                        : keeping(lease[column.key], cell.value);
        });
        next[index] = lease;
        byId.set(lease.id, index);
    });
    return { leases: next, tenants: newTenants(rows, chosen, deal), bad, count: rows.length };
}
