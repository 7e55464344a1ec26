package testutil_test

import (
	"fmt"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestCommandsOf_FindsEachCommandOfABlock(t *testing.T) {
	t.Parallel()
	const text = "a\n```sh\n# how\nx 1 \\\n  2   # why\n\ny\n```\n```console\n$ z\nout\n```\n```yaml\nn: 1\n```\n```\nusage\n```\n"
	got := fmt.Sprint(testutil.CommandsOf("d.md", text))
	if want := "[d.md:4: x 1  2   # why d.md:7: y d.md:10: z]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSimple_SplitsAsAShellDoes(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`sudo a -b "c d" | e 'f|g' > h.txt   # i`: `[["a" "-b" "c d"] ["e" "f|g"]]`,
		`A=1 b && c >> d; e &`:                    `[["b"] ["c"] ["e"]]`,
		`kill $(pidof x)`:                         `[["kill" "$(pidof x)"]]`,
		`kill $(pidof x`:                          `[["kill" "$(pidof x"]]`,
	} {
		if got := fmt.Sprintf("%q", testutil.Simple(line)); got != want {
			t.Errorf("%s: got %s, want %s", line, got, want)
		}
	}
}
