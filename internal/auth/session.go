package auth

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/store"
)

const sessionFor = 12 * time.Hour

// cookieName returns the name of the session's cookie. With TLS it begins with __Host-: browsers refuse such a cookie
// when it comes without TLS, or from another host of the same domain.
func cookieName(r *http.Request) string {
	if Encrypted(r) {
		return "__Host-rollcall_session"
	}
	return "rollcall_session"
}

// Encrypted reports whether a browser came by TLS, to this process or to the proxy in front of it.
func Encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

// BySession returns who has logged in with the browser of a request. A session ends with its key, when the key is
// removed from the configuration or replaced under the same name. Without keys every request is an admin's.
func (a *Authenticator) BySession(r *http.Request) Who {
	if !a.Keyed() {
		return Who{Role: Admin}
	}
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return Who{}
	}
	s, err := a.Trail.Session(r.Context(), cookie.Value)
	if errors.Is(err, store.ErrNotFound) {
		return Who{}
	}
	if err != nil {
		return Who{Unread: err}
	}
	who := a.whoOf(s)
	who.Session = s.ID
	return who
}

// whoOf returns who a session belongs to. It returns the zero value if the key is gone, or if it is OnlyCreate: such a
// key may not see the page.
func (a *Authenticator) whoOf(s store.Session) Who {
	for i := range a.Keys {
		if who := a.Keys[i].who(); who.Name == s.Key && who.print == s.Print && !who.OnlyCreate {
			return who
		}
	}
	return Who{}
}

// Login begins a session of who, ends the one that the browser has, and sets its cookie.
func (a *Authenticator) Login(w http.ResponseWriter, r *http.Request, who Who) error {
	if err := a.endOwn(r); err != nil {
		return err
	}
	token, err := a.Trail.PutSession(r.Context(), store.Session{
		Key: who.Name, Print: who.print, At: a.Now().UTC(), From: audit.ActorOf(r.Context()).From, Agent: agentOf(r),
	}, sessionFor)
	if err != nil {
		return err
	}
	setCookie(w, r, token, int(sessionFor/time.Second))
	return nil
}

// Logout ends the session of a request and deletes its cookie.
func (a *Authenticator) Logout(w http.ResponseWriter, r *http.Request) error {
	if err := a.endOwn(r); err != nil {
		return err
	}
	setCookie(w, r, "", -1)
	return nil
}

// endOwn ends the session of a request, if it has one.
func (a *Authenticator) endOwn(r *http.Request) error {
	if own := Of(r.Context()).Session; own != "" {
		return a.Trail.EndSession(r.Context(), own)
	}
	return nil
}

func setCookie(w http.ResponseWriter, r *http.Request, token string, maxAge int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure only with TLS: logging in on a loopback address works without it
		Name: cookieName(r), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: Encrypted(r),
	})
}

// agentOf returns the User-Agent of a browser as valid UTF-8, at most 200 bytes.
func agentOf(r *http.Request) string {
	const maxBytes = 200
	agent := r.UserAgent()
	return strings.ToValidUTF8(agent[:min(len(agent), maxBytes)], "")
}

// Sessions returns the sessions that who may see and end: those of the same key, and all for an admin of the whole
// installation.
func (a *Authenticator) Sessions(ctx context.Context, who Who) ([]store.Session, error) {
	all, err := a.Trail.Sessions(ctx)
	if err != nil {
		return nil, err
	}
	var mine []store.Session
	for _, s := range all {
		if a.whoOf(s).Role > Public && (who.Role >= Admin && who.Free() || s.Key == who.Name) {
			mine = append(mine, s)
		}
	}
	return mine, nil
}

// EndSession ends a session and returns it. It returns store.ErrNotFound if there is no such session, or if who may not
// end it.
func (a *Authenticator) EndSession(ctx context.Context, who Who, id string) (store.Session, error) {
	found, err := a.Sessions(ctx, who)
	for _, s := range found {
		if s.ID == id {
			return s, a.Trail.EndSession(ctx, id)
		}
	}
	if err == nil {
		err = store.ErrNotFound
	}
	return store.Session{}, err
}
