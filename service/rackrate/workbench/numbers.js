// Numbers as they are read: by locale, with a true minus, never a negative zero, "n/a" where there is none.
export const LOCALE = navigator.language || "en";
export const NONE = "n/a";
const formats = new Map();
const MONTH = new Intl.DateTimeFormat(LOCALE, { month: "short", year: "numeric", timeZone: "UTC" });
const DAY = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export function fixed(value, digits = 0, least = digits) {
    if (value === null || value === undefined || Number.isNaN(value)) return NONE;
    const key = `${digits}/${least}`;
    if (!formats.has(key)) {
        formats.set(
            key,
            new Intl.NumberFormat(LOCALE, { minimumFractionDigits: least, maximumFractionDigits: digits }),
        );
    }
    return signed(formats.get(key).format(value));
}

// A minus sign is U+2212, and what rounds to zero has none.
function signed(text) {
    return /[1-9]/.test(text) ? text.replace(/^-/, "−") : text.replace(/^-/, "");
}

const with_unit = (text, unit) => (text === NONE ? NONE : text + unit);
export const ratio = (value) => with_unit(fixed(value, 2), "x");
export const percent = (value, digits = 1) =>
    with_unit(fixed(value === null || value === undefined ? null : value * 100, digits), "%");
export const years = (value) => fixed(value, 1);
export const millions = (value, digits = 1) =>
    fixed(value === null || value === undefined ? null : value / 1e6, digits);

// The sign of a currency, or its code where it has none.
function currencySign(code) {
    try {
        const parts = new Intl.NumberFormat(LOCALE, {
            style: "currency",
            currency: code,
            currencyDisplay: "narrowSymbol",
        }).formatToParts(0);
        const sign = parts.find((part) => part.type === "currency").value;
        return /^[A-Z]{3}$/.test(sign) ? `${sign} ` : sign;
    } catch {
        return "";
    }
}

// Money in prose: $450.4m, $12.3bn, $720k.
export function money(value, code) {
    if (value === null || value === undefined) return NONE;
    const size = Math.abs(value);
    if (size < 0.5) return `${currencySign(code)}0`;
    const [scaled, unit, digits] =
        size >= 1e10 ? [value / 1e9, "bn", 1] : size >= 1e5 ? [value / 1e6, "m", 1] : [value / 1e3, "k", 0];
    const text = fixed(scaled, digits);
    return text.startsWith("−")
        ? `−${currencySign(code)}${text.slice(1)}${unit}`
        : `${currencySign(code)}${text}${unit}`;
}

// A difference, with its sign.
export const change = (value, format) => (value > 0 ? `+${format(value)}` : format(value));

const at = (iso) => new Date(`${iso}T00:00:00Z`);
export const month = (iso) => (iso ? MONTH.format(at(iso)) : NONE);
export const day = (iso) => (iso ? DAY.format(at(iso)) : NONE);
export const sum = (values) => values.reduce((total, value) => total + (value || 0), 0);

// A day some months after another, as ISO 8601, kept within the month.
export function addMonths(iso, months) {
    const start = at(iso);
    const day_ = start.getUTCDate();
    const moved = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + months, 1));
    const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
    moved.setUTCDate(Math.min(day_, last));
    return moved.toISOString().slice(0, 10);
}

// Words of small numbers, for sentences.
export const inWords = (count) =>
    ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"][count] ?? fixed(count);
export const plural = (count, noun, many = `${noun}s`) => (count === 1 ? noun : many);
