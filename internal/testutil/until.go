package testutil

import (
	"testing"
	"time"
)

// Patience is how long tests wait for what must happen: long enough for a machine that does much else.
const Patience = 2 * time.Minute

// Until polls for a condition to become true, for as long as Patience. What names it, as in "the
// worker is ready"; told, if given, adds what a failure should show.
func Until(t testing.TB, what string, is func() bool, told ...func() string) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	late := time.NewTimer(Patience)
	defer late.Stop()
	for !is() {
		select {
		case <-poll.C:
		case <-late.C:
			text := ""
			for _, tell := range told {
				text += "\n" + tell()
			}
			t.Fatalf("waited in vain until %s%s", what, text)
		}
	}
}
