package testutil

import (
	"io/fs"
	"path/filepath"
	"testing"
	"time"
)

// Timeout is how long tests wait for what must happen. It is long enough for a busy machine.
const Timeout = 2 * time.Minute

// Until polls until a condition is true, for at most Timeout. what names the condition, as in "the worker is ready";
// told, if given, returns details for the failure.
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

// RedisEnds waits until no embedded Redis runs below a directory. A Redis whose program was killed still writes its
// files for a moment, and a t.TempDir cannot be removed meanwhile.
func RedisEnds(t testing.TB, dir string) {
	t.Helper()
	Until(t, "the embedded Redis has ended", func() bool {
		lives := false
		_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error { // a socket that is gone meanwhile means that its Redis has ended
			lives = lives || err == nil && e.Type() == fs.ModeSocket
			return nil
		})
		return !lives
	})
}
