#!/usr/bin/env bash
# SheetJS (npm xlsx): a CSV cell with two phone numbers, "5511987654321,5521987654321", is read as one number.
#
# Expected: text, because no locale groups thirteen digits. A bracketed area code stays text as well.
# Seen:     the comma is taken out as a thousands separator wherever it stands, so the cell is the number
#           5.511987654321552e+25, and both phone numbers are lost. "(11)987654321" is read as accountants
#           write negative numbers: -11987654321. The same phone number with a space and a hyphen stays text,
#           so within one column some rows are text and some are other numbers.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const XLSX = require("xlsx");

const phones = ["5511987654321,5521987654321", "(11)987654321", "(11) 98765-4321"];
const csv = ["group,phones", ...phones.map((p, i) => `Class ${i},"${p}"`)].join("\n");
const book = XLSX.read(csv, { type: "string" });
const read = phones.map((_, i) => book.Sheets[book.SheetNames[0]][`B${i + 2}`]);
phones.forEach((p, i) => console.log(`${JSON.stringify(p)} -> type ${read[i].t}, value ${JSON.stringify(read[i].v)}`));

const same = read[0].t === "n" && read[0].v > 5e25 && read[1].t === "n" && read[1].v === -11987654321 &&
  read[2].t === "s" && read[2].v === phones[2];
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
echo "xlsx $(node -p 'require("xlsx/package.json").version'), node $(node --version)"
node main.cjs
