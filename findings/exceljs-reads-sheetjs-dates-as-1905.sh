#!/usr/bin/env bash
# exceljs and SheetJS (npm xlsx): a date of 2026 that one writes is read by the other as 18 July 1905.
#
# Expected: a workbook that SheetJS writes with cellDates, its option to keep dates as dates, has the same dates in
#           exceljs, or exceljs says that it cannot read them.
# Seen:     SheetJS then writes ISO 8601 texts in cells of the type "d", which the format has for this. exceljs takes
#           the digits before the first hyphen for a day number: 2026-01-05 and 2026-12-24 are both day 2026, which is
#           18 July 1905, a Date without an error. A message planned for next month is overdue and goes out at once.
#           SheetJS and read-excel-file read the same file right, and without cellDates exceljs does, too.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.mjs <<'JS'
import ExcelJS from "exceljs";
import { readSheet } from "read-excel-file/node";
import XLSX from "xlsx";

const dates = [new Date(Date.UTC(2026, 0, 5, 9)), new Date(Date.UTC(2026, 11, 24))];
let same = true;
for (const cellDates of [true, false]) {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(dates.map((date) => [date]), { cellDates }), "plan");
  const file = XLSX.write(book, { type: "buffer", bookType: "xlsx", cellDates });

  const excel = new ExcelJS.Workbook();
  await excel.xlsx.load(file);
  const read = {
    exceljs: dates.map((_, i) => excel.worksheets[0].getCell(i + 1, 1).value),
    SheetJS: dates.map((_, i) => XLSX.read(file, { cellDates: true }).Sheets.plan[`A${i + 1}`].v),
    "read-excel-file": (await readSheet(file)).map(([date]) => date),
  };
  for (const [name, got] of Object.entries(read)) {
    const days = got.map((date) => date.toISOString().slice(0, 10)).join(" and ");
    console.log(`written with cellDates ${cellDates}, read by ${name}: ${days}`);
    const wrong = cellDates && name === "exceljs";
    same = same && days === (wrong ? "1905-07-18 and 1905-07-18" : "2026-01-05 and 2026-12-24");
  }
}
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 exceljs@4.4.0 read-excel-file@9.3.17 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "xlsx $(version xlsx), exceljs $(version exceljs), read-excel-file $(version read-excel-file), node $(node --version)"
TZ=UTC node main.mjs
