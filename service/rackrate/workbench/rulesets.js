// The ruleset that the answer was given under: its cases, and the horizons of its default tables.
import { effect, signal } from "./html.js";
import { authorization, key } from "./keys.js";
import { shown } from "./requests.js";

export const house = signal({ cases: {}, credit: { horizons: [] } });
let loaded = "";
effect(() => {
    const name = shown.value?.answer.ruleset.name;
    key.value;
    if (!name || name === loaded) return;
    loaded = name;
    fetch(`/v1/rulesets/${encodeURIComponent(name)}`, { headers: authorization() })
        .then((response) => (response.ok ? response.json() : Promise.reject(response)))
        .then((ruleset) => (house.value = ruleset))
        .catch(() => (loaded = ""));
});
