package enqueue

import "github.com/rollcallhq/rollcall/internal/group"

// shown returns a group's document as the public type.
func shown(d group.Document) Group {
	g := Group{
		ID: d.ID, Status: Status(d.Status), Worst: string(d.Worst), GroupName: d.GroupName, AutoInvite: d.AutoInvite,
		Instance: d.Instance, Pool: d.Pool, Priority: d.Priority, BatchID: d.BatchID, Row: d.Row,
		ExternalRef: d.ExternalRef, IdempotencyKey: d.IdempotencyKey, GroupID: d.GroupID, InviteLink: d.InviteLink,
		Adopted: d.Adopted, OwnNumber: string(d.OwnNumber), Counts: counted[MemberStatus](d.Counts),
		Members: each(d.Members, member), Attempts: each(d.Attempts, attempt),
		WaitingFor: d.WaitingFor.String(), WaitingSince: d.WaitingSince, EtaAt: d.EtaAt, NotBefore: d.NotBefore, ExpiresAt: d.ExpiresAt,
		CreatedAt: d.CreatedAt, UpdatedAt: d.UpdatedAt, FinishedAt: d.FinishedAt, Metadata: d.Metadata, ReplacedBy: d.ReplacedBy, Replaces: d.Replaces, LateGroups: d.LateGroups,
		Setup: each(d.Setup, setupStep), JoinRequests: each(d.Askers, asker),
	}
	if e := d.Error; e != nil {
		g.Error = &GroupError{
			Code: string(e.Code), At: e.At, Message: e.Message.String(), Remedy: e.Remedy.String(),
			Candidates: each(e.Candidates, func(c group.Candidate) Candidate { return Candidate(c) }),
		}
	}
	if d.Consent != nil {
		c := GivenConsent(*d.Consent)
		g.Consent = &c
	}
	return g
}

func member(d group.MemberDocument) Member {
	m := Member{
		Phone: d.Phone, Input: d.Input, Name: d.Name, Status: MemberStatus(d.Status), Reason: d.Reason.String(),
		MessageID: d.MessageID, UpdatedAt: d.UpdatedAt, AskedBy: d.AskedBy, AskedAt: d.AskedAt,
		Role: string(d.Role), Admin: d.Admin,
	}
	if r := d.Request; r != nil {
		asks := joinRequest(*r)
		m.JoinRequest = &asks
	}
	return m
}

func joinRequest(r group.JoinRequest) JoinRequest {
	return JoinRequest{At: r.At, Method: string(r.Method), Answer: string(r.Answer), Reason: r.Reason.String()}
}

func asker(d group.AskerDocument) Asker {
	return Asker{Phone: d.Phone, LID: d.LID, JoinRequest: joinRequest(d.JoinRequest)}
}

func setupStep(d group.StepDocument) SetupStep {
	return SetupStep{Step: string(d.Step), Status: string(d.Status), Reason: d.Reason.String(), UpdatedAt: d.UpdatedAt}
}

func attempt(d group.AttemptDocument) Attempt {
	return Attempt{
		N: d.N, Instance: d.Instance, StartedAt: d.StartedAt, EndedAt: d.EndedAt,
		Outcome: string(d.Outcome), HTTPStatus: d.HTTPStatus, Error: d.Error.String(),
	}
}

// shownBatch returns a batch's document as the public type.
func shownBatch(d group.BatchDocument) Batch {
	return Batch{
		ID: d.ID, Name: d.Name, Status: d.Status, Worst: string(d.Worst), Total: d.Total,
		Counts: counted[Status](d.Counts), MemberCounts: counted[MemberStatus](d.MemberCounts),
		Funnel: Funnel(d.Funnel), InvalidRows: d.InvalidRows, EtaAt: d.EtaAt, CreatedAt: d.CreatedAt, FinishedAt: d.FinishedAt,
	}
}

// each converts a list. Nil stays nil: JSON writes null for it, and [] for an empty list.
func each[A, B any](all []A, to func(A) B) []B {
	if all == nil {
		return nil
	}
	out := make([]B, len(all))
	for i, a := range all {
		out[i] = to(a)
	}
	return out
}

// counted converts the keys of counts.
func counted[B, A ~string](counts map[A]int) map[B]int {
	if counts == nil {
		return nil
	}
	out := make(map[B]int, len(counts))
	for key, n := range counts {
		out[B(key)] = n
	}
	return out
}
