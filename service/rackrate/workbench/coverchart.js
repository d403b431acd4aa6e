// The chart of cash flow against debt service, with cover, its triggers, and the flags that are on.
import { html, useMemo } from "./html.js";
import { Chart, grouped, levelLines, narrow, runsOf, timeAxis, triggerLevels, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { day, fixed, month, ratio } from "./numbers.js";
import { QUARTER, counted, coverOf, events, quarters, seriesOf } from "./coverseries.js";
import { issuersRun, shown } from "./requests.js";

// A line with its name on it, at a share of its length.
function named(values, words, share, style) {
    const known = values.map((value, i) => [value, i]).filter(([value]) => value !== null);
    const [, at] = known[Math.floor(known.length * share)] || [];
    return values.map((value, i) =>
        i === at && words
            ? {
                  value,
                  symbol: "circle",
                  symbolSize: 0.1,
                  label: { show: true, position: "top", distance: 9, formatter: words, fontSize: 11, ...style },
              }
            : { value, symbol: "none" },
    );
}

const HEIGHTS = { above: 132, below: 128, strip: 16 }; // of the plots, pixels
function coverOption(series, marks, levels, words) {
    const { date, ncf, due, dscr, issuer } = series;
    const size = quarters(series.period);
    const bars = grouped(ncf, size);
    const known = [...dscr, ...(issuer || [])].filter((v) => v !== null && v !== undefined).sort((a, b) => a - b);
    const clip = Math.max(2, Math.ceil(known[Math.floor(0.98 * (known.length - 1))] ?? 2));
    return (t, width) => {
        const small = narrow(width);
        const right = small ? 12 : 104;
        const grid = (top, height) => ({ left: 44, right, top, height });
        const step = (width - 44 - right) / date.length;
        const owes = (i) => series.owed[Math.max(0, i * size - 1)] > 0.005 || due[i] > 0.005;
        const data = date.map((_, i) => {
            const group = Math.floor(i / size);
            if (i !== Math.min(date.length - 1, group * size + Math.floor(size / 2))) return null;
            return {
                value: bars[group],
                itemStyle: { color: !owes(group) ? t.neutral : bars[group] < due[group] - 0.005 ? t.div2 : t.div6 },
            };
        });
        const trapped = series.run ? runsOf(series.run.trapping) : [];
        const shade = (labelled) => ({
            silent: true,
            itemStyle: { color: t.trapShade, opacity: 0.55 },
            data: trapped.map(([from, to], i) => [
                {
                    xAxis: from,
                    label: {
                        show: labelled && i === 0 && (to - from) * step > 130,
                        formatter: `Cash trapped from ${month(date[from])}`,
                        position: "insideTopLeft",
                        color: t.trap,
                        fontSize: 11,
                        fontWeight: 600,
                    },
                },
                { xAxis: to },
            ]),
        });
        const lines = (labelled) => ({
            silent: true,
            symbol: "none",
            label: { show: labelled, color: t.ink3, fontSize: 11, position: "end" },
            data: marks.map((mark) => ({
                xAxis: mark.index,
                lineStyle: { color: mark.bad ? t.bad : t.ink3, type: "dotted", width: 1.2 },
                label: {
                    show: labelled && (!small || !mark.text.startsWith("Legal")),
                    formatter: small ? mark.text.split(",")[0].split(":")[0] : mark.text,
                    color: mark.bad ? t.bad : t.ink3,
                    align:
                        mark.index > date.length * 0.7 ? "right" : mark.index < date.length * 0.2 ? "left" : "center",
                },
            })),
        });
        const strips = series.flags
            .map(([name, flags, tone], row) =>
                runsOf(flags).map(([from, to]) => ({ value: [from, row, to], itemStyle: { color: t[tone] }, name })),
            )
            .flat();
        const axis = (index, extra) =>
            timeAxis(date, t, width, {
                gridIndex: index,
                axisLabel: { show: false },
                axisTick: { show: false },
                ...extra,
            });
        const titled = (name) => ({
            name,
            nameLocation: "end",
            nameGap: 24,
            nameTextStyle: { color: t.ink, fontWeight: 600, fontSize: 12, align: "left", padding: [0, 0, 0, -36] },
        });
        const stripAxis = (labels, extra) => ({
            gridIndex: 2,
            type: "category",
            inverse: true,
            data: labels,
            axisLine: { show: false },
            axisTick: { show: false },
            axisLabel: { color: t.ink3, fontSize: 11, interval: 0 },
            splitLine: { show: true, interval: 0, lineStyle: { color: t.line } },
            ...extra,
        });
        const line = (name, values, colour, extra) => ({
            name,
            type: "line",
            symbol: "none",
            lineStyle: { color: colour, width: 1 },
            itemStyle: { color: colour },
            data: values,
            ...extra,
        });
        const cover = { xAxisIndex: 1, yAxisIndex: 1, connectNulls: false, showSymbol: true, showAllSymbol: true };
        const last = timeAxis(date, t, width, { gridIndex: 2 });
        const below = 44 + HEIGHTS.above + 40;
        return {
            axisPointer: { link: [{ xAxisIndex: "all" }] },
            grid: [
                grid(44, HEIGHTS.above),
                grid(below, HEIGHTS.below),
                grid(below + HEIGHTS.below + 8, series.flags.length * HEIGHTS.strip),
            ],
            xAxis: [axis(0), axis(1), { ...last, axisLine: { show: false } }],
            yAxis: [
                valueAxis(t, {
                    ...titled(words.above),
                    gridIndex: 0,
                    min: Math.min(0, ...bars),
                    axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => fixed(v / 1e6) },
                }),
                valueAxis(t, {
                    ...titled(words.below),
                    nameGap: 12,
                    gridIndex: 1,
                    max: clip,
                    interval: clip > 4 ? Math.ceil(clip / 4) : 1,
                    axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => `${fixed(v)}x` },
                }),
                stripAxis(series.flags.map(([name]) => name)),
                stripAxis(small ? [] : series.flags.map(([, flags]) => counted(flags)), {
                    position: "right",
                    splitLine: { show: false },
                }),
            ],
            series: [
                {
                    name: "NCF",
                    type: "bar",
                    xAxisIndex: 0,
                    yAxisIndex: 0,
                    data,
                    barWidth: Math.max(1, step * size * 0.9),
                    markLine: lines(true),
                },
                line(
                    "Debt service",
                    date.map((_, i) => due[Math.floor(i / size)]),
                    t.ink,
                    { step: "middle", lineStyle: { color: t.ink, width: 1.6 }, markArea: shade(true) },
                ),
                ...(issuer
                    ? [
                          line("DSCR, issuer", named(issuer, "issuer", 0.6, { color: t.ink3 }), t.ink3, {
                              ...cover,
                              lineStyle: { color: t.ink3, width: 1.1, type: "dashed" },
                          }),
                      ]
                    : []),
                line(
                    "DSCR",
                    named(dscr, issuer && words.run, 0.12, { color: t.cat1, fontWeight: 600 }).map((point) =>
                        point.value > clip ? { value: clip, symbol: "triangle" } : point,
                    ),
                    t.cat1,
                    {
                        ...cover,
                        lineStyle: { color: t.cat1, width: 1.8 },
                        symbolSize: 6,
                        markArea: shade(false),
                        markLine: {
                            ...lines(false),
                            data: [...lines(false).data, ...levelLines(levels, t, width, clip, HEIGHTS.below)],
                        },
                    },
                ),
                {
                    name: "Flags",
                    type: "custom",
                    xAxisIndex: 2,
                    yAxisIndex: 2,
                    data: strips,
                    encode: { x: [0, 2], y: 1 },
                    silent: true,
                    renderItem: (_, api) => {
                        const [x, y] = api.coord([api.value(0), api.value(1)]);
                        const [end] = api.coord([api.value(2), api.value(1)]);
                        return {
                            type: "rect",
                            shape: { x: x - step / 2, y: y - 4, width: end - x + step, height: 8 },
                            style: { fill: api.visual("color") },
                        };
                    },
                },
            ],
        };
    };
}

export function CoverChart({ answer, deal, span = 12, at }) {
    const code = deal.currency;
    const beside = issuersRun.value?.body === shown.value.body ? issuersRun.value.run : null;
    const view = useMemo(() => {
        const series = seriesOf(answer, deal);
        if (beside) series.issuer = coverOf(beside, deal);
        const levels = triggerLevels(deal.structure?.triggers || {});
        const quarter = series.period < QUARTER;
        const kind = !series.run
            ? "DSCR of the sized loan"
            : deal.structure.triggers.service === "assumed_amortisation"
              ? "DSCR on assumed amortisation"
              : quarter
                ? "DSCR, trailing three months"
                : "DSCR by period";
        const words = {
            above: `NCF (bars) and debt service (line), ${code} m a ${quarter ? "quarter" : "period"}`,
            below: `${kind}${levels.some(([level]) => level) ? ", and what trips below it" : ""}`,
            run: series.run?.case,
        };
        const cash = (head) => ({ head, unit: code, show: (v) => fixed(v, 0) });
        const table = {
            caption: "Cash flow against debt service",
            columns: [
                { head: "Date", text: true, show: day },
                { head: "DSCR", show: ratio },
                cash("NCF"),
                cash(series.run && quarter ? "Service of three months" : "Debt service"),
                ...(series.issuer ? [{ head: "DSCR, issuer", show: ratio }] : []),
                ...(series.unpaid ? [cash("Arrears")] : []),
                ...series.flags.map(([name]) => ({ head: name })),
            ],
            rows: series.date.map((date, i) => [
                date,
                series.dscr[i],
                series.ncf[i],
                series.service[i],
                ...(series.issuer ? [series.issuer[i]] : []),
                ...(series.unpaid ? [series.unpaid[i]] : []),
                ...series.flags.map(([, flags]) => flags[i]),
            ]),
        };
        return { series, table, option: coverOption(series, events(answer, deal, series), levels, words) };
    }, [answer, deal, beside]);
    const { series, table, option } = view;
    const shaded = series.run?.trapping.some(Boolean) ? " Shaded: cash trap on." : "";
    const dashed = series.issuer ? " Dashed: the issuer’s case." : "";
    return html`<${Panel} name="cover" title="Cash flow against debt service" span=${span} table=${table}
        sub=${`${series.run ? `Run of case ${series.run.case}` : `Case ${answer.cash_flow.case}, the sized loan`}. Orange bars: NCF below the debt service; grey: nothing is owed.${shaded}${dashed}`}>
        <${Chart} name="cover" height=${44 + HEIGHTS.above + 40 + HEIGHTS.below + 8 + series.flags.length * HEIGHTS.strip + 26} option=${option} table=${table} at=${at} label="Net cash flow against debt service, and its cover against the trigger levels" />
        ${series.flags.length > 0 && html`<p class="keyline narrow-only">${series.flags.map(([name, flags, tone]) => html`<span><i class=${`swatch ${tone}`}></i>${name}: ${counted(flags)}</span>`)}</p>`}<//>`;
}
