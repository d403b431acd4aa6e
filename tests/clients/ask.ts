// Post a deal by openapi-fetch, typed by openapi-typescript, for a summary and for all; print two figures of each.
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";
import type { components, paths } from "./rackrate.js";

const [url, file] = process.argv.slice(2) as [string, string];
const deal: components["schemas"]["Deal"] = JSON.parse(readFileSync(file, "utf8"));
const client = createClient<paths>({ baseUrl: url });
for (const query of [{ fields: ["summary" as const] }, {}]) {
  const { data, error } = await client.POST("/v1/underwritings", {
    params: { query },
    body: deal,
    headers: { "Content-Type": "application/json" },
  });
  if (error !== undefined) throw new Error(error.detail);
  if (data?.summary === undefined) throw new Error("there is no summary");
  console.log(JSON.stringify([data.summary.principal, data.summary.dscr.closing]));
}
