package enqueue_test

import (
	"iter"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	measure "github.com/rollcallhq/rollcall/internal/bench"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const memoryRows = 10_000

// families tells what a key is for by its name; the first that matches counts.
var families = []struct {
	name string
	is   *regexp.Regexp
}{
	{"record", regexp.MustCompile(`^rollcall:\{grp_`)},
	{"idempotency", regexp.MustCompile(`^rollcall:key:`)},
	{"people", regexp.MustCompile(`^rollcall:ph:`)},
	{"held", regexp.MustCompile(`^rollcall:\{ix\}:held`)},
	{"events", regexp.MustCompile(`^rollcall:\{ix\}:events$`)},
	{"lists", regexp.MustCompile(`^rollcall:\{ix\}:`)},
	{"task", regexp.MustCompile(`^asynq:\{[^}]*\}:t:`)},
	{"queue", regexp.MustCompile(`^asynq:`)},
	{"other", regexp.MustCompile(``)},
}

// BenchmarkMemoryOfAQueuedGroup accepts groups of ten people, each with one of a million numbers,
// and says what one costs Redis in memory: all of it, as INFO's used_memory counts it (with the
// table of keys), and by what the keys are for, as MEMORY USAGE counts each key.
func BenchmarkMemoryOfAQueuedGroup(b *testing.B) {
	server := testutil.RealRedis(b)
	rdb := server.Client()
	for b.Loop() {
		server.Flush()
		c, err := enqueue.New(b.Context(), rdb, enqueue.Options{})
		if err != nil {
			b.Fatal(err)
		}
		before := usedMemory(b, rdb)
		sum, err := c.CreateBatch(b.Context(), "bench", enqueue.Rules{}, benchInput(memoryRows), func(enqueue.Result) error { return nil })
		if err != nil || sum.Created != memoryRows {
			b.Fatalf("%+v, %v", sum, err)
		}
		b.ReportMetric((usedMemory(b, rdb)-before)/memoryRows, "B/group")
		for name, bytes := range memoryByFamily(b, rdb) {
			b.ReportMetric(float64(bytes)/memoryRows, name+"-B")
		}
	}
}

func memoryByFamily(b *testing.B, rdb redis.UniversalClient) map[string]int64 {
	b.Helper()
	sizes := make(map[string]int64)
	var cursor uint64
	for {
		keys, next, err := rdb.Scan(b.Context(), cursor, "", 1000).Result()
		if err != nil {
			b.Fatal(err)
		}
		used, err := rdb.Pipelined(b.Context(), func(p redis.Pipeliner) error {
			for _, key := range keys {
				p.MemoryUsage(b.Context(), key, 0)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		for i, cmd := range used {
			for _, f := range families {
				if f.is.MatchString(keys[i]) {
					sizes[f.name] += cmd.(*redis.IntCmd).Val()
					break
				}
			}
		}
		if cursor = next; cursor == 0 {
			return sizes
		}
	}
}

func benchInput(n int) iter.Seq2[enqueue.Row, error] {
	return enqueue.Rows(func(yield func(tasks.GroupRequest) bool) {
		for i := range n {
			if !yield(measure.Request(1, i)) {
				return
			}
		}
	})
}

// usedMemory is what Redis holds, in bytes.
func usedMemory(b *testing.B, rdb redis.UniversalClient) float64 {
	b.Helper()
	info, err := rdb.Info(b.Context(), "memory").Result()
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if v, ok := strings.CutPrefix(line, "used_memory:"); ok {
			n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				b.Fatal(err)
			}
			return n
		}
	}
	b.Fatal("redis does not tell used_memory")
	return 0
}
