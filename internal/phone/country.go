package phone

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/nyaruka/phonenumbers"
)

// CountryOf returns the two-letter country of a number, or "" if it has none. If countries share a calling code, the
// digits after the code decide, as far as they can.
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
	if remembered.Add(1) <= maxCountries {
		countries.Store(prefix, region)
	}
	return region
}

// Regions returns the countries that Parse knows, in two letters.
func Regions() []string { return slices.Sorted(maps.Keys(phonenumbers.GetSupportedRegions())) }

// countryDigits is how many digits of a number decide between the countries of one calling code: the code and an area
// code in North America, the code and four or five digits for Guernsey, Jersey and the Isle of Man.
const countryDigits = 7

// maxCountries is the maximum number of prefixes in the cache.
const maxCountries = 1 << 14

var (
	countries  sync.Map // country by prefix: a cache, because the lookup costs more than parsing the number
	remembered atomic.Int64
)
