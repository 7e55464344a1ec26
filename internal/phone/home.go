package phone

import (
	"regexp"
	"strings"
)

// ownHome matches a number with its home country in front: "BR: 11 98765-4321".
var ownHome = regexp.MustCompile(`^([A-Z]{2}):\s*(\S.*)$`)

// WithHome returns a typed number with the home country in front. It returns the text as it is if the number is written
// as international, or if the text is not a number.
func WithHome(typed, region string) string {
	s, reason := take(typed)
	if s.international || reason == Letters || reason == Empty || strings.Contains(typed, "@") {
		return typed
	}
	return region + ": " + strings.TrimSpace(typed)
}

// cutHome cuts the home country off the front of a number. If there is none, home is region.
func cutHome(typed, region string) (number, home string) {
	if len(typed) > 3 && strings.Contains(typed, ":") {
		if m := ownHome.FindStringSubmatch(strings.TrimSpace(typed)); m != nil && KnownRegion(m[1]) {
			return m[2], m[1]
		}
	}
	return typed, region
}
