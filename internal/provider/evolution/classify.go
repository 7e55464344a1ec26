package evolution

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
	"github.com/rollcallhq/rollcall/internal/say"
)

// classify returns the failure that an answer reports, or nil (E9). Both servers answer 404 for nearly everything that
// goes wrong with a group, so the words come first. A create answers 500 for every failure, even after the group was
// made, so under a 5xx no words prove that nothing happened.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	if a.OK() {
		return underSuccess(c, a)
	}
	text := words(a.Body)
	if gated(a) {
		return wire.Instance(provider.Unauthorized, text)
	}
	if e := byWords(c, a, text); e != nil {
		if c.Kind != wire.Read && a.Status >= http.StatusInternalServerError {
			e.Class = provider.Unknown
		}
		return e
	}
	switch {
	case a.Status == http.StatusNotFound && text == "":
		return wire.Instance(provider.Unauthorized, text) // both servers always send words: this is another program
	case a.Status == http.StatusNotFound && c.Kind != wire.Read:
		return wire.Deny(c, text)
	case a.Status == http.StatusNotFound,
		a.Status == http.StatusBadRequest && c.Method == whatsappNumbers: // for every failure there (E2)
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	}
	return wire.ByStatus(c, a, text)
}

// gated reports whether a server without a licence turned the request away. Version 2.4 does so before anything else
// (E9).
func gated(a wire.Answer) bool {
	var v struct{ Code wire.Text }
	return a.Status == http.StatusServiceUnavailable && json.Unmarshal(a.Body, &v) == nil && v.Code == "LICENSE_REQUIRED"
}

// underSuccess returns the failure that an answer with a status of success reports, or nil. Some paths of Evolution API
// give such answers (E9). An answer with an id or a key reports no failure.
func underSuccess(c wire.Call, a wire.Answer) *provider.Error {
	var v struct {
		ID    wire.Text
		Key   json.RawMessage
		Error json.RawMessage
	}
	if json.Unmarshal(a.Body, &v) != nil || v.ID != "" || v.Key != nil {
		return nil //nolint:nilerr // a body that is not JSON is the decoder's to report
	}
	switch string(v.Error) {
	case "", "null", "false", `""`, "0", "[]", "{}":
		return nil
	}
	return wire.DenySuccess(c, words(a.Body))
}

// byWords returns the error for known texts of the two servers, and of WhatsApp, whose texts they pass on. It returns
// nil for other texts.
func byWords(c wire.Call, a wire.Answer, text string) *provider.Error {
	ofGroup := c.Kind == wire.Read || c.Method == updateParticipant
	switch {
	case c.Method == sendText && a.Status == http.StatusBadRequest && saysNoAccount(a.Body):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, NoAccount: true, Why: say.Phrase{Code: say.PersonNoAccount}}

	case noSuchInstance(text), a.Status == http.StatusNotFound && noSuchPath(text):
		return wire.Instance(provider.Unauthorized, text)

	case wire.Says(text, "instance is not connected", "client is nil"):
		return wire.Instance(provider.Disconnected, text)

	case wire.Says(text, "connection closed", "connection was lost", "connection failure", "websocket not connected",
		"websocket disconnected", "doesn't contain a device jid", "properties of undefined", "undefined or null to object"):
		// The connection may have been lost after the group was made.
		e := wire.Instance(provider.Disconnected, text)
		if c.Kind != wire.Read {
			e.Class = provider.Unknown
		}
		return e

	case c.Method == inviteCode && a.Status != http.StatusTooManyRequests && wire.Says(text, "rate-overlimit"):
		return &provider.Error{Class: provider.Limited, Scope: c.Scope, Text: text} // asked for links too often

	case wire.Says(text, "rate-overlimit", "rate overlimit", "rate limit exceeded"):
		e := wire.Rested(text)
		if c.Kind != wire.Read && a.Status != http.StatusTooManyRequests {
			e.Class = provider.Unknown
		}
		return e

	case unread(a.Status) && wire.Says(text, "array of numeric strings", "requires property", "does not meet minimum length",
		"is not of a type", "cannot be empty", "needs to be informed", "contains duplicate item", "does not match pattern",
		"invalid format", "invalid request", "failed to bind request", "invalid groupjid", "invalid number format",
		"unexpected token", "in json at position", "is not valid json"):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text} // checked before anything is done

	case c.Scope == provider.ScopePerson && wire.SaysLeft(text):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Left: true, Text: text}

	case ofGroup && wire.Says(text, "item-not-found", "group not found", "forbidden", "not-authorized", "not a member of this group", "unauthorized to access"):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text} // WhatsApp's no to the whole request

	case c.Kind == wire.Change && wire.Says(text, "not a member of this group"):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text} // whatsmiau reads the group first

	case wire.Says(text, "timed out", "timeout"):
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	}
	return nil
}

// unread reports whether the servers give this status to a body that they do not accept.
func unread(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
}

// noSuchPath reports whether text is one of the two servers' texts for a path that does not exist.
func noSuchPath(text string) bool {
	text = strings.ToLower(text)
	return text == "not found" || strings.HasPrefix(text, "cannot get ") || strings.HasPrefix(text, "cannot post ")
}

// noSuchInstance reports whether text is one of the two servers' texts for an instance that does not exist.
func noSuchInstance(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "instance does not exist") ||
		strings.HasPrefix(text, "instance") && strings.HasSuffix(text, "not found")
}

// words returns what an answer says: Evolution API's response.message, whatever its form, or whatsmiau's message with
// its cause.
func words(body []byte) string {
	var v struct {
		Message, ErrorMessage wire.Text
		Response              struct{ Message json.RawMessage }
		Output                struct{ Payload struct{ Message wire.Text } } // an error of its library, as it is
	}
	if json.Unmarshal(body, &v) != nil {
		return wire.Words(body)
	}
	said := texts(v.Response.Message)
	for _, more := range []wire.Text{v.Message, v.ErrorMessage, v.Output.Payload.Message} {
		if more != "" {
			said = append(said, string(more))
		}
	}
	if len(said) == 0 {
		return wire.Words(body)
	}
	return strings.Join(said, ": ")
}

// texts returns the sentences of a message, which is a string, an object with a message, or a list of these.
func texts(raw json.RawMessage) []string {
	var one string
	var list []json.RawMessage
	var object struct{ Message json.RawMessage }
	switch {
	case len(raw) == 0:
	case json.Unmarshal(raw, &one) == nil && one != "":
		return []string{one}
	case json.Unmarshal(raw, &list) == nil:
		var all []string
		for _, r := range list {
			all = append(all, texts(r)...)
		}
		return all
	case json.Unmarshal(raw, &object) == nil:
		return texts(object.Message)
	}
	return nil
}

// saysNoAccount reports whether the answer to a message says that the number has no WhatsApp. Such an answer has the
// form of the number check's (E6).
func saysNoAccount(body []byte) bool {
	var v struct {
		Response struct {
			Message []struct {
				JID    wire.Text
				Exists wire.Bool
			}
		}
	}
	if json.Unmarshal(body, &v) != nil || len(v.Response.Message) != 1 {
		return false
	}
	return v.Response.Message[0].Exists == wire.No && v.Response.Message[0].JID != ""
}
