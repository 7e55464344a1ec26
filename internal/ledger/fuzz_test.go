package ledger

import (
	"testing"
)

// Whatever lies in Redis: no panic, and what can be read can be written and read again.
func FuzzDecode(f *testing.F) {
	for _, g := range everyRecord() {
		value, err := encode(g, "00c0ffee0000")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(value)
	}
	for _, s := range []string{``, `|`, `1.a|`, `1.a|{}`, `1.a|{"n":1}`, "1.a|\x01", "-1.|\x01\xa0", "9.b|\x7fnewer"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		g, err := decode(recordID, value)
		if err != nil {
			return
		}
		again, err := encode(g, g.Write)
		if err != nil {
			return // a state that nobody knows, for example
		}
		if _, err := decode(recordID, again); err != nil {
			t.Fatalf("%q is read, written as %q, and not read again: %v", value, again, err)
		}
	})
}
