package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

// quirk changes the behaviour of a stage's provider.
type quirk func(*simulator.Quirks)

// blocked gives everyone WhatsApp, and keeps a share of the people from being added.
func blocked(share float64) quirk {
	return func(q *simulator.Quirks) { q.Blocked, q.NoAccount, q.ListedAsLID = share, 0, 0 }
}

// takes sets how long a create takes.
func takes(d time.Duration) quirk {
	return func(q *simulator.Quirks) { q.LatencyMin, q.LatencyMax = simulator.Duration(d), simulator.Duration(d) }
}

// lag sets how long lists do not show a new group.
func lag(d time.Duration) quirk {
	return func(q *simulator.Quirks) {
		q.GroupsLag, q.ChatsLag, q.ContactsLag = simulator.Duration(d), simulator.Duration(d), simulator.Duration(d)
	}
}

// nameless sets the share of groups whose names are missing in GREEN-API's lists.
func nameless(share float64) quirk {
	return func(q *simulator.Quirks) { q.EmptyNames = share }
}

// newProvider simulates a stage's instances. No person follows an invitation: all members were added.
func newProvider(t *testing.T, s script) *simulator.Simulator {
	t.Helper()
	cfg := simulator.Config{Seed: s.seed, Personality: simulator.Kind, Watch: s.watch, Adjust: func(q *simulator.Quirks) {
		q.RateLimits, q.Joins, q.OldForm = false, 0, 1
		q.Blocked, q.NoAccount, q.ListedAsLID = 0.2, 0.08, 0.1
		for _, change := range s.quirks {
			change(q)
		}
	}}
	for _, i := range s.instances {
		cfg.Instances = append(cfg.Instances, i.Instance)
	}
	p, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	if err := p.Script(s.trouble...); err != nil {
		t.Fatal(err)
	}
	return p
}

// anyFault are the faults after some of which a group exists and the caller was not told so.
var anyFault = []string{
	"500-but-created", "500-not-created", "502-but-created", "502-not-created", "hang-but-created", "reset-before", "reset-after", "torn-body",
	"empty-200", "429", "starting",
}

// trouble makes a share of the calls of a kind fail with one of the faults.
func trouble(kind string, share float64, faults ...string) []simulator.Script {
	var all []simulator.Script
	for _, f := range faults {
		all = append(all, simulator.Script{Method: kind, Fault: f, Share: share / float64(len(faults))})
	}
	return all
}

// order gives the provider instructions while it runs.
func (s *stage) order(scripts ...simulator.Script) {
	s.t.Helper()
	if err := s.provider.Script(scripts...); err != nil {
		s.t.Fatal(err)
	}
}

// person sets whether a number has WhatsApp and can be added.
func (s *stage) person(phone string, hasWhatsApp, addable bool) {
	s.t.Helper()
	err := s.provider.SetPerson(simulator.Person{Phone: phone, HasWhatsApp: &hasWhatsApp, Addable: &addable, ListedAsLID: new(false)})
	if err != nil {
		s.t.Fatal(err)
	}
}

// creates are the creates that the provider got.
func (s *stage) creates() []simulator.Call { return s.provider.Ledger().CallsOf("", "create") }

// asked returns the numbers of all people in the creates.
func (s *stage) asked() []string {
	var all []string
	for _, g := range s.provider.Ledger().Groups {
		for _, address := range g.Asked {
			number, _, _ := strings.Cut(address, "@")
			all = append(all, number)
		}
	}
	return all
}
