package intake

import (
	"strings"
	"unicode"
)

// damaged reports whether a quoted cell over several lines holds rows of the table, because a missing or an extra quote
// made them part of the cell. Such a cell is never split by guess.
func damaged(rec *record, l layout, comma byte) bool {
	for _, cell := range rec.cells {
		_, rest, several := strings.Cut(cell, "\n")
		if !several {
			continue
		}
		if rec.loneQuote {
			return true
		}
		for line := range strings.Lines(rest) {
			if rowShaped(line, l, comma) {
				return true
			}
		}
	}
	return false
}

// rowShaped reports whether a line inside a cell looks like a row: as many cells as the table has
// columns, a number among them, and words in another. A list of numbers has no words.
func rowShaped(line string, l layout, comma byte) bool {
	cells := strings.Split(line, string(comma))
	if len(cells) < 2 || len(cells) < len(l.columns) {
		return false
	}
	words, number := false, false
	for _, cell := range cells {
		letters := strings.ContainsFunc(cell, unicode.IsLetter)
		words = words || letters
		number = number || !letters && digitsIn(cell) >= minDigits
	}
	return words && number
}

// allNumbers reports whether each cell is empty or looks like a telephone number.
func allNumbers(cells []string) bool {
	for _, cell := range cells {
		if cell = cleanText(cell); cell != "" && (strings.ContainsFunc(cell, unicode.IsLetter) || digitsIn(cell) < minDigits) {
			return false
		}
	}
	return true
}

func digitsIn(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// linesBehind returns the numbers of the lines that a record's cells span after its first, without blank ones.
func (rec *record) linesBehind() []int {
	var all []int
	at := rec.line
	for _, cell := range rec.cells {
		pieces := strings.Split(cell, "\n")
		for i, piece := range pieces[1:] {
			at++
			if last := i == len(pieces)-2; !last && cleanText(piece) == "" || last && rec.openQuote && cleanText(piece) == "" {
				continue
			}
			all = append(all, at)
		}
	}
	return all
}
