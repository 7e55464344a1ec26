#!/usr/bin/env bash
# phonenumbers (libphonenumber for Go): "0055 84 …", read with region BR, is a valid number of Vietnam.
#
# Expected: a Brazilian number, +55 84. Many people write 00 for the plus sign, and with region PT the same text is that
#           number, as are "+55 84 …" and "55 84 …" with region BR.
# Seen:     in Brazil a carrier's code follows 00, and the metadata has 55 as such a code. Parse takes "0055" off as the
#           international prefix and reads the area code as a country: 84 (Natal) is Vietnam, 11 (São Paulo) becomes an
#           invalid number under +1, and 69 (Porto Velho) an error. For Natal IsValidNumber is true and the type is
#           MOBILE, so no later check stops the invitation. libphonenumber-js 1.13.16 and google-libphonenumber 3.2.47
#           do the same. "0055" has to become "+55" before Parse.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/nyaruka/phonenumbers"
)

func main() {
	same := true
	for _, c := range []struct{ text, region, seen string }{
		{"0055 84 90000-0001", "BR", "+84900000001 VN mobile=true valid=true"},
		{"0055 84 90000-0001", "PT", "+5584900000001 BR mobile=true valid=true"},
		{"+55 84 90000-0001", "BR", "+5584900000001 BR mobile=true valid=true"},
		{"55 84 90000-0001", "BR", "+5584900000001 BR mobile=true valid=true"},
		{"0055 11 90000-0001", "BR", "+11900000001  mobile=false valid=false"},
		{"0055 69 90000-0001", "BR", "invalid country code"},
	} {
		var got string
		if n, err := phonenumbers.Parse(c.text, c.region); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprintf("%s %s mobile=%t valid=%t", phonenumbers.Format(n, phonenumbers.E164), phonenumbers.GetRegionCodeForNumber(n),
				phonenumbers.GetNumberType(n) == phonenumbers.MOBILE, phonenumbers.IsValidNumber(n))
		}
		fmt.Printf("Parse(%q, %s): %s\n", c.text, c.region, got)
		same = same && got == c.seen
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/nyaruka/phonenumbers@v1.8.1 >/dev/null 2>&1
echo "phonenumbers $(go list -m -f '{{.Version}}' github.com/nyaruka/phonenumbers)"
go run .
