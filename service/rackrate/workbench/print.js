// Printing: in the light theme, once the parts are there that no view has asked for.
import { computed, effect } from "./html.js";
import { pool } from "./files.js";
import { allProblems, printing, shown, stale } from "./requests.js";
import { theme } from "./charts.js";
import { setTheme } from "./theme.js";

let themeBeforePrint = "";
addEventListener("beforeprint", () => {
    printing.value = true;
    themeBeforePrint = theme.peek();
    setTheme("light");
});
addEventListener("afterprint", () => {
    printing.value = false;
    setTheme(themeBeforePrint);
});

// Print once the parts are there that no view has asked for; with problems, or of a pool, what is shown.
export function printAll() {
    printing.value = true;
    const ready = computed(
        () => pool.value || Boolean(shown.value?.answer.credit && !stale.value) || allProblems.value.length > 0,
    );
    let done = false;
    const stop = effect(() => {
        if (!ready.value || done) return;
        done = true;
        requestAnimationFrame(() => requestAnimationFrame(() => window.print()));
        queueMicrotask(() => stop());
    });
}
