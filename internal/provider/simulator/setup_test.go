package simulator

import (
	"testing"
	"time"
)

// aGroup returns a world with one instance, a group of this instance, and the world's clock, which a test may move.
func aGroup(t *testing.T, adjust func(*Quirks)) (w *world, i *instance, g *group, now *time.Time) {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now = &at
	s, err := New(Config{
		Instances: []Instance{{Provider: ZAPI, ID: "I1", Token: "secret"}}, TimeScale: 1, Adjust: adjust,
		Now: func() time.Time { return *now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	w = s.world
	i = w.instances["I1"]
	g, _ = w.create(i, "Turma", []*person{w.personOf("5511900000001")}, nil, 1)
	return w, i, g, now
}

func TestLateChanges_ShowInReadingsAfterTheirLag(t *testing.T) {
	t.Parallel()
	w, _, g, now := aGroup(t, func(q *Quirks) { q.LateChanges, q.ChangeLag = 1, 5*minute })
	w.alter(g, func(l *look) { l.description = "first" })
	*now = now.Add(time.Minute)
	w.alter(g, func(l *look) { l.adminsSend = true })
	if truth := g.truth(); truth.Description != "first" || !truth.OnlyAdminsSend {
		t.Errorf("the ledger shows %+v, want the changes at once", truth)
	}
	if shown := w.looks(g); shown != (look{}) {
		t.Errorf("a reading shows %+v at once, want no change before the lag", shown)
	}
	*now = now.Add(5 * time.Minute)
	if shown := w.looks(g); shown.description != "first" || !shown.adminsSend {
		t.Errorf("a reading shows %+v after the lag, want both changes", shown)
	}
}

func TestLateChanges_AChangeThatIsNotLateShowsAtOnce(t *testing.T) {
	t.Parallel()
	w, _, g, _ := aGroup(t, nil)
	w.alter(g, func(l *look) { l.photo = hashed([]byte("abc")) })
	const sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	if shown := w.looks(g); shown.photo != sum || g.truth().Photo != sum {
		t.Errorf("a reading shows %+v, the ledger %+v; want both with photo %s", shown, g.truth(), sum)
	}
}

func TestPromote_OnlyMembersBecomeAdmins(t *testing.T) {
	t.Parallel()
	w, _, g, _ := aGroup(t, nil)
	if !w.promote(g, w.personOf("5511900000001")) || !g.truth().Members[1].Admin {
		t.Error("a member did not become an admin")
	}
	if w.promote(g, w.personOf("5511900000002")) {
		t.Error("a stranger became an admin")
	}
}

func TestSend_FailsForANonAdminWhereOnlyAdminsWrite(t *testing.T) {
	t.Parallel()
	w, i, g, now := aGroup(t, nil)
	post := func() string {
		m := &message{to: "x", g: g, inst: i}
		w.send(m, *now)
		return m.status
	}
	g.byKey[i.self.key].admin = false
	if got := post(); got != MessageSent {
		t.Errorf("a plain member's message where all write is %s, want %s", got, MessageSent)
	}
	w.alter(g, func(l *look) { l.adminsSend = true })
	if got := post(); got != MessageFailed {
		t.Errorf("a plain member's message where only admins write is %s, want %s", got, MessageFailed)
	}
	g.byKey[i.self.key].admin = true
	if got := post(); got != MessageSent {
		t.Errorf("an admin's message is %s, want %s", got, MessageSent)
	}
}
