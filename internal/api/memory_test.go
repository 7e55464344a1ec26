//go:build flatmemory

package api_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// It is not parallel, because it measures the memory of the whole process.
func TestTwentyFiveThousandRowsAreStreamedInFlatMemory(t *testing.T) { //nolint:paralleltest // as above
	r := setupOn(t, testutil.RealRedis(t).Client())
	const rows, bad = 25_000, 10 // every tenth row is bad, so the report grows, too
	filler := strings.Repeat("x", 1000)
	var most uint64
	send := func() answer {
		pr, pw := io.Pipe()
		go func() {
			var err error
			for i := 0; i < rows && err == nil; i++ {
				text := strings.TrimSuffix(row(i), "}") + `, "metadata": {"note": "` + filler + `"}}`
				if i%bad == 0 {
					text = `{"groupName": "` + strings.Repeat("no one ", 10) + `"}`
				}
				_, err = io.WriteString(pw, text+"\n")
				if i%4000 == 0 {
					most = max(most, heap())
				}
			}
			_ = pw.CloseWithError(err)
		}()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/v1/batches?name=big", pr)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-ndjson")
		return r.send(req)
	}
	before := heap()
	first := send().batch(t)
	if first.Total != rows || first.Created != rows-rows/bad || first.Invalid != rows/bad || len(first.Rows) != rows/bad {
		t.Errorf("first: %+v", first.Summary)
	}
	again := send().batch(t)
	if again.Created != 0 || again.Existed != rows-rows/bad || len(again.Rows) != rows {
		t.Errorf("again: %+v", again.Summary)
	}
	if grown := most - min(most, before); grown > 56<<20 { // ids and the report are kept; all rows, read and checked, would be about 100 MiB
		t.Errorf("the heap grew by %d MiB while %d rows (25 MB) came in", grown>>20, rows)
	} else {
		t.Logf("the heap grew by %d KiB", grown>>10)
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
