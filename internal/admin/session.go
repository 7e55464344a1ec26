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
	"github.com/rollcallhq/rollcall/internal/ledger"
)

const (
	sessionCookie = "rollcall_session"
	sessionFor    = 12 * time.Hour
)

// identify finds out who visits.
func (p *Page) identify(v *visit) error {
	if len(p.Keys) == 0 {
		v.role = api.Admin
		return nil
	}
	key, err := p.Who(v.r)
	if err != nil {
		return err
	}
	if v.key = key; key != nil {
		v.role = key.Role
	}
	return nil
}

// Who is the key that a browser has logged in with, or nil. A session ends with its key: one that
// was taken out of the configuration, or replaced under its name, opens nothing.
func (p *Page) Who(r *http.Request) (*api.Key, error) {
	cookie, err := r.Cookie(sessionCookie)
	if err != nil || len(p.Keys) == 0 {
		return nil, nil //nolint:nilerr,nilnil // nobody has logged in
	}
	s, err := p.Ledger.Session(r.Context(), cookie.Value)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody, any more
	}
	if err != nil {
		return nil, err
	}
	for i := range p.Keys {
		if k := &p.Keys[i]; k.Name == s.Key && printOf(k) == s.Print {
			return k, nil
		}
	}
	return nil, nil //nolint:nilnil // the key is gone
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
	return v.show("login", http.StatusOK, "Log in", loginView{Next: v.r.URL.Query().Get("next")})
}

func (p *Page) login(v *visit) error {
	next := local(v.r.PostFormValue("next"))
	key, wait := api.FindKey(v.r, strings.TrimSpace(v.r.PostFormValue("key")))
	if wait > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return v.show("login", http.StatusTooManyRequests, "Log in", loginView{Next: next, Wait: span(wait + time.Second)})
	}
	if key == nil {
		return v.show("login", http.StatusUnauthorized, "Log in", loginView{Next: next, Wrong: true})
	}
	token, err := p.Ledger.PutSession(v.ctx(), ledger.Session{Key: key.Name, Print: printOf(key), At: v.now}, sessionFor)
	if err != nil {
		return err
	}
	p.did(v, audit.Login, key.Name)
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // Secure where the browser came by TLS: keys also work on a loopback without it
		Name: sessionCookie, Value: token, Path: "/", MaxAge: int(sessionFor / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.encrypted(),
	})
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

func (p *Page) logout(v *visit) error {
	if cookie, err := v.r.Cookie(sessionCookie); err == nil {
		if err := p.Ledger.EndSession(v.ctx(), cookie.Value); err != nil {
			return err
		}
		p.did(v, audit.Logout, v.name())
	}
	http.SetCookie(v.w, &http.Cookie{ //nolint:gosec // as above
		Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.encrypted(),
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

// encrypted says that the browser came by TLS, here or at the proxy before us.
func (v *visit) encrypted() bool {
	return v.r.TLS != nil || v.r.Header.Get("X-Forwarded-Proto") == "https"
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
