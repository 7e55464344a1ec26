package testutil

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Meddler stands between a client and Redis.
type Meddler struct {
	meddle atomic.Pointer[func(args []any) error]
	before atomic.Pointer[moment]
}

// moment is a function to call before the first command with some arguments.
type moment struct {
	args []string
	do   func()
}

func (at *moment) is(cmd redis.Cmder) bool {
	return !slices.ContainsFunc(at.args, func(arg string) bool { return !slices.Contains(cmd.Args(), any(arg)) })
}

// Meddle puts a Meddler before a Redis. It lets everything through at first.
func Meddle(rdb redis.UniversalClient) *Meddler {
	m := &Meddler{}
	rdb.AddHook(m)
	return m
}

// With sets a function that is called with the arguments of each command outside a pipeline. If the function returns an
// error, the command fails with it. A nil function lets everything through.
func (m *Meddler) With(meddle func(args []any) error) {
	if meddle == nil {
		m.meddle.Store(nil)
		return
	}
	m.meddle.Store(&meddle)
}

// Refuse makes each command outside a pipeline that has all these arguments fail with an error of Redis that a retry
// does not change.
func (m *Meddler) Refuse(args ...string) {
	m.With(func(of []any) error {
		if slices.ContainsFunc(args, func(arg string) bool { return !slices.Contains(of, any(arg)) }) {
			return nil
		}
		return refused{}
	})
}

// Before calls do once, before the next command that has all these arguments, alone or in a pipeline.
func (m *Meddler) Before(args []string, do func()) { m.before.Store(&moment{args, do}) }

// reach calls the function of Before if one of the commands matches.
func (m *Meddler) reach(cmds ...redis.Cmder) {
	at := m.before.Load()
	if at == nil || !slices.ContainsFunc(cmds, at.is) || !m.before.CompareAndSwap(at, nil) {
		return
	}
	at.do()
}

// refused is an error of Redis that a retry does not change.
type refused struct{}

func (refused) Error() string { return "ERR refused by the test" }
func (refused) RedisError()   {}

// DialHook changes nothing.
func (m *Meddler) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook calls the functions of With and Before.
func (m *Meddler) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		m.reach(cmd)
		if meddle := m.meddle.Load(); meddle != nil {
			if err := (*meddle)(cmd.Args()); err != nil {
				cmd.SetErr(err)
				return err
			}
		}
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook calls the function of Before.
func (m *Meddler) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		m.reach(cmds...)
		return next(ctx, cmds)
	}
}
