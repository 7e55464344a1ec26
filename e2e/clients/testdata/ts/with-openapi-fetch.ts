// Asks for groups with openapi-fetch and the types that openapi-typescript generates.
import createClient from "openapi-fetch";
import { file, firstCells, type Report } from "./report.js";
import type { paths } from "./rollcall.js";

const [, , baseUrl, name] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${process.env.ROLLCALL_KEY}` } });

const body = { groupName: `Asked for with ${name}`, phones: ["+5544999999999"], idempotencyKey: `${name}-1` };
const first = await client.POST("/v1/groups", { body });
const again = await client.POST("/v1/groups", { body });
if (!first.data || !again.data) throw new Error(`create: ${JSON.stringify([first.error, again.error])}`);

const upload = await client.POST("/v1/batches", {
  params: { query: { name } },
  headers: { "Content-Type": "text/csv" },
  body: file,
  bodySerializer: (csv) => csv,
});
if (!upload.data || upload.response.status !== 202) throw new Error(`upload: ${JSON.stringify(upload.error)}`);

const listed: string[] = [];
let pages = 0;
for (let cursor: string | undefined; cursor !== ""; pages++) {
  const page = await client.GET("/v1/groups", { params: { query: { batchId: name, limit: 1, cursor } } });
  if (!page.data) throw new Error(`list: ${page.error.detail}`);
  listed.push(...page.data.items.map((group) => group.groupName));
  cursor = page.data.nextCursor;
}

const got = await client.GET("/v1/groups/{id}", { params: { path: { id: first.data.id } } });
if (!got.data) throw new Error(`get: ${got.error.detail}`);

const refused = await client.POST("/v1/groups", { body: { groupName: "Nobody" } });
if (!refused.error) throw new Error("a group without people was accepted");

const exported = await client.GET("/v1/batches/{id}/export", { params: { path: { id: name } }, parseAs: "text" });
if (exported.data === undefined) throw new Error(`export: ${exported.error.detail}`);

const report: Report = {
  first: first.response.headers.get("Rollcall-Outcome"),
  again: again.response.headers.get("Rollcall-Outcome"),
  same: first.data.id === again.data.id,
  uploaded: upload.data.created,
  row: upload.data.rows[0].error?.code,
  pages,
  listed,
  got: got.data.groupName,
  status: refused.error.status,
  field: refused.error.errors?.[0].field,
  code: refused.error.errors?.[0].code,
  exported: firstCells(exported.data),
};
console.log(JSON.stringify(report));
