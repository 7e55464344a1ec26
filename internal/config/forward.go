package config

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider/all"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

// Forward is another receiver of the webhooks that a provider sends to an instance's door.
type Forward struct {
	// URL is the receiver's address. It can hold a secret, so it prints masked.
	URL Secret
	// Token is sent as "Authorization: Bearer". Without a Token that header is not sent.
	Token Secret
	// Events are patterns of the provider's names for its webhooks.
	Events []string
	What   ForwardWhat
	// AllowPrivate lets the address be http:// and not public.
	AllowPrivate bool
}

// Host returns the receiver's host, for logs.
func (f Forward) Host() string { return hostOf(f.URL) }

// ForwardWhat says which webhooks a receiver gets.
type ForwardWhat string

// The choices.
const (
	ForwardAll    ForwardWhat = "all"
	ForwardOthers ForwardWhat = "others"
)

// forwards reads the list of an instance's receivers.
func forwards(in *Instance) func() ([]field, func(mapping)) {
	return func() ([]field, func(mapping)) {
		f := &Forward{}
		return f.fields(), func(m mapping) {
			checkReceiver(m, f.URL, f.AllowPrivate)
			if u, err := url.Parse(f.URL.Reveal()); err == nil && strings.Contains(u.Path, "/hooks/"+in.Name+"/") && in.Name != "" {
				m.at("url").fault("it is the address of this instance's own webhooks", "write the address that they went to before, of the bot or the CRM")
			}
			for i := range in.Forward {
				if f.URL.Given() && in.Forward[i].URL.Equal(f.URL) {
					m.at("url").fault("another forward has this address", "write the events of both into one")
				}
			}
			in.Forward = append(in.Forward, *f)
		}
	}
}

func (f *Forward) fields() []field {
	return []field{
		{name: "url", required: true, part: doors, secret: &f.URL, vet: vetWebhookURL, doc: "Where to: `https://` and a public address, unless `allow_private`. The body and the headers " + codes(passedHeaders(), "and") + " travel as they came."},
		{name: "token", part: doors, secret: &f.Token, vet: func(v value, text string) { vetHeaderToken(v, text) }, doc: "Sent as `Authorization: Bearer`: " + tokensBefore() + "."},
		{
			name: "events", dflt: "['*']", read: patterns(&f.Events),
			doc: "Which webhooks, by the provider's words or patterns with `*`. " + eachProvider(". ", func(p *spec.Provider) string { return p.Callback.Events }) + ".",
		},
		{
			name: "what", dflt: "all", read: word(&f.What, ForwardAll, ForwardOthers),
			doc: "`all` of these, or the `others`: those that do not concern rollcall's groups and messages.",
		},
		{name: "allow_private", dflt: "false", read: boolean(&f.AllowPrivate), doc: "Allow `http://` and addresses that are not public: for a receiver in your own network."},
	}
}

// passedHeaders returns the headers of a webhook that a receiver gets.
func passedHeaders() []string {
	headers := []string{"Content-Type", "User-Agent"}
	for _, p := range all.Providers() {
		for _, h := range p.Callback.Headers {
			if !slices.Contains(headers, h) {
				headers = append(headers, h)
			}
		}
	}
	return headers
}

// tokensBefore names, for a sentence, the tokens that providers sent with their webhooks before.
func tokensBefore() string {
	var tokens []string
	for _, p := range all.Providers() {
		if p.Callback.TokenField != "" {
			tokens = append(tokens, fmt.Sprintf("the `%s` that %s sent before", p.Callback.TokenField, p.Title))
		}
	}
	return all.Join(tokens, "or")
}

// patterns reads a list of patterns. Unlike events, it cannot check them against known names.
func patterns(to *[]string) func(value) {
	return func(v value) {
		items, ok := v.items()
		if !ok {
			return
		}
		var all []string
		for _, item := range items {
			text, ok := item.text()
			if _, err := path.Match(text, ""); !ok || err != nil || text == "" {
				item.fault(item.raw()+" is neither a word nor a pattern", "write a word of the provider's, or a pattern such as '*'")
				continue
			}
			all = append(all, text)
		}
		if len(items) == 0 {
			v.fault("without events nothing is forwarded", "remove the line for all of them")
		}
		*to = all
	}
}
