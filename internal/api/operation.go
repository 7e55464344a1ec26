package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
)

// operation is one line of the table of all operations.
type operation struct {
	method, path string
	id           string
	tag          string
	summary      string
	about        string
	role         auth.Role
	does         audit.Action // of what changes something: how the audit log names it
	status       int          // of success
	problems     []int        // beside those that every operation can have
	long         bool
	many         string
	body         bool
	keyed        bool
	session      bool // who has logged in to the page needs no other key
	// pools lets in a key that is bound to pools: it sees and touches what is theirs. Other operations
	// concern the whole installation.
	pools bool
	// creates lets in a key that only creates.
	creates bool
}

// reached is an input that names a group, a batch or an instance.
type reached interface {
	// mine fails as if there were no such thing, if it is of other pools than those of the request's key.
	mine(ctx context.Context, a *API) error
}

// add makes an operation: served, and described in the OpenAPI document.
func add[I, O any](a *API, o operation, handle func(context.Context, *I) (*O, error)) *huma.Operation {
	op := huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary, Description: o.about,
		DefaultStatus: o.status, RejectUnknownQueryParameters: true, BodyReadTimeout: readFor,
		Responses: map[string]*huma.Response{}, Extensions: map[string]any{"x-role": o.role.String()},
	}
	if o.role > auth.Public {
		op.Extensions["x-bound-keys"], op.Extensions["x-create-keys"] = o.pools, o.creates
	}
	if a.Auth.Keyed() && o.role != auth.Public {
		op.Security = []map[string][]string{{bearer: {}}}
	}
	if o.does != "" {
		op.Extensions["x-audit"] = string(o.does)
	}
	for _, status := range a.problemsOf(o) {
		op.Responses[strconv.Itoa(status)] = a.describeProblem(status)
	}
	a.routes[o.method+" "+o.path] = route{role: o.role, does: o.does, long: o.long, many: o.many, body: o.body, keyed: o.keyed, session: o.session, pools: o.pools, creates: o.creates}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		var out *O
		var err error
		if n, ok := any(in).(reached); ok && len(auth.Of(ctx).Pools) > 0 {
			err = n.mine(ctx, a)
		}
		if err == nil {
			out, err = handle(ctx, in)
		}
		if err != nil {
			p := a.ofError(ctx, err)
			ans := answerOf(ctx)
			if ans.err = p.cause; ans.status != 0 {
				ans.err = err
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			return nil, p
		}
		return out, nil
	})
	return a.described(o)
}

// described is the operation as it stands in the document, to be completed.
func (a *API) described(o operation) *huma.Operation {
	item := a.huma.OpenAPI().Paths[o.path]
	switch o.method {
	case http.MethodPost:
		return item.Post
	case http.MethodPut:
		return item.Put
	case http.MethodPatch:
		return item.Patch
	case http.MethodDelete:
		return item.Delete
	}
	return item.Get
}

// problemsOf are the statuses with which an operation can fail.
func (a *API) problemsOf(o operation) []int {
	all := append([]int{http.StatusForbidden, http.StatusInternalServerError}, o.problems...)
	if o.role != auth.Public {
		all = append(all, http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable)
		if a.Auth.Keyed() {
			all = append(all, http.StatusUnauthorized)
		}
	}
	if o.body {
		all = append(all, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return all
}

func (a *API) describeProblem(status int) *huma.Response {
	return &huma.Response{
		Description: kindOf(status).Title + ".",
		Content:     map[string]*huma.MediaType{problemType: {Schema: &huma.Schema{Ref: schemas + "Problem"}}},
	}
}

// raw gives an operation's handler the request itself, for bodies and answers that stream.
type raw struct {
	w http.ResponseWriter
	r *http.Request
}

// Resolve implements huma.Resolver.
func (s *raw) Resolve(ctx huma.Context) []error {
	s.r, s.w = humago.Unwrap(ctx)
	return nil
}

// written is the answer of a handler that writes it by itself.
type written struct {
	Body func(huma.Context)
}

// writes makes a handler's own writing its answer.
func writes(write func()) (*written, error) {
	return &written{Body: func(huma.Context) { write() }}, nil
}

// answered is a document as an answer.
type answered[T any] struct {
	Body T
}
