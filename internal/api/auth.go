package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/audit"
)

// Role is what a key may do; each includes the ones before it.
type Role int

// The roles. Public needs no key.
const (
	Public Role = iota
	Viewer
	Operator
	Admin
)

var roleNames = [...]string{"public", "viewer", "operator", "admin"}

func (r Role) String() string { return roleNames[r] }

// ParseRole reads a role of a key.
func ParseRole(word string) (Role, bool) {
	for _, r := range []Role{Viewer, Operator, Admin} {
		if r.String() == word {
			return r, true
		}
	}
	return Public, false
}

// Key is somebody who may use the API.
type Key struct {
	Name string
	Hash [sha256.Size]byte // of the whole key
	Role Role
}

// authorize finds the key of a request and says whether it may do what needs a role.
func (a *API) authorize(r *http.Request, need Role, route string) *Problem {
	if need == Public || len(a.Keys) == 0 {
		return nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		a.refuse(r, audit.API, audit.NoKey, "", "")
		p := problem(http.StatusUnauthorized, "Send a key: Authorization: Bearer rck_…. `producer key new` makes one.")
		p.header.Set("WWW-Authenticate", `Bearer realm="rollcall"`)
		return p
	}
	key, wait := a.find(r, audit.API, token)
	switch {
	case key != nil:
		return a.grant(r, key, need, route)
	case wait > 0:
		return slowed(wait)
	}
	p := problem(http.StatusUnauthorized, "This key is not one of api.keys. It may have been taken out, or cut when it was copied.")
	p.header.Set("WWW-Authenticate", `Bearer realm="rollcall", error="invalid_token"`)
	return p
}

// grant says whether a key may do what needs a role.
func (a *API) grant(r *http.Request, key *Key, need Role, route string) *Problem {
	ans := answerOf(r.Context())
	if ans.counts && ans.key != key.Name {
		a.leaveKey(ans)
		ans.counts = false
	}
	if p := a.enterKey(r, key.Name); p != nil {
		return p
	}
	ans.key, ans.role = key.Name, key.Role
	if key.Role < need {
		a.refuse(r, audit.API, audit.SmallRole, key.Name, route)
		p := problem(http.StatusForbidden, "The key %s is a %s's; this takes the role %s.", key.Name, key.Role, need)
		p.header.Set("WWW-Authenticate", `Bearer realm="rollcall", error="insufficient_scope", scope="`+need.String()+`"`)
		return p
	}
	return nil
}

// keyOf compares with every key, each time in the same time, so that how long it takes tells nothing.
func (a *API) keyOf(token string) *Key {
	sum := sha256.Sum256([]byte(token))
	var found *Key
	for i := range a.Keys {
		if subtle.ConstantTimeCompare(sum[:], a.Keys[i].Hash[:]) == 1 {
			found = &a.Keys[i]
		}
	}
	return found
}
