#!/usr/bin/env bash
# phonenumbers (libphonenumber for Go): a mobile number has one time zone although its plan covers several.
#
# Expected: GetTimezonesForNumber returns all zones in which the number may be, as it does for +7 701 (two) and
#           +351 91 (two). Recife, +55 81, is on America/Recife, the state's island on America/Noronha.
# Seen:     +55 81 returns America/Noronha alone: the island, an hour ahead of Recife, stands for the whole area
#           code. +7 916 returns Europe/Moscow alone and +61 412 Australia/Sydney alone, though such numbers
#           may be anywhere in their countries. Quiet hours need more than this table.
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
	numbers := []struct{ number, zones string }{
		{"+5581999990001", "[America/Noronha]"},
		{"+79161230001", "[Europe/Moscow]"},
		{"+61412340001", "[Australia/Sydney]"},
		{"+77011230001", "[Asia/Almaty Asia/Aqtobe]"},
		{"+351912340001", "[Atlantic/Azores Europe/Lisbon]"},
	}
	same := true
	for _, n := range numbers {
		parsed, err := phonenumbers.Parse(n.number, "")
		if err != nil {
			fmt.Println("unexpected:", err)
			os.Exit(2)
		}
		zones, err := phonenumbers.GetTimezonesForNumber(parsed)
		fmt.Println(n.number, zones, err)
		same = same && err == nil && fmt.Sprint(zones) == n.zones
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
