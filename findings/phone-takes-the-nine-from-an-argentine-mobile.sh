#!/usr/bin/env bash
# phone (npm): a correct Argentine mobile number in E.164 loses its 9 and becomes a landline.
#
# Expected: "+54 9 11 2345-6789" is +5491123456789: the package promises mobile numbers in E.164, and this is one.
# Seen:     isValid is true and phoneNumber is +541123456789, which libphonenumber-js calls a fixed line, so it may be
#           another subscriber's. The package takes the 9 for a trunk code that a person has typed after the country
#           code, like the 0 in +44 (0). With strictDetection the correct number is invalid. The 1 of the old Mexican
#           form, +52 1, stays.
#
# Needs Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.cjs <<'JS'
const { phone } = require("phone");
const { parsePhoneNumber } = require("libphonenumber-js/max");

const cases = [
  ["+54 9 11 2345-6789", {}, "+541123456789"],
  ["+54 9 11 2345-6789", { strictDetection: true }, null],
  ["+52 1 55 1234 5678", {}, "+5215512345678"],
];
let same = true;
for (const [number, options, seen] of cases) {
  const got = phone(number, options);
  console.log(`phone("${number}", ${JSON.stringify(options)}): valid ${got.isValid}, number ${got.phoneNumber}`);
  same = same && got.phoneNumber === seen && got.isValid === (seen !== null);
}
const types = ["+5491123456789", "+541123456789"].map((number) => parsePhoneNumber(number).getType());
console.log(`libphonenumber-js: +5491123456789 is ${types[0]}, +541123456789 is ${types[1]}`);
same = same && types[0] === "MOBILE" && types[1] === "FIXED_LINE";
console.log(same ? "as seen before" : "CHANGED: this is no longer what was seen");
process.exit(same ? 0 : 1);
JS

npm init -y >/dev/null
npm install --silent --no-audit --no-fund phone@3.1.72 libphonenumber-js@1.13.16 >/dev/null
version() { node -p "JSON.parse(require('fs').readFileSync('node_modules/$1/package.json')).version"; }
echo "phone $(version phone), libphonenumber-js $(version libphonenumber-js), node $(node --version)"
node main.cjs
