package store

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

const recordID = "grp_019ab0d2-5c00-7000-8000-000000000001"

// everyRecord returns a record for each stage of a group, by the name of its golden file.
func everyRecord() map[string]*group.Group {
	at := func(s int) time.Time { return time.UnixMilli(1763900000000 + int64(s)*1000).UTC() }
	queued := &group.Group{
		ID: recordID, Rev: 1, Name: "Turma 000123", AutoInvite: true, Target: tasks.Target{Pool: "default"}, Priority: tasks.Normal,
		BatchID: "bat_019ab0d2-5b00-7000-8000-000000000002", Row: 124, CreatedAt: at(0), UpdatedAt: at(0), Status: group.Queued,
	}
	for i := range 10 {
		n := phone.Number(fmt.Sprintf("+5511%09d", 900000000+i*7919))
		queued.Members = append(queued.Members, group.Member{Number: n, Input: n.E164(), Status: group.Pending, UpdatedAt: at(0)})
	}

	asked := *queued
	asked.AutoInvite, asked.Target, asked.Priority, asked.BatchID, asked.Row = false, tasks.Target{Instance: "alpha"}, tasks.High, "", 1
	asked.Name, asked.ExternalRef, asked.Key = "Turma 12 🎓", "deal-812", "deal-812"
	asked.NotBefore, asked.ExpiresAt, asked.Message = at(-3600), at(7200), "Oi! {{.Link}} é o grupo {{.GroupName}}"
	asked.Metadata = map[string]any{"owner": "ana", "score": json.Number("4.5"), "tags": []any{"a", nil, true}, "deep": map[string]any{"n": json.Number("7")}}
	asked.ReplacedBy, asked.Replaces = "grp_019ab0d2-5b00-7000-8000-00000000000a", "grp_019ab0d2-5b00-7000-8000-00000000000b"
	asked.Claim, asked.Former = []byte("0123456789abcdef"), [][]byte{[]byte("fedcba9876543210"), []byte("0000000000000000")}
	asked.Consent = group.Consent{Source: "form 7", At: at(-86400)}
	asked.Members = []group.Member{
		{Number: "+5511999990001", Input: "5511999990001", Status: group.Pending, UpdatedAt: at(0)},
		{Number: "+79001234567", Input: "+79001234567", Status: group.Pending, UpdatedAt: at(0)},
		{Number: "+5511999990003", Input: "(11) 99999-0003", Status: group.OptedOut, Reason: say.Words("is on the suppression list"), UpdatedAt: at(0)},
		{Input: "12", Status: group.Invalid, Reason: say.Words("too short"), UpdatedAt: at(1)},
		{LID: "123456789012345@lid", Input: "123456789012345@lid", Status: group.Pending, UpdatedAt: at(0)},
	}

	done := *queued
	done.Rev, done.Status, done.Instance, done.Called, done.Tries, done.Round = 23, group.Done, "beta", true, 1, 1
	done.TryingFrom, done.UpdatedAt, done.FinishedAt = at(60), at(400), at(500)
	done.Attempts = []group.Attempt{
		{N: 1, Instance: "alpha", Owner: "w1", StartedAt: at(60), Until: at(150), EndedAt: at(61), Outcome: group.OutcomeUnknown, HTTPStatus: 500, Error: say.Words("oops")},
		{N: 2, Instance: "beta", Owner: "w2", StartedAt: at(300), Until: at(390)},
	}
	done.Verify = group.Looking{From: at(61), Until: at(150), Looks: 4, Failures: 1}
	done.Roll = group.Looking{From: at(301), Looks: 2}
	done.Watch = group.Watch{At: at(4000), ReadAt: at(401), AskedAt: at(402), RetryAt: at(403), FailingSince: at(404), Failures: 2}
	done.Strangers, done.Deaths, done.DiedAt = 1, 2, at(399)
	done.WhatsAppID, done.InviteLink, done.Adopted = "120363000000000001-group", "https://chat.whatsapp.com/AbCdEf", true
	done.NotAdded, done.Strays = []string{"5511900007919"}, []group.Stray{{GroupID: "120363000000000002-group", Instance: "beta"}}
	done.Members = make([]group.Member, len(queued.Members))
	for i, m := range queued.Members {
		m.Status, m.UpdatedAt, m.WhatsApp, m.LID = group.Added, at(311), fmt.Sprintf("5511%08d", i*7919), fmt.Sprintf("%d@lid", 200000000000000+i)
		done.Members[i] = m
	}
	done.Members[5].LID, done.Members[6].LID, done.Members[6].WhatsApp = "0123@lid", "x@lid", "+5511" // not digits alone, so no column holds them
	done.Members[7].LID, done.Members[8].LID, done.Members[9].LID, done.Members[9].WhatsApp = "", "7@lid", "7@lid", ""
	done.LinkAt, done.ByHand, done.SoughtAt = at(316), true, at(317)
	m := &done.Members[3]
	m.Status, m.MessageID, m.InvitedAt, m.UpdatedAt, m.Said, m.MissedAt = group.Joined, "3EB0C767D097E9ECE90C", at(320), at(399), group.SaidLeft, at(398)
	m.Late, m.AskedBy, m.AskedAt, m.CalledAt = true, "cohort-2.csv", at(310), at(315)
	m = &done.Members[4]
	m.Status, m.Tries, m.TryingFrom, m.Invite, m.Reason = group.InviteQueued, 3, at(325), &group.Intent{Owner: "w2", At: at(330), Until: at(360)}, say.Words("busy")
	m.Invite.Fate = &group.Fate{MessageID: "3EB0FA7E", Status: group.InviteFailed, Reason: say.Phrase{Code: say.InviteBounced, Text: "no"}}

	review := *queued
	review.Rev, review.Status, review.Wait = 7, group.Review, group.Wait{For: say.Words("a person"), Until: at(90)}
	review.Error = &group.Error{Code: group.CodeAmbiguous, Message: say.Words("two groups"), Remedy: say.Words("choose"), Candidates: []group.Candidate{
		{GroupID: "1@g.us", Name: "Turma", CreatedAt: at(62), People: 11}, {GroupID: "2@g.us", Name: "Turma", People: 2},
	}}
	plain := *queued
	plain.Setup = group.NewSetup(tasks.Setup{Photo: "https://school.example/logo.png", Admins: &tasks.Admins{All: true}}, at(0))

	return map[string]*group.Group{"queued": queued, "asked": &asked, "done": &done, "review": &review, "setup_asked": &plain, "setup": settingUp(queued, at)}
}

// settingUp is a group whose set-up has a step in each state, with the pool's defaults and staff.
func settingUp(queued *group.Group, at func(s int) time.Time) *group.Group {
	on, off := true, false
	g := *queued
	g.Rev, g.Status, g.Instance, g.Called, g.Round, g.WhatsAppID = 9, group.Inviting, "beta", true, 0, "120363000000000001-group"
	g.TryingFrom, g.UpdatedAt, g.Roll = at(60), at(400), group.Looking{From: at(301), Looks: 1}
	g.Attempts = []group.Attempt{{N: 1, Instance: "beta", Owner: "w1", StartedAt: at(60), Until: at(150), EndedAt: at(61), Outcome: group.OutcomeCreated, HTTPStatus: 200}}
	g.Members = append([]group.Member{}, queued.Members...)
	for i := range g.Members {
		g.Members[i].Status, g.Members[i].UpdatedAt = group.Added, at(311)
	}
	g.Members[0].Admin, g.Members[0].WasAdmin = true, true
	g.Members[1].WasAdmin = true // and is an ordinary member again
	g.Members = append(g.Members, group.Member{
		Number: "+5511988880000", Input: "+5511988880000", Status: group.Added, Staff: true, Admin: true, WasAdmin: true, UpdatedAt: at(312),
	})
	g.Members[1].Request = &group.JoinRequest{At: at(305), Method: group.ByLink, Answer: group.ApproveJoin, Reason: say.Words("busy"), Tries: 2}
	g.Askers = []group.Asker{
		{Identity: phone.Identity{Digits: "5511977770000", LID: "901@lid"}, JoinRequest: group.JoinRequest{At: at(306), Method: group.ByMember}},
		{Identity: phone.Identity{LID: "902@lid"}, JoinRequest: group.JoinRequest{At: at(307), Answer: group.RejectJoin, Reason: say.Phrase{Code: say.JoinNotShown}, Tries: 4}},
	}
	asked := tasks.Setup{Description: "Turma de 2027", Settings: &tasks.Settings{OnlyAdminsSend: &on, ApproveJoins: &off}}
	want := asked
	want.Photo, want.WelcomeMessage = "https://school.example/logo.png", "Oi, {{.GroupName}}"
	want.Admins = &tasks.Admins{People: []tasks.Phone{"+5511900000000", "+5511988880000"}}
	g.Setup = &group.Setup{
		Asked: asked, Want: want, Equipped: true, InviteStaff: true, From: at(320), Released: true, At: at(420),
		Steps: []group.SetupStep{
			{Name: group.StepPhoto, Status: group.StepWanted, Reason: say.Words("HTTP 429"), UpdatedAt: at(0), Since: at(321), Tries: 2, At: at(420), Called: true, Accepted: true},
			{Name: group.StepDescription, Status: group.StepUnsupported, Reason: say.Phrase{Code: say.SetupUnsupported}, UpdatedAt: at(322)},
			{Name: group.StepSettings, Status: group.StepRefused, Reason: say.Phrase{Code: say.SetupGaveUp, Why: []say.Phrase{say.Words("no")}}, UpdatedAt: at(323), Since: at(321), Tries: 3},
			{Name: group.StepAdmins, Status: group.StepDone, Reason: say.Phrase{Code: say.SetupAdminsLater, N: 1}, UpdatedAt: at(324), Called: true},
			{
				Name: group.StepWelcome, Status: group.StepUnknown, Reason: say.Phrase{Code: say.WelcomeUnknown, Text: "oops"}, UpdatedAt: at(390), Called: true, MessageID: "3EB0FEED",
				Intent: &group.Intent{Owner: "w1", At: at(380), Until: at(389), Answer: say.Phrase{Code: say.CallTimeout, Kind: "invite", Every: 30 * time.Second}},
			},
		},
	}
	return &g
}
