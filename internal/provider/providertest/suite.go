// Package providertest holds what every provider must pass: a conformance suite against the
// simulator, an assertion that errors leak nothing, and the tools for tables of answers.
package providertest

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// The timeouts of the client under test. The suite has calls that hang and, on a busy machine, slow calls.
const (
	CreateTimeout = 12 * time.Second
	ReadTimeout   = 12 * time.Second
)

// Connect returns the client of an instance of the simulator at base. Like the worker's, it has all layers; its
// timeouts are those above.
type Connect func(t *testing.T, base string, in simulator.Instance) provider.Provider

// Run runs the conformance suite: the promises of provider.Provider, one by one, and then every fault that the
// simulator knows.
func Run(t *testing.T, of *spec.Provider, connect Connect) {
	t.Helper()
	s := suite{of: of, connect: connect}
	for _, c := range []struct {
		name string
		run  func(*testing.T, suite)
	}{
		{"a create makes one group and sends no invitation", creates},
		{"a created group is read back", readsBack},
		{"all groups are listed, with their names", lists},
		{"an invite is sent once and found again", invites},
		{"a native invite adds or invites one person", invitesNatively},
		{"one person is added to a group that exists, and never invited", adds},
		{"numbers are checked by the address they were asked by", checks},
		{"every state of the instance is told", tellsState},
		{"the own number is told", tellsSelf},
		{"webhooks are set, read back and ended", setsHooks},
		{"a group is set up, and read back as it was set", setsUp},
		{"what the provider cannot set is refused, and nothing is sent", refusesToSet},
		{"a message to a group is sent once and found again", posts},
		{"people who ask to join are let in", approves},
		{"a create that was cancelled before does not arrive", cancelledBefore},
		{"no fault makes a create lie", createFaults},
		{"no fault makes an invite lie", inviteFaults},
		{"no fault makes an added person lie", addFaults},
		{"no fault makes a change lie", setFaults},
		{"a read survives one fault", readFaults},
		{"a list that cannot be read is an error", listFaults},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, s)
		})
	}
}

type suite struct {
	of      *spec.Provider
	connect Connect
}

// world is a simulator of its own with the provider connected to it.
type world struct {
	*simulator.Simulator
	provider.Provider

	in simulator.Instance
}

func (s suite) world(t *testing.T) *world {
	t.Helper()
	in := simulator.Instance{Provider: s.of.Name(), ID: "7105000001", Phone: "5511900000000"}.WithCredentials(func(key string) string {
		if !s.of.Takes(key) {
			return ""
		}
		return "user:secret-0f-this-instance-" + strings.ReplaceAll(key, "_", "-")
	})
	sim, err := simulator.New(simulator.Config{
		Personality: simulator.Kind, Instances: []simulator.Instance{in},
		// The suite calls faster than providers allow; the rates are tested in layers.
		Adjust: func(q *simulator.Quirks) { q.RateLimits = false },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		sim.Close()
		server.Close()
		for _, c := range sim.Ledger().Calls {
			if c.Unknown != "" || c.Rule == "instance" || c.Rule == "address" {
				t.Errorf("%s %s is not as documented: %s %s", c.Verb, c.Method, c.Rule, c.Unknown)
			}
		}
	})
	return &world{Simulator: sim, Provider: s.connect(t, server.URL, in), in: in}
}

// person sets how a person behaves.
func (w *world) person(t *testing.T, p simulator.Person) {
	t.Helper()
	if err := w.SetPerson(p); err != nil {
		t.Fatal(err)
	}
}

func (w *world) script(t *testing.T, s simulator.Script) {
	t.Helper()
	if err := w.Script(s); err != nil {
		t.Fatal(err)
	}
}

// settled waits until no call is under way, and returns the ledger. A call that hangs ends some time after its client
// left.
func (w *world) settled(t *testing.T) simulator.Ledger {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		l := w.Ledger()
		busy := false
		for _, c := range l.Calls {
			busy = busy || c.EndedAt.IsZero()
		}
		if !busy {
			return l
		}
		if time.Now().After(deadline) {
			t.Fatal("a call does not end")
		}
		time.Sleep(time.Millisecond) //nolint:forbidigo // polls, until the deadline
	}
}

// left reports whether the world's first message has left the queue of a provider that shows only its queue. On a busy
// machine it may leave before the test looks, because a queue holds it for only one to three seconds.
func (w *world) left() bool {
	all := w.Ledger().Messages
	return w.Traits().Journal == 0 && len(all) > 0 && all[0].Status != simulator.MessageQueued
}

// calls returns the number of calls of a kind. Faults are scripted by kind.
func calls(l simulator.Ledger, kind string) int {
	n := 0
	for _, c := range l.Calls {
		if c.Kind == kind {
			n++
		}
	}
	return n
}

// secrets returns what no error of this world may show.
func (w *world) secrets() []string {
	return []string{w.in.Token, w.in.ClientToken, SomePhone, SomeName, SomeText}
}

func create(t *testing.T, w *world, name string, addresses ...string) provider.Created {
	t.Helper()
	c, err := w.CreateGroup(t.Context(), provider.CreateRequest{Name: name, Addresses: addresses})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func no() *bool { return new(bool) }
