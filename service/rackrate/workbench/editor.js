// The form of the part of the deal that is chosen.
import { html } from "./html.js";
import { present, selection } from "./deal.js";
import { allProblems, shown, stale } from "./requests.js";
import { Field, Members } from "./form.js";
import { partsOf } from "./outline.js";
import { choices, contract, schemaAt } from "./schema.js";
import { HELP } from "./words.js";
import { money, plural } from "./numbers.js";
import { choose, go } from "./navigation.js";

export function Editor() {
    const now = present.value;
    if (!now || !contract.value) return html`<p class="note">Reading the contract.</p>`;
    const at = partsOf(now).some((part) => part.pointer === selection.value) ? selection.value : "/";
    const title = partsOf(now).find((part) => part.pointer === at)?.name;
    const found = allProblems.value;
    return html`${found.length > 0 && html`<div class="problems" role="group" aria-label="Problems"><b>${found.length} ${plural(found.length, "problem keeps", "problems keep")} this from being answered</b><ul>${found.slice(0, 8).map((problem) => html`<li><button class="plain" onClick=${() => go(problem.pointer)}>${problem.pointer || "The deal"}: ${problem.message}</button></li>`)}</ul></div>`}
        <div class="form" aria-label=${title} role="group" key=${at}><h2>${title}</h2>${HELP[at] && html`<p class="help">${HELP[at]}</p>`}<${Part} at=${at} now=${now} /></div>`;
}
function Part({ at, now }) {
    if (at === "/")
        return html`<${Members} pointer="" node=${contract.value.components.schemas.Deal} value=${now} skip=${["tenants", "facilities", "market", "debt", "cases", "sizing", "structure"]} />`;
    const facility = /^\/facilities\/\d+$/.exec(at);
    if (facility)
        return html`<${Members} pointer=${at} node=${choices(schemaAt(at, now)).alternatives[0]} value=${now.facilities[at.split("/")[2]]} skip=${["leases", "power", "operating_costs", "market"]} />`;
    if (/leases$/.test(at))
        return html`<p class="note">The leases fill the page. <button class="link" onClick=${() => choose(at.replace(/\/leases$/, ""))}>Back to the facility</button></p>`;
    if (at === "/facilities")
        return html`<${Field} pointer="/facilities" name="facilities" node=${schemaAt(at, now)} required=${true} />`;
    if (at === "/sizing/tests")
        return html`<${Field} pointer=${at} name="tests" node=${schemaAt(at, now)} required=${true} extra=${{ items: testNotes(now) }} /><${Members} pointer="/sizing" node=${choices(schemaAt("/sizing", now)).alternatives[0]} value=${now.sizing} skip=${["tests"]} />`;
    return html`<${Field} pointer=${at} name=${at.split("/").at(-1)} node=${schemaAt(at, now)} required=${at !== "/structure" && at !== "/cases"} />`;
}
function testNotes(now) {
    const answer = shown.value?.answer;
    if (!answer || stale.value) return [];
    return now.sizing.tests.map((_, i) => {
        const test = answer.sizing.tests[i];
        if (!test) return undefined;
        return test.binding
            ? { text: "binds", tone: "binds" }
            : { text: test.slack === null ? "limits nothing" : `${money(test.slack, now.currency)} to spare` };
    });
}
