package admin

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

// search takes any name, number or id and redirects to what it finds. It is a POST, because the text is often a
// phone number, and addresses end up in histories and logs.
func (p *Page) search(v *visit) error {
	typed := strings.TrimSpace(v.r.PostFormValue("q"))
	target, err := p.destination(v, typed)
	if stranger, ok := errors.AsType[*strangerError](err); ok {
		return p.showPerson(v, stranger.who, typed)
	}
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
	return nil
}

const maxTyped = 500

// destination returns the address of what the visitor typed.
func (p *Page) destination(v *visit, typed string) (string, error) {
	ctx := v.ctx()
	switch {
	case typed == "":
		return "/groups", nil
	case len(typed) > maxTyped:
		return "", failed(http.StatusUnprocessableEntity, "that-is-too-long-to", "")
	case strings.HasPrefix(typed, group.IDPrefix):
		return "/groups/" + url.PathEscape(typed), nil
	case strings.HasPrefix(typed, group.BatchIDPrefix):
		return "/batches/" + url.PathEscape(typed), nil
	}
	if owners, err := p.Store.Records.WhatsAppOwners(ctx, []string{typed}); err != nil {
		return "", err
	} else if id := owners[typed]; id != "" && v.shown().Has(ctx, id) == nil {
		return "/groups/" + id, nil
	}
	if found, err := v.first(store.Filter{ExternalRef: typed}); err != nil {
		return "", err
	} else if found != nil && phone.Mask(typed) == typed {
		return "/groups?" + query{Ref: typed}.Values().Encode(), nil
	}
	if token, err := p.personIn(v, typed); token != "" || err != nil {
		return "/people/" + token, err
	}
	if places, err := v.shown().Places(ctx); err != nil {
		return "", err
	} else if _, is := places[typed]; is {
		return "/instances/" + url.PathEscape(typed), nil
	}
	if b, err := v.shown().BatchRecord(ctx, typed); err == nil {
		return "/batches/" + b.ID, nil
	}
	return "/groups?" + query{Name: phone.Mask(typed)}.Values().Encode(), nil
}

// regions are the countries to try for a number that is not a valid international one: those of most customers of the
// providers.
var regions = []string{"", "BR", "RU", "MX", "AR", "PT", "ES", "US"}

// personIn reads a phone in any spelling, or a chat id. Of several readings it takes the first that a group has.
func (p *Page) personIn(v *visit, typed string) (token string, err error) {
	if strings.Contains(typed, "@") {
		_, who, err := phone.ParseChatID(typed)
		if err != nil {
			return "", nil //nolint:nilerr // it is not a person
		}
		if token, err := p.known(v, who); token != "" || err != nil {
			return token, err
		}
		return "", &strangerError{who}
	}
	if !dialable(typed) {
		return "", nil
	}
	var first phone.Identity
	for _, region := range regions {
		n, err := phone.Parse(typed, region)
		if err != nil {
			continue
		}
		if first.Zero() {
			first = n.Identity()
		}
		if token, err := p.known(v, n.Identity()); token != "" || err != nil {
			return token, err
		}
	}
	if first.Zero() {
		return "", nil
	}
	return "", &strangerError{first}
}

// known returns the token of a person who is in some group; "" for any other.
func (p *Page) known(v *visit, who phone.Identity) (string, error) {
	found, err := v.first(store.Filter{Person: who})
	if err != nil || found == nil {
		return "", err
	}
	return p.Store.Index.PersonToken(who), nil
}

// strangerError says that the typed text is a person without groups, who has no address on the page.
type strangerError struct{ who phone.Identity }

func (e *strangerError) Error() string { return "no group has this person" }

// dialable reports whether a text consists of enough digits and what people write between them.
func dialable(typed string) bool {
	digits := 0
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+()-./ \u00a0\u2011", r):
			return false
		}
	}
	return digits >= 8
}
