package admin

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/clock"
	"github.com/rollcallhq/rollcall/internal/event"
	"github.com/rollcallhq/rollcall/internal/group"
	h "github.com/rollcallhq/rollcall/internal/markup"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

// providerTitle returns a provider's name as people write it; for an unknown provider, its code.
func providerTitle(name string) string {
	if p := all.Of(name); p != nil {
		return p.Title
	}
	return name
}

// peopleIn returns how many of a group's people are in it, of all.
func peopleIn(counts map[group.MemberStatus]int) string {
	all := 0
	for _, n := range counts {
		all += n
	}
	return fmt.Sprintf("%d / %d", counts[group.Added]+counts[group.Joined], all)
}

// number separates thousands, so that 100000 and 1000000 look different at a glance.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// relative returns a moment relative to now.
func (g tongue) relative(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d.Abs() < time.Second:
		return g.text("now")
	case d > 0:
		return g.text("in", span(d))
	default:
		return g.text("ago", span(d))
	}
}

// tones are the colours of words. No meaning is in the colour alone.
var tones = map[string]string{
	"queued": "wait", "creating": "run", "verifying": "warn", "inviting": "run", "done": "good", "partly": "warn", "failed": "bad", "review": "warn", "cancelled": "off", "unreadable": "bad",
	"ready": "good", "paused": "off", "disconnected": "bad", "restricted": "warn", "unauthorized": "bad", "starting": "wait", "unknown": "off", "failing": "bad", "resting": "warn",
	"pending": "wait", "added": "good", "inviteQueued": "wait", "invited": "run", "joined": "good", "notAdded": "off", "notOnWhatsApp": "off",
	"invalid": "off", "optedOut": "off", "left": "off", "inviteFailed": "bad", "inviteUnknown": "warn", "unidentified": "warn", "requested": "warn",
	"running": "run", "created": "good", "refused": "bad", "limited": "warn", "notSent": "warn", "delivered": "good", "waiting": "wait", "skipped": "off",
	"notFound": "off", "aborted": "off", "expired": "off", "replaced": "off", "exists": "off", "there": "off", "changed": "off", "gone": "off",
	"join:waits": "warn", "join:approving": "run", "join:rejecting": "run",
	"setup:wanted": "wait", "setup:done": "good", "setup:refused": "bad", "setup:unsupported": "off", "setup:unknown": "warn",
}

// frame is the header, menu and foot of every page, with the helpers that write its content.
type frame struct {
	tongue

	Title       string
	Others      []say.Language // the other languages
	Path        string         // of this page, to come back to
	Section     string
	Now         time.Time
	Zone        string // of all times on the page
	Offset      string // of that zone now
	Who         auth.Who
	Keyed       bool
	Query       string
	Said        string // what the visitor just did
	Version     string
	Base        string // path before all paths of the page
	Environment string
	Notes       []say.Phrase
	Static      bool // the answer to a form: fetching its address again would show another page
	Menu        menuCounts
	// Position is the place in the stream of events at which the page was read: its script listens
	// from there on.
	Position string

	err error // the first unknown text
}

// content is the view that a page shows.
type content interface{ page(f *frame) h.Node }

// Operator reports whether the visitor may decide. The page does not show a button that would be refused.
func (f *frame) Operator() bool { return f.Who.Role >= auth.Operator }

// Admin reports whether the visitor may do everything.
func (f *frame) Admin() bool { return f.Who.Role >= auth.Admin && !f.Bound() }

// menuCounts has the numbers beside the entries of the menu: groups, failed groups, and groups in review.
type menuCounts struct{ Groups, Failed, Review int }

func (v *visit) menuCounts() (menuCounts, error) {
	groups, _, err := v.page.Store.Index.Totals(v.ctx(), v.who.Pools...)
	counts := menuCounts{Failed: groups[group.Failed], Review: groups[group.Review]}
	for _, n := range groups {
		counts.Groups += n
	}
	return counts, err
}

// show renders a page.
func (v *visit) show(status int, title say.Speech, shown content) error {
	zone := clock.In(v.page.Zone).Zone()
	f := &frame{
		tongue: v.tongue(), Zone: zone.String(), Offset: v.now.In(zone).Format("-07:00"),
		Title: api.Veil(title.Said(v.tongue().voice(v.now))), Path: v.r.URL.RequestURI(), Section: sectionOf(v.r.URL.Path),
		Now: v.now, Who: v.who, Keyed: v.page.Auth.Keyed(), Version: v.page.Version, Base: v.page.BasePath, Environment: v.page.Environment, Notes: v.page.Notes, Position: v.position,
	}
	for _, l := range say.Languages() {
		if l != v.lang {
			f.Others = append(f.Others, l)
		}
	}
	if _, failed := shown.(failView); v.who.Role > auth.Public && !failed {
		var err error
		if f.Menu, err = v.menuCounts(); err != nil {
			return err
		}
	}
	if v.r.Method != http.MethodGet {
		f.Path, f.Static = "/", true
	}
	if said, ok := sayings[v.r.URL.Query().Get("said")]; ok {
		f.Said = v.tongue().text(said)
	}
	if q, ok := shown.(interface{ query() string }); ok {
		f.Query = q.query()
	}
	text, err := h.Page(f.document(shown.page(f)))
	if err = cmp.Or(err, f.err); err != nil {
		return err
	}
	whole := api.Rebase(text, v.page.BasePath)
	header := v.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(v.lang))
	header.Set("Vary", "Accept-Language, Cookie")
	header.Set("Content-Length", strconv.Itoa(len(whole)))
	v.w.WriteHeader(status)
	_, _ = v.w.Write(whole) // the client may have left
	return nil
}

func sectionOf(path string) string {
	section, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return section
}

// sayings has the text that a page shows after an action, by the word in its address.
var sayings = map[string]say.Code{
	"paused": "paused-no-new-call-begins", "resumed": "resumed",
	"slowed": "slowed-down-its-workers-keep", "unslowed": "it-has-its-configured-pace",
	"edited": "edit-done", "asked": "create-done",
	"cancel": "cancelled", "retry": "put-back-into-the-queue", "reopened": "its-review-is-open-again", "adopt": "adopted-its-roll-is-being",
	string(group.ApproveJoin): "a-worker-lets-the-person-in", string(group.RejectJoin): "a-worker-rejects-the-request",
	"recreate": "put-back-into-the-queue-to", "abandon": "abandoned",
	"recovered": "decided-the-workers-go-on",
	"enabled":   "enabled-again-what-it-missed", "replayed": "it-will-be-sent-again",
	"sessionEnded": "the-session-has-ended", "removed": "removed",
	"viewSaved": "the-view-is-saved", "viewRenamed": "the-view-is-renamed", "viewDeleted": "the-view-is-deleted",
}

// back redirects to a page of this server after an action. The page may be one that said what an earlier action did.
func (v *visit) back(target, said string) error {
	path, query, _ := strings.Cut(target, "?")
	values, _ := url.ParseQuery(query) // without a part that cannot be read: the action is done
	values.Del("said")
	if query = values.Encode(); query != "" {
		query += "&"
	}
	http.Redirect(v.w, v.r, path+"?"+query+"said="+said, http.StatusSeeOther)
	return nil
}

// tongue returns the language and the clock of the visitor.
func (v *visit) tongue() tongue { return tongue{v.lang, clock.In(v.page.Zone)} }

type failView struct{ Title, Detail string }

// fail shows a person what went wrong. It logs an unforeseen error and does not show it.
func (v *visit) fail(err error) {
	f := v.failureOf(err)
	if f.status >= http.StatusInternalServerError {
		v.page.Log.Error().EmbedObject(event.PageFailed).Str("error", phone.Mask(err.Error())).Msg("page failed")
	}
	words := v.tongue().voice(v.now)
	view := failView{words.Code(f.title), phone.Mask(words.Say(f.detail))}
	if err := v.show(f.status, f.title, view); err != nil {
		http.Error(v.w, view.Title, f.status)
	}
}

func (v *visit) failureOf(err error) *failure {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	if unknown, ok := errors.AsType[*view.UnknownError](err); ok {
		return &failure{http.StatusNotFound, "there-is-no-such-thing", unknown.Said}
	}
	switch {
	case errors.Is(err, group.ErrState), errors.Is(err, audit.ErrRefused), errors.Is(err, store.ErrChanged):
		return &failure{http.StatusConflict, "that-is-not-possible-now", say.Phrase{Code: say.Sentence, Why: []say.Phrase{say.OfError(err)}}}
	case errors.Is(err, store.ErrUnreadable):
		return &failure{http.StatusConflict, "what-is-stored-cannot-be", say.Phrase{Code: say.Sentence, Why: []say.Phrase{say.OfError(err)}}}
	case errors.Is(err, store.ErrNotFound):
		return failed(http.StatusNotFound, "there-is-no-such-thing", "it-may-be-past-its")
	case errors.Is(err, store.ErrCursor):
		return failed(http.StatusBadRequest, "this-is-no-page-of", "begin-at-the-front-of")
	}
	if told, known := redisconn.Told(err); known {
		return &failure{http.StatusServiceUnavailable, "redis-cannot-be-reached", say.Phrase{Code: say.Sentence, Why: []say.Phrase{told}}}
	}
	return failed(http.StatusInternalServerError, "something-went-wrong", "the-servers-log-tells-more")
}
