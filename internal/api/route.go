package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/tasks"
)

// route is what the router knows of an operation before its handler runs.
type route struct {
	role auth.Role
	// does is its action in the audit log.
	does audit.Action
	// long lets a request last as long as it makes progress. Its handler sets the deadlines.
	long bool
	// many is a parameter that may be given several times.
	many string
	// body reads a JSON body before the handler runs.
	body bool
	// keyed lets one request with an idempotency key in at a time.
	keyed bool
	// session lets in sessions of the page.
	session bool
	// pools and creates let in keys that are bound to pools, and keys that may only create.
	pools, creates bool
}

// How long an ordinary request may take: to be read, to be handled, and to be answered.
const (
	readFor  = 30 * time.Second
	workFor  = 30 * time.Second
	writeFor = time.Minute
)

var errSlow = errors.New("this took longer than 30 s")

// route finds the operation, checks the key and the form of the request, and hands it on.
func (a *API) route(w http.ResponseWriter, r *http.Request) {
	ans := answerOf(r.Context())
	control := http.NewResponseController(w)
	// A client without a key must not hold a connection either. Handlers of long requests set their own deadlines.
	// Only a test's recorder cannot have one.
	timely(control, r)
	_ = control.SetWriteDeadline(time.Now().Add(workFor + writeFor))
	handler, pattern := a.mux.Handler(r)
	known, ok := a.routes[pattern]
	if !ok && a.Page != nil && !ours(r.URL.Path) {
		a.toPage(w, r)
		return
	}
	if !ok {
		// A client without a key does not learn which addresses exist.
		r, p := a.admit(r, route{role: auth.Viewer, pools: true, creates: true})
		if p == nil {
			p = notThere(handler, r)
		}
		p.write(w, r)
		return
	}
	ans.route = pattern
	if !known.long {
		ctx, cancel := context.WithTimeoutCause(r.Context(), workFor, errSlow)
		defer cancel()
		r = r.WithContext(ctx)
	}
	r, p := a.admit(r, known)
	if p != nil {
		p.write(w, r)
		return
	}
	land := func() {}
	defer func() { land() }()
	for _, check := range []func(http.ResponseWriter, *http.Request, route) *Problem{
		checkQuery,
		func(_ http.ResponseWriter, r *http.Request, known route) (taken *Problem) {
			if key := headerKey(r); key != "" && known.keyed {
				land, taken = a.flights.begin(key)
			}
			return taken
		},
		readJSON,
	} {
		if p := check(w, r, known); p != nil {
			p.write(w, r)
			return
		}
	}
	a.mux.ServeHTTP(w, r)
}

// ours reports whether an address belongs to the API, even if nothing is there.
func ours(path string) bool {
	for _, root := range []string{"/v1", "/docs", "/hooks", "/openapi.json", "/llms.txt", "/healthz", "/readyz", "/metrics"} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

// toPage passes a request to the page, which has its own roles and limits.
func (a *API) toPage(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeoutCause(r.Context(), workFor, errSlow)
	defer cancel()
	r, p := a.enter(r.WithContext(ctx), a.Auth.BySession(r), audit.Page)
	if p != nil {
		p.write(w, r)
		return
	}
	a.Page.ServeHTTP(w, r)
	answerOf(ctx).route = r.Pattern
}

// notThere distinguishes an unknown address from an unknown method, by the answer of the mux.
func notThere(handler http.Handler, r *http.Request) *Problem {
	said := &listener{header: http.Header{}}
	handler.ServeHTTP(said, r)
	if said.status != http.StatusMethodNotAllowed {
		return problem(http.StatusNotFound, "There is no such address here; /docs lists those there are.")
	}
	p := problem(http.StatusMethodNotAllowed, "This address takes %s.", said.header.Get("Allow"))
	p.header.Set("Allow", said.header.Get("Allow"))
	return p
}

// listener records an answer and sends nothing.
type listener struct {
	header http.Header
	status int
}

func (l *listener) Header() http.Header         { return l.header }
func (l *listener) Write(p []byte) (int, error) { return len(p), nil }
func (l *listener) WriteHeader(status int)      { l.status = status }

// checkQuery refuses a broken escape and a parameter given twice, which would otherwise be ignored in part.
func checkQuery(_ http.ResponseWriter, r *http.Request, known route) *Problem {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return problem(http.StatusBadRequest, "The part of the address behind ? cannot be read. Write reserved characters as %%XX.")
	}
	for name, values := range query {
		if len(values) > 1 && name != known.many {
			return invalid("query."+name, "", "%s is given %d times. Give it once.", name, len(values))
		}
	}
	return nil
}

// readJSON reads the JSON body of an operation before huma does, so that the errors have our form. Huma would also
// answer 500 to a body that breaks off.
func readJSON(w http.ResponseWriter, r *http.Request, known route) *Problem {
	if !known.body {
		return readNothing(r, known)
	}
	if p := encodingOf(r); p != nil {
		return p
	}
	kind := r.Header.Get("Content-Type")
	if media, _, err := mime.ParseMediaType(kind); kind != "" && (err != nil || media != "application/json") {
		return wrongType("application/json")
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, tasks.MaxRowBytes))
	if err != nil {
		return ofBody(err)
	}
	if len(data) > 0 {
		if kind == "" { // an empty body needs no type
			return wrongType("application/json")
		}
		if p := notJSON(data); p != nil {
			return p
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	return nil
}

// readNothing refuses a body for an operation that changes something and takes none. The caller would expect what the body
// says, such as {"dryRun": true}, to matter.
func readNothing(r *http.Request, known route) *Problem {
	if known.does == "" || known.long {
		return nil
	}
	const enough = 64
	data, err := io.ReadAll(io.LimitReader(r.Body, enough))
	if err != nil {
		return problem(http.StatusBadRequest, "The body broke off before its end. Send it again.")
	}
	switch string(bytes.TrimSpace(data)) {
	case "", "{}", "null":
		return nil
	}
	return invalid("body", "", "This operation takes no body. Send the request without one.")
}

// notJSON returns the problem of a body that is not JSON, or has a number out of range.
func notJSON(data []byte) *Problem {
	var value any
	err := json.Unmarshal(data, &value)
	if err == nil {
		return nil
	}
	if number, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return invalid("body", "", "The number before byte %d is too large. Write a smaller one, or a text.", number.Offset)
	}
	at := ""
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = fmt.Sprintf(" from byte %d on", syntax.Offset)
	}
	p := problem(http.StatusBadRequest, "The body is not valid JSON%s. Check the commas, quotes and brackets.", at)
	p.Errors = []Fault{fault("body", string(tasks.Unreadable), p.Detail)}
	return p
}

// encodingOf refuses compressed bodies.
func encodingOf(r *http.Request) *Problem {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		p := problem(http.StatusUnsupportedMediaType, "Compressed bodies are not read here. Send it without Content-Encoding.")
		p.header.Set("Accept-Encoding", "identity")
		return p
	}
	return nil
}

func wrongType(types string) *Problem {
	p := problem(http.StatusUnsupportedMediaType, "The header Content-Type must be %s.", types)
	p.header.Set("Accept", types)
	p.Errors = []Fault{fault("header.Content-Type", "", p.Detail)}
	return p
}

// ofBody returns the problem of a body that could not be read to its end.
func ofBody(err error) *Problem {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problem(http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB. Divide it.")
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		return problem(http.StatusRequestTimeout, "The body stopped coming.")
	}
	return problem(http.StatusBadRequest, "The body broke off before its end. Send it again.")
}
