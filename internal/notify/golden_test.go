package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

var update = flag.Bool("update", false, "write the golden files of the payloads")

// shelf is the documents of one group.
type shelf struct{ doc group.Document }

func (s shelf) Group(context.Context, string) (group.Document, error)    { return s.doc, nil }
func (shelf) Batch(context.Context, string) (group.BatchDocument, error) { panic("not asked for") }
func (shelf) Instance(context.Context, string) (view.Instance, error)    { panic("not asked for") }

// equipped is a group whose set-up has a step in each state, with staff, an admin and two requests to join.
func equipped() *group.Group {
	at := func(s int) time.Time { return time.Date(2027, 1, 10, 9, 0, s, 0, time.UTC) }
	on := true
	asked := tasks.Setup{
		Photo: "https://school.example/logo.png", Description: "Notices", WelcomeMessage: "Welcome",
		Admins: &tasks.Admins{All: true}, Settings: &tasks.Settings{OnlyAdminsSend: &on, ApproveJoins: &on},
	}
	g := &group.Group{
		ID: "grp_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a10", Name: "Turma 12", AutoInvite: true, Status: group.Done, Instance: "alpha", Called: true,
		Target: tasks.Target{Pool: "school"}, Priority: tasks.Normal, BatchID: "bat_0198f3c2-7d1e-7c41-9a55-2f8f2f6f4a11", Row: 3, ExternalRef: "deal-812",
		WhatsAppID: "120363000000000001-group", InviteLink: "https://chat.whatsapp.com/AbCdEfGhIjK", Sight: group.Sight{Own: group.StandingAdmin},
		CreatedAt: at(0), UpdatedAt: at(40), FinishedAt: at(40), Setup: group.NewSetup(asked, at(0)),
		Attempts: []group.Attempt{{N: 1, Instance: "alpha", StartedAt: at(1), EndedAt: at(2), Outcome: group.OutcomeCreated, HTTPStatus: 200}},
		Members: []group.Member{
			{Number: "+5544999999991", Input: "44 99999-9991", Status: group.Added, Admin: true, UpdatedAt: at(12)},
			{
				Number: "+5544999999992", Input: "44 99999-9992", Status: group.Requested, Reason: say.Phrase{Code: say.AskedToJoin}, InvitedAt: at(20), UpdatedAt: at(30),
				Request: &group.JoinRequest{At: at(30), Method: group.ByLink, Answer: group.ApproveJoin},
			},
			{Number: "+5544999990001", Input: "+5544999990001", Status: group.Added, Staff: true, UpdatedAt: at(12)},
		},
		Askers: []group.Asker{{
			Identity: phone.Identity{Digits: "5544999999977", LID: "901@lid"}, JoinRequest: group.JoinRequest{At: at(31), Method: group.ByMember, Reason: say.Phrase{Code: say.JoinNotShown}},
		}},
	}
	for i, status := range []group.StepStatus{group.StepDone, group.StepUnsupported, group.StepWanted, group.StepRefused, group.StepUnknown} {
		g.Setup.Steps[i].Status, g.Setup.Steps[i].UpdatedAt = status, at(13+i)
	}
	g.Setup.Steps[1].Reason, g.Setup.Steps[3].Reason = say.Phrase{Code: say.SetupUnsupported}, say.Phrase{Code: say.SetupGaveUp, Why: []say.Phrase{say.Words("HTTP 403")}}
	return g
}

// CRMs rely on the form of these payloads.
func TestBody_OfAGroupWithASetupIsAsItsGoldenFileSays(t *testing.T) {
	t.Parallel()
	docs := shelf{equipped().Document()}
	for _, n := range []store.Notice{{Type: GroupReady}, {Type: MemberRequest, Person: 1}} {
		n.At = time.Date(2027, 1, 10, 9, 1, 0, 0, time.UTC)
		payload, err := body(t.Context(), docs, &n)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := json.Indent(&got, payload, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		path := filepath.Join("testdata", n.Type+".json")
		if *update {
			if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%s\nwant, as in %s,\n%s", n.Type, got.String(), path, want)
		}
	}
}
