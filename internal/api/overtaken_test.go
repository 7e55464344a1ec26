package api_test

import (
	"context"
	"net/http"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// before runs do once, before the first pipeline that has a command.
type before struct {
	command string
	do      func()
	done    bool
}

func (*before) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (*before) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (b *before) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if !b.done && slices.ContainsFunc(cmds, func(cmd redis.Cmder) bool { return cmd.Name() == b.command }) {
			b.done = true
			b.do()
		}
		return next(ctx, cmds)
	}
}

// The corrected file takes over the keys that the first sending has claimed and not recorded yet.
func TestBatches_ASendingThatACorrectedOneOvertakesIsToBeSentAgain(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	r := setupOn(t, rdb)
	r.announce("alpha")
	send := func(name string) answer {
		return r.do("POST", "/v1/batches?name=cohort&update=true", `{"groups": [{"groupName": "Turma 12", "phones": ["`+name+`"]}]}`)
	}
	var second answer
	overtake := &before{command: "getex", do: func() { second = send("+5511999990002") }}
	rdb.AddHook(overtake)
	first := send("+5511999990001")
	if !overtake.done || second.status != http.StatusAccepted {
		t.Fatalf("the corrected file: got %d %s, want 202 before the first one is recorded", second.status, second.body)
	}
	if first.problem(t, http.StatusServiceUnavailable); first.header.Get("Retry-After") == "" {
		t.Errorf("the first sending: got %s without Retry-After", first.body)
	}
}
