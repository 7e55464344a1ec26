package store

import (
	"testing"
)

// No value in Redis causes a panic, and each group that was read and can be written can be read again.
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
			t.Fatalf("%q can be read, but as it is written then it cannot: %q: %v", value, again, err)
		}
	})
}
