package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/redisconn"
)

// ErrNotEmpty means that the Redis holds keys, which a bench would flush.
var ErrNotEmpty = errors.New("this Redis is not empty")

// Options select what Run measures, and how much of it.
type Options struct {
	Redis *redisconn.Conn // Required, and empty.
	Only  []string        // names of Rows. Defaults to all but crowd, which takes a quarter of an hour
	Scale float64         // multiplies how many groups each row takes. Defaults to 1
	Seed  uint64          // seeds the phone numbers and the simulation
	// Producer is the rollcall-producer whose memory is measured. Defaults to the one beside this program or
	// on PATH; if there is none, the same code is measured in this process.
	Producer string
	// Worker is the program to start as separate worker processes. Defaults to this one.
	Worker string
	// Started, if set, is called when a row begins, with its name and what it measures.
	Started func(name, what string)
}

// Row is one measurement: rollcall's value, the baseline's in the same run, and their ratio.
type Row struct {
	Name     string  `json:"name"`
	What     string  `json:"what"`
	Unit     string  `json:"unit"`
	Ours     float64 `json:"ours"`
	Baseline float64 `json:"baseline,omitempty"`
	Against  string  `json:"against,omitempty"` // what the baseline is
	Ratio    float64 `json:"ratio,omitempty"`   // above 1 is better than the baseline
	// Least and Aim are the minimum and the goal for the ratio, or for the value if there is no baseline.
	Least  string        `json:"least,omitempty"`
	Aim    string        `json:"aim,omitempty"`
	Detail []Measurement `json:"detail,omitempty"`
	Took   string        `json:"took"`
}

// Measurement is an additional figure of a row.
type Measurement struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// measure names a row and the function that measures it.
type measure struct {
	name, what string
	run        func(ctx context.Context, o Options) (Row, error)
}

func all() []measure {
	return []measure{
		{"enqueue", "rows with ten phones: checked, recorded, deduplicated, enqueued", enqueueRow},
		{"memory", "Redis memory of a queued group with ten phones", memoryRow},
		{"flat", "peak memory of the producer, with many rows against few", flatRow},
		{"process", "groups through one unpaced worker, at a provider that answers at once", processRow},
		{"cost", "processor time of a group with 500 unpaced instances", costRow},
		{"pickup", "time from a group's acceptance to its create call, idle system, 50 instances", pickUpRow},
		{"beside", "pick-up while a bulk job changes 100,000 groups against pick-up without it, 50 instances", besideRow},
		{"depth", "processing with a long queue against a short one", depthRow},
		{"idle", "processor time of a worker with 200 idle instances", idleRow},
		{"instances", "thousands of instances in one worker, then in three while one is killed, one joins and one stops", instancesRow},
		{crowd, "100,000 instances in three workers, all with work, floor 5 minutes", crowdRow},
		{"million", "every view with very many groups against few", millionRow},
		{"overview", "the views that show 500 instances at once", overviewRow},
		{"pacing", "share of the allowed rate that four workers use with 100 instances", pacingRow},
		{"virtual", "days of 10,000 instances over five workers, simulated with the costs of this machine", virtualRow},
		{"slow", "nine quick instances beside a slow one", slowRow},
	}
}

// Names returns the names of all rows.
func Names() []string {
	var names []string
	for _, m := range all() {
		names = append(names, m.name)
	}
	return names
}

// Run measures the rows one after the other and calls each with every result. It returns ErrNotEmpty for a Redis
// that holds a key, and leaves an empty one empty.
func Run(ctx context.Context, o Options, each func(Row) error) error {
	if o.Scale == 0 {
		o.Scale = 1
	}
	if err := empty(ctx, o.Redis.Client()); err != nil {
		return err
	}
	for _, m := range all() {
		if !slices.Contains(o.Only, m.name) && (len(o.Only) > 0 || m.name == crowd) {
			continue
		}
		if o.Started != nil {
			o.Started(m.name, m.what)
		}
		begun := time.Now()
		row, err := m.run(ctx, o)
		if clearing := clean(context.WithoutCancel(ctx), o.Redis.Client()); err == nil {
			err = clearing
		}
		if err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
		row.Name, row.What, row.Took = m.name, m.what, time.Since(begun).Round(time.Millisecond).String()
		if err := each(row); err != nil {
			return err
		}
	}
	return nil
}

// empty returns ErrNotEmpty for a Redis that holds a key.
func empty(ctx context.Context, rdb redis.UniversalClient) error {
	n, err := rdb.DBSize(ctx).Result()
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w: it has %d keys", ErrNotEmpty, n)
	}
	return nil
}

// clean flushes the Redis. Every key in it came from a measurement. Freeing a million groups takes longer than a
// client waits for a reply, so Redis frees them in the background, and clean polls until it has finished.
func clean(ctx context.Context, rdb redis.UniversalClient) error {
	err := rdb.FlushDBAsync(ctx).Err()
	if err == nil {
		err = waitForZero(ctx, rdb, "memory", "lazyfree_pending_objects")
	}
	if err != nil {
		return fmt.Errorf("empty the Redis again: %w", err)
	}
	return nil
}

// waitForZero waits until a field of Redis' INFO is 0 or absent.
func waitForZero(ctx context.Context, rdb redis.UniversalClient, section, field string) error {
	for {
		left, err := infoOf(ctx, rdb, section, field)
		if err != nil || left == "" || left == "0" {
			return err
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// scaled returns n times Scale, but at least minimum.
func (o Options) scaled(n, minimum int) int { return max(minimum, int(float64(n)*o.Scale)) }
