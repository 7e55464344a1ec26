package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The secrets of the providers' webhooks stand in the list of instances, which has a use of its own.
func TestUses_APartWithinAnotherKeepsItsOwnUse(t *testing.T) {
	t.Parallel()
	const file = `instances:
  - name: alpha
    provider: zapi
    instance_id: I1
    token: ${TOKEN}
    hook_secret: ${DOOR}
    forward:
      - {url: "${FORWARD}", token: "${BEARER}"}
`
	doors := []string{"DOOR", "FORWARD", "BEARER"}
	for name, tc := range map[string]struct {
		uses     Uses
		demanded []string
	}{
		"check":   {Uses{}, append([]string{"TOKEN"}, doors...)},
		"hooks":   {Uses{Calls: Unused}, doors},
		"serve":   {Uses{Calls: Optional}, doors},
		"run":     {Uses{Hooks: Unused}, []string{"TOKEN"}},
		"neither": {Neither(), nil},
	} {
		_, err := decodeFor(tc.uses, "rollcall.yaml", []byte(file), func(string) (string, bool) { return "", false }, nil)
		for _, variable := range append([]string{"TOKEN"}, doors...) {
			want := slices.Contains(tc.demanded, variable)
			if got := strings.Contains(fmt.Sprint(err), variable+" is not set"); got != want {
				t.Errorf("%s: %s is demanded: %v, want %v: %v", name, variable, got, want, err)
			}
		}
	}
}
