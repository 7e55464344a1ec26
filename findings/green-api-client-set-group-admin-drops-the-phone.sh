#!/usr/bin/env bash
# GREEN-API's client (npm): setGroupAdmin drops the phone number, so the request names no participant.
#
# Expected: setGroupAdmin(groupId, null, 5511900000001) sends participantChatId "5511900000001@c.us", as
#           addGroupParticipant and removeGroupParticipant do with the same three parameters. Both ways to name a
#           person are in the types and in the comments of all four functions.
# Seen:     setGroupAdmin and removeAdmin send {"groupId":"…","participantChatId":null}. They do not check
#           the participant, so only the server can refuse it. A person added by number has to be named by chat id here.
#
# Needs Node.js and an npm registry; the API is a server in the script. Runs no rollcall code. Exits 1 if the behaviour
# has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const http = require("http");
const { restAPI } = require("@green-api/whatsapp-api-client");

const sent = [];
const server = http.createServer((request, response) => {
  let body = "";
  request.on("data", (part) => (body += part));
  request.on("end", () => {
    sent.push(body);
    response.setHeader("Content-Type", "application/json");
    response.end("{}");
  });
});

server.listen(0, "127.0.0.1", async () => {
  const api = restAPI({ host: `http://127.0.0.1:${server.address().port}`, idInstance: "1101000001", apiTokenInstance: "token" });
  let same = true;
  for (const [name, seen] of [
    ["addGroupParticipant", "5511900000001@c.us"],
    ["removeGroupParticipant", "5511900000001@c.us"],
    ["setGroupAdmin", null],
    ["removeAdmin", null],
  ]) {
    await api.group[name]("120363020000000001@g.us", null, 5511900000001);
    console.log(`${name}(groupId, null, 5511900000001) sends ${sent.at(-1)}`);
    same = same && JSON.parse(sent.at(-1)).participantChatId === seen;
  }
  server.close();
  console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
  process.exit(same ? 0 : 1);
});
JS

# The package depends on "fs", a name that not every registry carries: Node.js has the module itself.
npm init -y >/dev/null
npm install --silent --no-audit --no-fund axios@1.7.9 mime@3.0.0 >/dev/null
mkdir -p node_modules/@green-api/whatsapp-api-client
npm pack --silent @green-api/whatsapp-api-client@0.4.4 >/dev/null
tar -xzf green-api-whatsapp-api-client-0.4.4.tgz -C node_modules/@green-api/whatsapp-api-client --strip-components 1
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "@green-api/whatsapp-api-client $(version @green-api/whatsapp-api-client), node $(node --version)"
node main.cjs
