#!/usr/bin/env bash
# excelize: the conditions of a phone number format are ignored, so area code and number are cut wrongly.
#
# Expected: "[<=9999999999](00) 0000-0000;(00) 00000-0000" writes ten digits as a landline and eleven as a
#           mobile phone: 11987654321 is (11) 98765-4321. Spreadsheets of Brazilian offices use such formats.
# Seen:     GetRows always takes the first section: (119) 8765-4321. Read as digits it is still right, but an
#           area code in brackets is now 119. Excel's own phone format, "[<=99999999]####-####;(##) ####-####",
#           comes out without any area code: 1198765-4321. Options.RawCellValue gives the stored number.
#
# Needs Go and a module proxy. Runs no rollcall code. Exits 1 if the behaviour has changed.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

cat >main.go <<'GO'
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/xuri/excelize/v2"
)

func must(err error) {
	if err != nil {
		fmt.Println("unexpected:", err)
		os.Exit(2)
	}
}

func main() {
	const mobile = 11987654321
	formats := []string{"[<=9999999999](00) 0000-0000;(00) 00000-0000", "[<=99999999]####-####;(##) ####-####"}
	seen := []string{"(119) 8765-4321", "1198765-4321"}

	book := excelize.NewFile()
	for i, format := range formats {
		style, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
		must(err)
		cell := fmt.Sprintf("A%d", i+1)
		must(book.SetCellValue("Sheet1", cell, mobile))
		must(book.SetCellStyle("Sheet1", cell, cell, style))
	}
	file, err := book.WriteToBuffer()
	must(err)
	read, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
	must(err)
	shown, err := read.GetRows("Sheet1")
	must(err)
	raw, err := read.GetRows("Sheet1", excelize.Options{RawCellValue: true})
	must(err)

	same := true
	for i, format := range formats {
		fmt.Printf("%d in %s: %s, raw %s\n", mobile, format, shown[i][0], raw[i][0])
		same = same && shown[i][0] == seen[i] && raw[i][0] == fmt.Sprint(mobile)
	}
	if !same {
		fmt.Println("CHANGED: this is no longer what was seen")
		os.Exit(1)
	}
	fmt.Println("as seen before")
}
GO

go mod init finding >/dev/null 2>&1
go get github.com/xuri/excelize/v2@v2.11.1 >/dev/null 2>&1
echo "excelize $(go list -m -f '{{.Version}}' github.com/xuri/excelize/v2)"
go run .
