#!/usr/bin/env bash
# Baileys: areJidsSameUser is true for any two phone numbers that have no server.
#
# Expected: false for "5511900000001" and "5521900000002", or an error that they are not JIDs.
# Seen:     true. A text without "@" decodes to undefined, and undefined equals undefined, so a missing id also equals
#           each bare number. A bare number and its own JID are two users. A search for a member in a list of bare
#           numbers finds the first one, whichever number it looks for.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.mjs <<'JS'
import { areJidsSameUser } from "@whiskeysockets/baileys";

const cases = [
  ["5511900000001", "5521900000002", true],
  [undefined, "5521900000002", true],
  ["5511900000001", "5511900000001@s.whatsapp.net", false],
  ["5511900000001@s.whatsapp.net", "5521900000002@s.whatsapp.net", false],
];
let same = true;
for (const [a, b, seen] of cases) {
  const got = areJidsSameUser(a, b);
  console.log(`areJidsSameUser(${JSON.stringify(a)}, ${JSON.stringify(b)}): ${got}`);
  same = same && got === seen;
}
const members = ["5511900000001", "5521900000002"];
const found = members.find((member) => areJidsSameUser(member, "5531900000003"));
console.log(`5531900000003 in ${JSON.stringify(members)}: found ${found}`);
same = same && found === members[0];
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps @whiskeysockets/baileys@7.0.0-rc14 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "@whiskeysockets/baileys $(version @whiskeysockets/baileys), node $(node --version)"
node main.mjs
