// Tenants: their share of rent and kW, and the chance of losing rent to their defaults.
import { html, useMemo } from "./html.js";
import { Chart, narrow, valueAxis } from "./charts.js";
import { Panel } from "./panels.js";
import { Axis, Bar, Tick, scaleOf } from "./marks.js";
import { fixed, percent } from "./numbers.js";
import { ruleset } from "./rulesets.js";

const TOP = 10;
const SAID_AT = 0.1; // share of rent whose chance of loss is named
const LEAST = 1e-5; // probability drawn

export function Tenants({ answer, deal, onGo }) {
    const horizon = ruleset.value.credit.horizons.at(-1);
    const pd = horizon ? `PD ${fixed(horizon)} y` : "PD";
    const view = useMemo(() => {
        const credit = answer.credit;
        const about = Object.fromEntries(deal.tenants.map((tenant, i) => [tenant.id, { ...tenant, i }]));
        const all = [...credit.tenants].sort((a, b) => b.share - a.share);
        const rows = all.slice(0, TOP);
        const table = {
            caption: "Tenants",
            columns: [
                { head: "Tenant", text: true },
                { head: "Rating", text: true },
                { head: "Rent", unit: "share", show: (v) => percent(v) },
                { head: "kW", unit: "share", show: (v) => percent(v) },
                { head: pd, show: (v) => percent(v) },
            ],
            rows: all.map((tenant) => [
                about[tenant.id]?.name || tenant.id,
                about[tenant.id]?.rating ?? null,
                tenant.share,
                tenant.share_kw,
                tenant.cumulative_pd.at(-1),
            ]),
        };
        return {
            credit,
            about,
            rows,
            all,
            table,
            scale: scaleOf(Math.max(...rows.flatMap((t) => [t.share, t.share_kw]), 0.01)),
        };
    }, [answer, deal, pd]);
    const { credit, about, rows, all, scale } = view;
    return html`<${Panel} name="tenants" title="Tenants" span="5" table=${view.table} sub=${`${all.length > TOP ? `Top ten of ${all.length}` : `All ${all.length}`}. Top one ${percent(credit.top_1_share)}, top five ${percent(credit.top_5_share)}, effective tenants ${fixed(credit.effective_tenants, 1)}.`}>
        <div class="tenants" role="list"><div class="tenant head" aria-hidden="true"><span>Tenant</span><span></span><span class="track">Rent (bar), kW (tick)</span><span>${pd}</span></div>
        ${rows.map(
            (
                tenant,
            ) => html`<div class="tenant" role="listitem"><span><button class="plain" onClick=${() => onGo(`/tenants/${about[tenant.id]?.i}`)}>${about[tenant.id]?.name || tenant.id}</button></span><span class="aside">${about[tenant.id]?.rating ?? ""}</span>
            <span class="track"><${Bar} from=${0} to=${scale.at(tenant.share)} tone="better-soft" /><${Tick} at=${scale.at(tenant.share_kw)} tone="ink" /><em style=${{ left: `calc(${Math.max(scale.at(tenant.share), scale.at(tenant.share_kw))}% + 6px)` }}>${percent(tenant.share)}</em></span><b>${percent(tenant.cumulative_pd.at(-1))}</b></div>`,
        )}
        <div class="tenant foot" aria-hidden="true"><span></span><span></span><span class="track"><${Axis} scale=${scale} show=${(v) => percent(v, 0)} /></span><b></b></div></div><//>`;
}

export function LossChance({ answer }) {
    const { loss_distribution: losses, loss_exceedance: tail } = answer.credit;
    const view = useMemo(() => {
        if (!tail) return null;
        const points = tail.loss.map((loss, i) => [loss, tail.probability[i]]);
        const drawn = points.filter(([, chance], i) => chance > LEAST || (i && points[i - 1][1] > LEAST));
        const at = points.find(([loss]) => Math.abs(loss - SAID_AT) < 1e-9);
        const table = {
            caption: "Chance of losing rent",
            columns: [
                { head: "Rent lost, more than", show: (v) => percent(v, 2) },
                { head: "Probability", show: (v) => percent(v, 3) },
            ],
            rows: drawn,
        };
        const option = (t, width) => ({
            grid: { left: 52, right: 16, top: 20, bottom: 40 },
            xAxis: {
                type: "value",
                min: 0,
                max: Math.max(SAID_AT * 1.5, drawn.at(-1)?.[0] ?? 0),
                name: "share of rent lost",
                nameLocation: "middle",
                nameGap: 24,
                nameTextStyle: { color: t.ink3 },
                axisLabel: { color: t.ink3, formatter: (v) => percent(v, 0) },
                splitLine: { show: false },
                axisLine: { lineStyle: { color: t.rule } },
            },
            yAxis: valueAxis(t, {
                type: "log",
                min: LEAST,
                max: 1,
                axisLabel: { color: t.ink3, fontSize: 11, formatter: (v) => `${fixed(v * 100, 3, 0)}%` },
            }),
            series: [
                {
                    name: "Chance",
                    type: "line",
                    step: "end",
                    symbol: "none",
                    lineStyle: { color: t.cat1, width: 1.8 },
                    itemStyle: { color: t.cat1 },
                    data: drawn.map(([loss, chance]) => [loss, Math.max(chance, LEAST)]),
                    markLine: {
                        silent: true,
                        symbol: "none",
                        lineStyle: { color: t.ink3, type: "dotted" },
                        data: [
                            {
                                xAxis: SAID_AT,
                                label: {
                                    formatter: `${percent(at?.[1] ?? 0, 1)} chance of more than ${percent(SAID_AT, 0)}`,
                                    color: t.ink,
                                    align: narrow(width) ? "center" : "left",
                                },
                            },
                        ],
                    },
                },
            ],
        });
        return { table, option };
    }, [tail]);
    if (!view || view.table.rows.length < 2)
        return html`<${Panel} name="loss" title="Chance of losing rent" span="5" sub="Share of rent lost to defaults over the ruleset’s horizon."><p class="note">No tenant’s default takes rent: there is nothing to draw.</p><//>`;
    return html`<${Panel} name="loss" title="Chance of losing rent" span="5" table=${view.table} sub=${`Probability, log scale, that more than a share of rent is lost over the ruleset’s horizon. Expected ${percent(losses.expected, 2)}.`}>
        <${Chart} name="loss" height=${240} option=${view.option} table=${view.table} label="Probability of losing more than a share of rent" /><//>`;
}
