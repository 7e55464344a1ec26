package admin

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

const sessionFor = 12 * time.Hour

// cookieName is the name of the session's cookie. Behind TLS its prefix makes browsers refuse one that
// another host of the domain has set, or that came without TLS.
func cookieName(r *http.Request) string {
	if encrypted(r) {
		return "__Host-rollcall_session"
	}
	return "rollcall_session"
}

// identify finds out who visits.
func (p *Page) identify(v *visit) error {
	if len(p.Keys) == 0 {
		v.role = api.Admin
		return nil
	}
	key, s, err := p.session(v.r)
	if err != nil {
		return err
	}
	if v.key, v.session = key, s.ID; key != nil {
		v.role = key.Role
	}
	return nil
}

// Who is the key that a browser has logged in with, or nil.
func (p *Page) Who(r *http.Request) (*api.Key, error) {
	key, _, err := p.session(r)
	return key, err
}

// session is the session of a request, and its key. A session ends with its key: one that was taken
// out of the configuration, or replaced under its name, opens nothing.
func (p *Page) session(r *http.Request) (*api.Key, store.Session, error) {
	cookie, err := r.Cookie(cookieName(r))
	if err != nil || len(p.Keys) == 0 {
		return nil, store.Session{}, nil //nolint:nilerr // there is no session
	}
	s, err := p.Store.Trail.Session(r.Context(), cookie.Value)
	if errors.Is(err, store.ErrNotFound) {
		return nil, s, nil
	}
	if err != nil {
		return nil, s, err
	}
	return p.keyOf(s), s, nil
}

// keyOf is the key of a session, or nil when it is gone.
func (p *Page) keyOf(s store.Session) *api.Key {
	for i := range p.Keys {
		if k := &p.Keys[i]; k.Name == s.Key && printOf(k) == s.Print {
			return k
		}
	}
	return nil
}

// printOf tells a key from another one of its name.
func printOf(k *api.Key) string {
	sum := sha256.Sum256(k.Hash[:])
	return hex.EncodeToString(sum[:8])
}

// toLogin sends somebody to log in who has not, and back afterwards.
func (v *visit) toLogin() {
	target := "/login"
	if v.r.Method == http.MethodGet && v.r.URL.Path != "/" {
		target += "?next=" + url.QueryEscape(v.r.URL.RequestURI())
	}
	if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
		v.w.Header().Set("Location", target)
		v.w.WriteHeader(http.StatusSeeOther)
		return
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
}

// loginView is the form.
type loginView struct {
	Next  string
	Wrong bool
	Wait  string // how long no other key is looked at, after too many wrong ones
}

func (p *Page) loginForm(v *visit) error {
	if v.role > api.Public {
		http.Redirect(v.w, v.r, local(v.r.FormValue("next")), http.StatusSeeOther)
		return nil
	}
	return v.show("login", http.StatusOK, say.Code("log-in"), loginView{Next: v.r.URL.Query().Get("next")})
}

func (p *Page) login(v *visit) error {
	next := local(v.r.PostFormValue("next"))
	key, wait := api.FindKey(v.r, strings.TrimSpace(v.r.PostFormValue("key")))
	if wait > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return v.show("login", http.StatusTooManyRequests, say.Code("log-in"), loginView{Next: next, Wait: span(wait + time.Second)})
	}
	if key == nil {
		return v.show("login", http.StatusUnauthorized, say.Code("log-in"), loginView{Next: next, Wrong: true})
	}
	if v.session != "" { // the browser forgets its session, so nothing else may have it
		if err := p.Store.Trail.EndSession(v.ctx(), v.session); err != nil {
			return err
		}
	}
	token, err := p.Store.Trail.PutSession(v.ctx(), store.Session{
		Key: key.Name, Print: printOf(key), At: v.now, From: audit.ActorOf(v.ctx()).From, Agent: agentOf(v.r),
	}, sessionFor)
	if err != nil {
		return err
	}
	p.did(v, audit.Login, key.Name)
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // Secure where the browser came by TLS: keys also work on a loopback without it
		Name: cookieName(v.r), Value: token, Path: "/", MaxAge: int(sessionFor / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.encrypted(),
	})
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

func (p *Page) logout(v *visit) error {
	if v.session != "" {
		if err := p.Store.Trail.EndSession(v.ctx(), v.session); err != nil {
			return err
		}
		p.did(v, audit.Logout, v.name())
	}
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // as above
		Name: cookieName(v.r), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.encrypted(),
	})
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
	return nil
}

// did writes down that somebody logged in or out.
func (p *Page) did(v *visit, what audit.Action, name string) {
	who := audit.ActorOf(v.ctx())
	who.Name = name
	p.Control.Audit.Did(audit.As(v.ctx(), who), what, audit.About{}, nil)
}

// agentOf is what a browser calls itself, as far as it is fit to be shown.
func agentOf(r *http.Request) string {
	const most = 200
	agent := strings.ToValidUTF8(r.UserAgent(), "")
	return agent[:min(len(agent), most)]
}

// encrypted says that the browser came by TLS, here or at the proxy before us.
func (v *visit) encrypted() bool { return encrypted(v.r) }

func encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// address is where the browser found us: the API is there too.
func (v *visit) address() string {
	if v.encrypted() {
		return "https://" + v.r.Host
	}
	return "http://" + v.r.Host
}

// local is an address of this page, or its front: nobody is sent elsewhere by a link.
func local(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsRune(target, '\\') {
		return "/"
	}
	return u.RequestURI()
}
