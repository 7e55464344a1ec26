package check

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
)

func (c *checker) nothingLost() {
	byKey := map[string]int{}
	for _, g := range c.Groups {
		byKey[g.Key]++
		if at, ok := c.Indexed[g.ID]; !ok || at != g.Status {
			c.add(NothingLost, g, "the index shows it as %q", at)
		}
	}
	if len(c.Groups) != c.Rows {
		c.add(NothingLost, nil, "%d rows were accepted and %d groups are there", c.Rows, len(c.Groups))
	}
	for _, key := range c.Keys {
		if n := byKey[key]; n != 1 {
			c.add(NothingLost, nil, "%d groups have the accepted key %s", n, key)
		}
	}
}

func (c *checker) oneGroup() {
	claims := map[string]*group.Group{}
	for _, g := range c.Groups {
		if g.WhatsAppID == "" {
			continue
		}
		if other := claims[g.WhatsAppID]; other != nil {
			c.add(OneGroup, g, "it and %s both claim %s", other.ID, g.WhatsAppID)
		}
		claims[g.WhatsAppID] = g
	}
	made := map[string][]simulator.Group{}
	for _, real := range c.Truth.Groups {
		phone := asked(real.Asked)
		made[phone] = append(made[phone], real)
		g := c.byPhone[phone]
		switch owner := claims[real.ID]; {
		case g == nil:
			c.add(OneGroup, nil, "the provider has %s %q, which no request asked for", real.ID, real.Name)
		case owner == nil && g.Status != group.Review:
			c.add(OneGroup, g, "the provider has %s, which no request claims", real.ID)
		case owner != nil && (owner != g || owner.Name != real.Name || c.Instances[owner.Instance] != real.Owner):
			c.add(OneGroup, owner, "it claims %s, which is %q on %s", real.ID, real.Name, real.Owner)
		}
	}
	for phone, all := range made {
		if len(all) > 1 {
			c.add(OneGroup, c.byPhone[phone], "%d groups exist for one request", len(all))
		}
	}
}

// looks checks that no create was sent while an earlier one was unknown: between the two, a worker
// must have read all lists of the instance, after the first one could be under way.
func (c *checker) looks() {
	for _, g := range c.Groups {
		for i := 1; i < len(g.Attempts); i++ {
			was, next := g.Attempts[i-1], g.Attempts[i]
			if was.Outcome != group.OutcomeUnknown && was.Outcome != group.Open {
				continue
			}
			if !slices.ContainsFunc(c.Truth.CallsOf(c.Instances[was.Instance], "list"), func(l simulator.Call) bool {
				return l.Status == http.StatusOK && l.Fault == "" && l.ReceivedAt.After(was.EndedAt.Add(-clocks)) && l.ReceivedAt.Before(next.StartedAt.Add(clocks))
			}) {
				c.add(OneGroup, g, "attempt %d was sent while attempt %d was unknown, without a look in between", next.N, was.N)
			}
		}
	}
	// Every create that the provider received must have an attempt in a record.
	for _, cr := range c.creates() {
		g := c.byPhone[asked(cr.To)]
		if g != nil && !slices.ContainsFunc(g.Attempts, func(a group.Attempt) bool {
			return !cr.ReceivedAt.Before(a.StartedAt.Add(-clocks)) && !cr.ReceivedAt.After(a.Until.Add(clocks))
		}) {
			c.add(OneGroup, g, "a create at %s has no attempt in the journal", cr.ReceivedAt.UTC().Format("15:04:05.000"))
		}
	}
}

// clocks is how far the provider's clock and Redis' may differ on one machine.
const clocks = 100 * time.Millisecond

func (c *checker) invites() {
	type membership struct{ group, phone string }
	sent, told := map[membership]int{}, map[membership]bool{}
	for _, m := range c.Truth.Invitations() {
		at := membership{m.GroupID, simulator.Account(m.Phone)}
		sent[at]++
		told[at] = c.fault(m) == ""
	}
	for _, g := range c.Groups {
		for i := range g.Members {
			m := &g.Members[i]
			at := membership{g.WhatsAppID, simulator.Account(m.Number.Digits())}
			n := sent[at]
			delete(sent, at)
			switch {
			case told[at] && m.Status == group.InviteQueued && g.Status != group.Review:
				// A killed worker leaves this too, until another worker corrects it. The check runs after that, except
				// in a review, in which the workers wait for a person.
				c.add(ForwardOnly, g, "member %d was invited, the worker was told so, and the record has forgotten it", i)
			case n > 1:
				c.add(OneInvite, g, "member %d was invited %d times", i, n)
			case m.Status == group.Invited && n != 1:
				c.add(OneInvite, g, "member %d counts as invited and was not", i)
			case n == 1 && !slices.Contains([]group.MemberStatus{group.Invited, group.Joined, group.InviteUnknown, group.InviteQueued, group.Left}, m.Status):
				c.add(OneInvite, g, "member %d was invited and is %s", i, m.Status)
			}
		}
	}
	for at, n := range sent {
		c.add(OneInvite, c.byWhatsApp[at.group], "%d invites into %s to a person who is not a member of it", n, at.group)
	}
}

func (c *checker) floor() {
	last := map[string]time.Time{}
	for _, cr := range slices.SortedFunc(slices.Values(c.creates()), func(a, b simulator.Call) int { return a.ReceivedAt.Compare(b.ReceivedAt) }) {
		if before, ok := last[cr.Instance]; ok && cr.ReceivedAt.Sub(before) < c.Pace {
			c.add(Floor, c.byPhone[asked(cr.To)], "two creates arrived on %s with %v between them", cr.Instance, cr.ReceivedAt.Sub(before))
		}
		last[cr.Instance] = cr.ReceivedAt
	}
}

func (c *checker) letAlone() {
	for who, since := range c.Alone {
		is := func(address string) bool { return simulator.Account(address) == who }
		for _, call := range slices.Concat(c.creates(), c.Truth.CallsOf("", "add")) {
			if call.ReceivedAt.After(since) && slices.ContainsFunc(call.To, is) {
				c.add(LetAlone, c.byPhone[asked(call.To)], "a person on the suppression list was added")
			}
		}
		for _, m := range c.Truth.Invitations() {
			if m.QueuedAt.After(since) && is(m.Phone) {
				c.add(LetAlone, c.byWhatsApp[m.GroupID], "a person on the suppression list was invited")
			}
		}
	}
}

func (c *checker) batches() {
	ends := map[string][]time.Time{}
	for _, e := range c.Events {
		if e.Type == "batch" && e.Status == "done" {
			ends[e.Of] = append(ends[e.Of], store.EventTime(e.ID))
		}
	}
	latest, open := map[string]time.Time{}, map[string]int{}
	for _, g := range c.Groups {
		if !g.Status.Ended() {
			open[g.BatchID]++
		} else if g.FinishedAt.After(latest[g.BatchID]) {
			latest[g.BatchID] = g.FinishedAt
		}
	}
	for _, b := range c.Batches {
		at := ends[b.ID]
		switch {
		case open[b.ID] == 0 && len(at) != 1, open[b.ID] > 0 && len(at) > 0:
			c.add(BatchEndsOnce, nil, "batch %q with %d open groups has ended %d times", b.Name, open[b.ID], len(at))
		case len(at) == 1 && at[0].Before(latest[b.ID].Add(-clocks)):
			c.add(BatchEndsOnce, nil, "batch %q ended %v before its last group", b.Name, latest[b.ID].Sub(at[0]))
		}
	}
}

// forward checks that no state goes back: once a group exists, no event shows an earlier state, and a
// group that has ended does not move.
func (c *checker) forward() {
	byID := map[string]*group.Group{}
	for _, g := range c.Groups {
		byID[g.ID] = g
	}
	was := map[string]group.Status{}
	for _, e := range c.Events {
		if e.Type != "group" {
			continue
		}
		now := group.Status(e.Status)
		if before, ok := was[e.Of]; ok && (before.Ended() || before == group.Inviting) && rank(now) < rank(before) {
			c.add(ForwardOnly, byID[e.Of], "it was %s and then %s", before, now)
		}
		was[e.Of] = now
	}
	for _, g := range c.Groups {
		if seen := was[g.ID]; (seen.Ended() || seen == group.Inviting) && rank(g.Status) < rank(seen) {
			c.add(ForwardOnly, g, "it has been %s already", seen)
		}
		for i := 1; i < len(g.Attempts); i++ {
			if a, b := g.Attempts[i-1], g.Attempts[i]; a.N >= b.N || a.Outcome == group.Open {
				c.add(ForwardOnly, g, "attempt %d follows attempt %d, which is %q", b.N, a.N, a.Outcome)
			}
		}
	}
}

func rank(s group.Status) int { return slices.Index(group.Statuses, s) }

func (c *checker) secrets() {
	for where, text := range c.Texts {
		for _, s := range c.Secrets {
			if strings.Contains(text, s) {
				c.add(NoSecrets, nil, "%s holds a token", where)
			}
		}
		for _, g := range c.Groups {
			if slices.ContainsFunc(g.Members, func(m group.Member) bool { return m.Number != "" && strings.Contains(text, m.Number.Digits()) }) {
				c.add(NoSecrets, g, "%s holds a telephone number", where)
				break
			}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(c.Tokens)) {
		for _, s := range c.Secrets {
			if strings.Contains(c.Tokens[where], s) {
				c.add(NoSecrets, nil, "%s holds a token", where)
			}
		}
	}
}

func (c *checker) saysWhy() {
	for _, g := range c.Groups {
		switch {
		case (g.Status == group.Review || g.Status == group.Failed) && (g.Error == nil || g.Error.Message.Zero() || g.Error.Remedy.Zero()):
			c.add(SaysWhy, g, "it stopped and says neither why nor what to do")
		case g.Status == group.Queued:
			if why, asked := c.Waiting[g.ID]; asked && why == "" {
				c.add(SaysWhy, g, "it waits and does not say for what")
			}
		}
	}
}

func (c *checker) nothingForEver() {
	for _, g := range c.Groups {
		if !g.Status.Ended() && g.Status != group.Review {
			c.add(NothingForEver, g, "it neither moves nor is with a person")
		}
	}
}
