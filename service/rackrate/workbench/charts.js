// Charts: ECharts drawn from tokens, read by keyboard and ear; axes, levels and shades that several share.
import { html, signal, useEffect, useLayoutEffect, useRef, useState } from "./html.js";
import { fixed, percent } from "./numbers.js";

export const theme = signal("light");
export const spoken = signal(""); // what the live region says of a chart
let library = null;
export const loadCharts = () => (library ??= import("./vendor/echarts.js"));

export function tokens() {
    const style = getComputedStyle(document.documentElement);
    return new Proxy(
        {},
        { get: (_, name) => style.getPropertyValue(`--${name.replace(/([A-Z0-9]+)/g, "-$1").toLowerCase()}`).trim() },
    );
}

// What the pointer or the arrow keys stand on: a row of the table in words, six lines at most.
function wordsOf(table, index) {
    const row = table?.rows[index];
    if (!row) return "";
    const parts = row
        .map((value, k) => [table.columns[k], value])
        .filter(([, value]) => value !== null && value !== undefined && value !== "");
    const text = ([column, value]) =>
        column.show
            ? column.show(value)
            : typeof value === "number"
              ? fixed(value, 2)
              : typeof value === "boolean"
                ? value
                    ? "yes"
                    : "no"
                : value;
    return [text(parts[0]), ...parts.slice(1, 6).map((part) => `${part[0].head}  ${text(part)}`)].join("\n");
}

const HOVER = {
    trigger: "axis",
    renderMode: "richText",
    confine: true,
    padding: [6, 10],
    borderWidth: 1,
    shadowBlur: 0,
    transitionDuration: 0,
};

// One drawing by ECharts: `option(tokens, width)`; its points are the rows of `table`.
export function Chart({ name, height = 260, option, table, label, onPick, at, axis = 0 }) {
    const box = useRef(null);
    const state = useRef({ index: -1 });
    const [failed, setFailed] = useState("");
    const dark = theme.value;
    const draw = () => {
        const { chart, fresh } = state.current;
        if (!chart || !box.current) return;
        const t = tokens();
        const font = t.font.replaceAll('"', "'"); // a picture has it within double quotes
        const made = fresh(t, box.current.clientWidth);
        state.current.line = Math.max(
            0,
            made.series.findIndex((one) => one.type === "line"),
        );
        chart.setOption(
            {
                animation: false,
                backgroundColor: "transparent",
                textStyle: { fontFamily: font, color: t.ink2, fontSize: 11 },
                aria: { enabled: false },
                tooltip:
                    made.tooltip === null
                        ? undefined
                        : {
                              ...HOVER,
                              backgroundColor: t.panel,
                              borderColor: t.rule,
                              textStyle: { color: t.ink, fontSize: 12, fontFamily: font },
                              axisPointer: { type: "line", lineStyle: { color: t.ink3, width: 1 } },
                              formatter: (found) =>
                                  wordsOf(state.current.table, (Array.isArray(found) ? found[0] : found).dataIndex),
                          },
                ...made,
            },
            true,
        );
        // paper is narrower than the window: the drawing is scaled to it, not cut
        box.current?.querySelector("svg")?.setAttribute("viewBox", `0 0 ${chart.getWidth()} ${chart.getHeight()}`);
    };
    state.current.fresh = option;
    state.current.table = table;
    useLayoutEffect(() => {
        let gone = false;
        loadCharts()
            .then(({ init }) => {
                if (gone || !box.current) return;
                const chart = init(box.current, null, { renderer: "svg", height });
                Object.assign(state.current, { chart });
                box.current.chart = chart;
                draw();
                chart.getZr().on("click", (event) => {
                    const [index] = [chart.convertFromPixel({ xAxisIndex: axis }, event.offsetX)].flat();
                    if (typeof index === "number" && index >= 0) onPick?.(Math.round(index));
                });
            })
            .catch((fault) => setFailed(fault.message));
        const watch = new ResizeObserver(() => {
            state.current.chart?.resize();
            draw();
        });
        watch.observe(box.current);
        const print = () => {
            state.current.chart?.resize();
            draw();
        };
        addEventListener("beforeprint", print);
        return () => {
            gone = true;
            watch.disconnect();
            removeEventListener("beforeprint", print);
            state.current.chart?.dispose();
            state.current.chart = null;
        };
    }, [dark, height]);
    useEffect(() => {
        const frame = requestAnimationFrame(() => {
            try {
                draw();
            } catch (fault) {
                setFailed(fault.message);
            }
        });
        return () => cancelAnimationFrame(frame);
    }, [option]);
    const show = (index) => {
        const last = (table?.rows.length || 1) - 1;
        state.current.index = Math.min(last, Math.max(0, index));
        state.current.chart?.dispatchAction({
            type: "showTip",
            seriesIndex: state.current.line,
            dataIndex: state.current.index,
        });
        spoken.value = wordsOf(table, state.current.index).replaceAll("\n", ", ");
    };
    const keys = (event) => {
        const { index } = state.current;
        const to = {
            ArrowRight: index + 1,
            ArrowLeft: index - 1,
            PageDown: index + 12,
            PageUp: index - 12,
            Home: 0,
            End: Infinity,
        }[event.key];
        if (to !== undefined) {
            event.preventDefault();
            show(to);
        } else if (event.key === "Enter" && onPick && index >= 0) onPick(index);
        else if (event.key === "Escape") {
            state.current.chart?.dispatchAction({ type: "hideTip" });
            event.currentTarget.blur();
        }
    };
    useEffect(() => {
        if (at !== undefined && at >= 0) show(at);
    }, [at]);
    if (failed)
        return html`<p class="note bad">This chart could not be drawn (${failed}). Its table has the figures.</p>`;
    return html`<div class="chart" tabindex="0" role="img" aria-label=${`${label}. Arrow keys move along it; its table has every figure.`} style=${{ height: `${height}px` }} ref=${box} onKeyDown=${keys} data-key=${name}></div>`;
}

// The axes every chart has: years named, lines light.
export function timeAxis(dates, t, width, extra = {}) {
    const span = dates.length ? Number(dates.at(-1).slice(0, 4)) - Number(dates[0].slice(0, 4)) + 1 : 1;
    const every = Math.max(1, Math.ceil(span / (width / 64)));
    const firstOf = dates.map(
        (date, i) =>
            (i === 0 || date.slice(0, 4) !== dates[i - 1].slice(0, 4)) && Number(date.slice(0, 4)) % every === 0,
    );
    return {
        type: "category",
        data: dates,
        boundaryGap: true,
        axisTick: { show: true, interval: (i) => firstOf[i], lineStyle: { color: t.rule } },
        axisLine: { lineStyle: { color: t.rule } },
        axisLabel: { color: t.ink3, fontSize: 11, interval: (i) => firstOf[i], formatter: (date) => date.slice(0, 4) },
        splitLine: { show: false },
        axisPointer: { label: { show: false } },
        ...extra,
    };
}
// Shares of a whole by year, as bars with their figure on top; `least` is the smallest that has one.
export const shareBars = (t, name, data, least = 0) => ({
    name,
    type: "bar",
    barWidth: "60%",
    itemStyle: { color: t.div6 },
    data,
    label: {
        show: true,
        position: "top",
        color: t.ink2,
        fontSize: 11,
        formatter: ({ value }) => (value > least ? percent(value, 0) : ""),
    },
});
export const valueAxis = (t, extra = {}) => ({
    type: "value",
    min: 0,
    splitNumber: 4,
    axisLabel: { color: t.ink3, fontSize: 11 },
    splitLine: { lineStyle: { color: t.line } },
    axisLine: { show: false },
    axisTick: { show: false },
    ...extra,
});

// Lines at levels of a value axis from zero, each named at its end; names that are close make room for each other.
// A level is [value, name, token, type of line].
export function levelLines(levels, t, width, most, height) {
    const small = narrow(width);
    let above = -Infinity;
    return levels
        .filter(([value]) => typeof value === "number")
        .sort((a, b) => b[0] - a[0])
        .map(([value, name, tone, type]) => {
            const y = (1 - value / most) * height;
            above = Math.max(y, above + 13);
            const label = {
                show: true,
                formatter: `${name} ${fixed(value, 2)}x`,
                color: t[tone],
                position: small ? "insideStartTop" : "end",
                fontSize: 11,
                offset: [0, above - y],
            };
            return { yAxis: value, lineStyle: { color: t[tone], type, width: 1.3 }, label };
        });
}
export const triggerLevels = (triggers) => [
    [triggers.trap_below, "Trap below", "trap", "solid"],
    [triggers.amortise_below, "Sweep below", "sweep", "dashed"],
    [triggers.pik_below, "PIK below", "pik", "dotted"],
];

// Runs of true in a list of flags, as [first, last].
export function runsOf(flags) {
    const runs = [];
    flags.forEach((on, i) => {
        if (on) {
            if (i && flags[i - 1]) runs.at(-1)[1] = i;
            else runs.push([i, i]);
        }
    });
    return runs;
}
// Sums of a series by groups of so many.
export const grouped = (values, size) =>
    Array.from({ length: Math.ceil(values.length / size) }, (_, i) =>
        values.slice(i * size, (i + 1) * size).reduce((a, b) => a + (b || 0), 0),
    );
export const narrow = (width) => width < 480;
