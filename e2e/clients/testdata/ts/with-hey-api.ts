// Asks for groups with the client that @hey-api/openapi-ts generates.
import { client } from "./heyapi/client.gen.js";
import { createBatch, createGroup, exportBatch, getGroup, listGroups } from "./heyapi/sdk.gen.js";
import { file, firstCells, type Report } from "./report.js";

const [, , baseUrl, name] = process.argv;
client.setConfig({ baseUrl, auth: () => process.env.ROLLCALL_KEY });

const body = { groupName: `Asked for with ${name}`, phones: ["+5544999999999"], idempotencyKey: `${name}-1` };
const first = await createGroup({ body });
const again = await createGroup({ body });
if (!first.data || !again.data) throw new Error(`create: ${JSON.stringify([first.error, again.error])}`);

// The generator has types for the first content type of a body, which is JSON.
const upload = await createBatch({
  query: { name },
  headers: { "Content-Type": "text/csv" },
  body: file as never,
  bodySerializer: null,
});
if (!upload.data || upload.response.status !== 202) throw new Error(`upload: ${JSON.stringify(upload.error)}`);

const listed: string[] = [];
let pages = 0;
for (let cursor: string | undefined; cursor !== ""; pages++) {
  const page = await listGroups({ query: { batchId: name, limit: 1, cursor } });
  if (!page.data) throw new Error(`list: ${page.error.detail}`);
  listed.push(...page.data.items.map((group) => group.groupName));
  cursor = page.data.nextCursor;
}

const got = await getGroup({ path: { id: first.data.id } });
if (!got.data) throw new Error(`get: ${got.error.detail}`);

const refused = await createGroup({ body: { groupName: "Nobody" } });
if (!refused.error) throw new Error("a group without people was accepted");

const exported = await exportBatch({ path: { id: name }, parseAs: "blob" });
if (!exported.data) throw new Error(`export: ${exported.error.detail}`);

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
  exported: firstCells(await exported.data.text()),
};
console.log(JSON.stringify(report));
