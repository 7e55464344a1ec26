package providertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
)

const (
	member   = SomePhone
	shy      = "5511912345678" // refuses to be added
	absentee = "5511976543210" // has no WhatsApp
	late     = "5511965432109" // is added to a group that exists
)

func creates(t *testing.T, s suite) {
	w := s.world(t)
	w.person(t, simulator.Person{Phone: shy, Addable: no()})
	var trace provider.Trace
	before := time.Now()
	got, err := w.CreateGroup(provider.WithTrace(t.Context(), &trace), provider.CreateRequest{
		Name: SomeName, Addresses: []string{member, shy, SomeLID},
	})
	if err != nil {
		t.Fatal(err)
	}
	l := w.settled(t)
	if len(l.Groups) != 1 || l.Groups[0].ID != got.GroupID || l.Groups[0].Name != SomeName || got.InviteLink != "" && l.Groups[0].InviteLink != got.InviteLink {
		t.Errorf("created %+v; there is %+v", got, l.Groups)
	}
	if len(l.Messages) != 0 {
		t.Errorf("a create sent %d messages; the worker owns the invites", len(l.Messages))
	}
	if !slices.Contains(got.NotAdded, SomeLID) || slices.Contains(got.NotAdded, member) {
		t.Errorf("not added are %q; a person known by a LID only cannot be asked for", got.NotAdded)
	}
	if trace.WroteAt.Before(before) || trace.WroteAt.After(time.Now()) {
		t.Errorf("WroteAt = %v", trace.WroteAt)
	}
}

func readsBack(t *testing.T, s suite) {
	began := time.Now()
	w := s.world(t)
	w.person(t, simulator.Person{Phone: shy, Addable: no()})
	created := create(t, w, SomeName, member, shy)
	roll, err := w.Members(t.Context(), created.GroupID)
	if err != nil {
		t.Fatal(err)
	}
	self, err := w.Self(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if roll.GroupID != created.GroupID || roll.Subject != SomeName || !same(roll.Owner, self) || !roll.Complete {
		t.Errorf("read %+v", roll)
	}
	if at := roll.CreatedAt; at.Before(began.Add(-time.Second)) || at.After(time.Now().Add(time.Second)) { // providers tell whole seconds
		t.Errorf("created at %v, want a time after %v", at, began)
	}
	in := func(number string) bool {
		return slices.ContainsFunc(roll.Participants, func(p provider.Participant) bool { return same(p.Identity, phone.Identity{Digits: number}) })
	}
	if !in(member) || in(shy) || !in(w.in.Phone) {
		t.Errorf("participants %+v", roll.Participants)
	}
	link, err := w.InviteLink(t.Context(), created.GroupID)
	if want := w.Ledger().Groups[0].InviteLink; err != nil || link != want {
		t.Errorf("link %q, %v; want %q", link, err, want)
	}
	for _, op := range Ops(w.Provider) {
		if op.Name == "members" || op.Name == "invite link" {
			err := op.Do(t.Context(), w.Provider) // of a group that does not exist
			if !provider.AsError(err).Declined() {
				t.Errorf("%s of an unknown group: %v", op.Name, err)
			}
			AssertNoLeak(t, err, w.secrets()...)
		}
	}
}

func lists(t *testing.T, s suite) {
	began := time.Now()
	w := s.world(t)
	wanted := create(t, w, SomeName, member)
	for i := range 120 { // more than any page
		create(t, w, fmt.Sprintf("Outra %d", i), member)
	}
	twin := create(t, w, SomeName, member)
	got, err := w.ListGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	var ids []string
	for _, g := range got {
		all[g.GroupID] = true
		if g.Name == SomeName {
			ids = append(ids, g.GroupID)
		}
		if !g.ExistedAt.IsZero() && g.ExistedAt.Before(began.Add(-time.Second)) { // providers tell whole seconds
			t.Errorf("a group made after %v existed at %v", began, g.ExistedAt)
		}
	}
	if len(all) != 122 || len(got) != 122 {
		t.Errorf("listed %d groups, %d different ones, want 122", len(got), len(all))
	}
	slices.Sort(ids)
	want := []string{wanted.GroupID, twin.GroupID}
	slices.Sort(want)
	if !slices.Equal(ids, want) {
		t.Errorf("found %q, want %q", ids, want)
	}
}

func invites(t *testing.T, s suite) {
	w := s.world(t)
	created := create(t, w, SomeName, shy)
	i := provider.Invitation{Via: provider.ViaText, Address: member, GroupID: created.GroupID, Text: "Entre:\n" + created.InviteLink}
	since := time.Now()
	if _, found, err := w.FindInvite(t.Context(), i, since); found || err != nil {
		t.Errorf("found before it was sent: %v, %v", found, err)
	}
	sent, err := w.Invite(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	l := w.settled(t)
	if len(l.Messages) != 1 || l.Messages[0].Text != i.Text || l.Messages[0].ID != sent.MessageID {
		t.Errorf("sent %v; there is %+v", sent, l.Messages)
	}
	again, found, err := w.FindInvite(t.Context(), i, since)
	if err != nil || found != (again == sent) || !found && !w.left() {
		t.Errorf("found %v, %v, %v; want %v", again, found, err, sent)
	}
	reset := i
	reset.Text = "Entre:\nhttps://chat.whatsapp.com/AnotherCode-0123456789"
	if _, found, err := w.FindInvite(t.Context(), reset, since); found || err != nil {
		t.Errorf("with another link: %v, %v; want it not found", found, err)
	}
	reset.AnyLink = true
	if again, found, err := w.FindInvite(t.Context(), reset, since); err != nil || found != (again == sent) || !found && !w.left() {
		t.Errorf("with another link, whatever the link is: found %v, %v, %v; want %v", again, found, err, sent)
	}
	other := reset
	other.Address = shy
	if _, found, err := w.FindInvite(t.Context(), other, since); found || err != nil {
		t.Errorf("another person's: %v, %v", found, err)
	}
}

func adds(t *testing.T, s suite) {
	w := s.world(t)
	if !w.Traits().AddLater {
		t.Skip("this provider cannot add people to an existing group")
	}
	w.person(t, simulator.Person{Phone: shy, Addable: no()})
	w.person(t, simulator.Person{Phone: absentee, HasWhatsApp: no()})
	created := create(t, w, SomeName, member)
	if err := w.AddMember(t.Context(), created.GroupID, late); err != nil || !w.holds(t, created.GroupID, late) {
		t.Errorf("a person who can be added: %v, %+v", err, w.Ledger().Groups)
	}
	for _, address := range []string{shy, absentee, SomeLID} {
		err := w.AddMember(t.Context(), created.GroupID, address)
		if e := provider.AsError(err); err == nil || e.Class != provider.Refused || e.Scope != provider.ScopePerson || w.holds(t, created.GroupID, address) {
			t.Errorf("%s: %v", address, err)
		}
		AssertNoLeak(t, err, append(w.secrets(), address)...)
	}
	// Providers answer differently if the person is a member already. Nothing happens in either case.
	if err := w.AddMember(t.Context(), created.GroupID, member); err != nil && provider.AsError(err).Class != provider.Refused {
		t.Errorf("a member: %v", err)
	}
	if n := len(w.settled(t).Messages); n != 0 {
		t.Errorf("adding sent %d messages; the worker owns the invites", n)
	}
}

// holds reports whether a person is in a group now.
func (w *world) holds(t *testing.T, groupID, number string) bool {
	t.Helper()
	return slices.ContainsFunc(w.settled(t).Groups, func(g simulator.Group) bool { return g.ID == groupID && g.Has(number) })
}

func invitesNatively(t *testing.T, s suite) {
	w := s.world(t)
	w.person(t, simulator.Person{Phone: shy, Addable: no()})
	w.person(t, simulator.Person{Phone: absentee, HasWhatsApp: no()})
	created := create(t, w, SomeName, member)
	i := provider.Invitation{Via: provider.ViaNative, GroupID: created.GroupID}
	for _, address := range []string{shy, absentee} {
		i.Address = address
		_, err := w.Invite(t.Context(), i)
		if works := w.Traits().NativeInvite && address == shy; works != (err == nil) || (!works && provider.AsError(err).Class != provider.Refused) {
			t.Errorf("%s: %v", address, err)
		}
		AssertNoLeak(t, err, append(w.secrets(), address)...)
	}
	if n := len(w.settled(t).Messages); (n == 1) != w.Traits().NativeInvite {
		t.Errorf("%d invitations", n)
	}
}

func checks(t *testing.T, s suite) {
	w := s.world(t)
	w.person(t, simulator.Person{Phone: member, Form: "551187654321", LID: "777"})
	w.person(t, simulator.Person{Phone: absentee, HasWhatsApp: no()})
	got, err := w.CheckPhones(t.Context(), []string{member, absentee, SomeLID})
	if err != nil {
		t.Fatal(err)
	}
	// Only some providers can be asked about a LID.
	if _, told := got[absentee]; !told || got[absentee].Exists || len(got) > 3 {
		t.Errorf("checked %v", got)
	}
	// Only newer servers return WhatsApp's own form and the LID.
	who := got[member]
	if !who.Exists || (who.Identity.Digits != "" && who.Identity.Digits != "551187654321") || (who.Identity.LID != "" && who.Identity.LID != "777@lid") {
		t.Errorf("checked %+v", who)
	}
	if none, err := w.CheckPhones(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("no address: %v, %v", none, err)
	}
}

func tellsState(t *testing.T, s suite) {
	w := s.world(t)
	yes := true
	tests := []struct {
		name string
		to   simulator.State
		want []provider.Health // any of them
	}{
		{"connected", simulator.State{State: "connected"}, []provider.Health{provider.Ready}},
		{"logged out", simulator.State{State: "disconnected"}, []provider.Health{provider.Disconnected}},
		{"starting", simulator.State{State: "starting"}, []provider.Health{provider.Starting, provider.Disconnected}},
		{"banned", simulator.State{State: "blocked"}, []provider.Health{provider.Restricted, provider.Disconnected}},
		{"token wrong", simulator.State{State: "connected", TokenWrong: &yes}, []provider.Health{provider.Unauthorized}},
		{"token right again", simulator.State{TokenWrong: no()}, []provider.Health{provider.Ready}},
	}
	for _, tt := range tests {
		if err := w.SetState(w.in.ID, tt.to); err != nil {
			t.Fatal(err)
		}
		got, err := w.State(t.Context())
		if err != nil || !slices.Contains(tt.want, got.Health) || (got.Health == provider.Ready) != got.Reason.Zero() {
			t.Errorf("%s: %+v, %v; want %v", tt.name, got, err, tt.want)
		}
		if strings.Contains(got.Reason.String(), w.in.Token) {
			t.Errorf("%s: the reason shows the token: %s", tt.name, got.Reason)
		}
		if got.Health == provider.Ready {
			continue
		}
		// A fault of the instance never fails a group.
		_, err = w.CreateGroup(t.Context(), provider.CreateRequest{Name: SomeName, Addresses: []string{member}})
		if e := provider.AsError(err); err == nil || e.Scope != provider.ScopeInstance || e.Health == "" || e.Class == provider.Refused {
			t.Errorf("%s: a create says %+v", tt.name, e)
		}
		AssertNoLeak(t, err, w.secrets()...)
	}
	if n := len(w.settled(t).Groups); n != 0 {
		t.Errorf("%d groups came to exist", n)
	}
}

func tellsSelf(t *testing.T, s suite) {
	w := s.world(t)
	got, err := w.Self(t.Context())
	if err != nil || !same(got, phone.Identity{Digits: w.in.Phone}) {
		t.Errorf("%v, %v; want %s", got, err, w.in.Phone)
	}
}

func cancelledBefore(t *testing.T, s suite) {
	w := s.world(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, op := range Ops(w.Provider) {
		var trace provider.Trace
		err := op.Do(provider.WithTrace(ctx, &trace), w.Provider)
		if e := provider.AsError(err); err == nil || e.Class != provider.NotSent || !trace.WroteAt.IsZero() {
			t.Errorf("%s: %v, written at %v", op.Name, err, trace.WroteAt)
		}
	}
	if n := len(w.settled(t).Calls); n != 0 {
		t.Errorf("%d calls arrived", n)
	}
}

func same(a, b phone.Identity) bool {
	return slices.ContainsFunc(a.Keys(), func(k string) bool { return slices.Contains(b.Keys(), k) })
}
