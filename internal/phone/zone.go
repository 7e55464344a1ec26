package phone

import (
	_ "embed" // the zones of each country
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nyaruka/phonenumbers"
)

// Zones returns all time zones that a number may be in, for quiet hours: those of a place if the numbering plan ties
// the number to one, otherwise those of the country. It returns none for a number of no country. It needs the tz
// database, which the programs embed (time/tzdata).
func Zones(n Number) []*time.Location {
	parsed, err := phonenumbers.Parse(n.E164(), "")
	if err != nil {
		return nil
	}
	region := phonenumbers.GetRegionCodeForNumber(parsed)
	all := zonesOfCountries()[region]
	if len(all) < 2 {
		return locations(all)
	}
	if region == "BR" {
		national := phonenumbers.GetNationalSignificantNumber(parsed)
		return locations(brazilianZones(national))
	}
	country := locations(all)
	if place := locations(zonesOfPlace(parsed)); len(place) > 0 && within(place, country) {
		return place
	}
	return country
}

// within reports whether each zone of a place has the same time as some zone of the country, in winter and in summer.
// The library gives some places a zone of another country that has the same time only in winter.
func within(place, country []*time.Location) bool {
	winter, summer := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC), time.Date(2026, 7, 15, 12, 0, 0, 0, time.UTC)
	for _, p := range place {
		if !slices.ContainsFunc(country, func(c *time.Location) bool {
			return winter.In(c).Format("-0700") == winter.In(p).Format("-0700") && summer.In(c).Format("-0700") == summer.In(p).Format("-0700")
		}) {
			return false
		}
	}
	return true
}

// CountryZones returns the zones, by name, that quiet hours assume for a country's mobiles, or none if there is no such
// country. region is two capital letters.
func CountryZones(region string) []string { return slices.Clone(zonesOfCountries()[region]) }

//go:embed zones.txt
var zonesText string

var zonesOfCountries = sync.OnceValue(func() map[string][]string {
	all := make(map[string][]string)
	for line := range strings.Lines(zonesText) {
		if words := strings.Fields(line); len(words) > 1 && words[0] != "#" {
			all[words[0]] = words[1:]
		}
	}
	return all
})

// zonesOfPlace returns the zones of a number whose first digits are those of a place: a landline, or a number of a
// country that gives its mobiles the area codes of landlines. It returns none for any other number.
func zonesOfPlace(n *phonenumbers.PhoneNumber) []string {
	switch phonenumbers.GetNumberType(n) {
	case phonenumbers.FIXED_LINE, phonenumbers.FIXED_LINE_OR_MOBILE:
	default:
		return nil
	}
	names, _ := phonenumbers.GetTimezonesForNumber(n)
	return names
}

// brazilianZones returns the zones of an area code, which Brazil's mobiles have too. It does not use the library, which
// gives Recife only the zone of Fernando de Noronha, an island with the same area code, an hour ahead.
func brazilianZones(national string) []string {
	if len(national) < 2 {
		return zonesOfCountries()["BR"]
	}
	switch national[:2] {
	case "65", "66", "67", "69", "92", "95":
		return []string{"America/Manaus"}
	case "68":
		return []string{"America/Rio_Branco"}
	case "97": // the west of Amazonas has Acre's time
		return []string{"America/Manaus", "America/Rio_Branco"}
	case "81":
		return []string{"America/Recife", "America/Noronha"}
	}
	return []string{"America/Sao_Paulo"}
}

// locations returns the zones of these names. It leaves out those that the tz database does not have.
func locations(names []string) []*time.Location {
	var all []*time.Location
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil {
			all = append(all, zone)
		}
	}
	return all
}
