#!/usr/bin/env bash
# go-vcard: the phone number of a vCard 2.1, as Android's contacts export it, becomes the value of a parameter.
#
# Expected: "TEL;CELL:+55..." (vCard 2.1 writes a type without "TYPE=") gives the number, or an error that
#           version 2.1 is not read.
# Seen:     Decode returns no error and a TEL whose Value is empty: the number stands in Params["CELL"].
#           A card that mixes both forms, "TEL;TYPE=CELL;PREF:+55...", loses it in the same way.
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
	"strings"

	"github.com/emersion/go-vcard"
)

func main() {
	const number = "+55 11 90000-0001"
	same := true
	for _, c := range []struct{ line, param string }{
		{"TEL;CELL:" + number, "CELL"},
		{"TEL;TYPE=CELL;PREF:" + number, "PREF"},
	} {
		card, err := vcard.NewDecoder(strings.NewReader("BEGIN:VCARD\r\nVERSION:2.1\r\nFN:Ana\r\n" + c.line + "\r\nEND:VCARD\r\n")).Decode()
		if err != nil {
			fmt.Println("CHANGED: an error now:", err)
			os.Exit(1)
		}
		tel := card.Get(vcard.FieldTelephone)
		fmt.Printf("%s: value %q, parameters %v\n", c.line, tel.Value, tel.Params)
		same = same && tel.Value == "" && tel.Params.Get(c.param) == number
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/emersion/go-vcard@v0.0.0-20260618161152-d854b7e0e2d3 >/dev/null 2>&1
echo "go-vcard $(go list -m -f '{{.Version}}' github.com/emersion/go-vcard)"
go run .
