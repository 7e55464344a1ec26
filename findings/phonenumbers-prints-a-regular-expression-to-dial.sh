#!/usr/bin/env bash
# phonenumbers (libphonenumber for Go): the text to dial a foreign number from Brazil begins with a regular expression.
#
# Expected: FormatOutOfCountryCallingNumber of a Portuguese number for BR is "+351 912 345 678". Brazil has several
#           international prefixes, because a carrier's code is part of them, and the function of the same name in
#           google-libphonenumber then writes the plus sign.
# Seen:     "00(?:1[245]|2[1-35]|…) 351 912 345 678": the metadata's pattern for the prefix, as it stands. From
#           Argentina, which has one prefix, it is "00 351 912 345 678". Colombia, Chile and Singapore print their
#           patterns, too. The function returns no error, so the pattern ends up in a page or a message.
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
	number, err := phonenumbers.Parse("+351912345678", "")
	if err != nil {
		panic(err)
	}
	for _, region := range []string{"AR", "BR", "CO", "CL", "SG"} {
		fmt.Println(region, phonenumbers.FormatOutOfCountryCallingNumber(number, region))
	}
}
GO
cat >main.cjs <<'JS'
const util = require("google-libphonenumber").PhoneNumberUtil.getInstance();
const number = util.parse("+351912345678");
for (const region of ["AR", "BR", "CO", "CL", "SG"]) console.log(region, util.formatOutOfCountryCallingNumber(number, region));
JS

go mod init finding >/dev/null 2>&1
go get github.com/nyaruka/phonenumbers@v1.8.1 >/dev/null 2>&1
npm init -y >/dev/null
npm install --silent --no-audit --no-fund google-libphonenumber@3.2.47 >/dev/null
go run . >go.txt
node main.cjs >js.txt
echo "phonenumbers $(go list -m -f '{{.Version}}' github.com/nyaruka/phonenumbers):"
cat go.txt
echo "google-libphonenumber $(node -p 'require("google-libphonenumber/package.json").version'):"
cat js.txt

seen_js='AR 00 351 912 345 678
BR +351 912 345 678
CO +351 912 345 678
CL +351 912 345 678
SG +351 912 345 678'
if [[ $(<js.txt) != "$seen_js" || $(head -n 1 go.txt) != "AR 00 351 912 345 678" || $(grep -cE '[[(].* 351 912 345 678$' go.txt) != 4 ]]; then
	echo "CHANGED: this is no longer what was seen"
	exit 1
fi
echo "as seen before"
