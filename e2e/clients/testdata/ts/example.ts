import createClient from "openapi-fetch";
import type { paths } from "./rollcall.js";

const client = createClient<paths>({
  baseUrl: process.env.ROLLCALL_API,
  headers: { Authorization: `Bearer ${process.env.ROLLCALL_KEY}` },
});
const { data, error, response } = await client.POST("/v1/groups", {
  body: {
    groupName: "Turma 12",
    phones: ["+5544999999999", "+79001234567"],
    idempotencyKey: "deal-812", // asking again under the key is the same group
  },
});
if (error) throw new Error(error.detail);
console.log(response.headers.get("Rollcall-Outcome"), data.groupName);
