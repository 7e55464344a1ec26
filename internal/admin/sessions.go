package admin

import (
	"net/http"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// sessionLine is one login in the list.
type sessionLine struct {
	store.Session

	Own bool // this visit's
}

type sessionsView struct{ Sessions []sessionLine }

// sessionsOf are the sessions that a visitor may see and end: those of the same key, and all for an
// admin.
func (p *Page) sessionsOf(v *visit) ([]store.Session, error) {
	all, err := p.Store.Trail.Sessions(v.ctx())
	if err != nil {
		return nil, err
	}
	var mine []store.Session
	for _, s := range all {
		if p.keyOf(s) != nil && (v.role >= api.Admin || s.Key == v.key.Name) {
			mine = append(mine, s)
		}
	}
	return mine, nil
}

func (p *Page) sessions(v *visit) error {
	found, err := p.sessionsOf(v)
	if err != nil {
		return err
	}
	var view sessionsView
	for _, s := range found {
		view.Sessions = append(view.Sessions, sessionLine{s, s.ID == v.session})
	}
	return v.show("sessions", http.StatusOK, say.Code("sessions"), view)
}

func (p *Page) endSession(v *visit) error {
	found, err := p.sessionsOf(v)
	if err != nil {
		return err
	}
	for _, s := range found {
		if s.ID != v.r.PathValue("id") {
			continue
		}
		if err := p.Store.Trail.EndSession(v.ctx(), s.ID); err != nil {
			return err
		}
		p.Control.Audit.Did(v.ctx(), audit.Logout, audit.About{Detail: "session of the key " + s.Key + ", from " + s.From}, nil)
		return v.back("/sessions", "sessionEnded")
	}
	return store.ErrNotFound
}
