// Commands of the page, and the keys that give them.
import { held, holdBeside, present, redo, undo } from "./deal.js";
import { chooseFile, downloadDeal, notice } from "./files.js";
import { run, view } from "./requests.js";
import { wanted } from "./keys.js";
import { COMFORTABLE, LONGEST, linkTo } from "./link.js";
import { paletteOpen } from "./palette.js";
import { OVERLAYS, menu, stepProblem } from "./navigation.js";
import { turnTheme } from "./theme.js";
import { printAll } from "./print.js";

export async function copyLink() {
    const link = await linkTo(present.peek(), { view: view.peek(), run: run.peek(), held: held.peek() });
    if (link.length > LONGEST) {
        notice.value = { tone: "warn", text: "This deal is too long for a link. Download it as a file instead." };
        return;
    }
    try {
        await navigator.clipboard.writeText(link);
        notice.value = {
            tone: "good",
            text:
                link.length > COMFORTABLE
                    ? "Copied. Long link: some mail programs cut it. A file is safer."
                    : "Copied. The link holds the deal itself; the service keeps nothing.",
        };
    } catch {
        history.replaceState(null, "", link);
        notice.value = { tone: "good", text: "The link is in the address bar: copy it from there." };
    }
}

export const COMMANDS = [
    ["Open a deal", chooseFile, "Ctrl O"],
    ["Download the deal", downloadDeal, "Ctrl S"],
    ["Copy a link to the deal", copyLink],
    ["Undo", undo, "Ctrl Z"],
    ["Redo", redo, "Shift Ctrl Z"],
    ["Hold beside", holdBeside],
    ["Print", () => printAll()],
    ["Next problem", () => stepProblem(1), "F8"],
    ["Previous problem", () => stepProblem(-1), "Shift F8"],
    ["Light or dark", () => turnTheme()],
    ["API key or token", () => (wanted.value = "A key or token is sent with every request.")],
];

export function keys(event) {
    const ctrl = event.ctrlKey || event.metaKey;
    const within = event.target.closest?.("input, textarea, select");
    const at = `${ctrl ? "C" : ""}${event.shiftKey ? "S" : ""}-${event.key.toLowerCase()}`;
    const action = {
        "C-z": undo,
        "CS-z": redo,
        "C-y": redo,
        "C-s": downloadDeal,
        "C-o": chooseFile,
        "C-k": () => (paletteOpen.value = !paletteOpen.peek()),
        "-f8": () => stepProblem(1),
        "S-f8": () => stepProblem(-1),
    }[at];
    if (event.key === "Escape" && OVERLAYS.peek().menu) return menu("");
    if (!action || (within?.tagName === "TEXTAREA" && /z|y/.test(event.key))) return undefined;
    event.preventDefault();
    return action();
}
