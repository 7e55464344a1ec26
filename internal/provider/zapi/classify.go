package zapi

import (
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// classify reads failures out of an answer (A10). Almost every status is undocumented, so the
// words come first and the status second. Two rules of Z-API: a non-empty "error" is a failure
// also under 200, and the one exception is /status, whose "error" describes a good state too.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	if c.Method == methodStatus && statusKnown(a.Body) {
		return nil
	}
	text := failureText(c, a)
	if text != "" {
		if e := byWords(c, a, text); e != nil {
			return e
		}
		if a.OK() {
			return underSuccess(c, text)
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
// brackets, perhaps literally (A1).
var notAllowed = regexp.MustCompile(`(?i)^\[?[0-9a-f.:]+\]? not allowed`)

// byWords knows the texts that were documented or seen, whatever status they came with.
func byWords(c wire.Call, a wire.Answer, text string) *provider.Error {
	switch {
	case wire.Says(text, "client-token is not configured", "null not allowed", "must subscribe to this instance",
		"instance not found", "unable to find matching target resource"), notAllowed.MatchString(text):
		return wire.Instance(provider.Unauthorized, text)

	case wire.Says(text, "you are not connected", "need to restore the session", "disconnected"):
		return wire.Instance(provider.Disconnected, text)

	case a.Status < http.StatusInternalServerError && wire.Says(text, "in starting process", "is starting"):
		// Nobody has documented it of Z-API, but an instance that says so has done nothing, and
		// will soon: no reason to fail a group.
		return &provider.Error{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting, Text: text}

	case wire.Says(text, "shadow_ban"):
		return wire.Rested(text)

	case wire.Says(text, "rate overlimit", "rate-overlimit"):
		return overlimit(c, a, text)

	case c.Scope == provider.ScopePerson && wire.Says(text, "phone number does not exist"):
		return &provider.Error{Class: provider.Refused, Scope: provider.ScopePerson, NoAccount: true, Text: text}

	case c.Scope == provider.ScopePerson && wire.SaysLeft(text):
		return &provider.Error{Class: provider.Refused, Scope: provider.ScopePerson, Left: true, Text: text}

	case wire.Says(text, "timeout", "timed out", "error on send"):
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	}
	return nil
}

// overlimit is WhatsApp's own refusal. Below 500 it was surely a refusal; from 500 on, and under
// 200, the group may exist all the same (seen at GREEN-API, GI#1016), so verify first, then rest.
func overlimit(c wire.Call, a wire.Answer, text string) *provider.Error {
	e := wire.Rested(text)
	if c.Kind != wire.Read && (a.OK() || a.Status >= http.StatusInternalServerError) {
		e.Class = provider.Unknown
	}
	return e
}

// underSuccess is an "error" with status 200 that nobody has described: a refusal (C1), unless it
// speaks of a breakdown, which proves as little as a 500 would.
func underSuccess(c wire.Call, text string) *provider.Error {
	e := &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}
	if wire.Says(text, "internal", "unexpected", "unavailable", "try again") {
		e.Class = provider.Unknown
	}
	return e
}
