// What was pasted, before it is in the lease grid: the first rows as they were read, and where they go.
import { html, useEffect, useRef, useState } from "./html.js";

export function Preview({ pasted, onApply, onCancel, leases }) {
    const [mode, setMode] = useState(pasted.mode);
    const { columns, unknown, rows, tenants, notes, bad } = pasted;
    const button = useRef(null);
    useEffect(() => button.current?.focus(), []);
    return html`<div class="preview" role="group" aria-label="What you pasted" data-testid="paste-preview"><p><b>${rows.length} ${rows.length === 1 ? "row" : "rows"}, ${columns.filter(Boolean).length} columns.</b> ${unknown.length > 0 && html`<span class="bad">Not read: ${unknown.join(", ")}.</span> `}${bad > 0 && html`<span class="bad">${bad === 1 ? "1 cell cannot be read; it waits" : `${bad} cells cannot be read; they wait`} in the grid as you pasted ${bad === 1 ? "it" : "them"}.</span> `}${
        tenants.length > 0 &&
        `${tenants.length} new ${tenants.length === 1 ? "tenant" : "tenants"}: ${tenants
            .slice(0, 4)
            .map((tenant) => tenant.id)
            .join(", ")}${tenants.length > 4 ? " …" : ""}. `
    }${notes.join(" ")}</p>
        <div class="table-box"><table class="data"><caption>The first rows, as they were read</caption><thead><tr>${columns.map((column, i) => html`<th scope="col">${column ? column.head : "not read"}<small>${pasted.heads?.[i] ?? `column ${i + 1}`}</small></th>`)}</tr></thead>
            <tbody>${rows.slice(0, 5).map((row) => html`<tr>${columns.map((column, i) => html`<td class=${row.cells[i]?.error ? "bad" : column ? "" : "aside"} title=${row.cells[i]?.error}>${row.cells[i]?.text ?? row.texts[i]}</td>`)}</tr>`)}</tbody></table></div>
        <p class="row"><label>Rows go <select value=${mode} onChange=${(event) => setMode(event.target.value)}><option value="over">over the rows from row ${pasted.at + 1}</option><option value="add">below the ${leases.length} there are</option><option value="replace">in place of all ${leases.length}</option></select></label>
            <button class="primary" ref=${button} data-testid="paste-apply" onClick=${() => onApply(mode)}>Paste ${rows.length} rows</button><button onClick=${onCancel}>Cancel</button></p></div>`;
}
