package providertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/provider"
)

// AssertNoLeak checks that no way of printing err, or any error inside it, shows a secret: a
// token, a telephone number, a message.
func AssertNoLeak(t testing.TB, err error, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, shown := range printings(err) {
			if secret != "" && strings.Contains(strings.ToLower(shown), strings.ToLower(secret)) {
				t.Errorf("the error shows the secret %q:\n%s", secret, shown)
				break // one way of printing is enough to know
			}
		}
	}
}

// printings returns what loggers, documents and debuggers would print of an error and its causes.
func printings(err error) []string {
	if err == nil {
		return nil
	}
	all := []string{err.Error(), fmt.Sprintf("%v", err), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), fmt.Sprintf("%q", err)}
	if text, failed := json.Marshal(err); failed == nil {
		all = append(all, string(text))
	}
	if e, ok := err.(*provider.Error); ok { //nolint:errorlint // this level only; the loop below descends
		all = append(all, fmt.Sprintf("%+v", *e), fmt.Sprintf("%#v", *e))
	}
	switch wrapped := err.(type) { //nolint:errorlint // descends level by level
	case interface{ Unwrap() error }:
		all = append(all, printings(wrapped.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range wrapped.Unwrap() {
			all = append(all, printings(inner)...)
		}
	}
	return all
}
