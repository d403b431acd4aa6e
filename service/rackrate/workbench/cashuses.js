// The chart of cash paid by use: fees, interest, principal, trap and equity by quarter.
import { html, useMemo } from "./html.js";
import { Chart, grouped, timeAxis, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { fixed, millions, month, sum } from "./numbers.js";
import { quarters } from "./coverseries.js";
import { periodOf } from "./sentences.js";

function payments(answer) {
    const run = answer.waterfall;
    const over = (name, i) => sum(run.classes.map((note) => note[name][i]));
    const n = run.date.length;
    const ard = run.ard?.refinanced ? Math.ceil(run.ard.month / periodOf(run)) - 1 : -1;
    const each = (make) => Array.from({ length: n }, (_, i) => make(i));
    return {
        ard,
        n,
        Fees: each((i) => run.fees[i] + run.uncapped_fees[i]),
        Interest: each((i) => over("interest_paid", i) + over("additional_paid", i)),
        Principal: each((i) => over("principal_paid", i)),
        "Cash trap": each((i) => Math.max(0, run.trap[i] - (i ? run.trap[i - 1] : 0))),
        Equity: run.equity,
    };
}

export function WhereCashGoes({ answer, deal, period, onPeriod }) {
    const code = deal.currency;
    const run = answer.waterfall;
    const view = useMemo(() => {
        const paid = payments(answer);
        const size = quarters(periodOf(run));
        const names = ["Fees", "Interest", "Principal", "Cash trap", "Equity"];
        const sums = Object.fromEntries(names.map((name) => [name, grouped(paid[name], size)]));
        const dates = run.date.filter((_, i) => i % size === 0);
        const totals = dates.map((_, i) => sum(names.map((name) => Math.max(0, sums[name][i]))));
        const big = new Set(
            [Math.floor(paid.ard / size), dates.length - 1].filter(
                (i) => i >= 0 && totals[i] > 3 * [...totals].sort((a, b) => a - b)[Math.floor(totals.length * 0.9)],
            ),
        );
        const cut = big.size ? 1.15 * Math.max(...totals.filter((_, i) => !big.has(i))) : null;
        const table = {
            caption: "Where the cash goes",
            columns: [
                { head: "From", text: true, show: month },
                ...names.map((name) => ({ head: name, unit: code, show: (v) => fixed(v, 0) })),
            ],
            rows: dates.map((date, i) => [date, ...names.map((name) => sums[name][i])]),
        };
        const option = (chosen) => (t, width) => ({
            grid: { left: 44, right: 12, top: 22, bottom: 26 },
            xAxis: timeAxis(dates, t, width),
            yAxis: valueAxis(t, {
                ...(cut ? { max: cut } : {}),
                axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => (v === cut ? "" : fixed(v / 1e6)) },
            }),
            series: [
                ...names.map((name, k) => ({
                    name,
                    type: "bar",
                    stack: "paid",
                    barCategoryGap: "12%",
                    itemStyle: { color: [t.ink3, t.cat1, t.cat3, t.cat5, t.neutral][k] },
                    data: sums[name],
                    ...(k === 0 && big.size
                        ? {
                              markLine: {
                                  silent: true,
                                  symbol: "none",
                                  lineStyle: { color: t.ink3, type: "dotted" },
                                  data: [...big].map((i) => ({
                                      xAxis: i,
                                      label: {
                                          formatter:
                                              i === Math.floor(paid.ard / size)
                                                  ? `refinanced ${millions(run.ard.proceeds)}`
                                                  : `sold ${millions(run.sale)}`,
                                          color: t.ink2,
                                          align: i > dates.length * 0.7 ? "right" : "center",
                                      },
                                  })),
                              },
                          }
                        : {}),
                })),
                {
                    name: "Chosen",
                    type: "custom",
                    silent: true,
                    data: [[chosen, 0]],
                    renderItem: ({ coordSys }, api) => {
                        const [x] = api.coord([api.value(0), 0]);
                        const [wide] = api.size([1, 0]);
                        return {
                            type: "rect",
                            shape: { x: x - wide / 2, y: coordSys.y, width: wide, height: coordSys.height },
                            style: { fill: "transparent", stroke: t.ink, lineWidth: 1 },
                        };
                    },
                },
            ],
        });
        return { table, option, size, names };
    }, [answer]);
    const chosen = Math.floor(Math.min(period, run.date.length - 1) / view.size);
    const option = useMemo(() => view.option(chosen), [view, chosen]);
    return html`<${Panel} name="cash" title="Where the cash goes" span="7" table=${view.table} sub=${`What is paid in each ${view.size > 1 ? "quarter" : "period"}, ${code} m; releases of reserve and trap are in what they pay. Pick a bar to see its period.`}>
        <${Chart} name="cash" height=${300} option=${option} table=${view.table} at=${undefined} onPick=${(i) => onPeriod(i * view.size)} label="Cash paid by use and quarter" />
        <p class="keyline">${view.names.map((name, k) => html`<span><i class=${`swatch ${["ink-3", "cat-1", "cat-3", "cat-5", "neutral"][k]}`}></i>${name}</span>`)}</p><//>`;
}
