package child

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLastWords_ReturnsTheLastLineOrThatThereIsNone(t *testing.T) {
	t.Parallel()
	const none = "it wrote no log"
	for text, want := range map[string]string{"": none, "\n": none, "one\ntwo\n": "two"} {
		file := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := LastWords(file); got != want {
			t.Errorf("the log %q: got %q, want %q", text, got, want)
		}
	}
	if got := LastWords(filepath.Join(t.TempDir(), "log")); got != none {
		t.Errorf("without a log: got %q, want %q", got, none)
	}
}
