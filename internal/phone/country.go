package phone

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nyaruka/phonenumbers"
)

// CountryOf is the country of a number in two letters, "" for none. Where countries share a calling code the
// first digits decide, as far as they can.
func CountryOf(n Number) string {
	digits := n.Digits()
	code, _ := codeOf(digits)
	if code == 0 {
		return ""
	}
	if regions := phonenumbers.GetRegionCodesForCountryCode(code); len(regions) == 1 {
		return regions[0]
	}
	prefix := digits[:min(len(digits), countryDigits)]
	if region, known := countries.Load(prefix); known {
		return region.(string) //nolint:forcetypeassert // nothing else is stored
	}
	region := regionOf(n)
	if remembered.Add(1) <= mostCountries {
		countries.Store(prefix, region)
	}
	return region
}

// Regions are the countries that Parse knows, in two letters.
func Regions() []string { return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) }

// countryDigits decide between the countries of one calling code: an area code in North America, four or five
// digits for Guernsey, Jersey and the Isle of Man.
const countryDigits = 7

// mostCountries bounds what is remembered of prefixes.
const mostCountries = 1 << 14

var (
	countries  sync.Map // country by prefix: asking the plans costs more than reading the number
	remembered atomic.Int64
)
