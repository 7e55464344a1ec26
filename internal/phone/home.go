package phone

import (
	"regexp"
	"strings"
)

// ownHome matches a home country in front of a number: "BR: 11 98765-4321".
var ownHome = regexp.MustCompile(`^([A-Z]{2}):\s*(\S.*)$`)

// WithHome writes the home country in front of a typed number where it can matter: not before a number with +, and
// not before a text that is not a number.
func WithHome(typed, region string) string {
	s, reason := take(typed)
	if s.international || reason == Letters || reason == Empty || strings.Contains(typed, "@") {
		return typed
	}
	return region + ": " + strings.TrimSpace(typed)
}

// cutHome takes the home country off that stands in front of a number. Without one, region stays the home.
func cutHome(typed, region string) (number, home string) {
	if len(typed) > 3 && strings.Contains(typed, ":") {
		if m := ownHome.FindStringSubmatch(strings.TrimSpace(typed)); m != nil && KnownRegion(m[1]) {
			return m[2], m[1]
		}
	}
	return typed, region
}
