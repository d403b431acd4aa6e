// Sentences: what binds, what is next, what relaxing it gives, what happens and when; each from an answer alone.
// A sentence is a list of parts: a text, or {b: text} for what stands out.
import { change, fixed, inWords, money, month, percent, ratio } from "./numbers.js";

const TEST_NAMES = {
    max_ltv: "LTV",
    max_ltc: "LTC",
    min_debt_yield: "Debt yield",
    max_leverage: "Leverage",
    min_dscr: "DSCR",
    sculpted: "Sculpted DSCR",
    min_llcr: "LLCR",
    min_plcr: "PLCR",
    refinance: "Refinance",
    equipment: "Equipment",
    classes: "Class limits",
};
const STEPS = {
    // of a limit: how far, and how that is said
    max_ltv: [0.01, "point of LTV", "points of LTV"],
    max_ltc: [0.01, "point of LTC", "points of LTC"],
    min_debt_yield: [0.001, "10 basis points of debt yield", "times 10 basis points of debt yield"],
    max_leverage: [0.1, "0.1x of leverage", "times 0.1x of leverage"],
    min_dscr: [0.05, "0.05x of DSCR", "times 0.05x of DSCR"],
    sculpted: [0.05, "0.05x of DSCR", "times 0.05x of DSCR"],
    min_llcr: [0.05, "0.05x of LLCR", "times 0.05x of LLCR"],
    min_plcr: [0.05, "0.05x of PLCR", "times 0.05x of PLCR"],
};
const LINEAR = new Set(["max_ltv", "max_ltc", "max_leverage"]);
const TIE = 5000; // of money: less slack than this is none
const FAR = 10; // times the principal: a test that allows more is not near

export const nameOf = (test) => (test.name && test.name !== test.kind ? test.name : TEST_NAMES[test.kind] || test.kind);

// The leg of a test that its limit is of: as answered, else the one of the deal's that has this limit.
export const legOf = (test) => test.leg ?? "limit";
export function formatOf(test) {
    const leg = legOf(test);
    if (["max_ltv", "max_ltc"].includes(test.kind) || leg === "ltv" || leg === "advance_rate")
        return (value) => percent(value, 1);
    return test.kind === "min_debt_yield" ? (value) => percent(value, 2) : ratio;
}
function stepOf(test) {
    const leg = legOf(test);
    if (leg === "ltv") return [0.01, "point of LTV at maturity", "points of LTV at maturity"];
    if (leg === "advance_rate") return [0.01, "point of advance rate", "points of advance rate"];
    return STEPS[test.kind] || [0.05, "0.05x of DSCR", "times 0.05x of DSCR"];
}
const ordered = (tests) =>
    tests.filter((test) => test.max_principal !== null).sort((a, b) => a.max_principal - b.max_principal);
const bindingOf = (answer) => answer.sizing.tests.find((test) => test.binding) || ordered(answer.sizing.tests)[0];

// The binding limit one step easier: {pointer, limit} to ask again with; null where nothing of the deal is.
export function relaxed(answer, document) {
    const test = bindingOf(answer);
    const index = answer.sizing.tests.indexOf(test);
    const asked = document.sizing.tests[index];
    if (!test || !asked || !test.shadow_price) return null;
    const field = legOf(test);
    if (typeof asked[field] !== "number") return null;
    return {
        pointer: `/sizing/tests/${index}/${field}`,
        limit: asked[field] + Math.sign(test.shadow_price) * stepOf(test)[0],
    };
}

function easier(test) {
    const words = stepOf(test)[1];
    const counted = words.startsWith("point") ? `One ${test.shadow_price < 0 ? "less" : "more"} ${words}` : null;
    if (counted) return counted.replace("One less point", "One point less").replace("One more point", "One more point");
    return test.shadow_price < 0 ? words.replace(" of ", " less of ") : words.replace(" of ", " more of ");
}

// What one step of the binding limit gives, from the probe; until it answers, what the shadow price says.
function stepSentence(answer, document, probe, code) {
    const test = bindingOf(answer);
    const asked = document.sizing.tests[answer.sizing.tests.indexOf(test)];
    if (!test || !asked || !test.shadow_price) return [];
    const many = easier(test).startsWith("One") ? ["is", "gives"] : ["are", "give"];
    const worth = Math.abs(test.shadow_price) * stepOf(test)[0];
    const about = LINEAR.has(test.kind) ? "" : "about ";
    if (!probe) return [` ${easier(test)} ${many[0]} worth ${about}${money(worth, code)} to this test.`];
    const gain = probe.principal - answer.summary.principal;
    if (gain < TIE) return [` ${easier(test)} ${many[1]} nothing: another test stands at the same figure.`];
    const classes =
        answer.summary.issued !== null && probe.issued !== null && probe.issued - answer.summary.issued < gain / 2;
    const other =
        probe.binding &&
        probe.binding !== "classes" &&
        answer.sizing.tests.find((one) => one !== test && one.name === probe.binding);
    const stop =
        other && !classes
            ? `, where ${nameOf(other)} binds`
            : classes
              ? `, but the classes’ own limits stop at ${money(probe.issued, code)}`
              : "";
    return [` ${easier(test)} ${many[0]} ${money(gain, code)}${stop}.`];
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
// The test that is next: how far behind it is, or that none comes near.
function nextSentence(test, next, principal, code) {
    if (next.max_principal > FAR * principal)
        return [`. No other test comes near: `, { b: nameOf(next) }, ` allows ${money(next.max_principal, code)}.`];
    return [". The ", { b: nameOf(next) }, ` test is next, ${money(next.slack, code)}${behind(test, next)} behind.`];
}

// What binds, and what is next.
export function bindingSentence(answer, document, probe, code) {
    const { summary, sizing } = answer;
    const test = bindingOf(answer);
    const tests = ordered(sizing.tests);
    const next = tests.find((other) => other !== test);
    if (summary.binding_test === "classes") {
        return [
            { b: "The classes’ own limits bind" },
            `: ${money(summary.issued, code)} issued of ${money(summary.principal, code)} that the tests allow. `,
            ...(test ? [{ b: capital(nameOf(test)) }, " is next."] : []),
        ];
    }
    if (!test) return [{ b: "Nothing limits the loan" }, "."];
    const step = stepSentence(answer, document, probe, code);
    if (!next)
        return [{ b: `${capital(nameOf(test))} binds` }, ` at ${formatOf(test)(test.actual)}. It is the only test.`, ...step];
    if (Math.abs(next.slack) < TIE)
        return [
            { b: `${capital(nameOf(test))} and ${nameOf(next)} bind together` },
            ` at ${money(summary.principal, code)}.`,
            ...step,
        ];
    return [
        { b: `${capital(nameOf(test))} binds` },
        ` at ${formatOf(test)(test.actual)}`,
        ...nextSentence(test, next, summary.principal, code),
        ...step,
    ];
}

// How many steps of the binding limit the next test is away.
function behind(test, next) {
    const words = stepOf(test)[2];
    if (!test.shadow_price || !words.startsWith("points")) return "";
    return ` or ${fixed(next.slack / (Math.abs(test.shadow_price) * 0.01), 1)} ${words}`;
}

export const short = (answer, document, code) => {
    const test = bindingOf(answer);
    const next = ordered(answer.sizing.tests).find((other) => other !== test);
    if (!test) return "Nothing limits the loan";
    if (answer.summary.binding_test === "classes") return "The classes’ own limits bind";
    const at = formatOf(test)(test.actual);
    const near = next && next.max_principal <= FAR * answer.summary.principal;
    return `${capital(nameOf(test))} binds at ${at}${near ? `; ${nameOf(next)} ${money(next.slack, code)} behind` : ""}`;
};
export const told = (parts) => parts.map((part) => part.b ?? part).join("");

// What happens in the run, in time order: {code, date, text}.
export function flagsOf(answer, code) {
    const run = answer.waterfall;
    if (!run)
        return [
            { code: "none", tone: "plain", text: "Sized, not tranched: add a structure to see classes and payments" },
        ];
    const trips = [
        ["trap", "Cash trap"],
        ["amortise", "Sweep"],
        ["pik", "PIK"],
    ]
        .filter(([name]) => run.triggers?.[name])
        .map(([name, words]) => ({
            code: name,
            date: run.triggers[name],
            text: `${words} from ${month(run.triggers[name])}`,
        }));
    const missed = run.classes
        .filter((note) => note.first_shortfall && note.first_shortfall < run.date.at(-1))
        .map((note) => ({
            code: "missed",
            tone: "bad",
            date: note.first_shortfall,
            text: `Class ${note.name} misses interest in ${month(note.first_shortfall)}`,
        }));
    const flags = [...trips, ...missed];
    if (!trips.length) flags.push({ code: "no-trigger", tone: "good", date: "", text: "No trigger trips" });
    if (!missed.length && !run.classes.some((note) => note.interest_unpaid.some((unpaid) => unpaid > 0.005))) {
        flags.push({ code: "paid", tone: "good", date: "", text: "All interest is paid on time" });
    }
    if (run.ard) {
        const date = run.date.find((_, i) => (i + 1) * periodOf(run) >= run.ard.month);
        flags.push(
            run.ard.refinanced
                ? { code: "ard", tone: "good", date, text: `Refinanced at ARD, ${month(date)}` }
                : { code: "ard", tone: "bad", date, text: `ARD missed, ${month(date)}` },
        );
    }
    const losers = run.classes.filter((note) => note.principal_loss > 0.005);
    if (losers.length) {
        const lost = losers.reduce((total, note) => total + note.principal_loss, 0);
        const names = losers.map((note) => note.name);
        flags.push({
            code: "loss",
            tone: "bad",
            date: run.date.at(-1),
            text: `${names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)} lose` : `${names[0]} loses`} ${money(lost, code)}`,
        });
    }
    return flags.sort((a, b) => (a.date || "9").localeCompare(b.date || "9"));
}

// Months between payment dates, from the dates themselves.
export function periodOf(run) {
    if (run.date.length < 2) return 1;
    const [a, b] = run.date.slice(0, 2).map((text) => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)));
    return b - a;
}

export function breakEvenName({ target }) {
    if (target.dscr_minimum !== undefined) return `Minimum DSCR at ${ratio(target.dscr_minimum)}`;
    if (target.trigger !== undefined)
        return { trap: "Cash trap trips", amortise: "Principal sweep trips", pik: "PIK trips" }[target.trigger];
    return `Class ${target.first_loss} takes a loss`;
}
const WARNINGS = {
    lease_ends_before_debt: ["lease ends before the debt", "leases end before the debt"],
    power_ends_before_lease: ["power contract ends before the last lease", "power contracts end before the last lease"],
    booked_not_billed: ["lease is booked, not billed", "leases are booked, not billed"],
    leasehold_before_legal_final: ["ground lease ends before legal final", "ground leases end before legal final"],
    minimum_take_uncovered: ["minimum take is not covered", "minimum takes are not covered"],
    ard_differs_from_term: ["ARD is not the debt’s term", "ARDs are not the debt’s term"],
    implausible: ["figure is implausible", "figures are implausible"],
    few_effective_tenants: ["warning: few effective tenants", "warnings: few effective tenants"],
    national_rating_scale: ["warning: ratings of a national scale", "warnings: ratings of a national scale"],
    dates_moved: ["date was moved to a month boundary", "dates were moved to month boundaries"],
    trigger_trips: ["trigger trips", "triggers trip"],
    interest_missed: ["class misses interest", "classes miss interest"],
    ard_missed: ["ARD is missed", "ARDs are missed"],
    principal_lost: ["class loses principal", "classes lose principal"],
    case_without_effect: ["case changes nothing", "cases change nothing"],
    limit_out_of_range: ["limit is out of range", "limits are out of range"],
    class_without_limits: ["class has no limits", "classes have no limits"],
};
// Warnings by code: {code, text, items}.
export function warningGroups(warnings) {
    const groups = Map.groupBy
        ? Map.groupBy(warnings, (warning) => warning.code)
        : warnings.reduce((m, w) => m.set(w.code, [...(m.get(w.code) || []), w]), new Map());
    return [...groups].map(([code, items]) => {
        const words = WARNINGS[code] || [code.replaceAll("_", " "), code.replaceAll("_", " ")];
        return { code, items, text: `${items.length} ${words[items.length === 1 ? 0 : 1]}` };
    });
}
export const classesIssued = (answer, code) =>
    answer.summary.issued === null
        ? "sized, not tranched"
        : `${money(answer.summary.issued, code)} issued, ${inWords(answer.tranches.length)} ${answer.tranches.length === 1 ? "class" : "classes"}`;
export const changeSentence = (delta, code) => `${change(delta, (value) => money(value, code))} by your last edit`;
