// Words: order, labels and help over the service's own schema. What is not named here still appears, with the
// schema's description.
const LABELS = {
    abs_master_trust: "ABS master trust",
    cmbs_single_asset: "CMBS single asset",
    appraised_value: "Appraised value",
    ard_months: "ARD",
    legal_final_months: "Legal final",
    capacity_kw: "Capacity",
    pue: "PUE",
    capex_reserve_per_kw_year: "Capital reserve per kW",
    one_year_pd: "One-year PD",
    cumulative_pd: "Cumulative PD",
    pd_multiplier: "PD multiplier",
    sla_credit_share: "SLA credit",
    cpi: "CPI",
    dscr: "DSCR",
    ltv: "LTV",
    ltv_trigger: "LTV trigger",
    pue_add: "PUE, added",
    pue_cap: "PUE cap",
    vfn: "Variable funding note",
    pik_below: "PIK below",
    trap_below: "Cash trap below",
    amortise_below: "Sweep below",
    mw: "Size",
    price_per_mwh: "Price",
    term_months: "Term",
    contracted_kw: "Contracted",
    rent_per_kw_month: "Rent",
    free_rent_months: "Free rent",
    commencement: "Starts",
    interest_only_months: "Interest only",
    life_months: "Useful life",
    per_kw_month: "Per occupied kW",
    kw: "Billed load",
    opex_factor: "Operating costs, factor",
    power_price_factor: "Power index, factor",
    power_price_add: "Power index, added",
    rate_add: "Interest rate, added",
    renewal_factor: "Renewal probability, factor",
    rent_haircut: "Contract rent haircut",
    market_rent_haircut: "Market rent haircut",
    ncf_haircut: "NCF haircut",
    utilisation_factor: "Utilisation, factor",
    downtime_add_months: "Downtime, added",
    credit: "Tenants may default",
    cap_rate: "Cap rate",
    management_fee_floor: "Management fee floor",
    capex_reserve_floor: "Capital reserve floor",
    id: "Identifier",
    ncf: "NCF",
    noi: "NOI",
    egi: "Effective gross income",
};
const KINDS = {
    // of unions
    max_ltv: "Max LTV",
    max_ltc: "Max LTC",
    min_debt_yield: "Min debt yield",
    max_leverage: "Max leverage",
    min_dscr: "Min DSCR",
    sculpted: "Sculpted DSCR",
    min_llcr: "Min LLCR",
    min_plcr: "Min PLCR",
    refinance: "Refinance test",
    equipment: "Equipment test",
    cpi: "CPI, floor and cap",
    fixed: "Fixed rate",
    steps: "Written steps",
    metered: "Metered",
    fixed_price: "Fixed price",
    included: "Included in rent",
    direct: "Tenant buys directly",
    npv: "Net present value",
    cfd: "Contract for difference",
    fixed_block: "Fixed block",
    full_requirements: "Full requirements",
    indexed: "Indexed",
    tariff: "Utility tariff",
};
export const HELP = {
    "/sizing/tests": "Each test gives the largest principal it allows. The smallest is the loan.",
    "/structure": "Classes, most senior first; fees, reserve, triggers, and the order in which they are paid.",
    "/cases": "A case adjusts the deal’s inputs; one of the ruleset’s name replaces it.",
    "/market": "A number, or values from dates on.",
    "/tenants": "All leases of a tenant default together.",
};
const PERCENT_RATIOS = new Set(["ltv", "ltv_trigger", "advance_rate"]);
const PERCENT_LIMITS = new Set(["max_ltv", "max_ltc", "min_debt_yield"]);
const OF_UNIT = {
    money: "money",
    "money/month": "money",
    "money/year": "money",
    "money/kW": "price",
    "money/kW-month": "rent",
    "money/kW-year": "price",
    "money/MWh": "price",
    kW: "kw",
    MW: "plain",
    share: "percent",
    rate: "percent",
    volatility: "percent",
    probability: "percent",
    ratio: "times",
    months: "months",
    years: "plain",
    "hours/year": "plain",
    count: "plain",
    none: "plain",
    "as-stated": "plain",
};
const BY_NAME = [
    // where the schema says no unit
    [
        /^(appraised_value|cost|annual|ground_rent|other_income|principal|commitment|drawn|initial|cap_annual|denomination|amounts)$/,
        "money",
    ],
    [/rent_per_kw_month$/, "rent"],
    [
        /(per_kw_month|per_kw|per_kw_year|per_mwh|strike|adder|demand_rate|capex_reserve_floor|power_price_add|power_index|fixed_monthly)$/,
        "price",
    ],
    [/(_kw|^kw)$/, "kw"],
    [/_months$|^months$|^month$|^from_month$/, "months"],
    [/(factor|pd_multiplier|dscr|_below|pue|pue_cap|pue_add|constant|price)$/, "times"],
    [
        /(rate|share|fee|margin|floor|cap|growth|escalation|probability|utilisation|discount|haircut|_pd|cpi|markup|residual|balloon|sale_costs|curve|ltv|ltv_trigger|management_fee_floor|vacancy_floor)$/,
        "percent",
    ],
];

// How a number is typed and shown: money, rent, price, kw, percent, times, months or plain.
export function kindOf(name, node, parent) {
    if (PERCENT_RATIOS.has(name) || (name === "limit" && PERCENT_LIMITS.has(parent?.kind))) return "percent";
    if (name === "limit") return "times";
    const unit = node?.["x-unit"];
    if (unit && unit !== "as-stated") return OF_UNIT[unit] || "plain";
    return BY_NAME.find(([pattern]) => pattern.test(name))?.[1] || "plain";
}
export function unitOf(kind, name, node, code) {
    const per = {
        "money/kW-month": "/kW-month",
        "money/MWh": "/MWh",
        "money/kW": "/kW",
        "money/kW-year": "/kW-yr",
        "money/month": "/month",
        "money/year": "/yr",
    }[node?.["x-unit"]];
    if (kind === "rent") return `${code}/kW-month`;
    if (kind === "price")
        return (
            code +
            (per ||
                (/mwh|index|strike|adder|price_add/.test(name)
                    ? "/MWh"
                    : /year|reserve/.test(name)
                      ? "/kW-yr"
                      : /month|demand/.test(name)
                        ? "/kW-month"
                        : ""))
        );
    if (kind === "money") return code + (per || "");
    return (
        { kw: "kW", percent: "%", times: "x", months: "months" }[kind] ||
        (name === "mw" ? "MW" : name.endsWith("hours_per_year") ? "h/yr" : "")
    );
}
export function labelOf(name) {
    if (LABELS[name]) return LABELS[name];
    const words = name.replace(/^opex:/, "").replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}
export const kindName = (kind) => KINDS[kind] || labelOf(kind);
// Why a figure is not defined, by the head of its column: what the answer has null.
export const UNDEFINED = {
    "": "The answer has no figure here: it is not defined.",
    DSCR: "No debt service is due then, or too few months of it are known.",
    "DSCR, issuer": "No debt service is due then, or too few months of it are known.",
    "DSCR, closing": "No debt service is due in its twelve months.",
    "DSCR, minimum": "No twelve months of debt service are due.",
    "Minimum DSCR": "No twelve months of debt service are due.",
    LTV: "There is no value to divide by.",
    "Debt yield": "Nothing is lent to divide by.",
    WALT: "No rent is under lease.",
    "Effective tenants": "No rent is under lease.",
    Rating: "A power contract has no rating; of a tenant without one, chances of default are stated.",
    Tenant: "A power contract is the facility’s, no tenant’s.",
    "Share of rent": "A power contract earns no rent.",
    To: "It has no end: a tariff goes on.",
    "NCF haircut": "No cut is needed: it is so without one.",
    "Breaks at": "A strip has no principal that could be lost.",
    Attach: "There is no value to divide by.",
    Detach: "There is no value to divide by.",
    Yield: "Its payments return less than nothing: no yield makes them worth the price.",
    "WAL to": "No principal is repaid by then.",
    Duration: "Without a yield there is none.",
    Supports: "Its enhancement and covers meet no rating’s thresholds.",
};
export const whyUndefined = (head) =>
    UNDEFINED[head] ??
    (/ allows$/.test(head) ? "This test limits nothing." : / at$/.test(head) ? UNDEFINED["NCF haircut"] : UNDEFINED[""]);
export const GLOSSARY = {
    DSCR: "Debt service cover: income over the interest and principal due.",
    ICR: "Interest cover: income over interest due.",
    LTV: "Loan to value.",
    LTC: "Loan to cost.",
    "Debt yield": "Net cash flow of the closing year over principal.",
    NOI: "Net operating income: income less operating costs.",
    NCF: "Net cash flow: NOI less capital reserve and letting costs.",
    EGI: "Effective gross income: rent, recoveries and other income less vacancy.",
    "Effective tenants": "Inverse of the rent concentration index: equal tenants that would be as concentrated.",
    LLCR: "Loan life cover: present value of cash flow to maturity over the debt.",
    PLCR: "Project life cover: present value of cash flow to the last contract’s end over the debt.",
    WALT: "Rent-weighted average lease term to expiry.",
    WAL: "Principal-weighted average life.",
    ARD: "Anticipated repayment date: when the debt is expected to be refinanced.",
    "Legal final": "The last day on which principal is due; what is still owed then is lost or met by a sale.",
    Attachment: "Where a class begins in the capital structure.",
    Detachment: "Where a class ends.",
    "Credit enhancement": "Value that may be lost before a class is touched.",
    Subordination: "Share of all debt that ranks below a class.",
    Duration: "Modified duration: fall of the price for a rise of the yield, in years.",
    "Break-even haircut": "Least cut of every month’s cash and of every value at which a class first loses.",
    "Cash trap": "Cash kept from equity while cover is below a level.",
    Sweep: "All classes amortise from what would go to equity.",
    PIK: "Deferrable interest is added to principal instead of paid.",
    Balloon: "Principal due at maturity.",
};
