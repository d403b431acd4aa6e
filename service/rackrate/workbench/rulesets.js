// The ruleset that the answer was given under: its cases, and the horizons of its default tables.
import { effect, signal } from "./html.js";
import { authorization, key } from "./keys.js";
import { shown } from "./requests.js";

export const ruleset = signal({ cases: {}, credit: { horizons: [] } });
let loaded = "";
effect(() => {
    const name = shown.value?.answer.ruleset.name;
    key.value;
    if (!name || name === loaded) return;
    loaded = name;
    fetch(`/v1/rulesets/${encodeURIComponent(name)}`, { headers: authorization() })
        .then((response) => (response.ok ? response.json() : Promise.reject(response)))
        .then((found) => (ruleset.value = found))
        .catch(() => (loaded = ""));
});
