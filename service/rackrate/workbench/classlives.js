// The life of the classes: their balances by payment date, and what each loses.
import { html, useMemo } from "./html.js";
import { Chart, timeAxis, valueAxis } from "./charts.js";
import { CLASS_TOKENS, classColour } from "./classcolours.js";
import { Panel } from "./panels.js";
import { fixed, millions, month } from "./numbers.js";

// Names of the classes: each within its band, or at the right edge with what it loses, where it lasts to the end.
function namesOf(run, at, outside, t) {
    let below = 0;
    const bands = run.classes.map((note, i) => {
        const low = below;
        below += note.balance[at];
        return { note, i, low, high: below };
    });
    const size = { fontSize: 12, fontWeight: 600, fontFamily: t.font.replaceAll('"', "'") };
    return {
        name: "Names",
        type: "custom",
        silent: true,
        z: 5,
        data: bands.map(({ low }, k) => [at, low, k]),
        renderItem: (_, api) => {
            const { note, i, low, high } = bands[api.value(2)];
            const [x, top] = api.coord([at, high]);
            const [, bottom] = api.coord([at, low]);
            const lost = note.principal_loss > 0.005 && outside;
            const [, paid] = api.coord([at, Math.max(low, high - note.principal_loss)]);
            const y = (top + bottom) / 2;
            const text = (words, left, fill) => ({
                type: "text",
                silent: true,
                style: { text: words, x: left, y, fill, verticalAlign: "middle", ...size },
            });
            const fits = bottom - top > 11;
            return {
                type: "group",
                children: outside
                    ? [
                          ...(lost
                              ? [
                                    {
                                        type: "rect",
                                        shape: { x: x + 3, y: top, width: 5, height: paid - top },
                                        style: { fill: t.bad },
                                    },
                                ]
                              : []),
                          ...(fits ? [text(note.name, x + 13, t.ink)] : []),
                          ...(fits && lost ? [text(`−${millions(note.principal_loss)}`, x + 48, t.bad)] : []),
                      ]
                    : fits
                      ? [text(note.name, x, t[`onClass${Math.min(CLASS_TOKENS, i + 1)}`])]
                      : [],
            };
        },
    };
}

export function ClassLives({ answer, deal }) {
    const code = deal.currency;
    const run = answer.waterfall;
    const table = useMemo(
        () =>
            run && {
                caption: "Life of the classes",
                columns: [
                    { head: "Date", text: true, show: month },
                    ...run.classes.map((note) => ({ head: note.name, unit: code, show: (v) => fixed(v, 0) })),
                ],
                rows: run.date.map((date, i) => [date, ...run.classes.map((note) => note.balance[i])]),
            },
        [run],
    );
    const option = useMemo(
        () =>
            run &&
            ((t, width) => {
                const count = run.classes.length;
                const colours = run.classes.map((_, i) => classColour(i, count));
                const ard = run.ard
                    ? run.date.findIndex((_, i) => (i + 1) * (deal.structure.period_months || 1) >= run.ard.month)
                    : -1;
                const ends = Math.max(0, run.date.length - 2); // the last period is after the sale
                const stays = run.classes.some((note) => note.balance[ends] > 0.005);
                return {
                    grid: { left: 48, right: stays ? 88 : 12, top: 24, bottom: 26 },
                    xAxis: timeAxis(run.date, t, width),
                    yAxis: valueAxis(t, {
                        axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => fixed(v / 1e6) },
                    }),
                    series: [
                        ...run.classes.map((note, i) => ({
                            name: note.name,
                            type: "line",
                            stack: "balance",
                            symbol: "none",
                            lineStyle: { width: 0.7, color: t.page },
                            areaStyle: { color: colours[i], opacity: 1 },
                            itemStyle: { color: colours[i] },
                            data: note.balance,
                            ...(i === 0 && ard >= 0
                                ? {
                                      markLine: {
                                          silent: true,
                                          symbol: "none",
                                          lineStyle: { color: run.ard.refinanced ? t.ink2 : t.bad, type: "solid" },
                                          label: {
                                              formatter: run.ard.refinanced ? "ARD: refinanced" : "ARD: not refinanced",
                                              color: run.ard.refinanced ? t.ink2 : t.bad,
                                              position: "end",
                                          },
                                          data: [{ xAxis: ard }],
                                      },
                                  }
                                : {}),
                        })),
                        namesOf(run, stays ? ends : Math.floor(run.date.length * 0.04), stays, t),
                    ],
                };
            }),
        [run],
    );
    if (!run) return null;
    const lost = run.classes.filter((note) => note.principal_loss > 0.005);
    return html`<${Panel} name="life" title="Life of the classes" span="7" table=${table} sub=${`Balances after each payment, ${code} m, run of case ${run.case}.${lost.length ? ` Lost after the sale at legal final: ${lost.map((note) => `${note.name} ${millions(note.principal_loss)}`).join(", ")}.` : ""}`}>
        <${Chart} name="life" height=${280} option=${option} table=${table} label="Balances of the classes by payment date" /><//>`;
}
