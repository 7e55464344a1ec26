package providertest

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// everyFault returns every named fault of the simulator, every defined HTTP status from 300, and the providers' own
// statuses.
func everyFault() []string {
	all := simulator.FaultNames()
	for status := 300; status < 600; status++ {
		if http.StatusText(status) != "" || status == 466 || status == 520 {
			all = append(all, strconv.Itoa(status))
		}
	}
	return all
}

// honest checks err against the truth: if the call had its effect, err must be nil or Unknown. If not, err must not be
// nil.
func honest(t *testing.T, err error, happened bool) {
	t.Helper()
	if err == nil {
		if !happened {
			t.Error("no error, but nothing happened")
		}
		return
	}
	e := provider.AsError(err)
	if happened && e.Class != provider.Unknown {
		t.Errorf("the call had its effect, but the error says %s: %v", e.Class, err)
	}
	if e.Op == "" || e.Said().Zero() {
		t.Errorf("op %q, text %q: want both", e.Op, e.Said())
	}
}

func createFaults(t *testing.T, s suite) {
	for _, fault := range everyFault() {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			w.script(t, simulator.Script{Method: "create", Fault: fault, Delay: simulator.Duration(time.Millisecond), Times: -1})
			var trace provider.Trace
			got, err := w.CreateGroup(provider.WithTrace(t.Context(), &trace), provider.CreateRequest{Name: SomeName, Addresses: []string{SomePhone}})
			AssertNoLeak(t, err, w.secrets()...)
			l := w.settled(t)
			if n := calls(l, "create"); n != 1 {
				t.Errorf("the create arrived %d times", n)
			}
			if trace.WroteAt.IsZero() {
				t.Error("the call arrived, but WroteAt is zero")
			}
			honest(t, err, len(l.Groups) == 1)
			if len(l.Groups) != 1 {
				return
			}
			if err == nil && got.GroupID != l.Groups[0].ID {
				t.Errorf("created %+v; there is %+v", got, l.Groups[0])
			}
			w.ClearScripts()
			found, err := w.ListGroups(t.Context())
			if err != nil || len(found) != 1 || found[0].GroupID != l.Groups[0].ID {
				t.Errorf("a look finds %v, %v", found, err)
			}
		})
	}
}

func inviteFaults(t *testing.T, s suite) {
	for _, fault := range everyFault() {
		if fault == "delivery-failed" { // concerns queued messages, not calls
			continue
		}
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			w.script(t, simulator.Script{Method: "send", Fault: fault, Delay: simulator.Duration(time.Millisecond), Times: -1})
			i := provider.Invitation{Via: provider.ViaText, Address: SomePhone, Text: SomeText}
			since := time.Now().Add(-time.Second)
			_, err := w.Invite(t.Context(), i)
			AssertNoLeak(t, err, w.secrets()...)
			l := w.settled(t)
			if n := calls(l, "send"); n != 1 {
				t.Errorf("the invite arrived %d times", n)
			}
			honest(t, err, len(l.Messages) == 1)
			if len(l.Messages) != 1 {
				return
			}
			w.ClearScripts()
			sent, found, err := w.FindInvite(t.Context(), i, since)
			if err != nil || found != (sent.MessageID == l.Messages[0].ID) || !found && !w.left() {
				t.Errorf("a look finds %v, %v, %v", sent, found, err)
			}
		})
	}
}

func addFaults(t *testing.T, s suite) {
	for _, fault := range everyFault() {
		if fault == "delivery-failed" { // concerns queued messages, not calls
			continue
		}
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			created := create(t, w, SomeName, member)
			w.script(t, simulator.Script{Method: "add", Fault: fault, Delay: simulator.Duration(time.Millisecond), Times: -1})
			var trace provider.Trace
			err := w.AddMember(provider.WithTrace(t.Context(), &trace), created.GroupID, late)
			AssertNoLeak(t, err, append(w.secrets(), late)...)
			l := w.settled(t)
			if n := calls(l, "add"); n != 1 {
				t.Errorf("the call arrived %d times", n)
			}
			if trace.WroteAt.IsZero() {
				t.Error("the call arrived, but WroteAt is zero")
			}
			honest(t, err, w.holds(t, created.GroupID, late))
		})
	}
}

func readFaults(t *testing.T, s suite) {
	for _, fault := range []string{"500-not-created", "reset-before", "torn-body", "empty-200"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			created := create(t, w, SomeName, SomePhone)
			w.script(t, simulator.Script{Fault: fault})
			if _, err := w.Members(t.Context(), created.GroupID); err != nil {
				t.Error(err)
			}
		})
	}
}

func listFaults(t *testing.T, s suite) {
	for _, fault := range []string{"502-not-created", "torn-body", "466", "404"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			w.script(t, simulator.Script{Method: "list", Fault: fault, Times: -1})
			got, err := w.ListGroups(t.Context())
			if err == nil || got != nil {
				t.Errorf("%v, %v: want an error, and no list", got, err)
			}
			AssertNoLeak(t, err, w.secrets()...)
		})
	}
}
