package api

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

const (
	schemas = "#/components/schemas/"
	bearer  = "key"
)

// newHuma makes the huma.API that reads parameters and writes documents. It turns off huma's own pages, which load
// a viewer from another server.
func newHuma(a *API) huma.API {
	registry := huma.NewMapRegistry(schemas, nameOf)
	words(registry)
	c := huma.DefaultConfig("rollcall", "1")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	// Later versions may add keys to answers, and generated clients must accept them.
	c.AllowAdditionalPropertiesByDefault = true
	c.Components.Schemas = registry
	c.Info.Description = about
	c.Info.License = &huma.License{Name: "MIT", Identifier: "MIT"}
	c.Tags = tags
	// The same for every configuration: a client that was generated from `rollcall-worker dev`, which has no
	// keys, works with a server that has some.
	c.Servers = []*huma.Server{{URL: cmp.Or(a.BasePath, "/"), Description: "The server that this document comes from."}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		bearer: {Type: "http", Scheme: "bearer", BearerFormat: "rck_…", Description: "A key of api.keys; `rollcall-producer key new` makes one. A server without keys takes requests without one."},
	}
	c.Transformers = []huma.Transformer{func(ctx huma.Context, _ string, v any) (any, error) {
		switch e := v.(type) {
		case *huma.ErrorModel:
			return fromHuma(e).finished(ctx.Context()), nil
		case *Problem:
			return e.finished(ctx.Context()), nil
		}
		if !veiled(ctx.Context()) {
			return v, nil
		}
		document, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		document, err = VeilJSON(document)
		return json.RawMessage(document), err
	}}
	registry.Schema(reflect.TypeFor[Problem](), true, "")
	return humago.New(a.mux, c)
}

const about = `Ask for WhatsApp groups, one by one or by the thousand, and follow them until they exist.

A request that is answered with 202 is kept: it survives any crash, and a worker creates the group at its instance's own pace. Asking again under the same idempotency key is the same request.

Times are RFC 3339 in UTC. Ids are opaque and sort by time. Every list is {"items": […], "nextCursor": ""}. Every answer has the header X-Request-Id: the request's id, yours if you sent one. Every error is a Problem.`

var tags = []*huma.Tag{
	{Name: "groups", Description: "One WhatsApp group that a client asked for."},
	{Name: "batches", Description: "Many groups at once: a file, a bulk call, a named series."},
	{Name: "bulk", Description: "One action on all groups that match a filter."},
	{Name: "instances", Description: "The connected WhatsApp numbers."},
	{Name: "suppressions", Description: "The people who must not be added or invited."},
	{Name: "webhooks", Description: "Who is told of events, and what could not be delivered."},
	{Name: "audit", Description: "Who did what."},
	{Name: "status", Description: "The whole installation, now and as it changes."},
	{Name: "server", Description: "This server."},
}

// nameOf names a type's schema. The documents use the names of docs/api.md.
func nameOf(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	names := map[reflect.Type]string{
		reflect.TypeFor[group.Document]():        "Group",
		reflect.TypeFor[group.MemberDocument]():  "Member",
		reflect.TypeFor[group.AttemptDocument](): "Attempt",
		reflect.TypeFor[group.Error]():           "GroupError",
		reflect.TypeFor[group.BatchDocument]():   "Batch",
		reflect.TypeFor[group.Consent]():         "GivenConsent",
		reflect.TypeFor[group.StepDocument]():    "Step",
		reflect.TypeFor[view.Document]():         "Status",
		reflect.TypeFor[enqueue.Result]():        "Row",
		reflect.TypeFor[enqueue.People]():        "People",
		reflect.TypeFor[enqueue.PlaceTotal]():    "PlanPlace",
	}
	if name, ok := names[t]; ok {
		return name
	}
	if name := t.Name(); name != "" {
		return strings.ToUpper(name[:1]) + name[1:]
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// words registers the schemas of enum types. The domain does not know huma, so its types have stand-ins here.
func words(r huma.Registry) {
	r.RegisterTypeAlias(reflect.TypeFor[group.Status](), reflect.TypeFor[groupStatus]())
	r.RegisterTypeAlias(reflect.TypeFor[group.Worst](), reflect.TypeFor[worstPart]())
	r.RegisterTypeAlias(reflect.TypeFor[group.MemberStatus](), reflect.TypeFor[memberStatus]())
	r.RegisterTypeAlias(reflect.TypeFor[group.MemberRole](), reflect.TypeFor[memberRole]())
	r.RegisterTypeAlias(reflect.TypeFor[group.Outcome](), reflect.TypeFor[callOutcome]())
	r.RegisterTypeAlias(reflect.TypeFor[group.Code](), reflect.TypeFor[groupCode]())
	r.RegisterTypeAlias(reflect.TypeFor[group.Standing](), reflect.TypeFor[standing]())
	r.RegisterTypeAlias(reflect.TypeFor[group.StepName](), reflect.TypeFor[stepName]())
	r.RegisterTypeAlias(reflect.TypeFor[group.StepStatus](), reflect.TypeFor[stepStatus]())
	r.RegisterTypeAlias(reflect.TypeFor[provider.Health](), reflect.TypeFor[health]())
	r.RegisterTypeAlias(reflect.TypeFor[view.InstanceWorst](), reflect.TypeFor[instanceWorst]())
	r.RegisterTypeAlias(reflect.TypeFor[view.InstallationState](), reflect.TypeFor[installationState]())
	r.RegisterTypeAlias(reflect.TypeFor[view.NeedKind](), reflect.TypeFor[needKind]())
	r.RegisterTypeAlias(reflect.TypeFor[pacing.Cause](), reflect.TypeFor[restCause]())
	r.RegisterTypeAlias(reflect.TypeFor[pacing.Kind](), reflect.TypeFor[callKind]())
	r.RegisterTypeAlias(reflect.TypeFor[store.Reason](), reflect.TypeFor[unreadableReason]())
	r.RegisterTypeAlias(reflect.TypeFor[enqueue.Group](), reflect.TypeFor[group.Document]()) // the same, field by field
	r.RegisterTypeAlias(reflect.TypeFor[enqueue.MemberStatus](), reflect.TypeFor[memberStatus]())
	r.RegisterTypeAlias(reflect.TypeFor[enqueue.Outcome](), reflect.TypeFor[rowOutcome]())
	r.RegisterTypeAlias(reflect.TypeFor[tasks.Code](), reflect.TypeFor[rowCode]())
	r.RegisterTypeAlias(reflect.TypeFor[tasks.Priority](), reflect.TypeFor[priority]())
	r.RegisterTypeAlias(reflect.TypeFor[operate.BulkAction](), reflect.TypeFor[bulkAction]())
	r.RegisterTypeAlias(reflect.TypeFor[tasks.Phone](), reflect.TypeFor[typedPhone]())
	r.RegisterTypeAlias(reflect.TypeFor[filterPhone](), reflect.TypeFor[typedPhone]())
	r.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
}

type (
	groupStatus       string
	worstPart         string
	memberStatus      string
	memberRole        string
	callOutcome       string
	groupCode         string
	standing          string
	stepName          string
	stepStatus        string
	health            string
	instanceWorst     string
	installationState string
	needKind          string
	restCause         string
	callKind          string
	unreadableReason  string
	rowOutcome        string
	rowCode           string
	faultCode         string
	priority          string
	bulkAction        string
	typedPhone        string
)

func (bulkAction) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "BulkAction", operate.BulkActions...)
}

func (groupStatus) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "GroupStatus", append(slices.Clone(group.Statuses), group.Unreadable)...)
}

func (worstPart) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "WorstPart", group.Worsts()...)
}

func (memberStatus) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "MemberStatus", group.MemberStatuses...)
}

func (memberRole) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "MemberRole", group.RoleStaff)
}

func (callOutcome) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "CallOutcome", group.Open, group.OutcomeCreated, group.OutcomeRefused, group.OutcomeLimited, group.OutcomeNotSent, group.OutcomeUnknown)
}

func (groupCode) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "GroupCode", group.CodeRefused, group.CodeNoMembers, group.CodeExpired, group.CodeGaveUp,
		group.CodeAmbiguous, group.CodeUnverifiable, group.CodeDuplicate, group.CodePoison, group.CodeUnreadable)
}

func (standing) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "Standing", group.StandingAdmin, group.StandingMember, group.StandingOut)
}

func (stepName) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "StepName", group.StepPhoto, group.StepDescription, group.StepSettings, group.StepAdmins, group.StepWelcome)
}

func (stepStatus) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "StepStatus", group.StepWanted, group.StepDone, group.StepRefused, group.StepUnsupported, group.StepUnknown)
}

func (health) Schema(r huma.Registry) *huma.Schema { return enum(r, "InstanceState", healths...) }

var healths = []provider.Health{
	provider.Ready, provider.Paused, provider.Disconnected, provider.Restricted, provider.Unauthorized, provider.Starting, provider.UnknownState,
}

func (instanceWorst) Schema(r huma.Registry) *huma.Schema {
	all := []view.InstanceWorst{view.WorstFailing, view.WorstResting, view.WorstPartly}
	for _, h := range healths {
		all = append(all, view.InstanceWorst(h))
	}
	return enum(r, "InstanceWorst", all...)
}

func (installationState) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "InstallationState", view.InstallationSound, view.InstallationNone, view.InstallationHeld, view.InstallationLooking, view.InstallationLost)
}

func (needKind) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "NeedKind", view.NeedInstance, view.NeedPool, view.NeedReview, view.NeedFault)
}

func (restCause) Schema(r huma.Registry) *huma.Schema { return enum(r, "RestCause", pacing.Causes...) }

func (callKind) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "CallKind", "", pacing.Create, pacing.Invite)
}

func (unreadableReason) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "UnreadableReason", store.WrongType, store.Sealed, store.Damaged)
}

func (rowOutcome) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "RowOutcome", enqueue.Created, enqueue.Existed, enqueue.Updated, enqueue.Invalid)
}

// rowCodes are the codes of a row's error.
var rowCodes = []tasks.Code{
	tasks.NoName, tasks.NameTooLong, tasks.NoPhones, tasks.BadPhone, tasks.TooManyPhones, tasks.UnknownInstance, tasks.UnknownPool,
	tasks.BadTime, tasks.BadField, tasks.Conflict, tasks.Changed, tasks.Removed, tasks.Unsupported, tasks.TooLarge, tasks.Unreadable,
}

func (rowCode) Schema(r huma.Registry) *huma.Schema { return enum(r, "RowCode", rowCodes...) }

func (faultCode) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "FaultCode", append(slices.Clone(rowCodes), matchesEverything, matchesNothing)...)
}

func (priority) Schema(r huma.Registry) *huma.Schema {
	return enum(r, "Priority", tasks.High, tasks.Normal, tasks.Low)
}

func (typedPhone) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "A telephone number with its country code. +, spaces, dots, dashes and brackets are allowed.",
		OneOf:       []*huma.Schema{{Type: huma.TypeString}, {Type: huma.TypeInteger}},
		Examples:    []any{"+55 44 99999-9999"},
	}
}

// enum returns a named schema of an enum.
func enum[S ~string](r huma.Registry, name string, values ...S) *huma.Schema {
	return called(r, name, choice(values...))
}

// choice returns the schema of an enum.
func choice[S ~string](values ...S) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range values {
		s.Enum = append(s.Enum, string(v))
	}
	return s
}

// called names a schema and returns a reference to it, so that a generator makes one type with that name.
func called(r huma.Registry, name string, s *huma.Schema) *huma.Schema {
	s.PrecomputeMessages()
	r.Map()[name] = s
	return &huma.Schema{Ref: schemas + name}
}

// file describes a body that is not JSON. Generators pass its bytes through.
func file(r huma.Registry, name, about string) *huma.MediaType {
	return &huma.MediaType{Schema: called(r, name, &huma.Schema{Type: huma.TypeString, Format: "binary", Description: about})}
}

// text describes a body for people or for Prometheus.
func text(r huma.Registry) *huma.MediaType {
	return &huma.MediaType{Schema: called(r, "Text", &huma.Schema{Type: huma.TypeString, Description: "Plain text."})}
}

// jsonBody describes a body that the handler reads without huma. Call it after the registration: huma would
// otherwise read the body.
func jsonBody(op *huma.Operation, s *huma.Schema, examples map[string]*huma.Example) {
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: s, Examples: examples},
	}}
}

// answersWith describes an answer that the handler writes without huma.
func answersWith(op *huma.Operation, status int, what string, content map[string]*huma.MediaType) {
	key := strconv.Itoa(status)
	if op.Responses[key] == nil {
		op.Responses[key] = &huma.Response{}
	}
	op.Responses[key].Description = what
	op.Responses[key].Content = content
}

// location describes the Location header.
func location(op *huma.Operation, what string) {
	accepted := op.Responses[strconv.Itoa(http.StatusAccepted)]
	if accepted.Headers == nil {
		accepted.Headers = map[string]*huma.Param{}
	}
	accepted.Headers["Location"] = &huma.Param{Description: "Where the " + what + "'s document is.", Required: true, Schema: &huma.Schema{Type: huma.TypeString, Format: "uri-reference"}}
}

// published returns the document for people and generators. Requests are checked against a document with choices
// between types: a phone is a string or an integer. In the published one a phone is only a string, because a generated
// client in a typed language would have to wrap each choice.
func published(doc *huma.OpenAPI) *huma.OpenAPI {
	all := map[string]*huma.Schema{}
	for name, s := range doc.Components.Schemas.Map() {
		all[name] = asText(s)
	}
	out, components := *doc, *doc.Components
	components.Schemas = catalogue{doc.Components.Schemas, all}
	out.Components = &components
	return &out
}

// asText returns a schema without choices between types: each becomes a list if one of its types is a list, otherwise a
// string.
func asText(s *huma.Schema) *huma.Schema {
	if s == nil {
		return nil
	}
	out := *s
	if len(s.OneOf) > 0 {
		out.Type, out.OneOf = huma.TypeString, nil
		for _, choice := range s.OneOf { // the server also reads the string from a list
			if choice.Type == huma.TypeArray {
				out.Type, out.Items = choice.Type, choice.Items
			}
		}
	}
	out.Items, out.Properties = asText(out.Items), maps.Clone(s.Properties)
	for name, p := range out.Properties {
		out.Properties[name] = asText(p)
	}
	return &out
}

// catalogue is a registry whose schemas are replaced.
type catalogue struct {
	huma.Registry

	all map[string]*huma.Schema
}

// Map implements huma.Registry.
func (c catalogue) Map() map[string]*huma.Schema { return c.all }

// MarshalJSON implements json.Marshaler.
func (c catalogue) MarshalJSON() ([]byte, error) { return json.Marshal(c.all) }
