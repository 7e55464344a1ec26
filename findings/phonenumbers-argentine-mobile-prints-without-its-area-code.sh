#!/usr/bin/env bash
# phonenumbers (libphonenumber for Go): Argentine mobile numbers in the format NATIONAL have 09 for their area code.
#
# Expected: +54 9 11 2345-6789 is "011 15-2345-6789", as libphonenumber-js prints it, and a number that is formatted for
#           a region parses to itself in that region, as a landline of Buenos Aires does.
# Seen:     "09 15-2345-6789": the area code 11 is gone, and so are 341 and 2901 in other areas. The metadata's pattern
#           leaves out its first group, the 9, and the port writes the national prefix before the number's first group
#           instead of the first group that the pattern uses. Parse in AR does not give the number back. A page or a
#           message has to show the format INTERNATIONAL.
#
# Needs Go and a module proxy, Node.js and an npm registry. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	for _, number := range []string{"+5491123456789", "+5493414567890", "+5492901456789", "+541123456789"} {
		parsed, err := phonenumbers.Parse(number, "")
		if err != nil {
			panic(err)
		}
		national := phonenumbers.Format(parsed, phonenumbers.NATIONAL)
		back, err := phonenumbers.Parse(national, "AR")
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s, same again %t\n", number, national, phonenumbers.Format(back, phonenumbers.E164) == number)
	}
}
GO
cat >main.cjs <<'JS'
const { parsePhoneNumber } = require("libphonenumber-js/max");
for (const number of ["+5491123456789", "+5493414567890", "+5492901456789", "+541123456789"]) {
  const national = parsePhoneNumber(number).formatNational();
  console.log(`${number}: ${national}, same again ${parsePhoneNumber(national, "AR").number === number}`);
}
JS

go mod init finding >/dev/null 2>&1
go get github.com/nyaruka/phonenumbers@v1.8.1 >/dev/null 2>&1
npm init -y >/dev/null
npm install --silent --no-audit --no-fund libphonenumber-js@1.13.16 >/dev/null
go run . >go.txt
node main.cjs >js.txt
echo "phonenumbers $(go list -m -f '{{.Version}}' github.com/nyaruka/phonenumbers):"
cat go.txt
echo "libphonenumber-js $(node -p 'require("libphonenumber-js/package.json").version'):"
cat js.txt

seen_go='+5491123456789: 09 15-2345-6789, same again false
+5493414567890: 09 15-456-7890, same again false
+5492901456789: 09 15-45-6789, same again false
+541123456789: 011 2345-6789, same again true'
seen_js='+5491123456789: 011 15-2345-6789, same again true
+5493414567890: 0341 15-456-7890, same again true
+5492901456789: 02901 15-45-6789, same again true
+541123456789: 011 2345-6789, same again true'
if [[ $(<go.txt) != "$seen_go" || $(<js.txt) != "$seen_js" ]]; then
	echo "CHANGED: this is no longer what was seen"
	exit 1
fi
echo "as seen before"
