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

// Not parallel: it measures the memory of the whole process.
func TestCreateBatch_StreamsRowsInFlatMemory(t *testing.T) { //nolint:paralleltest // as above
	r := setupOn(t, testutil.RealRedis(t).Client())
	const rows, bad = 25_000, 10 // every tenth row is bad, so the report grows as well
	filler := strings.Repeat("x", 1000)
	var peak uint64
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
					peak = max(peak, heap())
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
		t.Errorf("first: got %+v, want %d of %d rows invalid", first.Summary, rows/bad, rows)
	}
	again := send().batch(t)
	if again.Created != 0 || again.Existed != rows-rows/bad || len(again.Rows) != rows {
		t.Errorf("again: got %+v, want %d existing and none created", again.Summary, rows-rows/bad)
	}
	if grown := peak - min(peak, before); grown > 56<<20 { // ids and the report stay in memory; all rows, read and checked, would take about 100 MiB
		t.Errorf("the heap grew by %d MiB while %d rows (25 MB) were read, want at most 56", grown>>20, rows)
	} else {
		t.Logf("the heap grew by %d KiB", grown>>10)
	}
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
