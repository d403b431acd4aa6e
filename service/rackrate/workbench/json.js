// The deal as JSON, to be edited with the same problems; the answer beside it, to be read.
import { html, useEffect, useState } from "./html.js";
import { draft, editAll, forgetDraft, present } from "./deal.js";
import { allProblems, shown } from "./requests.js";

const WRITTEN = "/ as JSON"; // where the draft of the whole text is kept; no field has this pointer

export function JsonView({ onGo }) {
    const now = present.value;
    const [text, setText] = useState(null);
    const [problem, setProblem] = useState("");
    useEffect(() => () => forgetDraft(WRITTEN), []);
    const change = (given) => {
        setText(given);
        let document;
        try {
            document = JSON.parse(given);
        } catch (fault) {
            const said = /position (\d+)/.exec(fault.message);
            const line = said ? `, line ${given.slice(0, Number(said[1])).split("\n").length}` : "";
            setProblem(`not JSON yet: ${fault.message}${line}`);
            return draft(WRITTEN, given, "The JSON does not parse yet.");
        }
        setProblem("");
        forgetDraft(WRITTEN);
        return editAll(document);
    };
    // Browsers take seconds to insert a thousand lines as an edit of the text; set at once they take none.
    const paste = (event) => {
        event.preventDefault();
        const { target } = event;
        target.setRangeText(
            event.clipboardData.getData("text/plain"),
            target.selectionStart,
            target.selectionEnd,
            "end",
        );
        change(target.value);
    };
    const answer = shown.value?.answer;
    return html`<section class="panel span-6" data-testid="chart-json" aria-labelledby="title-json"><header><h3 id="title-json">The deal</h3></header>
        <p class="sub">Edits here are edits of the deal; undo takes them back.</p>
        <textarea class="code" rows="32" spellcheck="false" aria-label="The deal as JSON" aria-invalid=${problem ? "true" : undefined} data-testid="json-deal" value=${text ?? JSON.stringify(now, null, 2)} onInput=${(event) => change(event.target.value)} onPaste=${paste} onBlur=${() => !problem && setText(null)}></textarea>
        ${problem && html`<p class="problem">${problem}</p>`}
        ${allProblems.value.filter((one) => one.pointer !== WRITTEN).map((one) => html`<p class="problem"><button class="plain" onClick=${() => onGo(one.pointer)}>${one.pointer || "The deal"}: ${one.message}</button></p>`)}</section>
        <section class="panel span-6" aria-labelledby="title-answer"><header><h3 id="title-answer">The answer</h3></header><p class="sub">By part, as the service gave it.</p>
        ${answer && Object.entries(answer).map(([name, part]) => html`<${Folded} key=${name} name=${name} part=${part} />`)}</section>`;
}
function Folded({ name, part }) {
    const [opened, setOpened] = useState(false);
    return html`<details open=${opened} onToggle=${(event) => setOpened(event.target.open)}><summary><code>${name}</code></summary>${opened && html`<pre class="code" tabindex="0" role="region" aria-label=${name}>${JSON.stringify(part, (_, value) => (Array.isArray(value) && value.length > 24 && value.every((item) => typeof item !== "object" || item === null) ? `[${value.slice(0, 6).join(", ")}, … ${value.length} in all]` : value), 2)}</pre>`}</details>`;
}
