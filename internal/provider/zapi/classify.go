package zapi

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// classify returns the failure that an answer reports, or nil. Almost every status is undocumented, so the
// words come first and the status second. A non-empty "error" is a failure even with status 200, except
// in an answer of /status, whose "error" may describe a good state. Unknown words prove nothing: the group
// may exist.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	if c.Method == methodStatus && statusKnown(a.Body) {
		return nil
	}
	text := failureText(c, a)
	if text != "" {
		if e := byWords(c, a, text); e != nil {
			if c.Kind != wire.Read && a.Status >= http.StatusInternalServerError {
				e.Class = provider.Unknown // the change may have been made before the failure
			}
			return e
		}
		if a.OK() {
			return wire.DenySuccess(c, text) // an undocumented "error" with a status of success
		}
	}
	return wire.ByStatus(c, a, text)
}

// failureText returns the answer's words about a failure; "" if it has none.
func failureText(c wire.Call, a wire.Answer) string {
	if !a.OK() {
		return wire.Words(a.Body)
	}
	var v struct {
		Phone wire.Text
		Error json.RawMessage
	}
	if json.Unmarshal(a.Body, &v) != nil {
		return "" // an array, or cut off: the decoder of the method judges it
	}
	if c.Kind == wire.Create && namesGroup(v.Phone) {
		return "" // the group exists, whatever the error says
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

// byWords classifies the texts that are documented or were seen, most of them whatever the status. It returns nil for
// other texts.
func byWords(c wire.Call, a wire.Answer, text string) *provider.Error {
	switch {
	case wire.Says(text, "client-token is not configured", "null not allowed", "must subscribe to this instance",
		"instance not found", "unable to find matching target resource"), notAllowed.MatchString(text):
		return wire.Instance(provider.Unauthorized, text)

	case wire.Says(text, "you are not connected", "need to restore the session"):
		return wire.Instance(provider.Disconnected, text)

	case wire.Says(text, "disconnected"):
		// Documented for webhooks only. The connection may have been lost after the change.
		e := wire.Instance(provider.Disconnected, text)
		if c.Kind != wire.Read {
			e.Class = provider.Unknown
		}
		return e

	case a.Status < http.StatusInternalServerError && wire.Says(text, "in starting process", "is starting"):
		// Undocumented. A starting instance has done nothing and is ready soon, so the group must not
		// fail.
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
		return &provider.Error{Class: provider.Limited, Scope: c.Scope, Text: text} // in invitationLinkError

	case c.Kind == wire.Read && wire.Says(text, "forbidden", "not-authorized"):
		// In invitationLinkError: only admins may read the link.
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}

	case wire.Says(text, "invalid phone", "participants not found"):
		// An unusable address. Documented for other calls, seen in answers to creates.
		if a.Status >= http.StatusBadRequest && a.Status < http.StatusInternalServerError {
			return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}
		}
		return wire.Deny(c, text)

	case wire.Says(text, "timeout", "timed out", "error on send"):
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	}
	return nil
}

// overlimit returns the error for WhatsApp's own rate limit, after which the instance rests. Unless the status is 429,
// a change is Unknown, because a group may exist in spite of the error (seen at another provider, GI#1016).
func overlimit(c wire.Call, a wire.Answer, text string) *provider.Error {
	e := wire.Rested(text)
	if c.Kind != wire.Read && a.Status != http.StatusTooManyRequests {
		e.Class = provider.Unknown
	}
	return e
}
