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

// search takes any name, number or id and leads to its group. It is a POST, because what is typed is often
// a telephone number, and an address is written into histories and logs.
func (p *Page) search(v *visit) error {
	typed := strings.TrimSpace(v.r.PostFormValue("q"))
	target, err := p.lead(v, typed)
	if stranger, ok := errors.AsType[*strangerError](err); ok {
		return p.showPerson(v, stranger.who, typed)
	}
	if err != nil {
		return err
	}
	http.Redirect(v.w, v.r, target, http.StatusSeeOther)
	return nil
}

const mostTyped = 500

func (p *Page) lead(v *visit, typed string) (string, error) {
	ctx := v.ctx()
	switch {
	case typed == "":
		return "/groups", nil
	case len(typed) > mostTyped:
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

// regions are tried for a number without a country code that is not a valid international number:
// where the providers' customers are.
var regions = []string{"", "BR", "RU", "MX", "AR", "PT", "ES", "US"}

// personIn reads a phone in any spelling, or a chat id. Of several readings it takes the first that
// anybody here has.
func (p *Page) personIn(v *visit, typed string) (token string, err error) {
	if strings.Contains(typed, "@") {
		_, who, err := phone.ParseChatID(typed)
		if err != nil {
			return "", nil //nolint:nilerr // then it is something else
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

// known is the token of a person that some group has; "" of another.
func (p *Page) known(v *visit, who phone.Identity) (string, error) {
	token := p.Store.Index.PersonToken(who)
	found, err := v.first(store.Filter{PersonToken: token})
	if err != nil || found == nil {
		return "", err
	}
	return token, nil
}

// strangerError says that what was typed is a person that no group has. No address can lead there.
type strangerError struct{ who phone.Identity }

func (e *strangerError) Error() string { return "no group has this person" }

// dialable says that a text is digits and what people write between them, and enough of them.
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
