//go:build unix

package producercmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/cli/producercmd"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// A file can be a named pipe, to which no program writes, or a program that writes nothing.
func TestFiles_AnInterruptEndsTheReadingOfAPipe(t *testing.T) {
	t.Parallel()
	url := redisFor(t)
	for _, written := range []bool{false, true} {
		for _, args := range [][]string{{"create"}, {"create", "--explain"}, {"suppress", "add", "--file"}, {"add", "grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10"}} {
			pipe := filepath.Join(t.TempDir(), "pipe.csv")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			p := newProcess(t, url, append(args, pipe)...)
			code := make(chan int, 1)
			go func() { code <- producercmd.Main(p.IO) }()
			if written {
				w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = w.Close() })
			}
			p.signals <- os.Interrupt
			select {
			case got := <-code:
				if got != cli.Interrupted || !strings.Contains(p.err.String(), "interrupted") {
					t.Errorf("%v, written %v: got the exit code %d, want %d; it said %q", args, written, got, cli.Interrupted, p.err)
				}
			case <-time.After(testutil.Timeout):
				t.Fatalf("%v, written %v: it did not end", args, written)
			}
			if !written { // lets the opening end
				w, err := os.OpenFile(pipe, os.O_RDWR, 0)
				if err != nil {
					t.Fatal(err)
				}
				_ = w.Close()
			}
		}
	}
}
