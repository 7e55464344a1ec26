package enqueue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestCreateBatch_SetupIsRecordedAndItsChangeReported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	row := ask("Turma 1", ana, bia)
	row.Setup = tasks.Setup{
		Description: "Notices", Photo: "https://school.example/logo.jpg", WelcomeMessage: "Hello",
		Admins: &tasks.Admins{People: []tasks.Phone{"55 44 99999-9991"}}, Settings: &tasks.Settings{OnlyAdminsSend: new(true)},
	}
	if _, got := b.send(t, "cohort", enqueue.Rules{}, row); told(got[0]) != "created" {
		t.Fatalf("got %q, want created", told(got[0]))
	}
	want := row.Setup
	want.Admins = &tasks.Admins{People: []tasks.Phone{ana}}
	if d := cmp.Diff(want, b.groups(t)[0].Setup.Asked); d != "" {
		t.Error(d)
	}
	if _, got := b.send(t, "cohort", enqueue.Rules{}, row); told(got[0]) != "existed" {
		t.Errorf("the same row again: got %q, want existed", told(got[0]))
	}
	row.Setup = tasks.Setup{Description: "Other", Photo: "https://school.example/2.jpg", WelcomeMessage: "Bye", Admins: &tasks.Admins{All: true}}
	if _, got := b.send(t, "cohort", enqueue.Rules{}, row); told(got[0]) != "invalid changed new [] gone [] [description photo admins welcomeMessage settings]" {
		t.Errorf("another set-up: got %q, want it changed in every field", told(got[0]))
	}
	row.Setup = tasks.Setup{}
	if _, got := b.send(t, "cohort", enqueue.Rules{}, row); told(got[0]) != "invalid changed new [] gone [] [description photo admins welcomeMessage settings]" {
		t.Errorf("no set-up: got %q, want it changed in every field", told(got[0]))
	}
}

func TestCreateBatch_SetupThatTheNamedInstanceLacksIsUnsupported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	for _, a := range []store.Announcement{
		{Name: "alpha", Pools: []string{"default"}, SeenAt: now, Setup: []string{"photo", "admins", "onlyAdminsSend"}},
		{Name: "beta", Pools: []string{"default"}, SeenAt: now, Setup: []string{}},
		{Name: "older", Pools: []string{"default"}, SeenAt: now},
	} {
		if err := b.store.Presence.Announce(t.Context(), []store.Announcement{a}); err != nil {
			t.Fatal(err)
		}
	}
	whole := tasks.Setup{
		Description: "Notices", Photo: "https://school.example/logo.jpg", WelcomeMessage: "Hello", Admins: &tasks.Admins{All: true},
		Settings: &tasks.Settings{OnlyAdminsSend: new(true), ApproveJoins: new(false)},
	}
	rows := []tasks.GroupRequest{ask("1", ana), ask("2", ana), ask("3", ana), ask("4", ana), ask("5", ana)}
	for i, instance := range []string{"alpha", "beta", "older", "", "alpha"} {
		rows[i].Instance, rows[i].Setup = instance, whole
	}
	rows[4].Setup = tasks.Setup{Photo: whole.Photo, Admins: whole.Admins, WelcomeMessage: "Hello"}
	_, got := b.create(t, "cohort", rows...)
	for i, want := range []string{"description", "description", "", "", ""} {
		switch e := got[i].Error; {
		case want == "" && e != nil:
			t.Errorf("row %d: got %v, want no error", i+1, e)
		case want != "" && (e == nil || e.Code != tasks.Unsupported || e.Field != want):
			t.Errorf("row %d: got %+v, want unsupported of %s", i+1, e, want)
		}
	}
	if e := got[0].Error; e != nil && e.Message != `The provider of the instance "alpha" cannot set description, approveJoins. Leave it out, or let another instance create the group.` {
		t.Errorf("row 1: got the message %q, want what alpha's provider cannot set and what to do", e.Message)
	}
}
