package admin

import (
	"net/http"

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

func (p *Page) sessions(v *visit) error {
	found, err := p.Auth.Sessions(v.ctx(), v.who)
	if err != nil {
		return err
	}
	var view sessionsView
	for _, s := range found {
		view.Sessions = append(view.Sessions, sessionLine{s, s.ID == v.who.Session})
	}
	return v.show(http.StatusOK, say.Code("sessions"), view)
}

func (p *Page) endSession(v *visit) error {
	s, err := p.Auth.EndSession(v.ctx(), v.who, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Control.Audit.Did(v.ctx(), audit.Logout, audit.About{Detail: say.Phrase{Code: say.AuditSession, Name: s.Key, Place: s.From}}, nil)
	return v.back("/sessions", "sessionEnded")
}
