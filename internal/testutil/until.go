package testutil

import (
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

// Timeout is how long tests wait for what must happen: long enough for a machine that does much else.
const Timeout = 2 * time.Minute

// Until polls for a condition to become true, for as long as Timeout. What names it, as in "the
// worker is ready"; told, if given, adds what a failure should show.
func Until(t testing.TB, what string, is func() bool, told ...func() string) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	late := time.NewTimer(Timeout)
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

// RedisEnds waits until no embedded Redis lives below a directory. One whose program was killed still writes its files
// for a moment, and a t.TempDir that it writes to cannot be removed.
func RedisEnds(t testing.TB, dir string) {
	t.Helper()
	Until(t, "the embedded Redis has ended", func() bool {
		lives := false
		_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error { // what is gone meanwhile has ended
			lives = lives || err == nil && e.Type() == fs.ModeSocket
			return nil
		})
		return !lives
	})
}
