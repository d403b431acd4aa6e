// Tables: figures as they are shown, copied and downloaded unrounded.
import { html } from "./html.js";
import { csvOf, download, fileName } from "./files.js";
import { NONE, fixed } from "./numbers.js";
import { Term, Undefined } from "./glossary.js";

// A table: {caption, columns: [{head, unit, show, text}], rows, heads (rows that are totals)}.
export function Table({ table, name, most = Infinity, heard = false }) {
    const rows = table.rows.slice(0, most);
    const firsts = table.columns.map((_, k) => rows.findIndex((row) => isUndefined(row[k])));
    const none = (i, k) =>
        heard ? NONE : html`<${Undefined} of=${table.columns[k]?.head} passed=${i !== firsts[k]} />`;
    return html`<table class="data" data-testid=${`table-${name}`} onCopy=${copyCells}>
        <caption>${table.caption}</caption>
        <thead><tr>${table.columns.map((column) => html`<th scope="col" class=${column.text ? "text" : ""}>${column.term ? html`<${Term} name=${column.term}>${column.head}<//>` : column.head}${column.unit && html`<small>${column.unit}</small>`}</th>`)}</tr></thead>
        <tbody>${rows.map((row, i) => html`<tr key=${i} class=${table.heads?.includes(i) ? "total" : ""}>${row.map((value, k) => cell(value, table.columns[k], k, () => none(i, k)))}</tr>`)}</tbody>
    </table>`;
}
const isUndefined = (value) => value === null || value === undefined;
// Cells that are selected are copied unrounded, tabs between them; a part of one is copied as it is.
function copyCells(event) {
    const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
    const cells = [...event.currentTarget.rows].map((row) =>
        [...row.cells].filter((one) => range?.intersectsNode(one)),
    );
    if (cells.flat().length < 2) return;
    event.preventDefault();
    const text = (one) => one.dataset.value ?? one.textContent;
    event.clipboardData.setData(
        "text/plain",
        cells
            .filter((row) => row.length)
            .map((row) => row.map(text).join("\t"))
            .join("\n"),
    );
}
function cell(value, column, index, none) {
    const text =
        value === ""
            ? ""
            : isUndefined(value)
              ? none()
              : column?.show
                ? column.show(value)
                : typeof value === "boolean"
                  ? value
                      ? "yes"
                      : "no"
                  : typeof value === "number"
                    ? fixed(value, 2)
                    : String(value);
    if (index === 0)
        return html`<th scope="row" class=${column.text ? "text" : ""} data-value=${typeof value === "number" ? value : undefined}>${text}</th>`;
    return html`<td class=${column?.text ? "text" : ""} data-value=${typeof value === "number" ? value : undefined}>${text}</td>`;
}
const plainRows = (table) => [
    table.columns.map((column) => (column.unit ? `${column.head} (${column.unit})` : column.head)),
    ...table.rows,
];
export const downloadCsv = (table, name) => download(fileName(name, "csv"), csvOf(plainRows(table)), "text/csv");
