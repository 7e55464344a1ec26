//go:build flatmemory

package enqueue_test

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// Hundreds of very long rows must not wait in memory at once: bytes bound the rows in flight, too. It is not
// parallel, because it measures the memory of the whole process.
func TestVeryLongRowsAreAcceptedInFlatMemory(t *testing.T) { //nolint:paralleltest // as above
	c, err := enqueue.New(t.Context(), testutil.RealRedis(t).Client(), enqueue.Options{})
	if err != nil {
		t.Fatal(err)
	}
	// The longest rows that the bounds allow: many unusable people, each with a long input.
	const rows, each = 200, (tasks.MaxEntries - 1) * 250
	unusable := make([]tasks.Phone, tasks.MaxEntries-1)
	for i := range unusable {
		unusable[i] = tasks.Phone(fmt.Sprintf("%0250d", i))
	}
	var most uint64
	long := iter.Seq[tasks.GroupRequest](func(yield func(tasks.GroupRequest) bool) {
		for i := range rows {
			r := tasks.GroupRequest{
				GroupName: fmt.Sprintf("Turma %d", i),
				Phones:    append([]tasks.Phone{tasks.Phone(fmt.Sprintf("+55449%08d", 90000000+i))}, unusable...),
			}
			if !yield(r) {
				return
			}
			if i%20 == 19 {
				most = max(most, live())
			}
		}
	})
	before := live()
	sum, err := c.CreateBatch(t.Context(), "long", enqueue.Rules{}, enqueue.Rows(long), func(enqueue.Result) error { return nil })
	if err != nil || sum.Created != rows {
		t.Fatalf("got %+v, %v, want %d created", sum, err, rows)
	}
	// Each row takes about 3 MiB while it is accepted, so all of them would take 600 MiB. About thirty are in
	// flight at a time.
	if grown := most - min(most, before); grown > 160<<20 {
		t.Errorf("%d rows of %d KiB took %d MiB, want at most 160", rows, each>>10, grown>>20)
	} else {
		t.Logf("%d rows of %d KiB took %d MiB", rows, each>>10, grown>>20)
	}
}

func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
