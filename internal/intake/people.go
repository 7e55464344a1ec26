package intake

import (
	"slices"
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// splitPhones splits a cell at , ; | and line breaks, and at a space or slash between two whole numbers. A number that a
// spreadsheet turned into 5,5119E+12 stays whole, so that its error names it.
func splitPhones(cell, region string) []tasks.Phone {
	parts := splitCell(cell)
	found := make([]tasks.Phone, 0, len(parts))
	for _, part := range splitSlashes(parts, region) {
		if !strings.ContainsFunc(part, unicode.IsSpace) { // the usual case
			found = append(found, tasks.Phone(part))
			continue
		}
		for _, one := range splitSpaces(part, region) {
			found = append(found, tasks.Phone(one))
		}
	}
	return found
}

// splitSlashes splits each part that is not one number at its slashes, if whole numbers stand between them. The slash
// of 0171/4242421 belongs to the number.
func splitSlashes(parts []string, region string) []string {
	if !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(part, "/") }) {
		return parts
	}
	var split []string
	for _, part := range parts {
		pieces := strings.Split(part, "/")
		if isNumber(part, region) || slices.ContainsFunc(pieces, func(s string) bool { return !wholeNumber(s, region) }) {
			pieces = []string{part}
		}
		split = append(split, pieces...)
	}
	return split
}

func splitCell(cell string) []string {
	cell = strings.ReplaceAll(cell, ":::", ";") // Google Contacts
	parts := make([]string, 0, 1+strings.Count(cell, ",")+strings.Count(cell, ";")+strings.Count(cell, "|"))
	from := 0
	cut := func(to int) {
		if part := cleanText(cell[from:to]); part != "" {
			parts = append(parts, part)
		}
		from = to + 1
	}
	for i := range len(cell) {
		switch cell[i] {
		case ';', '|', '\n', '\r':
			cut(i)
		case ',':
			if !decimalComma(cell[from:i], cell[i+1:]) {
				cut(i)
			}
		}
	}
	cut(len(cell))
	return parts
}

// decimalComma reports whether a comma is that of a number like 5,5119E+12: one digit before it, and digits and an
// exponent after it.
func decimalComma(before, after string) bool {
	before = strings.TrimPrefix(cleanText(before), "+")
	if len(before) != 1 || before[0] < '0' || before[0] > '9' {
		return false
	}
	rest := strings.TrimLeft(after, "0123456789")
	return rest != after && (strings.HasPrefix(rest, "E+") || strings.HasPrefix(rest, "e+"))
}

// maxPieces is the maximum number of pieces, between spaces, of one number. minDigits is the minimum number of digits
// of a phone.
const (
	maxPieces = 8
	minDigits = 8
)

// splitSpaces splits "5511… 5521…". It returns the text unsplit if it is one number, or if it is not
// made of whole numbers from beginning to end.
func splitSpaces(part, region string) []string {
	pieces := strings.Fields(part)
	if len(pieces) < 2 || isNumber(part, region) {
		return []string{part}
	}
	// cutAt[i] is where the number that begins with piece i ends, when the rest can be cut too.
	cutAt := make([]int, len(pieces)+1)
	for i := len(pieces) - 1; i >= 0; i-- {
		for end := i + 1; end <= min(i+maxPieces, len(pieces)); end++ {
			restFits := end == len(pieces) || cutAt[end] > 0
			if restFits && wholeNumber(strings.Join(pieces[i:end], " "), region) {
				cutAt[i] = end
				break
			}
		}
	}
	if cutAt[0] == 0 {
		return []string{part}
	}
	var numbers []string
	for i := 0; i < len(pieces); i = cutAt[i] {
		numbers = append(numbers, strings.Join(pieces[i:cutAt[i]], " "))
	}
	return numbers
}

func wholeNumber(s, region string) bool {
	digits := 0
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			digits++
		}
	}
	return digits >= minDigits && isNumber(s, region)
}

func isNumber(s, region string) bool {
	_, err := phone.Parse(s, region)
	return err == nil
}
