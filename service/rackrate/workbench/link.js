// A link that holds the deal: compressed in the fragment, which no server sees.
const MOST_INFLATED = 2 * 1024 * 1024;
export const COMFORTABLE = 8000; // characters that any program passes on
export const LONGEST = 64000;

const canonical = (value) =>
    JSON.stringify(value, (_, node) =>
        node && typeof node === "object" && !Array.isArray(node)
            ? Object.fromEntries(
                  Object.keys(node)
                      .sort()
                      .map((key) => [key, node[key]]),
              )
            : node,
    );

async function packed(value) {
    const stream = new Blob([canonical(value)]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    return `1.${btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
}

async function unpacked(text) {
    if (!text.startsWith("1.")) throw new Error("This link is of a form that is not known here.");
    const bytes = Uint8Array.from(atob(text.slice(2).replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const parts = [];
    let size = 0;
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        if (size > MOST_INFLATED) {
            await reader.cancel();
            throw new Error("This link holds more than 2 MiB; it was not opened.");
        }
        parts.push(value);
    }
    return JSON.parse(await new Blob(parts).text());
}

export async function linkTo(document, { view, run, held }) {
    const parts = [`d=${await packed(document)}`];
    if (view) parts.push(`v=${view}`);
    if (run) parts.push(`r=${encodeURIComponent(run)}`);
    if (held) parts.push(`h=${await packed(held)}`);
    return `${location.origin}${location.pathname}#${parts.join("&")}`;
}

// What a fragment holds; null where it holds no deal. Throws an Error that says why it cannot be read.
export async function readLink(fragment) {
    const parts = new URLSearchParams(fragment.replace(/^#/, ""));
    if (!parts.has("d")) return null;
    try {
        const document = await unpacked(parts.get("d"));
        const held = parts.has("h") ? await unpacked(parts.get("h")) : null;
        return { document, held, view: parts.get("v"), run: parts.get("r") };
    } catch (fault) {
        throw new Error(
            fault.message.startsWith("This link")
                ? fault.message
                : "This link is damaged: part of it is missing. The deal on the page is untouched.",
        );
    }
}
