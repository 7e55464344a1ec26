#!/usr/bin/env bash
# rrule (npm): FREQ=MINUTELY;INTERVAL=90 with BYHOUR gives times that the same rule without BYHOUR does not have.
#
# Expected: BYHOUR only leaves occurrences out, as RFC 5545, 3.3.10, says of it for MINUTELY. A day is sixteen steps of
#           90 minutes, so the hours 9 to 11 have 9:00 and 10:30 on each day. rrule-go 1.8.2 returns these.
# Seen:     9:00 and 10:30 on the first day, 10:00 and 11:30 on the second, and so on in turn. A Go program and a
#           JavaScript program that share the rule start their batches at different times on each second day.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const { rrulestr } = require("rrule");

const times = (rule) => {
  const until = new Date("2026-01-08T23:59:00Z");
  return rrulestr(`DTSTART:20260105T090000Z\nRRULE:${rule}`)
    .between(new Date("2026-01-05T00:00:00Z"), until, true)
    .map((at) => at.toISOString().slice(5, 16));
};
const all = new Set(times("FREQ=MINUTELY;INTERVAL=90"));
const limited = times("FREQ=MINUTELY;INTERVAL=90;BYHOUR=9,10,11");
const strange = limited.filter((at) => !all.has(at));
console.log("with BYHOUR=9,10,11:            ", limited.join(" "));
console.log("not in the rule without BYHOUR: ", strange.join(" "));
const seen = ["01-06T10:00", "01-06T11:30", "01-08T10:00", "01-08T11:30"];
const same = limited.length === 8 && strange.join() === seen.join();
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund rrule@2.8.1 >/dev/null
echo "rrule $(node -p 'require("rrule/package.json").version'), node $(node --version)"
node main.cjs
