#!/usr/bin/env bash
# excelize: a border or a bold font turns the phone number 5511900000001 into 5.5119E+12.
#
# Expected: a font or a border does not change a cell's text: two cells with one number, both in the format General,
#           read alike. GetRows gives the plain one as 5511900000001.
# Seen:     with any style GetRows gives 5.5119E+12, and eight of thirteen digits are lost. A reader that is tested with
#           plain files loses the numbers of formatted tables, or those of the one row that is bold. Eleven digits, a
#           number without its country code, come out whole either way. Options.RawCellValue gives the stored number.
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
	book := excelize.NewFile()
	cases := []struct {
		name  string
		style *excelize.Style
		seen  string
	}{
		{"no style", nil, "5511900000001"},
		{"a border", &excelize.Style{Border: []excelize.Border{{Type: "bottom", Style: 1, Color: "000000"}}}, "5.5119E+12"},
		{"a bold font", &excelize.Style{Font: &excelize.Font{Bold: true}}, "5.5119E+12"},
		{"centred", &excelize.Style{Alignment: &excelize.Alignment{Horizontal: "center"}}, "5.5119E+12"},
	}
	for i, c := range cases {
		long, short := fmt.Sprintf("A%d", i+1), fmt.Sprintf("B%d", i+1)
		must(book.SetCellValue("Sheet1", long, 5511900000001))
		must(book.SetCellValue("Sheet1", short, 11900000001))
		if c.style != nil {
			style, err := book.NewStyle(c.style)
			must(err)
			must(book.SetCellStyle("Sheet1", long, short, style))
		}
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
	for i, c := range cases {
		fmt.Printf("%-12s %-13s and %s, raw %s\n", c.name+":", shown[i][0], shown[i][1], raw[i][0])
		same = same && shown[i][0] == c.seen && shown[i][1] == "11900000001" && raw[i][0] == "5511900000001"
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
