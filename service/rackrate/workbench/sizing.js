// Sizing: what each test allows, what breaks the deal, how the issuer's NCF becomes ours.
import { html, useMemo } from "./html.js";
import { Panel } from "./panels.js";
import { Axis, Bar, Tick, scaleOf } from "./marks.js";
import { change, fixed, millions, money, percent } from "./numbers.js";
import { breakEvenName, formatOf, legOf, nameOf } from "./sentences.js";
import { labelOf } from "./words.js";

const SERVICE = {
    actual: "actual service",
    interest_only: "interest only",
    amortising: "amortising",
    stressed: "stressed service",
};

// What a test is of, in a few words from the deal.
function qualifierOf(test, asked, answer, code) {
    if (!asked) return "the sculpt’s own cover";
    if (test.kind === "max_ltv") return `of value ${money(answer.sizing.value, code)}`;
    if (test.kind === "max_ltc") return `of cost ${money(test.denominator, code)}`;
    if (test.kind === "min_debt_yield") return `NCF ${money(test.numerator, code)}, closing year`;
    if (test.kind === "min_dscr")
        return [
            `${(asked.numerator || "ncf").toUpperCase()}${test.numerator === null ? "" : ` ${money(test.numerator, code)}`}`,
            SERVICE[asked.service || "actual"] + (asked.months ? ` ${asked.months}\u00a0m` : ""),
            asked.basis && asked.basis !== "closing" && labelOf(asked.basis).toLowerCase(),
        ]
            .filter(Boolean)
            .join(", ");
    if (test.kind === "refinance")
        return legOf(test) === "ltv"
            ? `LTV at maturity, ${percent(asked.cap_rate, 2)} cap`
            : `DSCR at maturity, ${percent(asked.rate, 2)}`;
    return labelOf(test.kind).toLowerCase();
}

export function Tests({ answer, deal, onGo }) {
    const code = deal.currency;
    const view = useMemo(() => {
        const rows = answer.sizing.tests
            .map((test, index) => ({ test, index, asked: deal.sizing.tests[index] }))
            .sort((a, b) => (a.test.max_principal ?? Infinity) - (b.test.max_principal ?? Infinity));
        const scale = scaleOf(
            Math.max(answer.summary.principal, ...rows.map((row) => row.test.max_principal || 0)) / 1e6,
        );
        const table = {
            caption: "What each test allows",
            columns: [
                { head: "Test", text: true },
                { head: "Limit", show: (v) => fixed(v, 4) },
                { head: "Actual", show: (v) => fixed(v, 4) },
                { head: "Allows", unit: code, show: (v) => fixed(v, 0) },
                { head: "Slack", unit: code, show: (v) => fixed(v, 0) },
                { head: "Per 1 of limit", unit: code, show: (v) => fixed(v, 0) },
                { head: "Binds" },
                { head: "Divides", unit: code, show: (v) => fixed(v, 0) },
                { head: "By", unit: code, show: (v) => fixed(v, 0) },
            ],
            rows: rows.map(({ test }) => [
                nameOf(test),
                test.limit,
                test.actual,
                test.max_principal,
                test.slack,
                test.shadow_price,
                test.binding,
                test.numerator,
                test.denominator,
            ]),
        };
        return { rows, scale, table };
    }, [answer, deal]);
    const at = view.scale.at(answer.summary.principal / 1e6);
    return html`<${Panel} name="tests" title="What each test allows" span="7" table=${view.table}
            sub=${`Largest principal under each sizing test, ${code} m, case ${deal.sizing.case}. The shortest bar is the loan.`}>
        <div class="tests" role="list"><div class="test head" aria-hidden="true"><span>Test</span><span>Limit</span><span>Actual</span><span class="track">Allows</span><span>Slack</span></div>
        ${view.rows.map(({ test, index, asked }) => {
            const format = formatOf(test);
            const most = test.max_principal === null ? null : view.scale.at(test.max_principal / 1e6);
            return html`<div class=${`test ${test.binding ? "binds" : ""}`} role="listitem" key=${index} data-testid=${`test-${index}`}>
                <span><button class="plain" onClick=${() => onGo(`/sizing/tests/${index}/limit`)}>${nameOf(test)}</button><small>${qualifierOf(test, asked, answer, code)}</small></span>
                <span class="limit">${format(test.limit)}</span><span class="actual">${format(test.actual)}</span>
                <span class="track">${
                    most === null
                        ? html`<em>limits nothing</em>`
                        : html`<${Bar} from=${0} to=${Math.min(at, most)} tone=${test.binding ? "accent" : "neutral"}>${money(test.max_principal, code)}<//>
                    <${Bar} from=${at} to=${Math.max(at, most)} tone="tint" /><${Tick} at=${most} />`
                }<${Tick} at=${at} tone="principal" /></span>
                <span class="slack">${test.binding ? "binds" : test.slack === null ? "" : change(test.slack, millions)}</span></div>`;
        })}<div class="test foot" aria-hidden="true"><span></span><span></span><span></span><span class="track"><${Axis} scale=${view.scale} show=${(v) => fixed(v)} /></span><span></span></div></div><//>`;
}

export function BreakEvens({ answer, deal, onGo }) {
    const view = useMemo(() => {
        const points = answer.break_evens.map((point) => ({
            ...point,
            name: breakEvenName(point),
            cover: point.target.first_loss === undefined,
        }));
        const solved = points
            .filter((point) => point.status !== "at_once")
            .sort((a, b) => (a.value ?? 1) - (b.value ?? 1));
        const reached = Math.max(
            0.2,
            ...solved.filter((point) => point.status === "solved").map((point) => point.value),
        );
        const table = {
            caption: "What breaks it",
            columns: [
                { head: "What happens", text: true },
                { head: "NCF haircut", unit: "share", show: (v) => percent(v) },
                { head: "Status", text: true },
            ],
            rows: points.map((point) => [point.name, point.value, point.status.replace("_", " ")]),
        };
        return {
            solved,
            already: points.filter((point) => point.status === "at_once"),
            scale: scaleOf(Math.ceil(reached * 5) / 5),
            table,
        };
    }, [answer]);
    if (!answer.break_evens.length) return null;
    return html`<${Panel} name="break-evens" title="What breaks it" span="5" table=${view.table} sub="Further uniform NCF haircut at which each thing first happens. Orange: cover and triggers. Blue: first loss.">
        ${view.already.length > 0 && html`<p class="note bad"><b>Already so in this run:</b> ${view.already.map((point) => point.name).join("; ")}.</p>`}
        <div class="lollipops" role="list">${view.solved.map(
            (point) => html`<div class="lollipop" role="listitem">
            <span><button class="plain" onClick=${() => onGo(point.cover ? "/structure/triggers" : `/structure/classes/${deal.structure?.classes.findIndex((note) => note.name === point.target.first_loss)}`)}>${point.name}</button></span>
            <span class="track">${point.status === "never" ? null : html`<span class="stem" style=${{ width: `${view.scale.at(point.value)}%` }}></span><span class=${`dot ${point.cover ? "worse" : "class"}`} style=${{ left: `${view.scale.at(point.value)}%` }}></span>`}</span>
            <b>${point.status === "never" ? "never" : percent(point.value)}</b></div>`,
        )}
        <div class="lollipop foot" aria-hidden="true"><span></span><span class="track"><${Axis} scale=${view.scale} show=${(v) => percent(v, 0)} /></span><b></b></div></div><//>`;
}

const SETTING = {
    cap_rate: (v) => percent(v, 2),
    discount_rate: (v) => percent(v, 2),
    rate_add: (v) => percent(v, 2),
    capex_reserve_floor: (v) => `${fixed(v, 0)}/kW-yr`,
    power_price_add: (v) => `${fixed(v, 2)}/MWh`,
    downtime_add_months: (v) => `${v} months`,
};
const isFactor = (name) => /factor|multiplier|pue_add/.test(name);
export const settingOf = (name, value) =>
    typeof value === "boolean"
        ? ""
        : Array.isArray(value)
          ? `${value.length}`
          : (
                SETTING[name] ||
                (isFactor(name)
                    ? (v) => `${fixed(v, 2, 0)}×`
                    : (v) => percent(v, Number.isInteger(Number((v * 100).toPrecision(9))) ? 0 : 2))
            )(value);

export function Bridge({ answer, deal }) {
    const code = deal.currency;
    const view = useMemo(() => {
        const line = answer.bridge.find((row) => row.line === "ncf");
        const own = (deal.cases || []).find((one) => one.name === deal.sizing.case) || {};
        let running = line.issuer;
        const steps = answer.bridge_steps.map((step) => {
            const from = running;
            running += step.ncf_change;
            const set = own[step.adjustment];
            return {
                ...step,
                from,
                to: running,
                name: `${labelOf(step.adjustment)}${set === undefined || set === null ? "" : ` ${settingOf(step.adjustment, set)}`}`,
            };
        });
        const ends = [line.issuer, line.underwritten, ...steps.map((step) => step.to)];
        const table = {
            caption: "From the issuer’s NCF to ours",
            columns: [
                { head: "Step", text: true },
                { head: "NCF", unit: code, show: (v) => fixed(v, 0) },
            ],
            heads: [0, steps.length + 1],
            rows: [
                ["NCF, issuer", line.issuer],
                ...steps.map((step) => [step.name, step.ncf_change]),
                [`NCF, ${deal.sizing.case}`, line.underwritten],
            ],
        };
        return { line, steps, scale: scaleOf(Math.max(0, ...ends) / 1e6, Math.min(0, ...ends) / 1e6), table };
    }, [answer, deal]);
    const at = (value) => view.scale.at(value / 1e6);
    const off = view.line.issuer - view.line.underwritten;
    const share = view.line.issuer > 0 ? `, ${percent(off / view.line.issuer)} of the issuer’s` : "";
    const row = (name, from, to, tone, figure, total, note) =>
        html`<div class=${`step ${total ? "total" : ""}`} role="listitem"><span>${name}</span><span class="track"><${Bar} from=${at(from)} to=${at(to)} tone=${tone} />${note && html`<em style=${{ right: `${100 - at(to)}%` }}>${note}</em>`}</span><b>${figure}</b></div>`;
    return html`<${Panel} name="bridge" title="From the issuer’s NCF to ours" span="7" table=${view.table}
        sub=${view.steps.length ? `Closing twelve months, ${code} m. ${money(Math.abs(off), code)} ${off >= 0 ? "comes off" : "is added"}${share}.` : "The case underwritten changes nothing here."}>
        <div class="bridge" role="list">${row("NCF, issuer", 0, view.line.issuer, "better", millions(view.line.issuer), true)}
        ${view.steps.map((step) => row(step.name, step.from, step.to, step.ncf_change < 0 ? "worse" : "better", millions(step.ncf_change, 2), false, Math.abs(step.ncf_change) < 0.005 && "no change to NCF: moves value"))}
        ${row(`NCF, ${deal.sizing.case}`, 0, view.line.underwritten, "better", millions(view.line.underwritten), true)}
        <div class="step foot" aria-hidden="true"><span></span><span class="track"><${Axis} scale=${view.scale} show=${(v) => fixed(v)} /></span><b></b></div></div><//>`;
}
