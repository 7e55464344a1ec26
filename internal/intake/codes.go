package intake

import (
	"strings"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// completePhones completes the row's phones with the codes and the country from their own columns. It ignores an unknown
// country name, which stays in the metadata.
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
			v.phones[i] = withCodes(cell, code, area, region)
		case home != "":
			v.phones[i] = withHomeCountry(cell, home, area)
		}
	}
}

// withHomeCountry writes the row's country in front of each number of a cell.
func withHomeCountry(cell, home, area string) string {
	var numbers []string
	for _, one := range splitPhones(cell, home) {
		text := string(one)
		if area != "" {
			text = withCodes(text, "", area, home)
		}
		numbers = append(numbers, phone.WithHome(text, home))
	}
	return strings.Join(numbers, "; ")
}

// withCodes writes the codes in front of a cell's number. It leaves a complete number, and a cell of several numbers,
// as they are.
func withCodes(cell, country, area, region string) string {
	digits := onlyDigits(cell)
	if strings.HasPrefix(cell, "+") || strings.HasPrefix(digits, "00") || strings.ContainsFunc(cell, unicode.IsLetter) || len(splitCell(cell)) != 1 {
		return cell
	}
	// Files often have an area code column although the numbers already contain the code.
	if r, err := phone.Read(cell, region); err == nil && country == "" && (r.Written == phone.HomeFull || r.Written == phone.Home && strings.HasPrefix(strings.TrimLeft(digits, "0"), area)) {
		return cell
	}
	// Digits that begin with the country code may still lack it: 55 is also an area of Brazil.
	if area == "" {
		home := phone.CountryOf(phone.Number("+" + country + digits))
		if r, err := phone.Read(cell, home); err == nil && (r.Written == phone.HomeFull || r.Written == phone.Home) {
			return r.Number.E164()
		}
	}
	switch whole := "+" + country + " " + area + " " + strings.TrimLeft(digits, "0"); {
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
