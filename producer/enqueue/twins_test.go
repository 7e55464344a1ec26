package enqueue

import (
	"context"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

// meanwhile runs another program's work once, before or after the first pipeline with a command.
type meanwhile struct {
	command string
	before  bool
	do      func()
}

func (m *meanwhile) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (m *meanwhile) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (m *meanwhile) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		do := m.do
		if do == nil || !slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Name() == m.command }) {
			return next(ctx, cmds)
		}
		m.do = nil
		if m.before {
			do()
		}
		err := next(ctx, cmds)
		if !m.before {
			do()
		}
		return err
	}
}

func TestCreateBatch_OfTwoRunsOfOneFileAtOnceOneCreatesTheGroup(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]meanwhile{
		"the other records after the claim":   {command: "set"},
		"the other records before the record": {command: "getex", before: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := testutil.RealRedis(t).Client()
			c, err := New(t.Context(), rdb, Options{})
			if err != nil {
				t.Fatal(err)
			}
			file := []tasks.GroupRequest{{GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999991"}}}
			run := func() Result {
				var of Result
				if _, err := c.CreateBatch(t.Context(), "x", Rules{}, Rows(slices.Values(file)), func(r Result) error { of = r; return nil }); err != nil {
					t.Error(err)
				}
				return of
			}
			var second Result
			other.do = func() { second = run() }
			rdb.AddHook(&other)
			first := run()
			if first.Outcome != Existed || second.Outcome != Created || first.ID != second.ID {
				t.Errorf("the runs are %s of %s and %s of %s, want existed and created of one group", first.Outcome, first.ID, second.Outcome, second.ID)
			}
			if claims := rdb.Keys(t.Context(), "rollcall:key:*").Val(); len(claims) != 1 {
				t.Errorf("the claims are %q, want that of the group", claims)
			}
		})
	}
}
