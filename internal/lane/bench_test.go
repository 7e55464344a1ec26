package lane

import (
	"context"
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/queue"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// BenchmarkPickUp measures from Put to the handler among many idle lanes, on a real Redis, and what
// those lanes cost while they are idle.
func BenchmarkPickUp(b *testing.B) {
	for _, n := range []int{1, 100, 500} {
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			rdb := testutil.RealRedis(b).Client()
			picked := make(chan struct{})
			o := Options{Redis: rdb, Pacer: pacing.New(rdb), Steps: stepFunc(func() { picked <- struct{}{} }), Log: zerolog.Nop()}
			for i := range n {
				o.Instances = append(o.Instances, Instance{Name: fmt.Sprintf("i%d", i), Pools: []string{"default"}})
			}
			lanes, err := New(o)
			if err != nil {
				b.Fatal(err)
			}
			begin := time.Now()
			if err := lanes.Start(context.Background()); err != nil {
				b.Fatal(err)
			}
			started := time.Since(begin)
			q := queue.New(rdb)
			i := 0
			for b.Loop() {
				i++
				if err := q.Put(context.Background(), create(fmt.Sprintf("grp_%d", i), fmt.Sprintf("i%d", i%n), tasks.Normal)); err != nil {
					b.Fatal(err)
				}
				<-picked
			}
			b.ReportMetric(float64(started.Milliseconds()), "ms/start")
			before, commands := cpu(), processed(b, rdb)
			<-time.After(4 * time.Second)
			b.ReportMetric(float64((cpu()-before).Milliseconds())/4, "idle-cpu-ms/s")
			b.ReportMetric(float64(processed(b, rdb)-commands)/4, "idle-commands/s")
			begin = time.Now()
			if err := lanes.Drain(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(time.Since(begin).Milliseconds()), "ms/drain")
		})
	}
}

type stepFunc func()

func (f stepFunc) Do(ctx context.Context, _ tasks.Task, _ string, slot *pacing.Slot) error {
	f()
	return call(ctx, slot)
}

// cpu is what this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processed is Redis's count of commands, inner ones of scripts included.
func processed(b *testing.B, rdb redis.UniversalClient) int {
	b.Helper()
	info, err := rdb.InfoMap(context.Background(), "stats").Result()
	if err != nil {
		b.Fatal(err)
	}
	var n int
	_, _ = fmt.Sscan(info["Stats"]["total_commands_processed"], &n)
	return n
}
