package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// Config is what the page works with.
type Config struct {
	Store   *store.Store     // Required.
	Status  *view.Reader     // Required.
	Control *operate.Control // Required.
	Enqueue *enqueue.Client  // Required. It accepts what the form and the uploads request.
	// Photos fetches the photos of plans. PoolPhotos are the addresses of the pools' photos. Both default to none.
	Photos     *photo.Fetcher
	PoolPhotos map[string]string
	// Regions are the countries of numbers without a country code by pool, "BR". Defaults to none.
	Regions map[string]string
	// Auth begins and ends sessions. Required. It must be the API's Authenticator, because the API puts the sender
	// of a request into its context.
	Auth *auth.Authenticator
	Log  zerolog.Logger
	// Version is the program's version. Defaults to none.
	Version string
	// BasePath is the path under which a proxy shows the page. Defaults to the root.
	BasePath string
	// Environment is what the page calls the installation. Defaults to nothing.
	Environment string
	// Notes are further sentences for the foot of each page. Defaults to none.
	Notes []say.Phrase
	// Zone is the time zone of all times on the page. Defaults to UTC.
	Zone *time.Location
}

// Page is the admin page. It is an http.Handler for every path that is not the API's.
type Page struct {
	Config

	mux     *http.ServeMux
	actions map[string]action
	uploads uploads
}

// New makes a Page. It starts nothing and opens no connection. Close ends the work that its requests started.
func New(c Config) *Page {
	p := &Page{Config: c, mux: http.NewServeMux(), actions: map[string]action{}}
	p.uploads.end, p.uploads.cancel = context.WithCancelCause(context.Background())
	p.addAssets()
	for _, a := range p.table() {
		p.actions[a.pattern] = a
		p.mux.HandleFunc(a.pattern, func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, a) })
	}
	return p
}

// csp lets the page load its own style sheet, script and pictures, and nothing from another server.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP answers one request.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", csp)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // forms without JavaScript return to their own page
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if _, pattern := p.mux.Handler(r); pattern == "" {
		p.serve(w, r, action{role: auth.Viewer, pools: inPools, handle: p.nothing})
		return
	}
	p.mux.ServeHTTP(w, r)
}

// action is one line of the table.
type action struct {
	pattern string
	role    auth.Role
	pools   bool // whole or inPools
	handle  func(*visit) error
}

// visit is one request on its way through an action.
type visit struct {
	page *Page
	w    http.ResponseWriter
	r    *http.Request
	who  auth.Who
	lang say.Language
	now  time.Time
	// position is the latest event at the time before the page's data was read.
	position string
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// maxForm is how large a form may be.
const maxForm = 64 << 10

// serve checks the visitor's role, and answers.
func (p *Page) serve(w http.ResponseWriter, r *http.Request, a action) {
	v := &visit{page: p, w: w, r: r, who: auth.Of(r.Context()), lang: languageOf(r), now: time.Now().UTC()}
	err := v.who.Unread
	if err == nil && r.Method == http.MethodGet && v.who.Role > auth.Public {
		v.position, err = p.Store.Outbox.LatestEvent(r.Context())
	}
	switch {
	case err != nil:
	case v.who.Role < a.role && v.who.Role == auth.Public:
		v.toLogin()
		return
	case v.who.Role < a.role:
		err = v.refused(a.pattern, a.role)
	case a.role > auth.Public && v.bound() && !a.pools:
		err = v.refusedBound(a.pattern)
	default:
		if a.pattern != uploadPattern { // its file has a limit of its own
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		if r.Method == http.MethodPost {
			if formErr := r.ParseForm(); formErr != nil {
				err = failed(http.StatusBadRequest, "the-form-cannot-be-read", "go-back-and-send-it")
			}
		}
		if err == nil {
			err = v.reaches(a.pattern)
		}
		if err == nil {
			err = a.handle(v)
		}
	}
	if err != nil {
		v.fail(err)
	}
}

// failure is the message when an action fails.
type failure struct {
	status int
	title  say.Code
	detail say.Phrase
}

func (f *failure) Error() string { return f.title.Said(say.Voice{}) + " " + f.detail.String() }

// failed returns a failure whose detail has no parameters.
func failed(status int, title, detail say.Code) *failure {
	return &failure{status, title, say.Phrase{Code: detail}}
}

func (p *Page) nothing(*visit) error {
	return failed(http.StatusNotFound, "there-is-no-such-page", "the-search-above-finds-groups")
}
