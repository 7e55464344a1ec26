package providertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/tasks"
)

// Picture returns a small JPEG.
func Picture() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

// settings returns all settings that a provider can change, switched on.
func settings(p provider.Provider) tasks.Settings {
	on := true
	all := tasks.Settings{OnlyAdminsSend: &on, OnlyAdminsEdit: &on, OnlyAdminsAdd: &on, ApproveJoins: &on}
	return all.Only(func(name string) bool { return slices.Contains(p.Traits().Setup.Settings, name) })
}

func setsUp(t *testing.T, s suite) {
	w := s.world(t)
	group := create(t, w, SomeName, member, late).GroupID
	can, photo := w.Traits().Setup, Picture()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if can.Photo {
		must(w.SetPhoto(t.Context(), group, photo))
	}
	if can.Description {
		must(w.SetDescription(t.Context(), group, "Welcome, class of 2027"))
	}
	if can.Admins {
		must(w.Promote(t.Context(), group, []string{member, late}))
	}
	// Each setting is changed alone, and must leave the earlier ones as they are.
	for _, name := range can.Settings {
		must(w.SetSettings(t.Context(), group, settings(w).Only(func(other string) bool { return other == name })))
	}
	sum := sha256.Sum256(photo)
	g := w.Ledger().Groups[0]
	if can.Photo && g.Photo != hex.EncodeToString(sum[:]) || can.Description && g.Description != "Welcome, class of 2027" {
		t.Errorf("the group has the photo %q and the description %q", g.Photo, g.Description)
	}
	is := map[string]bool{"onlyAdminsSend": g.OnlyAdminsSend, "onlyAdminsEdit": g.OnlyAdminsEdit, "onlyAdminsAdd": g.OnlyAdminsAdd, "approveJoins": g.ApproveJoins}
	for name, on := range is {
		// A provider that takes all settings in one call does not show onlyAdminsAdd in a reading.
		if wanted := slices.Contains(can.Settings, name); on != wanted && (name != "onlyAdminsAdd" || !wanted) {
			t.Errorf("%s is %v at WhatsApp, want %v", name, on, wanted)
		}
	}
	roll, err := w.Members(t.Context(), group)
	must(err)
	if d := roll.Profile.Description; can.Description && (d == nil || *d != "Welcome, class of 2027") {
		t.Errorf("the description is read back as %v", d)
	}
	roll.Profile.Settings.Each(func(name string, on bool) {
		if on != is[name] {
			t.Errorf("%s is read back as %v, want %v", name, on, is[name])
		}
	})
	for _, number := range []string{member, late} {
		i := slices.IndexFunc(roll.Participants, func(p provider.Participant) bool { return same(p.Identity, phone.Identity{Digits: number}) })
		if can.Admins && (i < 0 || !roll.Participants[i].Admin) {
			t.Errorf("%s is not read back as an admin: %v", number, roll.Participants)
		}
	}
}

func refusesToSet(t *testing.T, s suite) {
	w := s.world(t)
	group := create(t, w, SomeName, member).GroupID
	can := w.Traits().Setup
	before := len(w.Ledger().Calls)
	on := true
	for name, refused := range map[string]struct {
		lacks bool
		do    func() error
	}{
		"photo":       {!can.Photo, func() error { return w.SetPhoto(t.Context(), group, Picture()) }},
		"description": {!can.Description, func() error { return w.SetDescription(t.Context(), group, "about") }},
		"admins":      {!can.Admins, func() error { return w.Promote(t.Context(), group, []string{member}) }},
		"approve":     {!can.Approve, func() error { return w.ApproveJoins(t.Context(), group, []string{member}) }},
		"reject":      {!can.Approve, func() error { return w.RejectJoins(t.Context(), group, []string{member}) }},
		"setting": {!slices.Contains(can.Settings, "onlyAdminsAdd"), func() error {
			return w.SetSettings(t.Context(), group, tasks.Settings{OnlyAdminsAdd: &on})
		}},
	} {
		if !refused.lacks {
			continue
		}
		err := refused.do()
		if e := provider.AsError(err); err == nil || e.Class != provider.Refused || e.Scope != provider.ScopeRequest {
			t.Errorf("%s: %v, want a refusal of the request", name, err)
		}
	}
	if n := len(w.Ledger().Calls); n != before {
		t.Errorf("%d calls were made", n-before)
	}
}

func posts(t *testing.T, s suite) {
	w := s.world(t)
	group := create(t, w, SomeName, member).GroupID
	since := time.Now().Add(-time.Second)
	p := provider.Post{GroupID: group, Text: SomeText}
	w.script(t, simulator.Script{Fault: "500-but-created", Method: "post"})
	_, err := w.Post(t.Context(), p)
	if provider.AsError(err).Class != provider.Unknown {
		t.Fatalf("%v, want an Unknown error", err)
	}
	l := w.settled(t)
	if len(l.Messages) != 1 || l.Messages[0].GroupID != group || l.Messages[0].Text != SomeText {
		t.Fatalf("sent: %+v", l.Messages)
	}
	if sent, found, err := w.FindPost(t.Context(), p, since); err != nil || found != (sent.MessageID != "") || !found && !w.left() {
		t.Errorf("the search finds %v, %v, %v", sent, found, err)
	}
	reset := provider.Post{GroupID: group, Text: strings.Replace(SomeText, "chat.whatsapp.com/", "chat.whatsapp.com/Another", 1)}
	if sent, found, err := w.FindPost(t.Context(), reset, since); err != nil || found != (sent.MessageID != "") || !found && !w.left() {
		t.Errorf("the search with another link finds %v, %v, %v", sent, found, err)
	}
	other := provider.Post{GroupID: group, Text: "another text"}
	if _, found, err := w.FindPost(t.Context(), other, since); err != nil || found {
		t.Errorf("the search for another message finds %v, %v", found, err)
	}
	if sent, err := w.Post(t.Context(), other); err != nil || sent.MessageID == "" {
		t.Errorf("post: %v, %v", sent, err)
	}
}

func approves(t *testing.T, s suite) {
	w := s.world(t)
	if !w.Traits().Setup.Approve {
		return
	}
	w.person(t, simulator.Person{Phone: shy, Addable: no()})
	created := create(t, w, SomeName, member)
	on := true
	if err := w.ChangeGroup(created.GroupID, simulator.GroupChange{ApproveJoins: &on}); err != nil {
		t.Fatal(err)
	}
	w.person(t, simulator.Person{Phone: shy, Join: created.GroupID})
	inside := func() bool {
		for _, m := range w.Ledger().Groups[0].Members {
			if m.Phone == shy {
				return true
			}
		}
		return false
	}
	if inside() {
		t.Fatal("the person is in before an approval, so the test proves nothing")
	}
	asking := func(who ...string) {
		t.Helper()
		reader, reads := w.Provider.(provider.JoinReader)
		if !reads {
			return
		}
		told, err := reader.JoinRequests(t.Context(), created.GroupID)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range told {
			if i >= len(who) || r.Digits != who[i] || r.At.IsZero() {
				t.Errorf("read %+v, want %v with their times", told, who)
			}
		}
		if len(told) != len(who) {
			t.Errorf("read %d requests, want %d", len(told), len(who))
		}
	}
	asking(shy)
	if err := w.RejectJoins(t.Context(), created.GroupID, []string{shy}); err != nil {
		t.Fatal(err)
	}
	asking()
	if inside() {
		t.Error("the person who was rejected is in")
	}
	w.person(t, simulator.Person{Phone: shy, Join: created.GroupID})
	if err := w.ApproveJoins(t.Context(), created.GroupID, []string{shy}); err != nil {
		t.Fatal(err)
	}
	asking()
	if !inside() {
		t.Error("the person who was approved is not in")
	}
}

// change is one kind of change of a group.
type change struct {
	name string
	can  bool
	do   func(ctx context.Context, p provider.Provider, group string) error
	// done reports whether a part of the change, and whether all of it, is made.
	done func(g simulator.Group) (some, all bool)
}

// changes returns the kinds of changes that setFaults tries. Some providers cannot make all of them.
func changes(t *testing.T, p provider.Provider) []change {
	t.Helper()
	can, photo, wanted := p.Traits().Setup, Picture(), settings(p)
	either := func(done bool) (some, all bool) { return done, done }
	return []change{
		{"photo", can.Photo, func(ctx context.Context, p provider.Provider, group string) error {
			return p.SetPhoto(ctx, group, photo)
		}, func(g simulator.Group) (some, all bool) { return either(g.Photo != "") }},
		{"admins", can.Admins, func(ctx context.Context, p provider.Provider, group string) error {
			return p.Promote(ctx, group, []string{SomePhone})
		}, func(g simulator.Group) (some, all bool) { return either(g.Members[1].Admin) }},
		{"settings", len(can.Settings) > 0, func(ctx context.Context, p provider.Provider, group string) error {
			return p.SetSettings(ctx, group, wanted)
		}, func(g simulator.Group) (some, all bool) {
			return g.OnlyAdminsSend || g.OnlyAdminsEdit, g.OnlyAdminsSend && g.OnlyAdminsEdit
		}},
	}
}

// setFaults checks that a change is reported as made only if it was, that the error of a change that was made, even in
// part, is Unknown, and that a call that has left is not repeated.
func setFaults(t *testing.T, s suite) {
	for _, fault := range simulator.FaultNames() {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			for _, c := range changes(t, s.world(t).Provider) {
				if c.can {
					t.Run(c.name, func(t *testing.T) {
						t.Parallel() // a call that hangs ends with its time-out
						setFault(t, s, c, fault)
					})
				}
			}
		})
	}
}

func setFault(t *testing.T, s suite, c change, fault string) {
	t.Helper()
	w := s.world(t)
	group := create(t, w, SomeName, SomePhone).GroupID
	w.script(t, simulator.Script{
		Fault: fault, Method: "set", Group: SomeName,
		Hold: simulator.Duration(ReadTimeout + time.Second), Delay: simulator.Duration(time.Millisecond),
	})
	err := c.do(t.Context(), w.Provider, group)
	AssertNoLeak(t, err, w.secrets()...)
	l := w.settled(t)
	some, all := c.done(l.Groups[0])
	switch e := provider.AsError(err); {
	case err == nil && !all:
		t.Error("no error, but the change was not made")
	case err != nil && some && e.Class != provider.Unknown:
		t.Errorf("the change was made, at least in part, but the error says %s: %v", e.Class, e)
	}
	met := 0
	for _, call := range l.CallsOf("", "set") {
		if call.Fault == fault {
			met++
		}
	}
	if fault != "delivery-failed" && met != 1 { // delivery-failed concerns queued messages, not calls
		t.Errorf("%d calls met the fault that is scripted for the group, want 1", met)
	}
	if n := calls(l, "set"); err != nil && n != 1 {
		t.Errorf("%d calls arrived, want the one that failed", n)
	}
}

// setOps returns the operations with which the provider can change a group, send to it, or look for what was sent.
func setOps(p provider.Provider, group string) []Op {
	can, wanted := p.Traits().Setup, settings(p)
	ops := []Op{
		{"post", provider.ScopeRequest, true, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Post(ctx, provider.Post{GroupID: group, Text: SomeText})
			return err
		}},
		{"find post", provider.ScopeInstance, false, func(ctx context.Context, p provider.Provider) error {
			_, _, err := p.FindPost(ctx, provider.Post{GroupID: group, Text: SomeText}, time.Time{})
			return err
		}},
	}
	set := func(able bool, name string, do func(ctx context.Context, p provider.Provider) error) {
		if able {
			ops = append(ops, Op{name, provider.ScopeRequest, true, do})
		}
	}
	set(can.Photo, "photo", func(ctx context.Context, p provider.Provider) error { return p.SetPhoto(ctx, group, Picture()) })
	set(can.Description, "description", func(ctx context.Context, p provider.Provider) error {
		return p.SetDescription(ctx, group, SomeText)
	})
	set(len(can.Settings) > 0, "settings", func(ctx context.Context, p provider.Provider) error {
		return p.SetSettings(ctx, group, wanted)
	})
	set(can.Admins, "admins", func(ctx context.Context, p provider.Provider) error {
		return p.Promote(ctx, group, []string{SomePhone})
	})
	set(can.Approve, "reject", func(ctx context.Context, p provider.Provider) error {
		return p.RejectJoins(ctx, group, []string{SomePhone})
	})
	set(can.Approve, "approve", func(ctx context.Context, p provider.Provider) error {
		return p.ApproveJoins(ctx, group, []string{SomePhone})
	})
	return ops
}
