// A stream of server-sent events out of a POST: each event as {name, data}. EventSource cannot post.
export async function* eventsOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const blocks = (rest + value).replace(/\r\n?/g, "\n").split("\n\n");
        rest = blocks.pop();
        for (const block of blocks) {
            const fields = block.split("\n").map((line) => line.split(/:\s?(.*)/s));
            const data = fields
                .filter(([name]) => name === "data")
                .map(([, text]) => text)
                .join("\n");
            if (data)
                yield { name: fields.find(([name]) => name === "event")?.[1] ?? "message", data: JSON.parse(data) };
        }
    }
}
