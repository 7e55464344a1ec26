package api

import (
	"context"
	"net/http"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/status"
)

func (a *API) addEvidence() {
	add(a, operation{
		method: http.MethodGet, path: "/v1/evidence", id: "showEvidence", tag: "suppressions", role: Operator,
		summary: "Tell everything that is known about one person",
		about: "The groups, what became of the person in each and when, the consent that came with the request, the suppression list, " +
			"and what the providers said of the number: to answer that person. All of it is in clear, and the audit log notes who saw it. " +
			"Of somebody nobody knows the lists are empty.",
	}, a.evidence)
}

type evidenceInput struct {
	Phone  string `query:"phone" required:"true" doc:"The person: a phone in any spelling, or a chat id."`
	Region string `query:"region" doc:"The country of a phone without a country code, two letters as BR."`
}

func (a *API) evidence(ctx context.Context, in *evidenceInput) (*answered[status.Evidence], error) {
	who, err := person("query.phone", in.Phone, in.Region)
	if err != nil {
		return nil, err
	}
	e, err := a.Status.Evidence(ctx, who)
	if err != nil {
		return nil, err
	}
	a.Control.Audit.Saw(ctx, audit.About{Subjects: []string{a.Ledger.PersonID(who)}, Detail: "evidence"})
	return &answered[status.Evidence]{e}, nil
}
