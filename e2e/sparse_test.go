package e2e

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/e2e/outside"
)

func TestAProviderThatHasOnlyTheCoreOfItsEndpointsWillDo(t *testing.T) {
	t.Parallel()
	const n = 24
	s := newStage(t, script{seed: 11, outside: outside.Config{
		// What is left makes groups, tells members, lists groups, sends texts and checks numbers one
		// by one.
		Missing: []string{
			"device", "me", "chats", "queue", "phone-exists-batch",
			"getSettings", "getWaSettings", "getChats", "showMessagesQueue", "lastOutgoingMessages",
		},
		ListLag: 100 * time.Millisecond,
		Faults:  &outside.Faults{Share: 0.2, Kinds: []outside.Fault{outside.ErrorCreated, outside.ResetCreated, outside.ErrorPlain}},
	}})
	s.worker("worker", s.config)
	s.create(s.requests("Sparse", n, nil), []int{0})
	f := s.judge(s.settle(40 * time.Second))
	t.Logf("%v", f)
	if f.outcomes["done"] != n {
		t.Errorf("%v, want all %d done", f, n)
	}
}
