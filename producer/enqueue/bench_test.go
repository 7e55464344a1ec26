package enqueue_test

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const benchRows = 20_000

func benchRequest(i int) tasks.GroupRequest {
	r := tasks.GroupRequest{GroupName: fmt.Sprintf("Turma %06d", i)}
	for p := range 10 {
		r.Phones = append(r.Phones, tasks.Phone(fmt.Sprintf("+5511%09d", 900000000+(i*10+p)%99999999)))
	}
	return r
}

func benchInput(n int) iter.Seq2[intake.Row, error] {
	return func(yield func(intake.Row, error) bool) {
		for i := range n {
			if !yield(intake.Row{N: i + 1, Request: benchRequest(i)}, nil) {
				return
			}
		}
	}
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

// BenchmarkAcceptAgainstBareAsynq accepts rows with ten phones each: checked, claimed, recorded,
// indexed and enqueued. The baseline is bare asynq, one Client.Enqueue after the other, of the same
// payloads as our tasks carry people: the request's JSON. Both run on the same redis-server with
// AOF everysec; x-asynq is the ratio of the rates, above 1 is faster than the baseline.
func BenchmarkAcceptAgainstBareAsynq(b *testing.B) {
	server := testutil.RealRedis(b)
	rdb := server.Client()
	for b.Loop() {
		server.Flush()
		client := asynq.NewClientFromRedisClient(rdb)
		started := time.Now()
		for i := range benchRows {
			r := benchRequest(i)
			payload := []byte(fmt.Sprintf(`{"groupName":%q,"phones":%q}`, r.GroupName, r.Phones))
			if _, err := client.EnqueueContext(b.Context(), asynq.NewTask("group:create", payload), asynq.TaskID(strconv.Itoa(i))); err != nil {
				b.Fatal(err)
			}
		}
		bare := time.Since(started)

		server.Flush()
		c, err := enqueue.New(b.Context(), rdb, enqueue.Options{})
		if err != nil {
			b.Fatal(err)
		}
		before := usedMemory(b, rdb)
		started = time.Now()
		sum, err := c.CreateBatch(b.Context(), "bench", enqueue.Rules{}, benchInput(benchRows), func(enqueue.Result) error { return nil })
		if err != nil || sum.Created != benchRows {
			b.Fatalf("%+v, %v", sum, err)
		}
		ours := time.Since(started)
		b.ReportMetric(float64(benchRows)/ours.Seconds(), "rows/s")
		b.ReportMetric(float64(benchRows)/bare.Seconds(), "asynq-rows/s")
		b.ReportMetric(bare.Seconds()/ours.Seconds(), "x-asynq")
		b.ReportMetric((usedMemory(b, rdb)-before)/benchRows, "redis-B/group")
	}
}
