#!/usr/bin/env bash
# Baileys: BufferJSON, which saves a session, reads an object of counts by phone number back as a Buffer.
#
# Expected: BufferJSON.reviver revives what BufferJSON.replacer writes for a Buffer, and leaves other objects as
#           JSON.parse returns them.
# Seen:     an object whose keys all begin with a digit and whose values are all numbers becomes a Buffer: the keys are
#           gone, and of each value its last byte is left. {"5511900000001": 3, "5521900000002": 0} is <03 00>, and the
#           times of the last messages by JID are one byte each. With one key that begins with a letter, or one value
#           that is not a number, the object comes back whole. A program that keeps such a table next to the session
#           loses it at the next start.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.mjs <<'JS'
import { BufferJSON } from "@whiskeysockets/baileys";

let same = true;
for (const [value, seen] of [
  [{ "5511900000001": 3, "5521900000002": 0 }, "0300"],
  [{ "5511900000001@s.whatsapp.net": 1767604301, "120363020000000001@g.us": 1767604302 }, "4d4e"],
  [{ "2026-01-05": 12 }, "0c"],
  [{ "5511900000001": 3, total: 3 }, null],
  [{ "5511900000001": "3" }, null],
  [{ "5511900000001": { sent: 3 } }, null],
]) {
  const text = JSON.stringify(value, BufferJSON.replacer);
  const back = JSON.parse(text, BufferJSON.reviver);
  const hex = Buffer.isBuffer(back) ? back.toString("hex") : null;
  const whole = JSON.stringify(back) === text;
  console.log(`${text}: ${hex === null ? "an object, whole: " + whole : "a Buffer, " + hex}`);
  same = same && text === JSON.stringify(value) && hex === seen && whole === (seen === null);
}
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts --legacy-peer-deps @whiskeysockets/baileys@7.0.0-rc14 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "@whiskeysockets/baileys $(version @whiskeysockets/baileys), node $(node --version)"
node main.mjs
