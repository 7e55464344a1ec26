#!/usr/bin/env bash
# SheetJS (npm xlsx): the displayed text of a number in Excel's Brazilian phone format lacks digits.
#
# Expected: a digit for which the format has no place goes before the first place, as in Excel:
#           11987654321 in "(##) ####-####" is (119) 8765-4321, and nothing is lost.
# Seen:     the cell's text (field w, which sheet_to_csv and sheet_to_json with raw:false write) is
#           (19) 8765-4321: the area code has lost a digit. 5511987654321 in "(00) 00000-0000" is
#           (11) 98765-4321: the country code is gone. The stored value (field v) is whole.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const XLSX = require("xlsx");

const cells = [
  { v: 11987654321, z: "[<=99999999]####-####;(##) ####-####", w: "(19) 8765-4321" },
  { v: 5511987654321, z: "(00) 00000-0000", w: "(11) 98765-4321" },
];
const sheet = { "!ref": "A1:A2" };
cells.forEach((c, i) => (sheet[`A${i + 1}`] = { t: "n", v: c.v, z: c.z }));
const file = XLSX.write({ SheetNames: ["phones"], Sheets: { phones: sheet } }, { type: "buffer", bookType: "xlsx" });
const read = XLSX.read(file, { cellNF: true }).Sheets.phones;
const csv = XLSX.utils.sheet_to_csv(read).trim().split("\n");

let same = true;
cells.forEach((c, i) => {
  const got = read[`A${i + 1}`];
  console.log(`${c.v} in ${got.z}: text ${got.w}, CSV ${csv[i]}, value ${got.v}`);
  same = same && got.w === c.w && csv[i] === c.w && got.v === c.v;
});
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
echo "xlsx $(node -p 'require("xlsx/package.json").version'), node $(node --version)"
node main.cjs
