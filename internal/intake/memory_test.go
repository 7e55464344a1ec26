//go:build flatmemory

package intake_test

import (
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/intake"
)

// endless generates lines until left bytes have been read.
type endless struct {
	left int
	next []byte
	line func(i int) string
	i    int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	for len(e.next) < len(p) {
		e.next = append(e.next, e.line(e.i)...)
		e.i++
	}
	n := copy(p, e.next)
	e.next = append(e.next[:0], e.next[n:]...)
	e.left -= n
	return n, nil
}

// mebibytes is the size of each input. To read more: go test -tags=flatmemory -run FlatMemory -mib 200 ./internal/intake.
var mebibytes = flag.Int("mib", 8, "size of the generated inputs")

// The memory does not grow with the file: at most 5 MiB of it are held.
// Not parallel: it measures the process's heap.
func TestAnInputOfAnySizeIsReadInFlatMemory(t *testing.T) { //nolint:paralleltest // see above
	for _, tt := range []struct {
		name, head string
		line       func(i int) string
	}{
		{"csv", "groupName;phones;unit\n", func(i int) string { return fmt.Sprintf("Turma %d;+5544999999999,+5544988888888;Maringá\n", i) }},
		{"ndjson", "", func(i int) string {
			return fmt.Sprintf(`{"groupName": "Turma %d", "phones": ["5544999999999", 79001234567]}`+"\n", i)
		}},
		{"an array", "[", func(i int) string {
			return fmt.Sprintf(`{"groupName": "Turma %d", "phones": ["5544999999999", 79001234567]},`+"\n", i)
		}},
		{"one line a person", "group;phone\n", func(i int) string { return fmt.Sprintf("Turma %d;+5544999%06d\n", i%200, i%1_000_000) }},
		{"one line without an end", "[", func(int) string { return `{"groupName": "` + strings.Repeat("x", 1000) }},
		{"a quote that is never closed", "group;phones\nA;\"", func(int) string { return strings.Repeat("x\n", 500) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			size := *mebibytes << 20
			input := io.MultiReader(strings.NewReader(tt.head), &endless{left: size, line: tt.line})
			before, most, rows := heap(), uint64(0), 0
			for _, err := range intake.Read(t.Context(), &sampled{r: input, every: size / 8, sample: func() { most = max(most, heap()) }}, intake.Options{TempDir: t.TempDir()}) {
				if err != nil {
					t.Fatal(err)
				}
				rows++
			}
			if grown := int64(most) - int64(before); grown > 5<<20 || rows == 0 { //nolint:gosec // no heap is that large
				t.Errorf("%d rows of %d MiB: the heap grew by %d MiB, want at most 5", rows, size>>20, grown>>20)
			}
		})
	}
}

// sampled calls sample each time `every` bytes have been read.
type sampled struct {
	r            io.Reader
	every, since int
	sample       func()
}

func (s *sampled) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if s.since += n; s.since >= s.every {
		s.since = 0
		s.sample()
	}
	return n, err
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
