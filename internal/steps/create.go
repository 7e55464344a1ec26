package steps

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// create makes the group. Everything that takes time comes before begin; between it and the call there
// is only the intent.
func (s *Steps) create(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, slot *pacing.Slot) error {
	if g.Status != group.Queued {
		return s.unfinished(ctx, g)
	}
	if err := due(g.NotBefore, at.Now(), "not before its time"); err != nil {
		return err
	}
	if err := s.sameNumber(in, slot); err != nil {
		return err
	}
	known, err := s.acquaint(ctx, in, g, at.Now())
	if err != nil {
		return unsure(err)
	}
	if over, err := s.recall(ctx, in, g, known.intent.Doubt); err != nil || over {
		return err
	}
	if err := s.begin(ctx, slot, slot.Wait(ctx)); err != nil {
		if err := s.Ledger.RememberChecks(context.WithoutCancel(ctx), known.of, known.fresh); err != nil {
			s.Log.Debug().Err(err).Str("instance", in.Name).Msg("numbers will be asked about again")
		}
		return err
	}

	var begun group.Begun
	var request provider.CreateRequest
	round := g.Round
	g, err = s.Ledger.Amend(ctx, g, at, func(g *group.Group, now time.Time) error {
		begun = group.Past
		if g.Status == group.Queued {
			if g.Round != round { // somebody has moved it meanwhile
				return nil
			}
			if g.Expire(now) {
				return nil
			}
			known.apply(g, now)
			if request = known.request(g); len(request.Addresses) == 0 {
				return g.NoMembers(now)
			}
		}
		if begun = g.Begin(s.Worker, in.Name, in.CreateBudget, s.alive(ctx), now); begun == group.Go {
			g.Latest().Number = known.self.number
		}
		return nil
	}, s.Ledger.RememberingChecks(known.of, known.fresh))
	if err != nil {
		return err
	}
	if begun != group.Go {
		s.releaseName(ctx, known.self.number, g)
		return s.unfinished(ctx, g)
	}
	if first := g.Latest(); s.Observer != nil && first.N == 1 {
		s.Observer.Waited(g.Priority, first.StartedAt.Sub(g.CreatedAt))
	}
	return s.call(ctx, in, g, at, request, slot, known.intent)
}

// begin asks, once the slot's moment was waited for without an error, whether the call may still leave.
// What comes between it and the call counts as the call when the instance is paused, so it must be
// short.
func (s *Steps) begin(ctx context.Context, slot *pacing.Slot, waited error) error {
	if waited != nil {
		return &Later{Why: waited.Error()}
	}
	err := slot.Begin(ctx)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pacing.ErrPaused), errors.Is(err, pacing.ErrQuiet), errors.Is(err, pacing.ErrLost):
		return &Later{Why: err.Error()}
	}
	// Nothing was sent, so the failure must not cost the instance an interval.
	return errors.Join(err, slot.GiveBack(ctx))
}

// unfinished goes on with a group that is not waiting for its create: its task was delivered again.
func (s *Steps) unfinished(ctx context.Context, g *group.Group) error {
	if g.Status == group.Creating {
		var begun group.Begun
		var asked time.Time
		fresh, err := s.Ledger.Update(ctx, g.ID, func(g *group.Group, now time.Time) error {
			if g.Status != group.Creating {
				begun = group.Past
				return nil
			}
			begun, asked = g.Begin(s.Worker, g.Instance, 0, s.alive(ctx), now), now
			return nil
		})
		if err != nil {
			return err
		}
		if begun == group.Busy {
			return &Later{After: max(time.Second, min(5*time.Second, fresh.Latest().Until.Sub(asked))), Why: "its create is under way elsewhere"}
		}
		g = fresh
	}
	return s.follow(ctx, g)
}

// call sends the one request and records what came of it.
func (s *Steps) call(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, request provider.CreateRequest, slot *pacing.Slot, intent ledger.Intent) error {
	n := g.Latest().N
	if err := s.Ledger.Replicated(ctx, g.ID, func(g *group.Group) bool {
		a := g.Latest()
		return a != nil && a.N == n && a.Owner == s.Worker && a.Outcome == group.Open
	}); errors.Is(err, ledger.ErrGone) {
		return &Later{After: s.Policy.Retry.delay(0, 0), Why: err.Error()} // nobody called
	} else if err != nil {
		return s.unmade(ctx, in, g, at, n, unconfirmed("create group", err))
	}
	if !slot.Valid() { // the process was frozen while it wrote the intent: another may call now
		return s.unmade(ctx, in, g, at, n, &provider.Error{Class: provider.NotSent, Op: "create group", Text: "the slot was lost before the call"})
	}
	s.Ledger.Calling(intent)
	trace := &provider.Trace{}
	// asynq ends the handler's context on shutdown, lost lease and deadline, while the call goes
	// on at the provider. Only the call's own deadline may end it.
	created, err := in.Provider.CreateGroup(provider.WithTrace(context.WithoutCancel(ctx), trace), request)
	settled := make(chan struct{})
	go func() { // while the outcome is recorded
		defer close(settled)
		s.settleSlot(ctx, slot, trace)
	}()
	defer func() { <-settled }()
	if err == nil {
		return s.made(ctx, in, g, at, n, created)
	}
	return s.unmade(ctx, in, g, at, n, provider.AsError(err))
}

// unconfirmed is a call that was not made, because a failover could have forgotten that it was about
// to be.
func unconfirmed(op string, err error) *provider.Error {
	return &provider.Error{Class: provider.NotSent, Op: op, Text: "its intent is not on as many replicas as redis.wait_replicas asks for: " + err.Error(), Err: err}
}

// settleSlot counts the pace from the moment the request left. A request that never left has used
// nothing: the lane gives the slot back.
func (s *Steps) settleSlot(ctx context.Context, slot *pacing.Slot, trace *provider.Trace) {
	if trace.WroteAt.IsZero() {
		return
	}
	if err := slot.Used(ctx, trace.WroteAt); err != nil {
		// The floor then counts from the end of the slot's lease: later, never earlier.
		s.Log.Warn().Err(err).Str("instance", slot.Instance()).Msg("slot not settled")
	}
}

// made records a group that surely exists.
func (s *Steps) made(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, n int, c provider.Created) error {
	owner, err := ledger.Insist(ctx, func(ctx context.Context) (string, error) {
		return s.Ledger.ClaimWhatsApp(ctx, c.GroupID, g.ID)
	})
	if err != nil {
		// Without the claim another request could adopt this group. The intent stays open, so the
		// next delivery looks for the group and claims it before it is recorded.
		return err
	}
	ans := group.Answer{HTTPStatus: 200, GroupID: c.GroupID, InviteLink: c.InviteLink, NotAdded: c.NotAdded}
	id := g.ID
	g, err = s.Ledger.Commit(ctx, g, at, func(g *group.Group, now time.Time) error {
		if owner != g.ID {
			if err := g.Unknown(n, group.Answer{HTTPStatus: 200, Error: "the provider answered with a group that request " + owner + " has adopted"}, now); err != nil {
				return err
			}
			return g.Ambiguous([]group.Candidate{{GroupID: c.GroupID, Name: g.Name}}, now)
		}
		return g.Created(n, ans, now)
	}, s.Ledger.ReleasingName(g.Latest().Number, g.Name, g.ID))
	if errors.Is(err, ledger.ErrNotFound) {
		return s.forgotten(ctx, in, id, c.GroupID)
	}
	if err != nil {
		return err
	}
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Str("status", string(g.Status)).Msg("group created")
	if g.Status == group.Inviting && !g.Called && s.Policy.RollLooks[0] == 0 {
		if err := s.rollCall(ctx, in, g, at); err == nil {
			return nil
		}
		if g, err = s.Ledger.Load(ctx, g.ID); err != nil { // the roll call goes on as its own task
			return err
		}
	}
	return s.follow(ctx, g)
}

// unmade records a create that did not succeed, by what it may have done.
func (s *Steps) unmade(ctx context.Context, in *Instance, g *group.Group, at ledger.Clock, n int, e *provider.Error) error {
	s.trouble(ctx, in, e, limitedInARow(g))
	retry := s.Policy.Retry
	var again *Later
	g, err := s.Ledger.Commit(ctx, g, at, func(g *group.Group, now time.Time) error {
		again = nil
		switch {
		case e.Class == provider.Limited, e.Class == provider.Refused && e.Scope == provider.ScopeInstance:
			again = &Later{Why: e.Text}
			if err := g.Limited(n, answer(e), now); err != nil || e.Quota == "" || e.Quota == provider.QuotaCreate {
				return err // the gate of its kind is shut, if any is
			}
			again.After = s.Policy.Rest.Initial
			g.Waits(usedUp(e.Quota), now.Add(again.After))
			return nil
		case e.Class == provider.Refused:
			return g.Refused(n, answer(e), now)
		case e.Class == provider.NotSent:
			pause := retry.delay(g.Tries, e.RetryAfter)
			if err := g.NotSent(n, answer(e), retry.GiveUpAfter, now); err != nil {
				return err
			}
			if g.Status == group.Queued {
				g.Waits("the next try: the last call did nothing: "+e.Text, now.Add(pause))
				again = &Later{After: pause, Why: e.Text}
			}
			return nil
		default:
			return g.Unknown(n, answer(e), now)
		}
	})
	if err != nil {
		return err
	}
	s.Log.Info().Str("group", g.ID).Str("instance", in.Name).Str("outcome", string(e.Class)).Int("status", e.Status).
		Str("error", e.Text).Msg("create without success")
	if g.Status != group.Verifying {
		s.releaseName(ctx, g.Latest().Number, g)
	}
	if again != nil {
		return again
	}
	return s.follow(ctx, g)
}

// limitedInARow counts the latest attempts that met a limit, for the pause to grow.
func limitedInARow(g *group.Group) int {
	n := 0
	for _, a := range slices.Backward(g.Attempts) {
		switch a.Outcome {
		case group.OutcomeLimited:
			n++
		case group.Open:
		default:
			return n
		}
	}
	return n
}

func (s *Steps) releaseName(ctx context.Context, number string, g *group.Group) {
	if err := s.Ledger.ReleaseName(context.WithoutCancel(ctx), number, g.Name, g.ID); err != nil {
		s.Log.Debug().Err(err).Str("group", g.ID).Msg("a name stays reserved until another group of the name comes")
	}
}

// acquaintance is what is known of a group's people before the create.
type acquaintance struct {
	self    own
	checked map[string]provider.Checked // by address
	fresh   map[string]provider.Checked // those of them that were asked now,
	of      string                      // and of which provider
	out     []bool                      // by member: on the suppression list
	intent  ledger.Intent               // of this create
}

// acquaint reserves the group's name and reads what must be known of the people: who is suppressed,
// who is on WhatsApp and under which addresses, and which number is our own. A check that fails
// does not hold the group: the answer of the create and the roll call will tell.
func (s *Steps) acquaint(ctx context.Context, in *Instance, g *group.Group, now time.Time) (*acquaintance, error) {
	a := &acquaintance{of: in.Provider.Traits().Name}
	var err error
	if a.self, err = s.ownOf(ctx, in); err != nil {
		e := provider.AsError(err)
		s.trouble(ctx, in, e, 0)
		return nil, &Later{After: s.Policy.Retry.delay(g.Tries, e.RetryAfter), Why: "the instance's own number could not be read: " + e.Text}
	}
	q := ledger.Preparing{
		Number: a.self.number, Name: g.Name, ID: g.ID,
		People: make([]phone.Identity, len(g.Members)), Provider: a.of,
	}
	for i := range g.Members {
		m := &g.Members[i]
		q.People[i] = m.Identity()
		if m.Status == group.Pending && q.People[i].Digits != "" && m.LID == "" {
			q.Addresses = append(q.Addresses, q.People[i].Digits)
		}
	}
	prepared, err := s.Ledger.Prepare(ctx, q)
	if err != nil {
		return nil, err
	}
	if prepared.Holder != g.ID {
		if err := s.awaitName(ctx, a.self.number, g, prepared.Holder); err != nil {
			return nil, err
		}
	}
	a.out, a.checked, a.intent = prepared.Suppressed, prepared.Checks, prepared.Intent
	err = s.check(ctx, in, a, g, q.Addresses, now)
	if _, later := errors.AsType[*Later](err); later {
		s.releaseName(ctx, a.self.number, g)
	}
	return a, err
}

// check asks the network about addresses of which nothing is remembered, and about those that it did
// not know before a person asked for another try. What cannot be asked again stays as remembered.
func (s *Steps) check(ctx context.Context, in *Instance, a *acquaintance, g *group.Group, addresses []string, now time.Time) error {
	var ask []string
	for _, address := range addresses {
		if c, ok := a.checked[address]; !ok || !c.Exists && c.At.Before(g.AskAgain) {
			ask = append(ask, address)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	fresh, err := s.askAbout(ctx, in, g, ask, now)
	if err != nil {
		e := provider.AsError(err)
		open := func(address string) bool {
			_, told := fresh[address]
			_, remembered := a.checked[address]
			return !told && !remembered
		}
		if e.Quota == provider.QuotaCheck && slices.ContainsFunc(ask, open) {
			return s.unchecked(ctx, a, g, fresh, e)
		}
		s.Log.Warn().Str("instance", in.Name).Str("error", e.Text).Int("people", len(ask)).Msg("number check failed; the group goes on without it")
	}
	a.fresh = fresh
	maps.Copy(a.checked, fresh)
	return s.met(ctx, a, g)
}

// met notes which LIDs are whose, now that the network has told. Somebody may be on the suppression
// list by the LID alone.
func (s *Steps) met(ctx context.Context, a *acquaintance, g *group.Group) error {
	var people []phone.Identity
	var of []int
	for i := range g.Members {
		digits := g.Members[i].Identity().Digits
		if c, ok := a.fresh[digits]; ok && c.Identity.LID != "" {
			people, of = append(people, phone.Identity{Digits: digits, LID: c.Identity.LID}), append(of, i)
		}
	}
	if len(people) == 0 {
		return nil
	}
	listed, err := s.Ledger.Meet(ctx, people)
	for i := range listed {
		a.out[of[i]] = a.out[of[i]] || listed[i]
	}
	return err
}

// apply writes what is known into the members.
func (a *acquaintance) apply(g *group.Group, now time.Time) {
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status != group.Pending {
			continue
		}
		if i < len(a.out) && a.out[i] {
			m.End(group.OptedOut, "is on the suppression list", now)
			continue
		}
		digits := m.Identity().Digits
		c, ok := a.checked[digits]
		_, fresh := a.fresh[digits]
		switch {
		case !ok:
		case !c.Exists && !fresh:
			m.End(group.NotOnWhatsApp, "had no WhatsApp when the network was asked at "+c.At.UTC().Format(time.RFC3339)+"; a retry asks again", now)
		case !c.Exists:
			m.End(group.NotOnWhatsApp, "has no WhatsApp, says the network", now)
		default:
			m.Learn(c.Identity)
		}
	}
}

// request is the create's request: everybody who may be added, without our own number. People who
// are only known by a LID cannot be named there (facts/providers.md A2, B2): they are invited.
//
// At GREEN-API one number without WhatsApp makes the whole create fail with a 500 (GI#544), and the
// documented check takes no number of 13 digits. So when creates came to nothing twice without a
// reason, those whom nobody could check are left out, if others remain; they are invited then.
func (a *acquaintance) request(g *group.Group) provider.CreateRequest {
	r := provider.CreateRequest{Name: g.Name}
	var unchecked []string
	for i := range g.Members {
		m := &g.Members[i]
		if m.Status != group.Pending || m.Identity().Digits == "" || phone.SamePerson(m.Identity(), a.self.Identity) {
			continue
		}
		if _, ok := a.checked[m.Identity().Digits]; ok || m.LID != "" {
			r.Addresses = append(r.Addresses, m.Address())
		} else {
			unchecked = append(unchecked, m.Address())
		}
	}
	if len(r.Addresses) == 0 || unexplained(g) < 2 {
		r.Addresses = append(r.Addresses, unchecked...)
	}
	return r
}

// unexplained counts the attempts that ended without a clear answer.
func unexplained(g *group.Group) int {
	n := 0
	for _, a := range g.Attempts {
		if a.Outcome == group.OutcomeUnknown {
			n++
		}
	}
	return n
}
