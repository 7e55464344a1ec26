// Package check compares rollcall's store with the simulator's ledger and reports differences. Its ten rules represent the
// promises of docs/guarantees.md. Each finding names the rule and the group, and lists the events that led to it.
//
// The mutants of e2e prove that it finds faults: a deliberate one for each rule.
package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Rule is the number of an invariant.
type Rule int

// The invariants.
const (
	NothingLost    Rule = 1 + iota // accepted = ended + open
	OneGroup                       // one group per request; no create while an earlier one is unknown
	OneInvite                      // per group and person, ever
	Floor                          // no two creates of an instance closer than its floor
	LetAlone                       // no call for people on the suppression list
	BatchEndsOnce                  // after its last group
	ForwardOnly                    // a late worker cannot write
	NoSecrets                      // no token, number or text in any output
	SaysWhy                        // a stopped or waiting group has a reason
	NothingForEver                 // an open group progresses or waits for a person
)

var names = map[Rule]string{
	NothingLost: "nothing is lost", OneGroup: "one group per request", OneInvite: "one invite per group and person",
	Floor: "the floor is kept", LetAlone: "suppressed people get no call", BatchEndsOnce: "a batch ends once, after its last group",
	ForwardOnly: "a state moves forward only", NoSecrets: "no secrets where we print", SaysWhy: "what does not move says why",
	NothingForEver: "nothing waits for ever",
}

func (r Rule) String() string { return fmt.Sprintf("rule %d, %s", int(r), names[r]) }

// Run holds what a run has left.
type Run struct {
	Rows    int            // how many were accepted
	Keys    []string       // their idempotency keys, if they had any
	Groups  []*group.Group // rollcall's records
	Batches []*group.Batch
	Events  []store.Event // the whole stream
	Indexed map[string]group.Status
	Waiting map[string]string // what open groups wait for, as documents say, by id
	Truth   simulator.Ledger

	Instances map[string]string    // the provider's id by our name
	Pace      time.Duration        // the floor of creates; 0 checks none
	Alone     map[string]time.Time // by account (simulator.Account)

	Secrets []string          // tokens
	Texts   map[string]string // output and stored data, by place; NoSecrets looks for Secrets and people there
	Tokens  map[string]string // the same for places that may hold people and no tokens: Redis' own files
}

// Finding is one violation.
type Finding struct {
	Rule  Rule
	Group string
	What  string
	Way   string // events that led to it
}

func (f Finding) String() string {
	return strings.TrimRight(fmt.Sprintf("%v: %s: %s\n%s", f.Rule, f.Group, f.What, f.Way), "\n")
}

// Check applies all rules.
func Check(r Run) []Finding {
	c := &checker{Run: r, byPhone: map[string]*group.Group{}, byWhatsApp: map[string]*group.Group{}}
	for _, g := range r.Groups {
		c.byPhone[first(g)] = g
		if g.WhatsAppID != "" {
			c.byWhatsApp[g.WhatsAppID] = g
		}
	}
	for _, rule := range []func(){
		c.nothingLost, c.oneGroup, c.looks, c.invites, c.floor, c.letAlone, c.batches, c.forward, c.secrets, c.saysWhy, c.nothingForEver,
	} {
		rule()
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int { return int(a.Rule - b.Rule) })
	return c.findings
}

type checker struct {
	Run
	byPhone    map[string]*group.Group // by the account of the first person asked for, whom no other group of a run has
	byWhatsApp map[string]*group.Group
	findings   []Finding
}

func (c *checker) add(r Rule, g *group.Group, format string, args ...any) {
	f := Finding{Rule: r, Group: "-", What: fmt.Sprintf(format, args...)}
	if g != nil {
		f.Group, f.Way = fmt.Sprintf("%s %q on %s, %s", g.ID, g.Name, g.Instance, g.Status), c.way(g)
	}
	c.findings = append(c.findings, f)
}

// way lists what both stores know of a group, in the order of time.
func (c *checker) way(g *group.Group) string {
	type step struct {
		at   time.Time
		text string
	}
	var steps []step
	for _, a := range g.Attempts {
		steps = append(steps, step{a.StartedAt, fmt.Sprintf("rollcall: attempt %d on %s by %s", a.N, a.Instance, a.Owner)})
		if a.Outcome != group.Open {
			steps = append(steps, step{a.EndedAt, fmt.Sprintf("rollcall: attempt %d is %s (%d %s)", a.N, a.Outcome, a.HTTPStatus, a.Error)})
		}
	}
	for i := range g.Members {
		m := &g.Members[i]
		steps = append(steps, step{m.UpdatedAt, fmt.Sprintf("rollcall: member %d is %s %s", i, m.Status, m.Reason)})
	}
	for _, cr := range c.creates() {
		if asked(cr.To) == first(g) {
			steps = append(steps, step{cr.ReceivedAt, fmt.Sprintf("provider: create on %s met %q, made %q", cr.Instance, cr.Fault, cr.GroupID)})
		}
	}
	for _, m := range c.Truth.Invitations() {
		if m.GroupID == g.WhatsAppID {
			steps = append(steps, step{m.QueuedAt, fmt.Sprintf("provider: invite to …%s met %q", m.Phone[len(m.Phone)-3:], c.fault(m))})
		}
	}
	slices.SortStableFunc(steps, func(a, b step) int { return a.at.Compare(b.at) })
	var b strings.Builder
	for _, s := range steps {
		fmt.Fprintf(&b, "  %s %s\n", s.at.UTC().Format("15:04:05.000"), s.text)
	}
	return b.String()
}

// first returns the account of the first requested person.
func first(g *group.Group) string {
	if len(g.Members) == 0 {
		return ""
	}
	return simulator.Account(g.Members[0].Number.Digits())
}

// asked returns the account of a create's first address.
func asked(addresses []string) string {
	if len(addresses) == 0 {
		return ""
	}
	return simulator.Account(addresses[0])
}

// creates returns the creates that the provider received.
func (c *checker) creates() []simulator.Call { return c.Truth.CallsOf("", "create") }

// fault returns the fault that the call of an invitation met.
func (c *checker) fault(m simulator.Message) string {
	i, ok := slices.BinarySearchFunc(c.Truth.Calls, m.Call, func(call simulator.Call, seq uint64) int { return cmp.Compare(call.Seq, seq) })
	if !ok {
		return "a call that was forgotten"
	}
	return c.Truth.Calls[i].Fault
}
