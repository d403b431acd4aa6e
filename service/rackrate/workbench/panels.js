// A panel: a chart or marks, with its table, CSV and picture.
import { html, useEffect, useRef, useState } from "./html.js";
import { download, fileName } from "./files.js";
import { shown, stale } from "./requests.js";
import { pictureOf } from "./marks.js";
import { Table, downloadCsv } from "./tables.js";
import { tokens } from "./charts.js";

const TABLE_MS = 120; // after which a table that is only heard follows its chart

// A panel: title, what is seen and in which unit; beside it the table, the figures as CSV, the picture.
export function Panel({ name, title, sub, table, children, span = 12, actions, picture = true }) {
    const [opened, setOpened] = useState(false);
    const body = useRef(null);
    const [late, setLate] = useState(table);
    useEffect(() => {
        if (!table) return undefined;
        const timer = setTimeout(setLate, TABLE_MS, table);
        return () => clearTimeout(timer);
    }, [table]);
    const save = async (kind) => {
        const chart = body.current.querySelector(".chart")?.chart;
        const picture_ = chart
            ? { svg: chart.renderToSVGString(), width: chart.getWidth(), height: chart.getHeight() }
            : pictureOf(body.current);
        if (kind === "svg") download(fileName(name, "svg"), picture_.svg, "image/svg+xml");
        else download(fileName(name, "png"), await raster(picture_), "image/png");
    };
    const edit = shown.value?.edit;
    return html`<section class=${`panel span-${span}`} aria-labelledby=${`title-${name}`} data-testid=${`chart-${name}`} data-edit=${edit} data-case=${shown.value?.answer.waterfall?.case ?? shown.value?.answer.cash_flow?.case} data-stale=${stale.value ? "true" : "false"}>
        <header><h3 id=${`title-${name}`}>${title}</h3><div class="actions">${actions}
            ${
                table &&
                html`<button class="link" aria-expanded=${opened ? "true" : "false"} onClick=${() => setOpened(!opened)} aria-label=${`${opened ? "Chart" : "Table"}: ${title}`}>${opened && children ? "Chart" : "Table"}</button>
            <button class="link" onClick=${() => downloadCsv(table, name)} aria-label=${`CSV: ${title}`}>CSV</button>`
            }
            ${picture && children && !opened && html`<button class="link" onClick=${() => save("svg")} aria-label=${`SVG: ${title}`}>SVG</button><button class="link" onClick=${() => save("png")} aria-label=${`PNG: ${title}`}>PNG</button>`}</div></header>
        ${sub && html`<p class="sub">${sub}</p>`}
        <div class="marks" ref=${body} hidden=${opened && Boolean(table)}>${children}</div>
        ${table && html`<div class=${opened ? "table-box" : "heard"} tabindex=${opened ? 0 : undefined} role=${opened ? "region" : undefined} aria-label=${opened ? `Table: ${title}` : undefined}><${Table} table=${opened ? table : late || table} name=${name} heard=${!opened} /></div>`}
    </section>`;
}

async function raster({ svg, width, height }) {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    await image.decode();
    const canvas = Object.assign(document.createElement("canvas"), { width: width * 2, height: height * 2 });
    const context = canvas.getContext("2d");
    context.fillStyle = tokens().page;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/png"));
}
