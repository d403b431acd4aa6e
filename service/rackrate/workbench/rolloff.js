// Rent whose contract ends, by year: only where the service says what share each lease has.
import { html, useMemo } from "./html.js";
import { Chart, shareBars, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { addMonths, percent, sum } from "./numbers.js";

export function RollOff({ answer, deal }) {
    const leases = answer.credit.leases;
    const view = useMemo(() => {
        if (!leases?.length) return null;
        const first = Number(deal.closing.slice(0, 4));
        const last = Math.max(...leases.map((lease) => Number(lease.expiry.slice(0, 4))), first + 1);
        const list = Array.from({ length: last - first + 1 }, (_, i) => first + i);
        const share = list.map((year) =>
            sum(leases.filter((lease) => Number(lease.expiry.slice(0, 4)) === year).map((lease) => lease.share)),
        );
        let running = 0;
        const total = share.map((value) => (running += value));
        const table = {
            caption: "Rent that rolls off",
            columns: [
                { head: "Year", text: true },
                { head: "Ends", unit: "share of rent", show: (v) => percent(v) },
                { head: "Ended by then", show: (v) => percent(v) },
            ],
            rows: list.map((year, i) => [String(year), share[i], total[i]]),
        };
        const maturity = addMonths(deal.closing, deal.debt.term_months).slice(0, 4);
        const beyond = sum(share.filter((_, i) => list[i] > Number(maturity)));
        const option = (t, width) => ({
            grid: { left: 48, right: 12, top: 20, bottom: 26 },
            xAxis: {
                type: "category",
                data: list.map(String),
                axisLabel: { color: t.ink3, interval: Math.ceil(list.length / (width / 40)) - 1 },
                axisLine: { lineStyle: { color: t.rule } },
                axisTick: { show: false },
            },
            yAxis: valueAxis(t, {
                max: 1,
                interval: 0.25,
                axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => percent(v, 0) },
            }),
            series: [
                shareBars(t, "Ends", share, 0.004),
                {
                    name: "By then",
                    type: "line",
                    step: "middle",
                    symbol: "none",
                    lineStyle: { color: t.ink, width: 1.6 },
                    itemStyle: { color: t.ink },
                    data: total,
                    markLine: {
                        silent: true,
                        symbol: "none",
                        lineStyle: { color: t.ink3, type: "dotted" },
                        label: { formatter: "maturity", color: t.ink3, fontSize: 11 },
                        data: list.includes(Number(maturity)) ? [{ xAxis: maturity }] : [],
                    },
                },
            ],
        });
        return { table, option, beyond };
    }, [leases, deal]);
    if (!view) return null;
    return html`<${Panel} name="roll" title="Rent that rolls off" span="7" table=${view.table} sub=${`Bars: share of rent whose contract ends in the year, as it is at closing. Line: the sum so far. ${view.beyond > 0 ? `${percent(view.beyond)} is contracted past the year of maturity.` : "Nothing is contracted past the year of maturity."}`}><${Chart} name="roll" height=${240} option=${view.option} table=${view.table} label="Share of rent whose contract ends, by year" /><//>`;
}
