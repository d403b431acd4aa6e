// The rent roll as a grid: edited cell by cell, filled down, copied out, pasted in from a spreadsheet.
import { batch, html, useEffect, useMemo, useRef, useState } from "./html.js";
import { draft, drafts, edit, editAll, join, present, redo, undo, valueAt } from "./deal.js";
import { allProblems, shown as answered, stale } from "./requests.js";
import { Field } from "./form.js";
import { schemaAt, unused } from "./schema.js";
import { fixed, money } from "./numbers.js";
import { Columns, chosenColumns } from "./columns.js";
import { csvOf, download, fileName } from "./files.js";
import { COLUMNS, SELDOM, keeping, nameOf, readCell, showCell } from "./leasecells.js";
import { Preview } from "./pastepreview.js";
import { pastedRows, readPaste } from "./paste.js";
import { short } from "./sentences.js";

const ROW = 29; // pixels
const DRAWN = 60; // rows at once

export function LeaseGrid({ at, onClose, onGo }) {
    const deal = present.value;
    const leases = valueAt(deal, at) || [];
    const facility = valueAt(deal, at.replace(/\/leases$/, ""));
    const shows = chosenColumns("leases", SELDOM);
    const columns = COLUMNS.filter((column) => shows(column.key));
    const [cursor, setCursor] = useState({ row: 0, column: 0, row2: 0, column2: 0 });
    const [editing, setEditing] = useState(null); // the text typed so far
    const [top, setTop] = useState(0);
    const [pasted, setPasted] = useState(null);
    const [sheet, setSheet] = useState(null);
    const [said, setSaid] = useState("");
    const box = useRef(null);
    cursor.column = Math.min(cursor.column, columns.length - 1); // columns may have gone
    cursor.column2 = Math.min(cursor.column2, columns.length - 1);
    const start = Math.max(0, Math.min(leases.length - DRAWN, Math.floor(top / ROW) - 10));
    const rows = leases.slice(start, start + DRAWN);
    const pointerOf = (row, column) => join(join(at, row), columns[column].key);
    // The cell that the cursor is on takes the focus, but never from a field in which typing has begun.
    const focus = () =>
        requestAnimationFrame(() => {
            const at = box.current;
            if (!at?.querySelector(".cell-input")) at?.querySelector("[data-cursor]")?.focus({ preventScroll: false });
        });
    const move = (row, column, extend) => {
        const next = {
            row: Math.max(0, Math.min(leases.length - 1, row)),
            column: Math.max(0, Math.min(columns.length - 1, column)),
        };
        setCursor(extend ? { ...cursor, ...next } : { ...next, row2: next.row, column2: next.column });
        const y = next.row * ROW;
        if (
            box.current &&
            (y < box.current.scrollTop || y > box.current.scrollTop + box.current.clientHeight - 3 * ROW)
        ) {
            box.current.scrollTop = Math.max(0, y - box.current.clientHeight / 2);
            setTop(box.current.scrollTop);
        }
        focus();
    };
    const textOf = (row, column) =>
        String(drafts.peek()[pointerOf(row, column)]?.text ?? showCell(columns[column], leases[row], deal));
    const put = (row, column, text) => {
        const pointer = pointerOf(row, column);
        if (text === textOf(row, column)) return undefined; // what was not changed stays as it came
        if (!text.trim() && columns[column].optional) return edit(pointer, undefined);
        const found = readCell(columns[column], text);
        if (found.error) draft(pointer, text, found.error);
        else edit(pointer, keeping(leases[row][columns[column].key], found.value));
        return undefined;
    };
    const commit = (rowBy, columnBy) => {
        if (editing !== null) put(cursor.row, cursor.column, editing);
        setEditing(null);
        move(cursor.row + rowBy, cursor.column + columnBy);
    };
    const [r1, r2, c1, c2] = [
        Math.min(cursor.row, cursor.row2),
        Math.max(cursor.row, cursor.row2),
        Math.min(cursor.column, cursor.column2),
        Math.max(cursor.column, cursor.column2),
    ];
    const block = () =>
        leases
            .slice(r1, r2 + 1)
            .map((lease) => columns.slice(c1, c2 + 1).map((column) => String(showCell(column, lease, deal))));
    const fillDown = () => {
        const copy = leases.slice();
        const from = r1 === r2 ? Math.max(0, r1 - 1) : r1;
        for (let row = from + 1; row <= r2; row++)
            copy[row] = {
                ...copy[row],
                ...Object.fromEntries(
                    columns
                        .slice(c1, c2 + 1)
                        .filter((column) => !column.fixed && column.key !== "id")
                        .map((column) => [column.key, copy[from][column.key]]),
                ),
            };
        edit(at, copy);
    };
    const keys = (event) => {
        const ctrl = event.ctrlKey || event.metaKey;
        const { row, column } = cursor;
        if (editing !== null) {
            const by = { Enter: [event.shiftKey ? -1 : 1, 0], Tab: [0, event.shiftKey ? -1 : 1] }[event.key];
            if (event.key === "Escape") {
                setEditing(null);
                focus();
            } else if (by) commit(...by);
            else return;
            event.preventDefault();
            event.stopPropagation();
            return;
        }
        const by = {
            ArrowUp: [-1, 0],
            ArrowDown: [1, 0],
            ArrowLeft: [0, -1],
            ArrowRight: [0, 1],
            PageUp: [-20, 0],
            PageDown: [20, 0],
        }[event.key];
        const begins = () => !columns[column].fixed && leases.length > 0;
        if (by) move(row + by[0], column + by[1], event.shiftKey);
        else if (
            event.key === "Tab" &&
            ((event.shiftKey && column > 0) || (!event.shiftKey && column < columns.length - 1))
        )
            move(row, column + (event.shiftKey ? -1 : 1));
        else if (event.key === "Home") move(ctrl ? 0 : row, 0, event.shiftKey);
        else if (event.key === "End") move(ctrl ? leases.length - 1 : row, columns.length - 1, event.shiftKey);
        else if (ctrl && event.key.toLowerCase() === "d") fillDown();
        else if (event.key === "Enter" && columns[column].nested) setSheet(row);
        else if ((event.key === "Enter" || event.key === "F2") && begins())
            setEditing(textOf(row, column));
        else if (event.key === "Delete")
            batch(() => {
                for (let r = r1; r <= r2; r++)
                    for (let c = c1; c <= c2; c++) if (columns[c].optional) edit(pointerOf(r, c), undefined);
            });
        else if (event.key.length === 1 && !ctrl && !event.altKey && begins())
            setEditing((text) => (text ?? "") + event.key); // the next key may come before the field is there
        else return;
        event.preventDefault();
    };
    const copy = (event) => {
        if (editing !== null) return;
        event.preventDefault();
        event.clipboardData.setData(
            "text/plain",
            block()
                .map((row) => row.join("\t"))
                .join("\n"),
        );
    };
    const paste = (event) => {
        if (editing !== null) return;
        event.preventDefault();
        const begun = performance.now();
        const text = event.clipboardData.getData("text/plain");
        const cells = pastedRows(text);
        if (cells.length === 1 && cells[0].length === 1 && r1 === r2 && c1 === c2)
            return put(cursor.row, cursor.column, cells[0][0]);
        setPasted({ ...readPaste(cells, COLUMNS, columns, leases, deal, cursor), begun });
    };
    const apply = (mode) => {
        const result = pasted.apply(mode);
        batch(() => {
            editAll(withLeases(deal, at, result.leases, result.tenants));
            result.bad.forEach(({ row, key, text, error }) => draft(join(join(at, row), key), text, error));
        });
        setSaid(
            `Pasted ${result.count} ${result.count === 1 ? "row" : "rows"}. ${result.bad.length ? `${result.bad.length} ${result.bad.length === 1 ? "cell" : "cells"} could not be read and ${result.bad.length === 1 ? "waits as you pasted it" : "wait as you pasted them"}. ` : ""}Undo (Ctrl Z) takes it back.`,
        );
        setPasted(null);
        focus();
    };
    const add = () => {
        const last = leases.at(-1);
        const fresh = last
            ? {
                  ...structuredClone(last),
                  id: unused(
                      leases.map((lease) => lease.id),
                      String(last.id),
                  ),
              }
            : {
                  id: "lease-1",
                  tenant: deal.tenants[0]?.id ?? "",
                  contracted_kw: 1000,
                  rent_per_kw_month: 100,
                  commencement: deal.closing,
                  term_months: 120,
                  escalation: { kind: "fixed", rate: 0.02 },
                  utilisation: 0.7,
                  peak_utilisation: 0.9,
                  power: { kind: "metered" },
              };
        edit(join(at, "-"), fresh);
        move(leases.length, 0);
    };
    useEffect(() => {
        setCursor({ row: 0, column: 0, row2: 0, column2: 0 });
        setPasted(null);
    }, [at]);
    const problems = allProblems.value.filter((problem) => problem.pointer.startsWith(`${at}/`));
    const wrong = useMemo(
        () => new Map(problems.map((problem) => [problem.pointer.split("/").slice(0, 6).join("/"), problem])),
        [allProblems.value, at],
    );
    const let_ = leases.reduce((total, lease) => total + (Number(lease?.contracted_kw) || 0), 0);
    const now = answered.value;
    return html`<div class="roll"><div class=${`strip-wide ${stale.value ? "stale" : ""}`}>${now && html`<span><small>${stale.value ? "Principal, last good answer" : "Principal"}</small><b data-testid="principal" data-value=${now.answer.summary.principal}>${money(now.answer.summary.principal, now.document.currency)}</b></span><span data-testid="binding-sentence">${short(now.answer, now.document, now.document.currency)}</span>`}
            ${allProblems.value.length > 0 && html`<span class="pill bad">${allProblems.value.length} ${allProblems.value.length === 1 ? "problem keeps" : "problems keep"} this from being answered</span>`}</div>
        ${problems.slice(0, 4).map((problem) => {
            const [, , , , row, key] = problem.pointer.split("/");
            return html`<p class="note bad" data-testid=${`problem-${problem.pointer}`}><b>Row ${Number(row) + 1}, ${COLUMNS.filter((column) => column.key === key).map(nameOf)[0]?.toLowerCase() ?? key}:</b> ${problem.message}. <button class="link" onClick=${() => {
                const column = columns.findIndex((one) => one.key === key);
                if (column < 0) setSheet(Number(row));
                else move(Number(row), column);
            }}>Go to the cell</button></p>`;
        })}
        <div class="bar-of"><button onClick=${onClose} data-testid="grid-close">‹ Deal</button><h2>${facility?.id} · Leases</h2><span class="aside">${leases.length} leases · ${fixed(let_ / 1000, 1)} of ${fixed((facility?.capacity_kw || 0) / 1000, 1)} MW let</span><span class="grow"></span>
            <button onClick=${undo}>Undo</button><button onClick=${redo}>Redo</button><button onClick=${add} data-testid="add-lease">Add a lease</button>
            <button disabled=${!leases.length} onClick=${() => setSheet(cursor.row)}>All fields of row ${cursor.row + 1}</button><button disabled=${!leases.length} onClick=${() => {
                edit(join(at, cursor.row), undefined);
                move(cursor.row, cursor.column);
            }}>Remove row ${cursor.row + 1}</button>
            <${Columns} table="leases" columns=${COLUMNS.slice(1).map((column) => [column.key, nameOf(column)])} away=${SELDOM} />
            <button class="link" onClick=${() => download(fileName("leases", "csv"), csvOf([COLUMNS.map((column) => column.key), ...leases.map((lease) => COLUMNS.map((column) => (typeof lease[column.key] === "object" || column.of ? showCell(column, lease, deal) : lease[column.key])))]), "text/csv")}>CSV</button></div>
        <p class="help">Type to edit; Enter, Tab and arrows move, Shift selects, Ctrl D fills down. Copy rows from a spreadsheet and paste them here (Ctrl V), with or without their heads.</p>
        ${said && html`<p class="note good" role="status">${said}</p>`}
        ${
            pasted &&
            html`<${Preview} pasted=${pasted} onApply=${apply} onCancel=${() => {
                setPasted(null);
                focus();
            }} leases=${leases} />`
        }
        <div class="sheet-box" ref=${box} onScroll=${(event) => setTop(event.currentTarget.scrollTop)}>
        <table role="grid" class="sheet" aria-label=${`Leases of ${facility?.id}`} aria-rowcount=${leases.length + 1} aria-colcount=${columns.length} aria-multiselectable="true" data-testid="lease-grid" onKeyDown=${keys} onCopy=${copy} onPaste=${paste}>
            <thead><tr role="row"><th class="number" scope="col"><span class="heard">Row</span></th>${columns.map((column) => html`<th role="columnheader" scope="col" class=${column.text ? "text" : ""} style=${{ minWidth: `${column.width}px` }}>${column.head}${column.unit && html`<small>${column.kind === "rent" ? deal.currency : ""}${column.unit}</small>`}</th>`)}</tr></thead>
            <tbody>${start > 0 && html`<tr aria-hidden="true" style=${{ height: `${start * ROW}px` }}></tr>`}
            ${rows.map((lease, k) => {
                const row = start + k;
                return html`<tr role="row" key=${row} aria-rowindex=${row + 2}><th class="number" scope="row">${row + 1}</th>${columns.map(
                    (column, c) => {
                        const pointer = pointerOf(row, c);
                        const isCursor = cursor.row === row && cursor.column === c;
                        const within = row >= r1 && row <= r2 && c >= c1 && c <= c2;
                        const problem = wrong.get(pointer);
                        const text = drafts.value[pointer]?.text ?? (column.display ?? showCell)(column, lease, deal);
                        return html`<td role="gridcell" key=${c} tabindex=${isCursor && editing === null ? 0 : -1} data-cursor=${isCursor ? "" : undefined} data-testid=${`grid-cell-${row}-${column.key}`} data-pointer=${pointer} aria-selected=${within ? "true" : "false"} aria-readonly=${column.fixed ? "true" : undefined} aria-invalid=${problem ? "true" : undefined} title=${problem?.message}
                    class=${`${column.text ? "text" : ""} ${column.fixed ? "fixed" : ""} ${within ? "within" : ""} ${isCursor ? "cursor" : ""} ${problem ? "wrong" : ""}`}
                    onMouseDown=${(event) => {
                        if (isCursor && editing !== null) return;
                        if (editing !== null) commit(0, 0);
                        move(row, c, event.shiftKey);
                    }} onDblClick=${() => (column.nested ? setSheet(row) : !column.fixed && setEditing(textOf(row, c)))}>
                    ${
                        isCursor && editing !== null
                            ? html`<input class="cell-input" aria-label=${`${column.head}, row ${row + 1}`} value=${editing} ref=${(
                                  node,
                              ) => {
                                  if (node && document.activeElement !== node) {
                                      node.focus();
                                      node.setSelectionRange(node.value.length, node.value.length);
                                  }
                              }} onInput=${(event) => setEditing(event.target.value)} onBlur=${() => {
                                  if (editing !== null) {
                                      put(row, c, editing);
                                      setEditing(null);
                                  }
                              }} />`
                            : text
                    }</td>`;
                    },
                )}</tr>`;
            })}
            ${start + DRAWN < leases.length && html`<tr aria-hidden="true" style=${{ height: `${(leases.length - start - DRAWN) * ROW}px` }}></tr>`}</tbody></table></div>
        ${
            sheet !== null &&
            leases[sheet] &&
            html`<div class="drawer form" role="dialog" aria-label=${`Lease ${leases[sheet].id}`} onKeyDown=${(event) => event.key === "Escape" && setSheet(null)}><header><h3>Row ${sheet + 1}: ${leases[sheet].id}</h3><button onClick=${() => setSheet(null)}>Close</button></header>
            <${Field} pointer=${join(at, sheet)} name=${String(sheet)} node=${schemaAt(join(at, sheet), deal)} required=${true} /></div>`
        }</div>`;
}

// The deal with other leases at a facility, and tenants that the leases brought with them.
function withLeases(deal, at, leases, tenants) {
    const index = Number(at.split("/")[2]);
    return {
        ...deal,
        tenants: [...deal.tenants, ...tenants],
        facilities: deal.facilities.map((facility, i) => (i === index ? { ...facility, leases } : facility)),
    };
}
