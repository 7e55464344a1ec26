package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

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
	does         audit.Action // its action in the audit log, if it changes something
	status       int          // of a successful answer
	problems     []int        // its error statuses, beside those of every operation
	long         bool
	many         string
	body         bool
	keyed        bool
	session      bool // a session of the page is enough
	// pools admits a key that is bound to pools, which sees and changes only the things of these pools. Other
	// operations concern the whole installation.
	pools bool
	// creates admits a key that may only create.
	creates bool
}

// reached is an input that names a group, a batch or an instance.
type reached interface {
	// mine returns an error with status 404 if the thing does not belong to the pools of the request's key.
	mine(ctx context.Context, a *API) error
}

// add registers an operation: it is served, and described in the OpenAPI document.
func add[I, O any](a *API, o operation, handle func(context.Context, *I) (*O, error)) *huma.Operation {
	op := huma.Operation{
		Method: o.method, Path: o.path, OperationID: o.id, Tags: []string{o.tag}, Summary: o.summary, Description: o.about,
		DefaultStatus: o.status, RejectUnknownQueryParameters: true, BodyReadTimeout: -1, // route has set it
		Responses: map[string]*huma.Response{"default": describeProblems(o)}, Extensions: map[string]any{"x-role": o.role.String(), "x-problems": problemsOf(o)},
	}
	if o.role > auth.Public {
		op.Extensions["x-bound-keys"], op.Extensions["x-create-keys"] = o.pools, o.creates
	}
	if o.role != auth.Public {
		op.Security = []map[string][]string{{bearer: {}}}
	}
	if o.does != "" {
		op.Extensions["x-audit"] = string(o.does)
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
				panic(http.ErrAbortHandler) // an incomplete answer must not look complete
			}
			return nil, p
		}
		return out, nil
	})
	return a.described(o)
}

// described returns the operation's entry in the OpenAPI document, for the caller to complete.
func (a *API) described(o operation) *huma.Operation {
	for _, op := range operationsAt(a.huma.OpenAPI().Paths[o.path]) {
		if op.Method == o.method {
			return op
		}
	}
	panic(o.method + " " + o.path + " was not registered")
}

// operationsAt returns the operations of one path.
func operationsAt(item *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// problemsOf returns the statuses with which an operation can fail, sorted.
func problemsOf(o operation) []int {
	all := append([]int{http.StatusForbidden, http.StatusInternalServerError}, o.problems...)
	if o.role != auth.Public {
		all = append(all, http.StatusBadRequest, http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable)
	}
	if o.body {
		all = append(all, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// describeProblems describes all error answers as one, so that a generator makes one error type for all statuses.
func describeProblems(o operation) *huma.Response {
	var about strings.Builder
	about.WriteString("A problem.")
	for _, status := range problemsOf(o) {
		fmt.Fprintf(&about, " %d: %s.", status, kindOf(status).Title)
	}
	return &huma.Response{
		Description: about.String(),
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

// written is the answer of a handler that writes it without huma.
type written struct {
	Body func(huma.Context)
}

// writes returns an answer that write sends.
func writes(write func()) (*written, error) {
	return &written{Body: func(huma.Context) { write() }}, nil
}

// answered is a document as an answer.
type answered[T any] struct {
	Body T
}
