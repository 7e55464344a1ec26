package store

import (
	"testing"
)

// Nothing in Redis causes a panic, and a value that can be read can be written and read again.
func FuzzOpenRecord(f *testing.F) {
	for _, g := range everyRecord() {
		value, err := plain.sealRecord(g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	for _, s := range []string{``, `|`, `1.a|`, `1.a|{}`, "1.a|\x02\xa0", "1.a|\x01", "-1.|\x01\xa0", "9.b|\x7fnewer"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		g, err := plain.openRecord(t.Context(), recordID, value)
		if err != nil {
			return
		}
		again, err := plain.sealRecord(g)
		if err != nil {
			return // an unknown state, for example
		}
		if _, err := plain.openRecord(t.Context(), recordID, again); err != nil {
			t.Fatalf("%q is read, written as %q, and not read again: %v", value, again, err)
		}
	})
}
