package queue

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// together is how many tasks one call of a script enqueues. A call costs Redis nearly as much as what
// asynq's script does in it; a hundred keep others waiting for half a millisecond.
const together = 100

// recorder is the client an asynq.Client talks to while Put collects a slice: it keeps the
// scripts asynq wants to run and answers success, so that send can run them in one pipeline.
// Unlike many goroutines over an AutoPipeliner that keeps the order of the rows, needs nothing
// experimental, and is faster (facts/asynq.md 6.1: 102 against 77 k/s).
type recorder struct {
	redis.UniversalClient
	known interface {
		Load(key any) (any, bool)
		Store(key, value any)
	}
	fresh []string // queues asynq wants registered and this process has not registered yet
	calls []call
}

type call struct {
	sha, src string
	keys     []string
	args     []any
}

// SAdd is asynq registering a queue (asynq internal/rdb/rdb.go:117-121): once per process is
// enough, and it rides in the same pipeline.
func (r *recorder) SAdd(ctx context.Context, _ string, members ...any) *redis.IntCmd {
	for _, m := range members {
		if name, ok := m.(string); ok {
			if _, known := r.known.Load(name); !known {
				r.fresh = append(r.fresh, name)
			}
		}
	}
	return redis.NewIntCmd(ctx)
}

// EvalSha answers that the script is unknown, so that asynq hands over its source too
// (go-redis script.go, Run).
func (r *recorder) EvalSha(ctx context.Context, sha string, keys []string, args ...any) *redis.Cmd {
	r.calls = append(r.calls, call{sha: sha, keys: keys, args: args})
	cmd := redis.NewCmd(ctx)
	cmd.SetErr(redis.ErrNoScript)
	return cmd
}

// Eval completes the call that EvalSha began and answers "enqueued".
func (r *recorder) Eval(ctx context.Context, src string, _ []string, _ ...any) *redis.Cmd {
	r.calls[len(r.calls)-1].src = src
	cmd := redis.NewCmd(ctx)
	cmd.SetVal(int64(1))
	return cmd
}

// result is what became of one task. Not fresh, without an error, is "that id is there already".
type result struct {
	fresh bool
	err   error
}

// bundle is several calls of the same script for the same queue.
type bundle struct {
	script *redis.Script
	of     []int // which of the calls
	keys   []string
	args   []any
	cmd    *redis.Cmd
}

// loops are asynq's scripts as they run for many tasks, by their source.
var loops sync.Map

// looped is asynq's script, whatever it is, in a loop: KEYS and ARGV hold those of all calls one after
// the other, and how many there are. Each answers by itself, with an error where it failed.
func looped(src string) *redis.Script {
	if known, ok := loops.Load(src); ok {
		return known.(*redis.Script)
	}
	script := redis.NewScript(`
local function one(KEYS, ARGV)
` + src + `
end
local n = tonumber(ARGV[#ARGV])
local k, a, out = #KEYS / n, (#ARGV - 1) / n, {}
for i = 0, n - 1 do
	local ok, said = pcall(one, {unpack(KEYS, i * k + 1, i * k + k)}, {unpack(ARGV, i * a + 1, i * a + a)})
	out[i + 1] = ok and said or type(said) == "table" and said or {err = tostring(said)}
end
return out`)
	loops.Store(src, script)
	return script
}

// bundles are the calls by script and queue, each queue's in their order.
func (r *recorder) bundles() (all []*bundle) {
	open := make(map[string]*bundle)
	for i, c := range r.calls {
		tag, _, _ := strings.Cut(c.keys[0], "}")
		b := open[c.sha+tag]
		if b == nil || len(b.of) == together {
			b = &bundle{script: looped(c.src)}
			open[c.sha+tag] = b
			all = append(all, b)
		}
		b.of, b.keys, b.args = append(b.of, i), append(b.keys, c.keys...), append(b.args, c.args...)
	}
	for _, b := range all {
		b.args = append(b.args, len(b.of))
	}
	return all
}

// send runs what was recorded and gives one result per task.
func (r *recorder) send(ctx context.Context, n int) []result {
	results := make([]result, n)
	if n == 0 {
		return results
	}
	if len(r.calls) != n { // asynq would have to enqueue by other means than one script
		for i := range results {
			results[i].err = fmt.Errorf("asynq ran %d scripts to enqueue %d tasks", len(r.calls), n)
		}
		return results
	}
	var register *redis.IntCmd
	all := r.bundles()
	// The error of the whole is the first of its commands', which are all read below.
	_, _ = r.Pipelined(ctx, func(p redis.Pipeliner) error {
		if len(r.fresh) > 0 {
			register = p.SAdd(ctx, "asynq:queues", toAny(r.fresh)...)
		}
		for _, b := range all {
			b.cmd = b.script.EvalSha(ctx, p, b.keys, b.args...)
		}
		return nil
	})
	_, _ = r.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, b := range all {
			if redis.HasErrorPrefix(b.cmd.Err(), "NOSCRIPT") {
				b.cmd = b.script.Eval(ctx, p, b.keys, b.args...)
			}
		}
		return nil
	})
	for _, b := range all {
		answers, err := b.cmd.Slice()
		for at, i := range b.of {
			switch {
			case err != nil:
				results[i].err = err
			case at >= len(answers):
				results[i].err = fmt.Errorf("redis answers %d of %d tasks", len(answers), len(b.of))
			default:
				results[i] = resultOf(answers[at])
			}
		}
	}
	if register != nil {
		for _, name := range r.fresh {
			if register.Err() == nil {
				r.known.Store(name, true)
			}
		}
	}
	return results
}

// resultOf reads what asynq's script answered for one task.
func resultOf(answer any) result {
	switch answer := answer.(type) {
	case int64:
		return result{fresh: answer == 1}
	case error:
		return result{err: answer}
	}
	return result{err: fmt.Errorf("asynq's script answers %v", answer)}
}

func toAny(names []string) []any {
	out := make([]any, len(names))
	for i, n := range names {
		out[i] = n
	}
	return out
}
