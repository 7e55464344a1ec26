package wire

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
)

// ByStatus returns the error that a status proves, for an answer whose words prove nothing. It returns nil for a
// success.
//
// Refused means that this request was surely not carried out, and will never be. A status that APIs give to every kind
// of failure, such as 400, proves only that the request will never pass: Denied. A status that every request would get
// (for a credential, a path, a verb or a redirect) concerns the instance, and no group may fail because of it: Limited,
// and the instance makes no calls.
func ByStatus(c Call, a Answer, text string) *provider.Error {
	e := &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	switch a.Status {
	case http.StatusTooManyRequests:
		return &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Text: text}

	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusUnsupportedMediaType,
		// A redirect means that the request was not processed. It is not followed, because that would send the tokens
		// to another address. 303 is missing: it means "done, see there".
		http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return Instance(provider.Unauthorized, text)

	case http.StatusNotFound:
		// In a create and in a call about the instance, the instance is missing. In another call, the group or the
		// person may be missing.
		if c.Kind == Create || c.Scope == provider.ScopeInstance {
			return Instance(provider.Unauthorized, text)
		}
		if c.Kind == Read && c.Scope == provider.ScopeRequest {
			e.Denied = true // a gateway also answers 404, so this proves nothing about the group
		} else {
			e.Class = provider.Refused
		}

	case http.StatusLengthRequired, http.StatusRequestEntityTooLarge, http.StatusRequestURITooLong,
		http.StatusRequestHeaderFieldsTooLarge:
		e.Class = provider.Refused // not even read

	case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusGone, http.StatusUnprocessableEntity:
		e.Denied = true
	}
	// Left as Unknown: 5xx, 499, 408, 409 and every undocumented status.
	if a.OK() {
		return nil
	}
	return e
}

// Instance returns the error of a call that surely did nothing, for a reason that concerns the instance.
func Instance(h provider.Health, text string) *provider.Error {
	return &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Health: h, Text: text}
}

// NoNumber returns the error of a reading that does not have the instance's own number.
func NoNumber() *provider.Error {
	e := Instance(provider.Disconnected, "")
	e.Why.Code = say.NoNumber
	return e
}

// Rested returns an Instance error for a restriction without a known end, such as a quota or a ban on sending.
func Rested(text string) *provider.Error {
	e := Instance(provider.Restricted, text)
	e.Rest = true
	return e
}

// Deny returns the error of an answer that refuses without proving that nothing happened.
func Deny(c Call, text string) *provider.Error {
	return &provider.Error{Class: provider.Unknown, Denied: true, Scope: c.Scope, Text: text}
}

// DenySuccess returns the error of an answer with a status of success that reports a failure. The error is Denied,
// unless its words name a breakdown, after which the same request may pass.
func DenySuccess(c Call, text string) *provider.Error {
	e := Deny(c, text)
	e.Denied = !Says(text, "internal", "unexpected", "unavailable", "try again")
	return e
}

// Words returns the provider's words in the body of a failure: a JSON object's error, message or description, or a
// plain text. It returns "" for a page of HTML and for an array.
func Words(body []byte) string {
	body = bytes.TrimSpace(body)
	switch {
	case len(body) == 0, body[0] == '<', body[0] == '[':
		return ""
	case body[0] != '{':
		var s string
		if json.Unmarshal(body, &s) == nil {
			return s
		}
		return string(body)
	}
	type words struct {
		Error, Message, Description, Status, ErrorCode Text
	}
	var v struct {
		words
		InvokeStatus, CorrespondentsStatus words
	}
	_ = json.Unmarshal(body, &v) // what could be read of a strange body is still the best text
	var said []string
	for _, s := range []Text{
		v.Error, v.ErrorCode, v.Message, v.Description,
		v.InvokeStatus.Status, v.InvokeStatus.Description,
		v.CorrespondentsStatus.Status, v.CorrespondentsStatus.Description,
	} {
		if s != "" {
			said = append(said, string(s))
		}
	}
	return strings.Join(said, ": ")
}

// Says reports whether a text contains one of the phrases, in any letter case. The phrases must be in lower case.
func Says(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// SaysLeft reports whether a text has the words for WhatsApp's code 408: the person left this group recently. No
// provider documents them; they come from the libraries that the providers use.
func SaysLeft(text string) bool {
	return Says(text, "recently left", "left the group recently", "left recently")
}

// PersonRefused returns the error for WhatsApp's code about one person in a change of a group, or nil for an unknown
// code.
func PersonRefused(code string) *provider.Error {
	e := &provider.Error{Class: provider.Refused, Scope: provider.ScopePerson, Coded: true}
	switch code {
	case "401":
		e.Why.Code = say.PersonNotByUs
	case "403":
		e.Why.Code = say.PersonPrivate
	case "404":
		e.Why.Code, e.NoAccount = say.PersonNoAccount, true
	case "408":
		e.Why.Code, e.Left = say.PersonLeft, true
	case "409":
		e.Why.Code = say.PersonIn
	case "419":
		e.Why.Code = say.GroupFull
	case "421":
		e.Why.Code = say.PersonApproval
	case "451":
		e.Why.Code = say.PersonBarred
	default:
		return nil
	}
	return e
}

// retryAfter returns the time in the header Retry-After, which has seconds or a date (RFC 9110 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	const maxWait = 24 * time.Hour // a longer time is taken for a mistake
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	var d time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		d = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		// Prefer the sender's clock, if the answer has it: ours may differ.
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			now = date
		}
		d = at.Sub(now)
	}
	return min(max(d, 0), maxWait)
}
