// What pools of either kind show alike: losses by scenario, a wall of years, shares by name, a listed table.
import { html, useMemo } from "./html.js";
import { Chart, shareBars, valueAxis } from "./charts.js";
import { Undefined } from "./glossary.js";
import { Panel } from "./panels.js";
import { Table, downloadCsv } from "./tables.js";
import { Axis, Bar, scaleOf } from "./marks.js";
import { millions, percent } from "./numbers.js";

const TOP = 10; // names of a concentration that are drawn

// What each class loses in each scenario: a share of its principal says how dark the cell is. `lead` are rows
// above the classes, each a label and the cell of a scenario.
export function Losses({ scenarios, tranches, code, lead, sub }) {
    const lost = (scenario, name) => scenario.classes.find((one) => one.name === name)?.principal_loss ?? null;
    const table = {
        caption: "What each class loses",
        columns: [
            { head: "Class", text: true },
            ...scenarios.map((one) => ({ head: one.name, unit: `${code} m`, show: (v) => millions(v, 2) })),
        ],
        rows: [
            ...lead.filter((row) => row.loss).map((row) => [row.label, ...scenarios.map(row.loss)]),
            ...tranches.map((note) => [note.name, ...scenarios.map((one) => lost(one, note.name))]),
        ],
        heads: lead.some((row) => row.loss) ? [0] : [],
    };
    const tone = (share) => (share > 0.5 ? 1 : share > 0.1 ? 2 : share > 1e-9 ? 3 : 4);
    return html`<${Panel} name="pool-losses" title="What each class loses, by scenario" span="7" table=${table} picture=${false} sub=${sub}>
        <div class="heat-box"><table class="heat" data-testid="pool-heat"><caption class="heard">Principal lost by class and scenario</caption><thead><tr><th scope="col" class="corner"><span class="heard">Class</span></th>${scenarios.map((one) => html`<th scope="col">${one.name}</th>`)}</tr></thead>
        <tbody>${lead.map((row) => html`<tr><th scope="row">${row.label}</th>${scenarios.map((one) => html`<td data-value=${row.loss ? row.loss(one) : row.value(one)}>${row.cell(one)}</td>`)}</tr>`)}
        ${tranches.map(
            (note) =>
                html`<tr><th scope="row">${note.name}</th>${scenarios.map((one) => {
                    const figure = lost(one, note.name);
                    const step = tone(note.principal ? figure / note.principal : 0);
                    return html`<td data-value=${figure} style=${{ background: `var(--div-${step})`, color: `var(--on-div-${step})` }}>${figure === null ? html`<${Undefined} why="A strip has no principal that could be lost." />` : figure > 0.5 ? millions(figure) : "none"}</td>`;
                })}</tr>`,
        )}</tbody></table></div><//>`;
}

// Shares by year, years without any included; beyond forty years those alone that have one.
const SPAN = 40;
export function Wall({ name, title, years, of, what, sub }) {
    const view = useMemo(() => {
        const first = years[0]?.id ?? 0;
        const span = (years.at(-1)?.id ?? 0) - first + 1;
        const list = span > SPAN ? years.map((one) => one.id) : Array.from({ length: span }, (_, i) => first + i);
        const share = list.map((year) => years.find((one) => one.id === year)?.share ?? 0);
        const table = {
            caption: title,
            columns: [
                { head: "Year", text: true },
                { head: what, unit: of, show: (v) => percent(v) },
            ],
            rows: list.map((year, i) => [String(year), share[i]]),
        };
        const option = (t) => ({
            grid: { left: 48, right: 12, top: 24, bottom: 26 },
            xAxis: {
                type: "category",
                data: list.map(String),
                axisLabel: { color: t.ink3 },
                axisLine: { lineStyle: { color: t.rule } },
                axisTick: { show: false },
            },
            yAxis: valueAxis(t, { axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => percent(v, 0) } }),
            series: [shareBars(t, what, share)],
        });
        return { table, option };
    }, [years]);
    return html`<${Panel} name=${name} title=${title} span="5" table=${view.table} sub=${sub}>
        <${Chart} name=${name} height=${240} option=${view.option} table=${view.table} label=${`${what} by year, ${of}`} /><//>`;
}

// Shares by name, the largest first: the first ten drawn, all in the table.
export function Shares({ by, all, nameOf = (one) => one.id, of, actions }) {
    const rows = all.slice(0, TOP);
    const scale = scaleOf(Math.max(0.01, ...rows.map((one) => one.share)));
    const table = {
        caption: `Concentration by ${by.toLowerCase()}`,
        columns: [
            { head: by, text: true },
            { head: "Share", show: (v) => percent(v) },
        ],
        rows: all.map((one) => [one.id, one.share]),
    };
    return html`<${Panel} name="pool-concentration" title="Concentration" span="5" table=${table} sub=${`Share of ${of}${all.length > TOP ? `, top ten of ${all.length}` : ""}.`} actions=${actions}>
        ${rows.length === 0 && html`<p class="note">None is named.</p>`}
        <div class="lollipops" role="list">${rows.map((one) => html`<div class="lollipop" role="listitem" key=${one.id}><span>${nameOf(one)}</span><span class="track"><${Bar} from=${0} to=${scale.at(one.share)} tone="better-soft" /></span><b>${percent(one.share)}</b></div>`)}
        <div class="lollipop foot" aria-hidden="true"><span></span><span class="track"><${Axis} scale=${scale} show=${(v) => percent(v, 0)} /></span><b></b></div></div><//>`;
}

export const Listed = ({ name, title, sub, table, span = 12, most }) =>
    html`<section class=${`panel span-${span}`} data-testid=${`chart-${name}`} aria-labelledby=${`title-${name}`}><header><h3 id=${`title-${name}`}>${title}</h3><div class="actions"><button class="link" onClick=${() => downloadCsv(table, name)} aria-label=${`CSV: ${title}`}>CSV</button></div></header><p class="sub">${sub}</p>
        <div class="table-box" tabindex="0" role="region" aria-label=${title}><${Table} table=${table} name=${name} most=${most} /></div></section>`;
