package intake

import (
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/rollcallhq/rollcall/internal/phone"
)

// regionNamed returns the two-letter code of the country that a cell names, by its two- or three-letter code or by its
// name in one of the languages of the headers. It returns "" for any other text.
func regionNamed(cell string) string {
	if cell == "" {
		return ""
	}
	return regionNames()[foldHeader(cell)]
}

// regionNames returns the countries by their folded codes and names.
var regionNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{"usa": "US", "eua": "US", "eeuu": "US", "uk": "GB", "сша": "US", "россиискаяфедерация": "RU"}
	for _, region := range phone.Regions() {
		r, err := language.ParseRegion(region)
		if err != nil {
			continue
		}
		for _, d := range []*display.Dictionary{display.English, display.Portuguese, display.Spanish, display.Russian} {
			names[foldHeader(d.Regions().Name(r))] = region
		}
		names[foldHeader(r.ISO3())] = region
		names[foldHeader(region)] = region
	}
	delete(names, "")
	return names
})
