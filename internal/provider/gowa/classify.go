package gowa

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// noPermission are the server's words for "only admins may read the link".
const noPermission = "permission to get the group's invite link"

// classify returns the failure that an answer reports, or nil (W8). The code is the evidence: it says who refused. Even
// under status 500, some refusals came before anything was done.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	var v answer
	_ = json.Unmarshal(a.Body, &v) // what could not be read has no code
	text := wire.Words(a.Body)
	if a.OK() {
		if v.Code != success && text != "" {
			return wire.DenySuccess(c, text)
		}
		return nil
	}
	switch v.Code {
	case "INVALID_WA_CLI", "AUTHENTICATION_ERROR": // the server checks the session before it does anything
		return wire.Instance(provider.Disconnected, text)

	case "DEVICE_ID_REQUIRED", "DEVICE_NOT_FOUND":
		return wire.Instance(provider.Unauthorized, text)

	case "DEVICE_MANAGER_UNAVAILABLE":
		return &provider.Error{Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting, Text: text}

	case "VALIDATION_ERROR", "BAD_REQUEST", "INVALID_GROUP_ID", "INVALID_IMAGE_FORMAT":
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}

	case "INVALID_JID": // the server checks the numbers first, and one without WhatsApp refuses all
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, NoAccount: c.Scope == provider.ScopePerson, Text: text}

	case "WA_REACHOUT_TIMELOCK": // WhatsApp's 463: the message was not taken, and only messages are held back
		e := wire.Rested(text)
		e.Health, e.Quota = "", provider.QuotaSend
		return e

	case "INTERNAL_SERVER_ERROR":
		return internal(c, a, text)
	}
	if a.Status == http.StatusNotFound && v.Code == "" { // the path is wrong: a missing device, group or person has a code
		return wire.Instance(provider.Unauthorized, text)
	}
	return wire.ByStatus(c, a, text)
}

// internal returns the error of a failure for which the server has no code: its own, its library's, or WhatsApp's.
// After a change such a failure proves nothing, unless the body was unreadable.
func internal(c wire.Call, a wire.Answer, text string) *provider.Error {
	e := &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	switch {
	case strings.HasPrefix(text, "bind ") && wire.Says(text, " from body"): // the body, or a field, is unreadable
		e.Class = provider.Refused

	case c.Method == inviteLink && wire.Says(text, "rate-overlimit"):
		e.Class = provider.Limited // asked for links too often

	case wire.Says(text, "rate-overlimit"):
		e = wire.Rested(text)

	case wire.Says(text, "client is not initialized", "websocket not connected", "websocket disconnected", "doesn't contain a device jid"):
		e = wire.Instance(provider.Disconnected, text)

	case c.Kind == wire.Read && wire.Says(text, noPermission, "not participating in that group", "group does not exist"):
		e.Class = provider.Refused
	}
	if c.Kind != wire.Read && e.Class == provider.Limited {
		e.Class = provider.Unknown
	}
	e.Status = max(a.Status, http.StatusInternalServerError)
	return e
}
