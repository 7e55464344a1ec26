package admin

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// personView is one person: their state in every group, and whether they are on the suppression list.
type personView struct {
	Token  string
	Typed  string // what the visitor typed, for a person without groups; "" otherwise
	Phone  string // masked
	Groups []placeLine
	Next   string
	Listed *store.Suppression
	Number bool // the person has a number, which the suppression list needs
}

// placeLine is the person in one group; Member is empty where the group's record cannot be read.
type placeLine struct {
	group.Document

	Member group.MemberStatus
	Reason say.Phrase
}

// person shows a person by the token that the search found.
func (p *Page) person(v *visit) error { return p.showPerson(v, phone.Identity{}, "") }

// showPerson shows the person of the address, or the one whose number the visitor typed.
func (p *Page) showPerson(v *visit, who phone.Identity, typed string) error {
	ctx := v.ctx()
	view := personView{Token: cmp.Or(p.Store.Index.PersonToken(who), v.r.PathValue("token")), Typed: typed}
	groups, next, err := p.Store.Index.List(ctx, store.Filter{PersonToken: view.Token, Pools: v.who.Pools}, v.r.URL.Query().Get("cursor"), pageSize)
	if err != nil {
		return err
	}
	docs, err := v.shown().Describe(ctx, groups)
	if err != nil {
		return err
	}
	for i, g := range groups {
		if g.Status == group.Unreadable {
			view.Groups = append(view.Groups, placeLine{Document: docs[i], Reason: g.Error.Message})
		}
		for k := range g.Members {
			m := &g.Members[k]
			if !p.Store.Index.HasToken(m.Identity(), view.Token) {
				continue
			}
			if who.Zero() {
				who = m.Identity()
			}
			view.Groups = append(view.Groups, placeLine{docs[i], m.Status, m.Reason})
			break
		}
	}
	if who.Zero() && len(groups) == 0 {
		return store.ErrNotFound
	}
	if next != "" {
		view.Next = "/people/" + url.PathEscape(view.Token) + "?cursor=" + next
	}
	view.Phone, view.Number = phone.MaskTyped(who.LID), who.Digits != ""
	if view.Number {
		view.Phone = phone.Number("+" + who.Digits).String()
	}
	if view.Listed, err = p.Store.People.Suppression(ctx, who); err != nil {
		return err
	}
	if view.Listed != nil && v.bound() { // the entry applies to all pools; its reason may be another tenant's
		view.Listed.Reason = ""
	}
	return v.show(http.StatusOK, say.Words(view.Phone), view)
}

// personOf returns the person of a form: by the token of the address or, for a person without groups, by the
// number that the visitor typed.
func (p *Page) personOf(v *visit) (phone.Identity, error) {
	token := v.r.PathValue("token")
	if typed := v.r.PostFormValue("phone"); typed != "" {
		for _, region := range regions {
			if _, who, err := phone.ParsePerson(typed, region); err == nil && p.Store.Index.HasToken(who, token) {
				return who, nil
			}
		}
		return phone.Identity{}, store.ErrNotFound
	}
	for cursor := ""; ; { // the record of a group may be unreadable
		groups, next, err := p.Store.Index.List(v.ctx(), store.Filter{PersonToken: token, Pools: v.who.Pools}, cursor, pageSize)
		if err != nil {
			return phone.Identity{}, err
		}
		for _, g := range groups {
			for i := range g.Members {
				if who := g.Members[i].Identity(); p.Store.Index.HasToken(who, token) {
					return who, nil
				}
			}
		}
		if cursor = next; cursor == "" {
			return phone.Identity{}, store.ErrNotFound
		}
	}
}

// suppress puts the person on the suppression list, or takes them off.
func (p *Page) suppress(on bool) func(*visit) error {
	return func(v *visit) error {
		who, err := p.personOf(v)
		if err != nil {
			return err
		}
		people := []phone.Number{phone.Number("+" + who.Digits)}
		said := "suppressed"
		switch {
		case who.Digits == "":
			return store.ErrNotFound
		case on:
			_, err = p.Control.Suppress(v.ctx(), people, v.reason())
			err = badChange(err, "the-reason-is-too-long")
		default:
			said, err = "unsuppressed", p.unsuppress(v, who, people)
		}
		if err != nil {
			return err
		}
		if v.r.PostFormValue("phone") != "" { // a person without groups has no address
			return p.showPerson(v, who, v.r.PostFormValue("phone"))
		}
		return v.back("/people/"+url.PathEscape(v.r.PathValue("token")), said)
	}
}

// unsuppress takes a person off the list unless their entry has changed since the form showed it.
func (p *Page) unsuppress(v *visit, who phone.Identity, people []phone.Number) error {
	listed, err := p.Store.People.Suppression(v.ctx(), who)
	if err != nil {
		return err
	}
	if now := listedSince(listed); now != "" && v.outdated(now) {
		return errOutdated
	}
	_, err = p.Control.Unsuppress(v.ctx(), people)
	return err
}

// listedSince returns since when a person has been on the suppression list, as forms carry it; empty if they are not.
func listedSince(s *store.Suppression) string {
	if s == nil {
		return ""
	}
	return markOf(s.At)
}

// evidence answers with all that is known about the person, in clear. The audit log records who saw it.
func (p *Page) evidence(v *visit) error {
	who, err := p.personOf(v)
	if err != nil {
		return err
	}
	e, err := v.shown().Evidence(v.ctx(), who)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err
	}
	p.Control.Audit.Saw(v.ctx(), audit.About{Subjects: []string{p.Store.People.PersonID(who)}, Detail: say.Phrase{Code: say.AuditSeen, Kind: "evidence"}})
	h := v.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="evidence.json"`)
	_, _ = v.w.Write(data) // the client may have left
	return nil
}
