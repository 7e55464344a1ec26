package api

import (
	"cmp"
	"context"
	"errors"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

type membersInput struct {
	GroupID
	Region string `query:"region" doc:"The country of numbers without a country code, two letters as BR." example:"BR"`
	Strict bool   `query:"strict" doc:"Ask for no person if any phone cannot be used, instead of taking the good ones."`
	DryRun bool   `query:"dryRun" doc:"Say what would become of each person; change nothing."`
	Body   MembersRequest
}

// MembersRequest has the people to add to a group.
type MembersRequest struct {
	_       struct{}          `additionalProperties:"false"`
	Phones  []tasks.Phone     `json:"phones" minItems:"1" maxItems:"1023" doc:"The people's numbers."`
	Names   map[string]string `json:"names,omitempty" doc:"The people's names, by the phone as it stands in phones. They are sent to no provider."`
	Consent *tasks.Consent    `json:"consent,omitempty" doc:"The people's permission, as you vouch for it."`
}

// Extended is a group with further people, or as it would be with dryRun, and the outcome for each of them.
type Extended struct {
	enqueue.Group

	Asked []enqueue.AskedPerson `json:"asked"`
}

// Schema returns the schema of its own fields; describe adds those of the group.
func (Extended) Schema(r huma.Registry) *huma.Schema {
	asked := r.Schema(reflect.TypeFor[[]enqueue.AskedPerson](), true, "")
	asked.Description = "The people of the request, in their order."
	return called(r, extendedGroup, &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"asked": asked}, Required: []string{"asked"}})
}

// extendedGroup is the name of Extended's schema.
const extendedGroup = "GroupExtended"

func (a *API) addMembers(ctx context.Context, in *membersInput) (*answered[Extended], error) {
	rules, err := Reading{Region: in.Region, Strict: in.Strict}.rules(ctx)
	if err != nil {
		return nil, err
	}
	doc, people, err := a.Enqueue.AddMembers(ctx, in.ID, enqueue.Members{
		Phones: in.Body.Phones, Names: in.Body.Names, Consent: in.Body.Consent,
		By: "api:" + cmp.Or(audit.ActorOf(ctx).Name, "local"), DryRun: in.DryRun,
	}, rules)
	if bad, ok := errors.AsType[*tasks.RowError](err); ok {
		return nil, ofRow(bad)
	}
	if !in.DryRun {
		a.Control.Audit.Did(ctx, audit.ExtendGroup, audit.About{Subjects: []string{in.ID}, Count: len(in.Body.Phones)}, err)
	}
	if err != nil {
		return nil, noGroup(in.ID, err)
	}
	if in.DryRun {
		a.saw(ctx, 1)
	}
	return &answered[Extended]{Extended{doc, people}}, nil
}
