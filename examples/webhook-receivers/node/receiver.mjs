// A receiver of rollcall's webhooks. It needs only Node:
//
//   ROLLCALL_WEBHOOK_SECRET=whsec_… node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = process.env.ROLLCALL_WEBHOOK_SECRET ?? "";
if (secret === "") {
  console.error("ROLLCALL_WEBHOOK_SECRET is not set: set it to the secret of the webhook");
  process.exit(1);
}
// A secret that is no whsec_ is the key as it stands.
const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);

// Says whether a request is from a sender who knows the secret, and recent. The body must be the
// bytes that came: JSON that was parsed and written again has another signature.
function verified(headers, body) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  if (!/^\d+$/.test(timestamp) || Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) return false;
  const want = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return (headers["webhook-signature"] ?? "").split(" ").some((entry) => {
    const [version, signature = ""] = entry.split(",");
    const given = Buffer.from(signature, "base64");
    return version === "v1" && given.length === want.length && timingSafeEqual(given, want);
  });
}

// The same event can come twice. A real receiver remembers the ids in its database, in the
// transaction that does the work.
const seen = new Set();

const server = createServer(async (req, res) => {
  const chunks = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      if ((size += chunk.length) > 4 << 20) return res.writeHead(413).end();
      chunks.push(chunk);
    }
  } catch {
    return; // the sender hung up; uncaught, the error would end the receiver
  }
  const body = Buffer.concat(chunks);
  if (!verified(req.headers, body)) return res.writeHead(401).end("no signature matches");
  let event;
  try {
    event = JSON.parse(body);
  } catch {
    return res.writeHead(400).end("not JSON");
  }
  const id = req.headers["webhook-id"];
  if (!seen.has(id)) {
    seen.add(id);
    console.log(id, event.type, event.timestamp); // here your work begins: put it into a queue of yours
  }
  res.writeHead(204).end();
});
server.on("error", (err) => {
  console.error(`${err.message}: stop the program that listens there, or set LISTEN to another host:port and give rollcall that address`);
  process.exit(1);
});
server.listen(...(process.env.LISTEN ?? "127.0.0.1:9000").split(":").reverse(), () => {
  const { address, port } = server.address();
  console.error(`listening at http://${address}:${port}/`);
});
