package intake

import (
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// nearest returns the key that an unknown one probably means: another spelling ("group_name"), a spreadsheet header
// ("telefones") or a typo ("phons"). It returns "" if no key is near.
func nearest(name string) field {
	if m, ok := meaningOf(dictionary(), name); ok {
		if m.field == onePhone {
			return phones
		}
		if m.field != areaCode && m.field != countryCode { // JSON has no such keys
			return m.field
		}
	}
	key, best, distance := foldHeader(name), field(""), 3
	for _, f := range jsonKeys() {
		if d := edits(key, strings.ToLower(string(f))); d < distance && d*3 <= len(key) {
			best, distance = f, d
		}
	}
	return best
}

// edits returns the edit distance of two short words: how many letters to change, add or remove.
func edits(a, b string) int {
	if len(a) > 40 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// quoted returns a typed word for a message: quoted, short, on one line, and with numbers masked.
func quoted(s string) string { return strconv.Quote(phone.Show(s)) }
