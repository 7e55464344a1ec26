package zapi

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// classify reads failures out of an answer. Almost every status is undocumented, so the
// words come first and the status second. Two rules of Z-API: a non-empty "error" is a failure
// also under 200, and the one exception is /status, whose "error" describes a good state too.
// Words that are not known prove nothing: the group may exist all the same.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	if c.Method == methodStatus && statusKnown(a.Body) {
		return nil
	}
	text := failureText(c, a)
	if text != "" {
		if e := byWords(c, a, text); e != nil {
			if c.Kind != wire.Read && a.Status >= http.StatusInternalServerError {
				e.Class = provider.Unknown // the failure may have come after the change, whatever it says
			}
			return e
		}
		if a.OK() {
			return wire.DenySuccess(c, text) // an "error" with status 200 that is not described
		}
	}
	return wire.ByStatus(c, a, text)
}

// failureText is what the answer says about a failure; "" when it reports none.
func failureText(c wire.Call, a wire.Answer) string {
	if !a.OK() {
		return wire.Words(a.Body)
	}
	var v struct {
		Phone wire.Text
		Error json.RawMessage
	}
	if json.Unmarshal(a.Body, &v) != nil {
		return "" // an array, or torn: decoding will say
	}
	if c.Kind == wire.Create && namesGroup(v.Phone) {
		return "" // the group exists, whatever else is being said
	}
	switch string(v.Error) {
	case "", "null", "false", `""`, "0", "[]", "{}":
		return ""
	}
	if words := wire.Words(a.Body); words != "" {
		return words
	}
	return string(v.Error)
}

// notAllowed is the answer of the IP allow-list. The documentation prints the address in square
// brackets, perhaps literally.
var notAllowed = regexp.MustCompile(`(?i)^\[?[0-9a-f.:]+\]? not allowed`)

// byWords classifies the texts that were documented or seen, mostly whatever their status.
func byWords(c wire.Call, a wire.Answer, text string) *provider.Error {
	switch {
	case wire.Says(text, "client-token is not configured", "null not allowed", "must subscribe to this instance",
		"instance not found", "unable to find matching target resource"), notAllowed.MatchString(text):
		return wire.Instance(provider.Unauthorized, text)

	case wire.Says(text, "you are not connected", "need to restore the session"):
		return wire.Instance(provider.Disconnected, text)

	case wire.Says(text, "disconnected"):
		// Documented of webhooks only, and the connection may have been lost after the change.
		e := wire.Instance(provider.Disconnected, text)
		if c.Kind != wire.Read {
			e.Class = provider.Unknown
		}
		return e

	case a.Status < http.StatusInternalServerError && wire.Says(text, "in starting process", "is starting"):
		// Z-API does not document it, but an instance that says so has done nothing, and it will be
		// ready soon: no reason to fail a group.
		return &provider.Error{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting, Text: text}

	case wire.Says(text, "shadow_ban"):
		return wire.Rested(text)

	case wire.Says(text, "rate overlimit", "rate-overlimit"):
		return overlimit(c, a, text)

	case c.Scope == provider.ScopePerson && wire.Says(text, "phone number does not exist"):
		return &provider.Error{Class: provider.Refused, Scope: provider.ScopePerson, NoAccount: true, Text: text}

	case c.Scope == provider.ScopePerson && wire.SaysLeft(text):
		return &provider.Error{Class: provider.Refused, Scope: provider.ScopePerson, Left: true, Text: text}

	case c.Method == methodLink && a.Status != http.StatusTooManyRequests && wire.Says(text, "too many requests"):
		return &provider.Error{Class: provider.Limited, Scope: c.Scope, Text: text} // invitationLinkError

	case c.Kind == wire.Read && wire.Says(text, "forbidden", "not-authorized"):
		// invitationLinkError: only admins may read it.
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}

	case wire.Says(text, "invalid phone", "participants not found"):
		// An address that cannot be called: documented of other calls, seen of the create.
		if a.Status >= http.StatusBadRequest && a.Status < http.StatusInternalServerError {
			return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}
		}
		return wire.Deny(c, text)

	case wire.Says(text, "timeout", "timed out", "error on send"):
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	}
	return nil
}

// overlimit is WhatsApp's own refusal. The group may exist all the same (seen elsewhere,
// GI#1016), so verify first, then rest.
func overlimit(c wire.Call, a wire.Answer, text string) *provider.Error {
	e := wire.Rested(text)
	if c.Kind != wire.Read && a.Status != http.StatusTooManyRequests {
		e.Class = provider.Unknown
	}
	return e
}
