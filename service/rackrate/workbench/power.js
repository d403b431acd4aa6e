// Leases and power on one time line with the debt; what power costs and who pays it.
import { html, useMemo } from "./html.js";
import { Chart, grouped, timeAxis, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { RollOff } from "./rolloff.js";
import { LossChance, Tenants } from "./tenants.js";
import { addMonths, day, fixed, month, percent, sum } from "./numbers.js";
import { kindName } from "./words.js";

const SCROLLS = 60; // leases from which the time line scrolls inside
const TONES = { AAA: "class-1", AA: "class-1", A: "class-2", BBB: "class-3", BB: "div-2", B: "div-1" };
const letters = (rating) => {
    const found = /^[A-Za-z]+/.exec(rating || "")?.[0] ?? "";
    return { Aa: "AA", Aaa: "AAA", Baa: "BBB", Ba: "BB" }[found] || found.toUpperCase();
};
const monthsOf = (iso) =>
    Number(iso.slice(0, 4)) * 12 + Number(iso.slice(5, 7)) - 1 + (Number(iso.slice(8, 10)) - 1) / 31;

function linesOf(deal, answer) {
    const ratings = Object.fromEntries(deal.tenants.map((tenant) => [tenant.id, tenant.rating]));
    const names = Object.fromEntries(deal.tenants.map((tenant) => [tenant.id, tenant.name || tenant.id]));
    const figures = new Map((answer.credit?.leases || []).map((one) => [`${one.facility}/${one.id}`, one]));
    const leases = deal.facilities
        .flatMap((facility, f) =>
            facility.leases.map((lease, k) => ({
                pointer: `/facilities/${f}/leases/${k}`,
                name: lease.id,
                tenant: names[lease.tenant],
                rating: letters(ratings[lease.tenant]),
                from: lease.commencement,
                to:
                    figures.get(`${facility.id}/${lease.id}`)?.expiry ??
                    addMonths(lease.commencement, lease.term_months),
                share: figures.get(`${facility.id}/${lease.id}`)?.share,
            })),
        )
        .sort((a, b) => a.to.localeCompare(b.to));
    const end = addMonths(deal.closing, deal.structure?.legal_final_months || deal.debt.term_months);
    const power = deal.facilities.flatMap((facility, f) =>
        (facility.power || []).map((contract, k) => ({
            pointer: `/facilities/${f}/power/${k}`,
            name: `${kindName(contract.kind)}${contract.mw ? `, ${fixed(contract.mw, 1, 0)} MW` : ""}${deal.facilities.length > 1 ? ` (${facility.id})` : ""}`,
            from: contract.start || deal.closing,
            to: contract.end || end,
            open: !contract.end,
        })),
    );
    return { leases, power, end };
}

function TimeLine({ answer, deal, onGo }) {
    const view = useMemo(() => {
        const { leases, power, end } = linesOf(deal, answer);
        const dates = [deal.closing, end, ...leases.map((lease) => lease.to)].sort();
        const first = Math.floor(monthsOf(deal.closing) / 12) * 12;
        const last = Math.ceil((monthsOf(dates.at(-1)) + 1) / 12) * 12;
        const at = (iso) => Math.max(0, Math.min(100, (100 * (monthsOf(iso) - first)) / (last - first)));
        const years = [];
        for (let m = first; m < last; m += 12 * Math.max(1, Math.ceil((last - first) / 12 / 16)))
            years.push([m / 12, (100 * (m - first)) / (last - first)]);
        const ard = deal.structure ? (deal.structure.ard_months ?? deal.debt.term_months) : null;
        const marks = new Map();
        for (const [iso, name] of [
            [deal.closing, "Closing"],
            ...(ard ? [[addMonths(deal.closing, ard), "ARD"]] : []),
            [addMonths(deal.closing, deal.debt.term_months), "maturity"],
            ...(deal.structure ? [[end, "legal final"]] : []),
        ])
            marks.set(iso, [...(marks.get(iso) || []), name]);
        const table = {
            caption: "Leases, power and the debt on one time line",
            columns: [
                { head: "What", text: true },
                { head: "Tenant", text: true },
                { head: "Rating", text: true },
                { head: "From", text: true, show: day },
                { head: "To", text: true, show: day },
                { head: "Share of rent", show: (v) => percent(v) },
            ],
            rows: [
                ...power.map((one) => [one.name, null, null, one.from, one.open ? null : one.to, null]),
                ...leases.map((one) => [one.name, one.tenant, one.rating || null, one.from, one.to, one.share ?? null]),
            ],
        };
        return {
            leases,
            power,
            at,
            years,
            marks: [...marks].map(([iso, names]) => [iso, names.join(", ").replace(/^./, (c) => c.toUpperCase())]),
            table,
            maturity: addMonths(deal.closing, deal.debt.term_months),
        };
    }, [answer, deal]);
    const { leases, power, at, years, marks } = view;
    const before = leases.filter((lease) => lease.to <= view.maturity).length;
    const row = (
        one,
        tone,
        label,
    ) => html`<div class="line-row" role="listitem" key=${one.pointer}><span class="who"><button class="plain" onClick=${() => onGo(one.pointer)}>${one.name}</button></span><span class="aside">${one.rating || ""}</span>
        <span class="track"><span class="life" style=${{ left: `${at(one.from)}%`, width: `${Math.max(0.4, at(one.to) - at(one.from))}%`, background: `var(--${tone})` }}></span><em class=${at(one.to) > 84 ? "before" : ""} style=${at(one.to) > 84 ? { right: `calc(${100 - at(one.to)}% + 5px)`, color: `var(--on-${tone}, var(--page))` } : { left: `calc(${at(one.to)}% + 5px)` }}>${label}</em></span><b>${one.share === undefined ? "" : percent(one.share)}</b></div>`;
    const seen = Object.keys(TONES).filter((rating) => leases.some((lease) => lease.rating === rating));
    const others = leases.some((lease) => lease.rating && !TONES[lease.rating]);
    const anyShare = leases.some((lease) => lease.share !== undefined);
    return html`<${Panel} name="timeline" title="Leases, power and the debt on one time line" table=${view.table} sub=${`${before === leases.length ? `All ${leases.length} leases end` : `${before} of ${leases.length} leases end`} before maturity${answer.summary.walt_years === null ? "" : `; WALT ${fixed(answer.summary.walt_years, 1)} years`}. Colour: rating of the tenant.${anyShare ? " At the right: share of rent." : ""}`}>
        <div class=${`timeline ${leases.length > SCROLLS ? "scrolls" : ""}`} role="list">
            <div class="line-row scale" aria-hidden="true"><span class="who"></span><span></span><span class="track">${marks.map(([iso, name]) => html`<i class="mark-name" style=${at(iso) > 80 ? { right: `${100 - at(iso)}%` } : { left: `${at(iso)}%` }}>${name}</i>`)}${years.map(([year, x]) => html`<i style=${{ left: `${x}%` }}>${year}</i>`)}</span><b></b></div>
            <div class="verticals" aria-hidden="true"><span class="track">${marks.map(([iso]) => html`<s style=${{ left: `${at(iso)}%` }}></s>`)}</span></div>
            ${power.map((one) => row(one, "cat-3", one.open ? "" : `ends ${month(one.to)}`))}
            ${power.length > 0 && html`<div class="between" aria-hidden="true"></div>`}
            ${leases.map((one) => row(one, TONES[one.rating] || (one.rating ? "div-1" : "neutral"), month(one.to)))}</div>
        <p class="keyline">${seen.map((rating) => html`<span><i class=${`swatch ${TONES[rating]}`}></i>${rating}</span>`)}${others && html`<span><i class="swatch div-1"></i>others</span>`}</p><//>`;
}

function PowerCost({ answer, deal }) {
    const code = deal.currency;
    const { power, cash_flow: flow } = answer;
    const view = useMemo(() => {
        const dates = flow.date.filter((_, i) => i % 3 === 0);
        const [cost, recovery, unhedged, shortfall] = [
            power.cost,
            power.recovery,
            power.unhedged_mwh,
            power.shortfall,
        ].map((series) => grouped(series, 3));
        const lower = sum(unhedged) > 0 || sum(shortfall) > 0;
        const table = {
            caption: "Power: cost and recovery",
            columns: [
                { head: "Quarter from", text: true, show: month },
                { head: "Cost", unit: code, show: (v) => fixed(v, 0) },
                { head: "Recovered", unit: code, show: (v) => fixed(v, 0) },
                { head: "Unhedged", unit: "MWh", show: (v) => fixed(v, 0) },
                { head: "Paid, not used", unit: code, show: (v) => fixed(v, 0) },
            ],
            rows: dates.map((date, i) => [date, cost[i], recovery[i], unhedged[i], shortfall[i]]),
        };
        const option = (t, width) => {
            const money = { axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => fixed(v / 1e6, 1, 0) } };
            const step = (name, data, colour) => ({
                name,
                type: "line",
                step: "middle",
                symbol: "none",
                lineStyle: { color: colour, width: 1.8 },
                itemStyle: { color: colour },
                data,
                endLabel: { show: true, formatter: name, color: colour, fontWeight: 600 },
                labelLayout: { moveOverlap: "shiftY" },
            });
            const gap = cost.map((value, i) => value - recovery[i]);
            const ends = deal.facilities.flatMap((facility) =>
                (facility.power || [])
                    .filter((contract) => contract.end > flow.date[0] && contract.end < flow.date.at(-1))
                    .map((contract) => ({
                        xAxis: dates.findLastIndex((date) => date <= contract.end),
                        label: { formatter: `${kindName(contract.kind)} ends`, color: t.warn, fontSize: 11 },
                    })),
            );
            const base = {
                type: "line",
                step: "middle",
                symbol: "none",
                stack: "gap",
                lineStyle: { width: 0 },
                silent: true,
            };
            return {
                axisPointer: { link: [{ xAxisIndex: "all" }] },
                grid: [
                    { left: 44, right: 76, top: 20, height: lower ? 142 : 218 },
                    ...(lower ? [{ left: 44, right: 76, top: 186, height: 56 }] : []),
                ],
                xAxis: [
                    timeAxis(dates, t, width, { gridIndex: 0, ...(lower ? { axisLabel: { show: false } } : {}) }),
                    ...(lower ? [timeAxis(dates, t, width, { gridIndex: 1 })] : []),
                ],
                yAxis: [
                    valueAxis(t, { gridIndex: 0, ...money }),
                    ...(lower
                        ? [
                              valueAxis(t, {
                                  gridIndex: 1,
                                  splitNumber: 2,
                                  axisLabel: {
                                      color: t.ink3,
                                      fontSize: 11,
                                      formatter: (v) => `${fixed(v / 1000, 1, 0)}`,
                                  },
                              }),
                          ]
                        : []),
                ],
                series: [
                    {
                        ...step("Cost", cost, t.cat2),
                        markLine: {
                            silent: true,
                            symbol: "none",
                            lineStyle: { color: t.warn, type: "dotted" },
                            data: ends,
                        },
                    },
                    step("Recovered", recovery, t.cat3),
                    {
                        ...base,
                        name: "below",
                        data: cost.map((value, i) => Math.min(value, recovery[i])),
                        itemStyle: { color: "transparent" },
                    },
                    {
                        ...base,
                        name: "gap",
                        data: gap.map((value) => Math.max(0, value)),
                        areaStyle: { color: t.div3, opacity: 0.55 },
                        itemStyle: { color: t.div3 },
                    },
                    ...(lower
                        ? [
                              {
                                  name: "Unhedged, GWh",
                                  type: "bar",
                                  xAxisIndex: 1,
                                  yAxisIndex: 1,
                                  itemStyle: { color: t.cat5 },
                                  data: unhedged,
                                  barCategoryGap: "20%",
                              },
                          ]
                        : []),
                ],
            };
        };
        return { table, option, lower };
    }, [answer, deal]);
    const hedged =
        power.hedged_share === null
            ? "No load."
            : `${percent(power.hedged_share, 0)} of load is under contract over the debt’s term${sum(power.unhedged_mwh) > 0 ? "" : "; none is bought at the index"}.`;
    if (!power.cost.some((value) => value !== 0))
        return html`<${Panel} name="power" title="Power: cost and recovery" span="7"><p class="note">The landlord buys no power in this run: the tenants do, or nothing draws any.</p><//>`;
    return html`<${Panel} name="power" title="Power: cost and recovery" span="7" table=${view.table} sub=${`${code} m a quarter, case ${flow.case}. Shaded: cost the tenants do not pay back. ${hedged}${view.lower ? " Below: GWh bought at the index." : ""}`}>
        <${Chart} name="power" height=${270} option=${view.option} table=${view.table} label="Power cost and recovery by quarter" /><//>`;
}

export function LeasesAndPower(props) {
    const { credit, power } = props.answer;
    return html`<${TimeLine} ...${props} />${credit && power ? html`<${Tenants} ...${props} /><${PowerCost} ...${props} /><${LossChance} ...${props} /><${RollOff} ...${props} />` : html`<p class="note">Working it out</p>`}`;
}
