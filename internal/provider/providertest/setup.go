package providertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/jpeg"
	"slices"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/tasks"
)

// Picture is a small JPEG.
func Picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// settings are all that a provider can change, switched on.
func settings(p provider.Provider) tasks.Settings {
	on := true
	all := tasks.Settings{OnlyAdminsSend: &on, OnlyAdminsEdit: &on, OnlyAdminsAdd: &on, ApproveJoins: &on}
	return all.Only(func(name string) bool { return slices.Contains(p.Traits().Setup.Settings, name) })
}

func setsUp(t *testing.T, s suite) {
	w := s.world(t)
	group := create(t, w, SomeName, member, late).GroupID
	can, photo := w.Traits().Setup, Picture(t)
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
	// One after the other: what was set before stays.
	for _, name := range can.Settings {
		must(w.SetSettings(t.Context(), group, settings(w).Only(func(other string) bool { return other == name })))
	}
	sum := sha256.Sum256(photo)
	g := w.Ledger().Groups[0]
	if can.Photo && g.Photo != hex.EncodeToString(sum[:]) || can.Description && g.Description != "Welcome, class of 2027" {
		t.Errorf("set were the photo %q and the description %q", g.Photo, g.Description)
	}
	is := map[string]bool{"onlyAdminsSend": g.OnlyAdminsSend, "onlyAdminsEdit": g.OnlyAdminsEdit, "onlyAdminsAdd": g.OnlyAdminsAdd, "approveJoins": g.ApproveJoins}
	for name, on := range is {
		// A provider that takes all of them at once cannot read the one about adding people.
		if wanted := slices.Contains(can.Settings, name); on != wanted && (name != "onlyAdminsAdd" || !wanted) {
			t.Errorf("%s is %v at WhatsApp, want %v", name, on, wanted)
		}
	}
	roll, err := w.Members(t.Context(), group)
	must(err)
	if d := roll.Profile.Description; can.Description && (d == nil || *d != "Welcome, class of 2027") {
		t.Errorf("read back was the description %v", d)
	}
	roll.Profile.Settings.Each(func(name string, on bool) {
		if on != is[name] {
			t.Errorf("read back was %s = %v, want %v", name, on, is[name])
		}
	})
	for _, number := range []string{member, late} {
		i := slices.IndexFunc(roll.Participants, func(p provider.Participant) bool { return same(p.Identity, phone.Identity{Digits: number}) })
		if can.Admins && (i < 0 || !roll.Participants[i].Admin) {
			t.Errorf("%v is read as no admin", roll.Participants)
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
		"photo":       {!can.Photo, func() error { return w.SetPhoto(t.Context(), group, Picture(t)) }},
		"description": {!can.Description, func() error { return w.SetDescription(t.Context(), group, "about") }},
		"admins":      {!can.Admins, func() error { return w.Promote(t.Context(), group, []string{member}) }},
		"approve":     {!can.Approve, func() error { return w.ApproveJoins(t.Context(), group, []string{member}) }},
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
		t.Fatalf("%v, want nothing to be known", err)
	}
	l := w.settled(t)
	if len(l.Messages) != 1 || l.Messages[0].GroupID != group || l.Messages[0].Text != SomeText {
		t.Fatalf("sent was %+v", l.Messages)
	}
	if sent, found, err := w.FindPost(t.Context(), p, since); err != nil || !found || sent.MessageID == "" {
		t.Errorf("it was looked for: %v, %v, %v", sent, found, err)
	}
	other := provider.Post{GroupID: group, Text: "another text"}
	if _, found, err := w.FindPost(t.Context(), other, since); err != nil || found {
		t.Errorf("another message was looked for: %v, %v", found, err)
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
		t.Fatal("the person is in before an approval: this proves nothing")
	}
	if err := w.ApproveJoins(t.Context(), created.GroupID, []string{shy}); err != nil {
		t.Fatal(err)
	}
	if !inside() {
		t.Error("the person who was approved is not in")
	}
}

// setFaults: no change is called done that was not, and what surely did not happen is not called unknown.
func setFaults(t *testing.T, s suite) {
	for _, name := range simulator.FaultNames() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := s.world(t)
			group := create(t, w, SomeName, member).GroupID
			w.script(t, simulator.Script{Fault: name, Method: "set", Hold: simulator.Duration(10 * time.Second), Delay: simulator.Duration(time.Millisecond)})
			err := w.SetPhoto(t.Context(), group, Picture(t))
			done := w.settled(t).Groups[0].Photo != ""
			switch e := provider.AsError(err); {
			case err == nil && !done:
				t.Error("it is called done, and is not")
			case err != nil && done && e.Class != provider.Unknown:
				t.Errorf("it is done, and called %s: %v", e.Class, e)
			}
		})
	}
}

// setOps are the operations that change a group or send to it.
func setOps(group string) []Op {
	return []Op{
		{"post", provider.ScopeRequest, true, func(ctx context.Context, p provider.Provider) error {
			_, err := p.Post(ctx, provider.Post{GroupID: group, Text: SomeText})
			return err
		}},
		{"find post", provider.ScopeInstance, false, func(ctx context.Context, p provider.Provider) error {
			_, _, err := p.FindPost(ctx, provider.Post{GroupID: group, Text: SomeText}, time.Time{})
			return err
		}},
	}
}
