#!/usr/bin/env bash
# libphonenumber-js: findPhoneNumbersInText finds one person in a list of three phones with commas between them.
#
# Expected: "11900000001, 21900000002, 31900000003" holds three numbers, as it does with spaces, slashes or lines
#           between them. A comma is how people write a list, and the function is the one for texts of many numbers.
# Seen:     one number, +5511900000001 with the extension 219000000: a comma begins an extension of up to nine digits,
#           and what follows is skipped. With spaces inside, "11 90000-0001, 21 90000-0002", the area code of the
#           second phone is the extension of the first, and the rest is found as a number of its own, +55900000002,
#           which passes as a valid one. Brackets or plus signs avoid it. A text must be cut at its commas first.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const { findPhoneNumbersInText } = require("libphonenumber-js/max");

let same = true;
for (const [text, seen] of [
  ["11900000001, 21900000002, 31900000003", "+5511900000001 ext. 219000000"],
  ["11900000001 21900000002 31900000003", "+5511900000001 +5521900000002 +5531900000003"],
  ["11900000001 / 21900000002 / 31900000003", "+5511900000001 +5521900000002 +5531900000003"],
  ["11900000001\n21900000002\n31900000003", "+5511900000001 +5521900000002 +5531900000003"],
  ["11 90000-0001, 21 90000-0002", "+5511900000001 ext. 21 +55900000002"],
  ["(11) 90000-0001, (21) 90000-0002", "+5511900000001 +5521900000002"],
  ["+5511900000001, +5521900000002", "+5511900000001 +5521900000002"],
]) {
  const got = findPhoneNumbersInText(text, "BR")
    .map(({ number }) => number.number + (number.ext ? ` ext. ${number.ext}` : ""))
    .join(" ");
  console.log(`${JSON.stringify(text)}: ${got}`);
  same = same && got === seen;
}
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "libphonenumber-js $(version libphonenumber-js), node $(node --version)"
node main.cjs
