package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/say"
)

// toLogin redirects a browser without a session to the login, and back afterwards.
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
	Bound bool   // the key is right, but may only create
	Wait  string // how long no other key is checked, after too many wrong ones
}

func (p *Page) loginForm(v *visit) error {
	if v.who.Role > auth.Public {
		http.Redirect(v.w, v.r, local(v.r.FormValue("next")), http.StatusSeeOther)
		return nil
	}
	return v.show(http.StatusOK, say.Code("log-in"), loginView{Next: v.r.URL.Query().Get("next")})
}

func (p *Page) login(v *visit) error {
	next := local(v.r.PostFormValue("next"))
	who, wait := p.Auth.ByKey(v.r, audit.Page, strings.TrimSpace(v.r.PostFormValue("key")))
	if wait > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return v.show(http.StatusTooManyRequests, say.Code("log-in"), loginView{Next: next, Wait: span(wait + time.Second)})
	}
	if who.OnlyCreate {
		return v.show(http.StatusForbidden, say.Code("log-in"), loginView{Next: next, Bound: true})
	}
	if who.Role == auth.Public {
		return v.show(http.StatusUnauthorized, say.Code("log-in"), loginView{Next: next, Wrong: true})
	}
	if err := p.Auth.Login(v.w, v.r, who); err != nil {
		return err
	}
	p.did(v, audit.Login, who.Name)
	http.Redirect(v.w, v.r, next, http.StatusSeeOther)
	return nil
}

func (p *Page) logout(v *visit) error {
	if err := p.Auth.Logout(v.w, v.r); err != nil {
		return err
	}
	if v.who.Session != "" {
		p.did(v, audit.Logout, v.name())
	}
	http.Redirect(v.w, v.r, "/login", http.StatusSeeOther)
	return nil
}

// did records a login or a logout.
func (p *Page) did(v *visit, what audit.Action, name string) {
	who := audit.ActorOf(v.ctx())
	who.Name = name
	p.Control.Audit.Did(audit.As(v.ctx(), who), what, audit.About{}, nil)
}

// address returns the server's address as the browser used it. The API has the same.
func (v *visit) address() string {
	if auth.Encrypted(v.r) {
		return "https://" + v.r.Host + v.page.BasePath
	}
	return "http://" + v.r.Host + v.page.BasePath
}

// local returns an address on this server, and "/" for any other.
func local(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") ||
		strings.ContainsRune(target, '\\') {
		return "/"
	}
	return u.RequestURI()
}
