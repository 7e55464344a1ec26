package producercmd

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

func TestSpool_ReturnsEveryLineInOrderThoughMemoryIsFull(t *testing.T) {
	t.Parallel()
	var s spool
	long := bytes.Repeat([]byte("x"), 1<<20)
	const n = 9
	for i := range n {
		if err := s.add(append(fmt.Appendf(nil, "%d ", i), long...)); err != nil {
			t.Fatal(err)
		}
	}
	if s.file == nil || s.memory.Len() > inMemory {
		t.Fatalf("%d bytes are in memory, want the rest in a file", s.memory.Len())
	}
	for range 2 { // it can be read again
		i := 0
		if err := s.each(func(line []byte) error {
			if want := fmt.Sprintf("%d ", i); !bytes.HasPrefix(line, []byte(want)) || len(line) != len(long)+2 {
				t.Errorf("line %d begins %q and has %d bytes", i, line[:8], len(line))
			}
			i++
			return nil
		}); err != nil || i != n {
			t.Fatalf("got %d lines and %v, want %d", i, err, n)
		}
	}
	name := s.file.Name()
	s.close()
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("close left the file %s (%v)", name, err)
	}
}
