// Stresses: asked on a button, never on a key. What moves the principal, two adjustments at a time, a tenant that leaves.
import { html, signal, useMemo } from "./html.js";
import { Panel } from "./panels.js";
import { downloadCsv } from "./tables.js";
import { Axis, Bar, scaleOf } from "./marks.js";
import { caseOf } from "./deal.js";
import { asked, body, post } from "./requests.js";
import { Simulation } from "./simulations.js";
import { Leaving } from "./tenantleaves.js";
import { settingOf } from "./sizing.js";
import { read } from "./units.js";
import { change, fixed, millions, money, percent, ratio } from "./numbers.js";
import { kindOf, labelOf } from "./words.js";

const MEASURES = { dscr_minimum: "Minimum DSCR", dscr_closing: "DSCR, closing", principal: "Principal", ltv: "LTV" };
const MOVABLE = [
    "rent_haircut",
    "market_rent_haircut",
    "ncf_haircut",
    "vacancy_floor",
    "renewal_factor",
    "downtime_add_months",
    "pd_multiplier",
    "power_price_factor",
    "power_price_add",
    "utilisation_factor",
    "pue_add",
    "opex_factor",
    "management_fee_floor",
    "capex_reserve_floor",
    "rate_add",
    "cap_rate",
    "discount_rate",
];
const swings = signal(null); // the ranges as edited; null for the usual ones
const axes = signal({
    x: "market_rent_haircut",
    xs: [0, 0.1, 0.2, 0.3, 0.4, 0.5],
    y: "renewal_factor",
    ys: [1, 0.9, 0.8, 0.7, 0.6, 0.5],
    measure: "dscr_minimum",
});
const tornado = signal({});
const grid = signal({});

// The usual ranges, about what the sizing case has.
function usual(deal) {
    const own = caseOf(deal, deal.sizing.case);
    const round = (value) => Number(value.toFixed(6));
    const cap = own.cap_rate ?? (deal.sizing.value.kind === "cap_rate" ? deal.sizing.value.cap_rate : null);
    return [
        ["market_rent_haircut", 0, 0.2],
        [
            "vacancy_floor",
            round(Math.max(0, (own.vacancy_floor ?? 0.05) - 0.08)),
            round((own.vacancy_floor ?? 0.05) + 0.1),
        ],
        ...(cap ? [["cap_rate", round(cap - 0.0075), round(cap + 0.01)]] : []),
        ["rent_haircut", 0, round(Math.max(0.1, (own.rent_haircut ?? 0) + 0.05))],
        ["opex_factor", 0.9, 1.2],
        ["renewal_factor", 0.7, 1],
        ["power_price_factor", 0.7, 1.5],
        ["rate_add", -0.01, 0.015],
    ].map(([adjustment, low, high]) => ({ adjustment, low, high }));
}

async function ask(into, request) {
    const text = body.peek();
    const document = asked.peek();
    into.value = { ...into.peek(), working: true, said: "" };
    try {
        const response = await post("/v1/sensitivities", JSON.stringify({ deal: document, ...request }));
        const said = await response.json();
        if (!response.ok)
            throw new Error(said.errors?.[0] ? `${said.errors[0].pointer} ${said.errors[0].message}` : said.detail);
        into.value = { answer: said, body: text, document };
    } catch (fault) {
        into.value = { ...into.peek(), working: false, said: `Not answered: ${fault.message}` };
    }
}
const mark = (now) => (now.answer && now.body !== body.value ? " Of the deal before your last edit." : "");
const Run = ({ now, act, label, id }) =>
    html`<button class="primary small" data-testid=${id} disabled=${now.working} onClick=${act}>${now.working ? "Working it out" : now.answer ? `${label} again` : label}</button>`;

function Tornado() {
    const now = tornado.value;
    const deal = asked.value;
    const ranges = swings.value ?? usual(deal);
    const view = useMemo(() => {
        if (!now.answer) return null;
        const base = now.answer.base.principal ?? 0;
        const rows = now.answer.tornado
            .map((one) => {
                const ends = [one.low, one.high].map((end) => ({ ...end, principal: end.principal ?? 0 }));
                const [worse, better] = ends[0].principal <= ends[1].principal ? ends : [ends[1], ends[0]];
                return { ...one, worse, better, width: better.principal - worse.principal };
            })
            .sort((a, b) => b.width - a.width);
        const all = [base, ...rows.flatMap((row) => [row.worse.principal, row.better.principal])].map(
            (value) => value / 1e6,
        );
        const scale = scaleOf(Math.max(...all), Math.min(...all));
        const code = now.document.currency;
        const table = {
            caption: "Tornado: what moves the principal",
            columns: [
                { head: "Adjustment", text: true },
                { head: "Low", show: (v) => fixed(v, 4, 0) },
                { head: "Principal at low", unit: code, show: (v) => fixed(v, 0) },
                { head: "High", show: (v) => fixed(v, 4, 0) },
                { head: "Principal at high", unit: code, show: (v) => fixed(v, 0) },
            ],
            rows: now.answer.tornado.map((one) => [
                labelOf(one.adjustment),
                one.low.value,
                one.low.principal,
                one.high.value,
                one.high.principal,
            ]),
        };
        return { base, rows, scale, table };
    }, [now.answer]);
    const at = (value) => view.scale.at(value / 1e6);
    const set = (i, end, text) => {
        const found = read(kindOf(ranges[i].adjustment, null), text);
        if (found.error === undefined)
            swings.value = ranges.map((one, k) => (k === i ? { ...one, [end]: found.value } : one));
    };
    const kindText = (name, value) => settingOf(name, value).replace("×", "x");
    return html`<${Panel} name="tornado" title="What moves the principal" span="6" table=${view?.table} actions=${html`<${Run} now=${now} id="tornado-run" label="Ask" act=${() => ask(tornado, { resize: true, tornado: ranges })} />`}
        sub=${`${deal.currency} m, the deal sized anew at each end. The axis does not start at zero; bars grow from today’s principal.${mark(now)}`}>
        ${now.said && html`<p class="note bad">${now.said}</p>`}
        ${
            view
                ? html`<div class="tornado" role="list"><p class="today-line" style=${{ "--at": `${at(view.base)}%` }} aria-hidden="true"><span></span><span class="track"><em style=${{ left: `${at(view.base)}%` }}>today ${millions(view.base)}</em></span><b></b></p>
        ${view.rows.map((row) => {
            const flat = row.width < 1;
            const unit = (end) => settingOf(row.adjustment, end.value);
            return html`<div class="swing" role="listitem"><span>${labelOf(row.adjustment)}</span><span class="track"><s style=${{ left: `${at(view.base)}%` }}></s>
            ${!flat && row.worse.principal < view.base && html`<${Bar} from=${at(row.worse.principal)} to=${at(view.base)} tone="worse" /><em class="end" style=${{ right: `calc(${100 - at(row.worse.principal)}% + 5px)` }}>${unit(row.worse)}</em>`}
            ${!flat && row.better.principal > view.base && html`<${Bar} from=${at(view.base)} to=${at(row.better.principal)} tone="better" /><em class="end" style=${{ left: `calc(${at(row.better.principal)}% + 5px)` }}>${unit(row.better)}</em>`}
            ${flat && html`<em class="end" style=${{ right: `calc(${100 - at(view.base)}% + 5px)` }}>${unit(row.low)} to ${unit(row.high)}</em>`}</span>
            <b>${flat ? html`<span class="aside">no change</span>` : `${change(row.worse.principal - view.base, millions)} to ${change(row.better.principal - view.base, millions)}`}</b></div>`;
        })}
        <div class="swing foot" aria-hidden="true"><span></span><span class="track"><${Axis} scale=${view.scale} show=${(v) => fixed(v)} /></span><b></b></div></div>`
                : html`<p class="note">Each adjustment at two ends, alone; the widest first. Nothing is run until you ask.</p>`
        }
        <details><summary>Edit ranges</summary><table class="points"><tbody>${ranges.map((one, i) => html`<tr key=${one.adjustment}><th scope="row" class="text">${labelOf(one.adjustment)}</th>${["low", "high"].map((end) => html`<td><input class="input" aria-label=${`${labelOf(one.adjustment)}, ${end}`} value=${kindText(one.adjustment, one[end])} onChange=${(event) => set(i, end, event.target.value)} /></td>`)}<td><button class="quiet" aria-label=${`Leave out ${labelOf(one.adjustment)}`} onClick=${() => (swings.value = ranges.filter((_, k) => k !== i))}>Leave out</button></td></tr>`)}</tbody></table>
        <label>Add <select value="" onChange=${(event) => event.target.value && ((swings.value = [...ranges, { adjustment: event.target.value, low: 0, high: 0.1 }]))}><option value="">an adjustment</option>${MOVABLE.filter((name) => !ranges.some((one) => one.adjustment === name)).map((name) => html`<option value=${name}>${labelOf(name)}</option>`)}</select></label></details><//>`;
}

// Which of the seven tones a figure has: cover breaks at 1.00x and at the deal's limit, money diverges about today.
function toneOf(measure, value, base, limit) {
    if (value === null) return 1;
    if (measure.startsWith("dscr")) {
        const bounds = [1, (1 + limit) / 2, limit, limit + 0.15, limit + 0.3, limit + 0.45];
        return 1 + bounds.filter((bound) => value >= bound - 1e-12).length;
    }
    if (!base) return 4;
    const off = (measure === "ltv" ? -1 : 1) * (value / base - 1);
    return Math.max(1, Math.min(7, 4 + Math.round(off * 12)));
}

function Grid() {
    const now = grid.value;
    const deal = asked.value;
    const { x, y, xs, ys, measure } = axes.value;
    const values = (text, name) =>
        text
            .split(/[;\s]+/)
            .filter(Boolean)
            .map((part) => read(kindOf(name, null), part).value)
            .filter((value) => typeof value === "number");
    const set = (change_) => (axes.value = { ...axes.value, ...change_ });
    const found = now.answer?.grids[0];
    const limit = Math.max(
        1.05,
        ...deal.sizing.tests.filter((test) => test.kind === "min_dscr").map((test) => test.limit),
    );
    const show = found?.measure.startsWith("dscr")
        ? ratio
        : found?.measure === "ltv"
          ? (v) => percent(v)
          : (v) => millions(v);
    const base = found && (found.measure.startsWith("loss") ? 0 : now.answer.base[found.measure]);
    const own = caseOf(now.document || deal, (now.document || deal).sizing.case);
    const neutral = (name) => own[name] ?? (/factor|multiplier/.test(name) ? 1 : 0);
    const table = found && {
        caption: `${MEASURES[found.measure] || found.measure}`,
        columns: [
            { head: labelOf(found.y.adjustment) },
            ...found.x.values.map((value) => ({ head: settingOf(found.x.adjustment, value), show })),
        ],
        rows: found.y.values.map((value, r) => [settingOf(found.y.adjustment, value), ...found.values[r]]),
    };
    const pick = (name, key, list) =>
        html`<label>${key === "x" ? "Along" : "Down"} <select value=${name} onChange=${(event) => set({ [key]: event.target.value })}>${MOVABLE.map((one) => html`<option value=${one}>${labelOf(one)}</option>`)}</select></label><label>at <input class="input wide" aria-label=${`Values of ${labelOf(name)}`} value=${list.map((value) => settingOf(name, value)).join(" ")} onChange=${(
            event,
        ) => {
            const read_ = values(event.target.value, name);
            if (read_.length) set({ [`${key}s`]: read_ });
        }} /></label>`;
    return html`<${Panel} name="grid" title=${`Grid: ${(MEASURES[measure] || measure).replace("Minimum", "minimum")}`} span="6" picture=${Boolean(found)} actions=${html`<${Run} now=${now} id="grid-run" label="Ask" act=${() => ask(grid, { resize: false, grids: [{ x: { adjustment: x, values: xs }, y: { adjustment: y, values: ys }, measure }] })} />${table && html`<button class="link" onClick=${() => downloadCsv(table, "grid")}>CSV</button>`}`}
        sub=${`Classes held as sized. ${measure.startsWith("dscr") ? `Colours break at 1.00x and at your DSCR test, ${ratio(limit)}; this DSCR is the loan’s, not the triggers’.` : "Colours diverge about today’s figure."} The box is today.${mark(now)}`}>
        ${now.said && html`<p class="note bad">${now.said}</p>`}
        ${
            found
                ? html`<div class="heat-box"><table class="heat" data-testid="table-grid"><caption class="heard">${MEASURES[found.measure] || found.measure}, ${labelOf(found.y.adjustment)} down, ${labelOf(found.x.adjustment)} along</caption><thead><tr><th scope="col" class="corner"><span class="heard">${labelOf(found.y.adjustment)}</span></th>${found.x.values.map((value) => html`<th scope="col">${settingOf(found.x.adjustment, value)}</th>`)}</tr></thead>
            <tbody>${found.y.values.map(
                (value, r) =>
                    html`<tr><th scope="row">${settingOf(found.y.adjustment, value)}</th>${found.values[r].map(
                        (figure, c) => {
                            const tone = toneOf(found.measure, figure, base, limit);
                            return html`<td data-value=${figure} class=${value === neutral(found.y.adjustment) && found.x.values[c] === neutral(found.x.adjustment) ? "today" : ""} style=${{ background: `var(--div-${tone})`, color: `var(--on-div-${tone})` }}>${show(figure)}</td>`;
                        },
                    )}</tr>`,
            )}</tbody></table>
            <p class="aside along">${labelOf(found.x.adjustment)} along, ${labelOf(found.y.adjustment).toLowerCase()} down</p></div>`
                : html`<p class="note">Two adjustments at a time, a figure in every cell. Nothing is run until you ask.</p>`
        }
        <details><summary>Edit axes</summary><div class="row">${pick(x, "x", xs)}</div><div class="row">${pick(y, "y", ys)}<label>of <select value=${measure} onChange=${(event) => set({ measure: event.target.value })}>${[...Object.keys(MEASURES), ...(deal.structure?.classes || []).map((note) => `loss:${note.name}`)].map((name) => html`<option value=${name}>${MEASURES[name] || `Loss of class ${name.slice(5)}`}</option>`)}</select></label></div></details><//>`;
}

export function Stresses({ onGo }) {
    return html`<${Tornado} /><${Grid} /><${Simulation} /><${Leaving} onGo=${onGo} />`;
}
