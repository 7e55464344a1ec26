package admin

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/store"
)

// search takes whatever somebody knows and leads to it. It is a POST, because what is typed is often
// a telephone number, and an address is written into histories and logs.
func (p *Page) search(v *visit) error {
	typed := strings.TrimSpace(v.r.PostFormValue("q"))
	target, err := p.lead(v, typed)
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
	} else if id := owners[typed]; id != "" {
		return "/groups/" + id, nil
	}
	if found, _, err := p.Store.Index.List(ctx, store.Filter{ExternalRef: typed}, "", 2); err != nil {
		return "", err
	} else if len(found) > 0 && phone.Mask(typed) == typed {
		return "/groups?" + query{Ref: typed}.Values().Encode(), nil
	}
	if token, err := p.personIn(v, typed); token != "" || err != nil {
		return "/groups?" + query{Person: token}.Values().Encode(), err
	}
	if instances, err := p.Store.Presence.Instances(ctx); err != nil {
		return "", err
	} else if instances[typed] != nil {
		return "/instances/" + url.PathEscape(typed), nil
	}
	if id, err := p.Store.Index.BatchID(ctx, typed); err == nil {
		return "/batches/" + id, nil
	}
	return "/groups?" + query{Name: phone.Mask(typed)}.Values().Encode(), nil
}

// regions are asked for a number without a country code, where read as an international one it is
// nobody's: where the providers' customers are.
var regions = []string{"", "BR", "RU", "MX", "AR", "PT", "ES", "US"}

// personIn reads a phone in any spelling, or a chat id. Of several readings it takes the first that
// anybody here has.
func (p *Page) personIn(v *visit, typed string) (token string, err error) {
	if strings.Contains(typed, "@") {
		_, who, err := phone.ParseChatID(typed)
		if err != nil {
			return "", nil //nolint:nilerr // then it is something else
		}
		return p.Store.Index.PersonToken(who), nil
	}
	if !dialable(typed) {
		return "", nil
	}
	first := ""
	for _, region := range regions {
		n, err := phone.Parse(typed, region)
		if err != nil {
			continue
		}
		token := p.Store.Index.PersonToken(n.Identity())
		if first == "" {
			first = token
		}
		found, _, err := p.Store.Index.List(v.ctx(), store.Filter{PersonToken: token}, "", 1)
		if err != nil || len(found) > 0 {
			return token, err
		}
	}
	return first, nil
}

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
