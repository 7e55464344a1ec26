package intake

import (
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// completePhones reads the phones of the row by the codes and the country that stand in columns of their own.
// A country that is not understood says nothing; its cell is metadata in any case.
func (v *values) completePhones(region string) {
	area, code := onlyDigits(v.one[areaCode]), onlyDigits(v.one[countryCode])
	home := regionNamed(v.one[countryCode])
	if home == "" {
		home = regionNamed(v.country)
	}
	delete(v.one, areaCode)
	delete(v.one, countryCode)
	area, code = strings.TrimLeft(area, "0"), strings.TrimLeft(code, "0")
	for i, cell := range v.phones {
		switch {
		case code != "", home == "" && area != "":
			v.phones[i] = completed(cell, code, area, region)
		case home != "":
			v.phones[i] = athome(cell, home, area)
		}
	}
}

// athome is one cell whose numbers say that the country which the row names is their home.
func athome(cell, home, area string) string {
	var numbers []string
	for _, one := range splitPhones(cell, home) {
		text := string(one)
		if area != "" {
			text = completed(text, "", area, home)
		}
		numbers = append(numbers, phone.WithHome(text, home))
	}
	return strings.Join(numbers, "; ")
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
