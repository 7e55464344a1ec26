package bench

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/redis/go-redis/v9"
)

func memoryRow(ctx context.Context, o Options) (Row, error) {
	each, kinds, err := Memory(ctx, o.Redis.Client(), o.Seed, o.scaled(10_000, 500))
	row := Row{Unit: "bytes of Redis", Ours: each, Least: "≤ 3,072", Aim: "1,536"}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return int(kinds[b] - kinds[a]) }) {
		row.Detail = append(row.Detail, Measurement{kind, kinds[kind], "bytes"})
	}
	return row, err
}

// Memory accepts n groups of ten people and returns the Redis memory of one group, in bytes: all of it, as
// INFO's used_memory counts it (with the table of keys), and by what the keys are for, as MEMORY USAGE counts
// each key.
func Memory(ctx context.Context, rdb redis.UniversalClient, seed uint64, n int) (each float64, kinds map[string]float64, err error) {
	before, err := usedMemory(ctx, rdb)
	if err != nil {
		return 0, nil, err
	}
	if err := accept(ctx, rdb, seed, n, nil); err != nil {
		return 0, nil, err
	}
	after, err := usedMemory(ctx, rdb)
	if err != nil {
		return 0, nil, err
	}
	kinds, err = memoryByKind(ctx, rdb)
	for kind := range kinds {
		kinds[kind] /= float64(n)
	}
	return (after - before) / float64(n), kinds, err
}

// keyKinds tells by a key's name what the key is for; the first match counts.
var keyKinds = []struct {
	name string
	is   *regexp.Regexp
}{
	{"record", regexp.MustCompile(`^rollcall:\{grp_`)},
	{"idempotency", regexp.MustCompile(`^rollcall:key:`)},
	{"people", regexp.MustCompile(`^rollcall:who:`)},
	{"names", regexp.MustCompile(`^rollcall:\{nm\}`)},
	{"held", regexp.MustCompile(`^rollcall:\{ix\}:held`)},
	{"events", regexp.MustCompile(`^rollcall:\{ix\}:events$`)},
	{"lists", regexp.MustCompile(`^rollcall:\{ix\}:`)},
	{"task", regexp.MustCompile(`^asynq:\{[^}]*\}:t:`)},
	{"queue", regexp.MustCompile(`^asynq:`)},
	{"other", regexp.MustCompile(``)},
}

func memoryByKind(ctx context.Context, rdb redis.UniversalClient) (map[string]float64, error) {
	sizes := make(map[string]float64)
	for cursor := uint64(0); ; {
		keys, next, err := rdb.Scan(ctx, cursor, "", 1000).Result()
		if err != nil {
			return nil, err
		}
		used, err := rdb.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, key := range keys {
				p.MemoryUsage(ctx, key, 0)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i, cmd := range used {
			for _, kind := range keyKinds {
				if kind.is.MatchString(keys[i]) {
					sizes[kind.name] += float64(cmd.(*redis.IntCmd).Val())
					break
				}
			}
		}
		if cursor = next; cursor == 0 {
			return sizes, nil
		}
	}
}
