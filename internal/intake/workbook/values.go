package workbook

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// plainNumber returns a stored number in full: 5511987650051 for 5.511987650051E12 and 5511987650051.0. It returns a
// fraction as it is, and a whole number of more than fifteen digits too, because a spreadsheet keeps only fifteen.
func plainNumber(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		return raw
	}
	if f, err := strconv.ParseFloat(raw, 64); err != nil || math.Abs(f) >= 1e15 || math.Abs(f) < 1 {
		return raw
	}
	exact, ok := new(big.Rat).SetString(raw)
	if !ok || !exact.IsInt() {
		return raw
	}
	return exact.Num().String()
}

// dateOf returns a serial number of days as a date, a time of day or both.
func dateOf(raw string, since1904 bool) string {
	days, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsNaN(days) || days < 0 || days >= 2_958_466 { // from the year 10,000 on
		return raw
	}
	seconds := math.Round(days * 24 * 60 * 60)
	if days < 1 && !since1904 {
		return time.Unix(int64(seconds), 0).UTC().Format(time.TimeOnly)
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 61: // Excel counts February 29, 1900, which did not exist
		start = start.AddDate(0, 0, 1)
	}
	at := start.AddDate(0, 0, int(seconds/86400)).Add(time.Duration(math.Mod(seconds, 86400)) * time.Second)
	if math.Mod(seconds, 86400) == 0 {
		return at.Format(time.DateOnly)
	}
	return at.Format("2006-01-02T15:04:05")
}

// isDateFormat reports whether a number format shows a date or a time: ECMA-376 part 1, 18.8.30 and 18.8.31.
func isDateFormat(id int, code string) bool {
	if code == "" {
		return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
	}
	code, _, _ = strings.Cut(code, ";")
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return false
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return false
			}
			switch strings.ToLower(code[i+1 : i+end]) {
			case "h", "hh", "m", "mm", "s", "ss":
				return true
			}
			i += end
		case 'y', 'Y', 'm', 'M', 'd', 'D', 'h', 'H', 's', 'S':
			return true
		case 'G', 'g': // General, or a Japanese era
			if len(code)-i >= len("General") && strings.EqualFold(code[i:i+len("General")], "General") {
				return false
			}
		}
	}
	return false
}

// unescape decodes the form _x000D_ in which .xlsx writes control characters: ECMA-376 part 1, 22.9.2.19.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if len(s)-i >= 7 && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if r, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				out.WriteRune(rune(r))
				i += 6
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// isFault reports whether a text is the value of a formula that failed.
func isFault(s string) bool {
	switch s {
	case "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!":
		return true
	}
	return strings.HasPrefix(s, "Err:5") // LibreOffice's codes
}
