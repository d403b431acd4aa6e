// Units: numbers as people write them, read exactly; shifts are made on the decimal text, never by dividing.
import { LOCALE, fixed, day } from "./numbers.js";

const SIGNS = signsOf(LOCALE);
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function signsOf(locale) {
    const parts = new Intl.NumberFormat(locale, { useGrouping: true }).formatToParts(1234567.8);
    return {
        decimal: parts.find((part) => part.type === "decimal").value,
        group: parts.find((part) => part.type === "group")?.value || ",",
    };
}

// A decimal text with a point, from one with the locale's signs; null where it is no number.
function plain(text, { decimal, group } = SIGNS) {
    const bare = text
        .trim()
        .replace(/[\s\u00a0\u202f'’]/g, "")
        .replace(/^[−–]/, "-");
    const sign = bare.startsWith("-") ? "-" : "";
    const digits = bare.replace(/^[-+]/, "");
    const marks = digits.replace(/\d/g, "");
    if (!/^[\d.,]*\d[\d.,]*$/.test(digits)) return null;
    const both = marks.includes(".") && marks.includes(",");
    const point = both
        ? digits[Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","))]
        : pointOf(digits, marks, decimal, group);
    const other = point === "." ? "," : ".";
    if (point && digits.split(point).length > 2) return null;
    const [head, tail = ""] = point ? digits.split(point) : [digits];
    if (tail.includes(other) || (head.includes(other) && !/^\d{1,3}([.,]\d{3})+$/.test(head))) return null;
    const integer = head.replace(/[.,]/g, "").replace(/^0+(?=\d)/, "") || "0";
    return `${sign}${integer}${tail ? `.${tail}` : ""}`;
}
// One kind of mark: it is the decimal point unless it groups threes and is the locale's group sign.
function pointOf(digits, marks, decimal, group) {
    if (!marks) return null;
    if (marks.length > 1) return null;
    const grouping = /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) && marks === group && marks !== decimal;
    return grouping ? null : marks;
}

// A decimal text times a power of ten.
function shifted(text, places) {
    const sign = text.startsWith("-") ? "-" : "";
    const [head, tail = ""] = text.replace("-", "").split(".");
    const digits = head + tail;
    const at = head.length + places;
    const padded = at <= 0 ? "0".repeat(1 - at) + digits : digits.padEnd(at, "0");
    const point = at <= 0 ? 1 : at;
    const whole = padded.slice(0, point).replace(/^0+(?=\d)/, "");
    const rest = padded.slice(point).replace(/0+$/, "");
    return `${sign}${whole}${rest ? `.${rest}` : ""}`;
}

const SCALES = { bn: 9, b: 9, m: 6, mm: 6, mn: 6, k: 3, "": 0 };
const bad = (message) => ({ error: message });
const number = (text) => ({ value: Number(text) });

const READERS = {
    money(text) {
        const match = /^([^\d-]*)(-?[^a-z]*?)\s*(bn|b|mm|mn|m|k)?$/i.exec(text.replace(/[−]/g, "-"));
        const digits = match && plain(match[2].replace(/[$£€¥]/g, ""));
        return digits && /^[\s$£€¥a-z]*$/i.test(match[1])
            ? number(shifted(digits, SCALES[(match[3] || "").toLowerCase()]))
            : bad("not an amount yet: 906.7m, 1.2bn, 720k or 4,200,000");
    },
    kw(text) {
        const match = /^(.*?)\s*(gw|mw|kw)?$/i.exec(text);
        const digits = plain(match[1]);
        return digits
            ? number(shifted(digits, { gw: 6, mw: 3 }[(match[2] || "kw").toLowerCase()] || 0))
            : bad("not a load yet: 36 MW or 36,000");
    },
    rent(text) {
        const match = /^[$£€¥]?\s*([-\d.,\s−]+?)\s*[$£€¥]?\s*(?:\/\s*kw\s*[-/·. ]?\s*(month|mo|m|yr|year|a))?$/i.exec(
            text,
        );
        const digits = match && plain(match[1]);
        if (!digits) return bad("not a rent yet: 118 or 1,416/kW-yr");
        const yearly = /^(y|a)/i.test(match[2] || "");
        return { value: yearly ? Number((Number(digits) / 12).toPrecision(15)) : Number(digits) };
    },
    price(text) {
        const match = /^[$£€¥]?\s*([-\d.,\s−]+?)\s*(?:[$£€¥]?\s*\/.*)?$/.exec(text);
        const digits = match && plain(match[1]);
        return digits ? number(digits) : bad("not a price yet: 41.50");
    },
    percent(text) {
        const match = /^(.*?)\s*(%|bp|bps)?$/i.exec(text);
        const digits = plain(match[1]);
        if (!digits) return bad("not a percentage yet: 5.75% or 575 bp");
        const value = Number(shifted(digits, /^bp/i.test(match[2] || "") ? -4 : -2));
        const share = !match[2] && /^-?0\.\d+$/.test(digits) ? Number(digits) : null;
        return share !== null
            ? { value, suggest: { value: share, text: `Did you mean ${shown("percent", share)}?` } }
            : { value };
    },
    times(text) {
        const digits = plain(text.replace(/\s*[x×]$/i, ""));
        return digits ? number(digits) : bad("not a ratio yet: 1.45x");
    },
    months(text) {
        const match = /^(?:(.+?)\s*(?:y|yr|yrs|years?))?\s*(?:(\d+)\s*(?:m|mo|months?)?)?$/i.exec(text.trim());
        if (!match || (match[1] === undefined && match[2] === undefined))
            return bad("not a time yet: 180, 15y or 15y 6m");
        const years = match[1] === undefined ? 0 : Number(plain(match[1]) ?? NaN);
        const value = years * 12 + Number(match[2] || 0);
        return Number.isInteger(value) ? { value } : bad("not whole months: 180, 15y or 15y 6m");
    },
    plain(text) {
        const digits = plain(text.replace(/\s*[a-z/%-]+$/i, ""));
        return digits ? number(digits) : bad("not a number yet");
    },
    date(text) {
        const given = text.trim();
        if (/^\d{4}-\d{2}-\d{2}$/.test(given)) return dated(given);
        const words = /^(?:(\d{1,2})\s+)?([a-z]{3})[a-z]*\.?\s+(\d{4})$/i.exec(given);
        if (words && MONTHS.includes(words[2].toLowerCase())) {
            const month = String(MONTHS.indexOf(words[2].toLowerCase()) + 1).padStart(2, "0");
            return dated(`${words[3]}-${month}-${(words[1] || "1").padStart(2, "0")}`);
        }
        const slashes = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(given);
        if (slashes && Number(slashes[1]) <= 12 && Number(slashes[2]) <= 12 && slashes[1] !== slashes[2]) {
            const [a, b, year] = [slashes[1].padStart(2, "0"), slashes[2].padStart(2, "0"), slashes[3]];
            return bad(`Is this ${Number(a)} ${named(b)} or ${Number(b)} ${named(a)}? Write ${year}-${b}-${a}.`);
        }
        return bad("not a date yet: 2027-03-01, 1 Mar 2027 or Mar 2027");
    },
};
const named = (month) =>
    new Intl.DateTimeFormat(LOCALE, { month: "long", timeZone: "UTC" }).format(
        new Date(Date.UTC(2024, Number(month) - 1, 1)),
    );
function dated(iso) {
    const moment = new Date(`${iso}T00:00:00Z`);
    return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(iso)
        ? { value: iso }
        : bad("there is no such day");
}

// Read what was typed in a field of this kind: {value, echo, suggest} or {error}.
export function read(kind, text) {
    const found = READERS[kind](text);
    if (found.error) return found;
    if (typeof found.value === "number" && !Number.isFinite(found.value)) return bad("too large a number");
    return { ...found, echo: `= ${withUnit(kind, found.value)}` };
}

const short = (value, least) => fixed(value, Math.min(12, Math.max(least, decimals(value))), least);
function decimals(value) {
    const text = String(Number(value.toPrecision(12)));
    return /e/.test(text) ? 12 : (text.split(".")[1] || "").length;
}
// A value as its field shows it.
export function shown(kind, value, least = 2) {
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return String(value);
    if (kind === "percent") return `${short(Number((value * 100).toPrecision(12)), least)}%`;
    if (kind === "times") return `${short(value, 2)}x`;
    return kind === "rent" || kind === "price" ? short(value, 2) : short(value, 0);
}
export function withUnit(kind, value) {
    if (kind === "kw") return `${shown(kind, value)} kW`;
    if (kind === "months")
        return value >= 12
            ? `${shown(kind, value)} months, ${Math.floor(value / 12)} y${value % 12 ? ` ${value % 12} m` : ""}`
            : `${shown(kind, value)} months`;
    return kind === "date" ? day(value) : shown(kind, value);
}
