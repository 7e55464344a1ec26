package intake

import (
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// completePhones puts the codes that stand in columns of their own before the phones of the row.
func (v *values) completePhones(region string) {
	area, country := onlyDigits(v.one[areaCode]), onlyDigits(v.one[countryCode])
	delete(v.one, areaCode)
	delete(v.one, countryCode)
	if area == "" && country == "" {
		return
	}
	area, country = strings.TrimLeft(area, "0"), strings.TrimLeft(country, "0")
	for i, cell := range v.phones {
		v.phones[i] = completed(cell, country, area, region)
	}
}

// completed is one cell with the codes before its number. A cell that is whole already, or holds more
// than one number, stays as it is.
func completed(cell, country, area, region string) string {
	digits := onlyDigits(cell)
	if strings.HasPrefix(cell, "+") || strings.HasPrefix(digits, "00") || strings.ContainsFunc(cell, unicode.IsLetter) || len(splitCell(cell)) != 1 {
		return cell
	}
	// The column is often filled beside numbers that have the code themselves.
	if r, err := phone.Read(cell, region); err == nil && country == "" && (r.Written == phone.HomeFull || r.Written == phone.Home && strings.HasPrefix(strings.TrimLeft(digits, "0"), area)) {
		return cell
	}
	switch whole := "+" + country + area + strings.TrimLeft(digits, "0"); {
	case country == "":
		return "(" + area + ") " + cell
	case strings.HasPrefix(digits, country+area) && isNumber("+"+digits, ""):
		return "+" + digits
	case strings.HasPrefix(strings.TrimLeft(digits, "0"), area) && area != "" && !isNumber(whole, ""):
		return "+" + country + strings.TrimLeft(digits, "0")
	default:
		return whole
	}
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}
