#!/usr/bin/env bash
# phonenumbers (libphonenumber for Go): a cell with two phones, "5511900000001;5521900000002", is one valid number.
#
# Expected: an error, as for the same two numbers with a comma, a slash or a space between them, or with plus signs.
# Seen:     Parse returns +5511900000001, IsValidNumber is true, and the second phone, thirteen digits long, is the
#           extension of the first. E164 leaves an extension out, so the second person is never invited and no error
#           says so. People separate by semicolons where the comma is the decimal sign, as in Brazil.
#           google-libphonenumber 3.2.47 and libphonenumber-js 1.13.16 do the same. A reader of lists has to check
#           GetExtension after Parse.
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
	for _, c := range []struct{ text, seen string }{
		{"5511900000001;5521900000002", "+5511900000001, extension 5521900000002, valid true"},
		{"5511900000001; 5521900000002", "+5511900000001, extension 5521900000002, valid true"},
		{"+5511900000001;+5521900000002", "the phone number supplied is not a number"},
		{"5511900000001,5521900000002", "the phone number supplied is not a number"},
		{"5511900000001/5521900000002", "the string supplied is too long to be a phone number"},
		{"5511900000001 5521900000002", "the string supplied is too long to be a phone number"},
	} {
		var got string
		if n, err := phonenumbers.Parse(c.text, "BR"); err != nil {
			got = err.Error()
		} else {
			got = fmt.Sprintf("%s, extension %s, valid %t", phonenumbers.Format(n, phonenumbers.E164), n.GetExtension(), phonenumbers.IsValidNumber(n))
		}
		fmt.Printf("Parse(%q, BR): %s\n", c.text, got)
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
