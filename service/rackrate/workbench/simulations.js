// Simulations: run on a button, told as they go, stopped at will; the fan of cover, who loses, which trigger trips.
import { batch, html, signal, useMemo } from "./html.js";
import { Chart, levelLines, narrow, spoken, timeAxis, triggerLevels, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { Table, downloadCsv } from "./tables.js";
import { asked, body, post } from "./requests.js";
import { addMonths, fixed, millions, month, percent, ratio } from "./numbers.js";
import { eventsOf } from "./stream.js";

export const TERMS = {
    asset_correlation: 0.24,
    renewal_loading: 0.5,
    rent_volatility: 0.1,
    rent_loading: 0.6,
    power_speed: 1.5,
    power_volatility: 0.35,
    power_loading: 0.1,
};
const LABELS = {
    asset_correlation: "Asset correlation",
    renewal_loading: "Renewal loading",
    rent_volatility: "Rent volatility",
    rent_loading: "Rent loading",
    power_speed: "Power speed",
    power_volatility: "Power volatility",
    power_loading: "Power loading",
};
const settings = signal({ paths: 10000, seed: 7, factor: TERMS });
const progress = signal(null); // {done, of, left}
const result = signal(null); // {answer, body, document}
const said = signal("");
let flight = null;

async function simulate() {
    const own = (flight = new AbortController());
    const text = body.peek();
    const document = asked.peek();
    const request = JSON.stringify({ deal: document, ...settings.peek() });
    const seen = [];
    batch(() => {
        progress.value = { done: 0, of: settings.peek().paths, left: null };
        said.value = "";
    });
    for (let attempt = 0; attempt < 2; attempt++) {
        try {
            const response = await post("/v1/simulations", request, {
                signal: own.signal,
                accept: "text/event-stream",
            });
            if (!response.ok) {
                const problem = await response.json();
                said.value = `Not run: ${problem.errors?.[0] ? `${problem.errors[0].pointer} ${problem.errors[0].message}` : problem.detail}`;
                break;
            }
            let answer = null;
            for await (const { name, data } of eventsOf(response)) {
                if (name === "progress") told(data, seen);
                else if (name === "result") answer = data;
                else throw new Error(data.detail || name);
            }
            if (!answer) throw new Error("the stream was cut");
            batch(() => {
                result.value = { answer, body: text, document };
                said.value = "";
            });
            spoken.value = "Simulation finished";
            break;
        } catch (fault) {
            if (own.signal.aborted) break;
            said.value = attempt
                ? `The stream was cut twice (${fault.message}). Run again: the same seed gives the same paths.`
                : "The stream was cut; asking once more.";
        }
    }
    if (flight === own) {
        flight = null;
        progress.value = null;
    }
}
function told({ done, of }, seen) {
    seen.push([performance.now(), done]);
    const [[t0, d0], [t1, d1]] = [seen.at(-4) || seen[0], seen.at(-1)];
    const left = d1 > d0 ? ((of - done) * (t1 - t0)) / (d1 - d0) / 1000 : null;
    const quarter = Math.floor((4 * done) / of);
    if (quarter > Math.floor((4 * (progress.peek()?.done || 0)) / of))
        spoken.value = `Simulation: ${quarter * 25} percent`;
    progress.value = { done, of, left };
}
function stop() {
    flight?.abort();
    flight = null;
    const { done } = progress.peek() || { done: 0 };
    batch(() => {
        progress.value = null;
        said.value = `Stopped at ${fixed(done)}.${result.peek() ? " The last finished run is below." : ""}`;
    });
}

const estimate = ({ value, standard_error: error }) => `${percent(value)} ±${fixed(error * 100, 1)}`;
const set = (name, value) => (settings.value = { ...settings.peek(), [name]: value });

export function Simulation() {
    const { paths, seed, factor } = settings.value;
    const going = progress.value;
    const now = result.value;
    const whole = (name) => (event) => {
        const value = Number(event.target.value.replace(/\D/g, ""));
        if (value) set(name, value);
    };
    return html`<section class="panel span-12 simulation" aria-labelledby="title-sim"><div class="sim-bar"><h3 id="title-sim">Simulation</h3>
        <label>Paths <input class="input" value=${fixed(paths)} inputmode="numeric" disabled=${Boolean(going)} data-testid="sim-paths" onChange=${whole("paths")} /></label><label>Seed <input class="input" value=${seed} inputmode="numeric" disabled=${Boolean(going)} onChange=${whole("seed")} /></label>
        ${going ? html`<progress value=${going.done} max=${going.of} aria-label="Paths run" data-testid="sim-progress"></progress><span>${fixed(going.done)} of ${fixed(going.of)}${going.left === null ? "" : ` · about ${fixed(Math.ceil(going.left))} s left`}</span><button data-testid="sim-stop" onClick=${stop}>Stop</button>` : html`<button class="primary" data-testid="sim-run" onClick=${simulate}>Run</button>`}
        <span class="aside" data-testid="sim-said" role="status">${said.value}</span></div>
        <details><summary>Factor terms</summary><div class="row">${Object.entries(factor).map(
            ([name, value]) =>
                html`<label>${LABELS[name]} <input class="input" value=${fixed(value, 4, 0)} inputmode="decimal" onChange=${(
                    event,
                ) => {
                    const given = Number(event.target.value);
                    if (Number.isFinite(given)) set("factor", { ...settings.peek().factor, [name]: given });
                }} /></label>`,
        )}</div></details>
        ${now ? html`<div class="grid inner"><${Fan} now=${now} /><${Losers} now=${now} /></div>` : html`<p class="note">Thousands of paths of tenants, lettings and power through the waterfall. Nothing is run until you ask.</p>`}</section>`;
}

const mark = (now) => (now.body !== body.value ? " Of the deal before your last edit." : "");

function Fan({ now }) {
    const { answer, document } = now;
    const view = useMemo(() => {
        const { month: months, quantiles } = answer.dscr;
        const dates = months.map((m) => addMonths(document.closing, m));
        const levels = Object.keys(quantiles).sort((a, b) => a - b);
        const pick = (level) => quantiles[levels.find((name) => Math.abs(Number(name) - level) < 1e-9)];
        const used = [
            ["5%", 0.05],
            ["25%", 0.25],
            ["Median", 0.5],
            ["75%", 0.75],
            ["95%", 0.95],
        ].filter(([, level]) => pick(level));
        const table = {
            caption: "Simulation: DSCR by payment date",
            columns: [{ head: "Date", text: true, show: month }, ...used.map(([head]) => ({ head, show: ratio }))],
            rows: dates.map((date, i) => [date, ...used.map(([, level]) => pick(level)[i])]),
        };
        const levels_ = triggerLevels(document.structure.triggers);
        const most = Math.max(
            2,
            Math.ceil(
                Math.max(
                    ...(pick(0.95) || pick(0.5) || []).filter((v) => v !== null),
                    ...levels_.map(([value]) => value || 0),
                ),
            ),
        );
        const option = (t, width) => {
            const band = (low, high, colour, name) =>
                pick(low) && pick(high)
                    ? [
                          {
                              name: `${name} from`,
                              type: "line",
                              stack: name,
                              symbol: "none",
                              silent: true,
                              lineStyle: { width: 0 },
                              itemStyle: { color: colour },
                              data: pick(low),
                          },
                          {
                              name,
                              type: "line",
                              stack: name,
                              symbol: "none",
                              silent: true,
                              lineStyle: { width: 0 },
                              areaStyle: { color: colour, opacity: 1 },
                              itemStyle: { color: colour },
                              data: pick(high).map((v, i) => (v === null ? null : v - pick(low)[i])),
                          },
                      ]
                    : [];
            return {
                grid: { left: 40, right: narrow(width) ? 12 : 100, top: 14, bottom: 26 },
                xAxis: timeAxis(dates, t, width),
                yAxis: valueAxis(t, {
                    max: most,
                    axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => `${fixed(v, 1, 0)}x` },
                }),
                series: [
                    {
                        name: "Median",
                        type: "line",
                        symbol: "none",
                        z: 4,
                        lineStyle: { color: t.ink, width: 1.8 },
                        itemStyle: { color: t.ink },
                        data: pick(0.5),
                        endLabel: { show: !narrow(width), formatter: "median", color: t.ink2 },
                        markLine: { silent: true, symbol: "none", data: levelLines(levels_, t, width, most, 240) },
                    },
                    ...band(0.05, 0.95, t.div5, "nine tenths"),
                    ...band(0.25, 0.75, t.div6, "half"),
                ],
            };
        };
        return { table, option };
    }, [answer]);
    return html`<${Panel} name="fan" title="Simulation: DSCR by month" span="7" table=${view.table} sub=${`${fixed(answer.paths)} paths, seed ${answer.seed}. Bands hold half and nine tenths of the paths that have debt outstanding.${mark(now)}`}><${Chart} name="fan" height=${280} option=${view.option} table=${view.table} label="Quantiles of debt service cover by payment date" /><//>`;
}

function Losers({ now }) {
    const { answer, document } = now;
    const quantile = (note) => {
        const names = Object.keys(note.loss_quantiles);
        const name = names.find((one) => Math.abs(Number(one) - 0.99) < 1e-9) || names.at(-1);
        return [name, note.loss_quantiles[name]];
    };
    const [level] = answer.classes.length ? quantile(answer.classes[0]) : [0.99];
    const table = {
        caption: "Simulation: who loses",
        columns: [
            { head: "Class", text: true },
            { head: "Misses interest", show: estimate },
            { head: "Loses principal", show: estimate },
            {
                head: "Expected loss",
                unit: `${document.currency} m`,
                show: ({ value, standard_error: error }) => `${millions(value, 2)} ±${millions(error, 2)}`,
            },
            { head: `${percent(Number(level), 0)} loss`, unit: `${document.currency} m`, show: (v) => millions(v) },
        ],
        rows: answer.classes.map((note) => [
            note.name,
            note.missed_interest,
            note.principal_loss,
            note.expected_loss,
            quantile(note)[1],
        ]),
    };
    const { triggers } = answer;
    const rows = [
        ["Cash trap", triggers.trap.ever],
        ["Principal sweep", triggers.sweep.ever],
        ["Sweep, or turbo after the ARD", triggers.amortise.ever],
        ["PIK", triggers.pik.ever],
    ];
    const ever = {
        caption: "Triggers",
        columns: [
            { head: "Trigger", text: true },
            { head: "Ever trips", show: estimate },
        ],
        rows,
    };
    const flat = {
        ...table,
        columns: [
            "Class",
            "Misses interest",
            "± one standard error",
            "Loses principal",
            "± one standard error",
            "Expected loss",
            "± one standard error",
            `${level} loss`,
        ].map((head) => ({ head })),
        rows: answer.classes.map((note) => [
            note.name,
            ...[note.missed_interest, note.principal_loss, note.expected_loss].flatMap((one) => [
                one.value,
                one.standard_error,
            ]),
            quantile(note)[1],
        ]),
    };
    return html`<section class="panel span-5" data-testid="chart-losers"><header><h3>Simulation: who loses</h3><div class="actions"><button class="link" onClick=${() => downloadCsv(flat, "simulation")}>CSV</button></div></header><p class="sub">Share of paths, ± one standard error.${mark(now)}</p>
        <div class="table-box"><${Table} table=${table} name="losers" /></div><div class="table-box"><${Table} table=${ever} name="triggers" /></div></section>`;
}
