package e2e

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

func TestAProviderThatHasOnlyTheCoreOfItsEndpointsWillDo(t *testing.T) {
	t.Parallel()
	const n = 24
	sc := script{seed: 11, quirks: []quirk{lag(100 * time.Millisecond)}, trouble: trouble("create", 0.2, "500-but-created", "reset-after", "500-not-created")}
	// What is left makes groups, tells members, lists groups, sends texts and checks numbers one by one.
	for _, missing := range []string{
		"device", "me", "chats", "queue", "phone-exists-batch",
		"getSettings", "getWaSettings", "getChats", "showMessagesQueue", "lastOutgoingMessages",
	} {
		sc.trouble = append(sc.trouble, simulator.Script{Method: missing, Fault: "404", Times: -1})
	}
	s := newStage(t, sc)
	s.worker("worker", s.config)
	s.create(s.requests("Sparse", n, nil), []int{0})
	f := s.judge(s.settle())
	t.Logf("%v", f)
	if f.outcomes["done"] != n {
		t.Errorf("%v, want all %d done", f, n)
	}
}
