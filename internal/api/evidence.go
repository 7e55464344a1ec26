package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

func (a *API) addEvidence() {
	add(a, operation{
		method: http.MethodPost, path: "/v1/evidence", id: "showEvidence", tag: "suppressions", role: auth.Operator, pools: true, body: true,
		summary: "Tell everything that is known about one person",
		about: "The groups, what became of the person in each and when, the consent that came with the request, the suppression list, " +
			"and what the providers said of the number: to answer that person. All of it is in clear, and the audit log notes who saw it. " +
			"Returns empty lists for an unknown number.",
	}, a.evidence)
}

type evidenceInput struct{ Body EvidenceRequest }

// EvidenceRequest names a person. It is a body, because proxies and servers log addresses.
type EvidenceRequest struct {
	_      struct{}    `additionalProperties:"false"`
	Phone  tasks.Phone `json:"phone" doc:"The person: a phone in any spelling, or a chat id."`
	Region string      `json:"region,omitempty" doc:"The country of a phone without a country code, two letters as BR."`
}

func (a *API) evidence(ctx context.Context, in *evidenceInput) (*answered[view.Evidence], error) {
	who, err := person("body.phone", string(in.Body.Phone), in.Body.Region)
	if err != nil {
		return nil, err
	}
	e, err := a.shown(ctx).Evidence(ctx, who)
	if err != nil {
		return nil, err
	}
	a.Control.Audit.Saw(ctx, audit.About{Subjects: []string{a.Store.People.PersonID(who)}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "evidence"}})
	return &answered[view.Evidence]{e}, nil
}
