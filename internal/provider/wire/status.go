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

// ByStatus is what a status proves when the words of the answer prove nothing better. It is nil
// for a success.
//
// Refused means that this request was surely not carried out, and also that it will never pass. A status that APIs
// give to every kind of failure, such as 400, proves only that the request will never pass: Denied. A status that is
// the same for every request (a credential, a path, a verb, a redirect) concerns the instance, and no group may fail
// because of it: Limited, and the instance makes no calls.
func ByStatus(c Call, a Answer, text string) *provider.Error {
	e := &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}
	switch a.Status {
	case http.StatusTooManyRequests:
		return &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Text: text}

	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired, http.StatusUnsupportedMediaType,
		// Not followed: a redirect was answered instead of being processed, and following it
		// would send the tokens to another address. 303 is missing: it means "done, see there".
		http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return Instance(provider.Unauthorized, text)

	case http.StatusNotFound:
		// In a call about a group or a person, that one may be missing; in any other call, the instance.
		if c.Kind == Create || c.Scope == provider.ScopeInstance {
			return Instance(provider.Unauthorized, text)
		}
		if c.Kind == Read && c.Scope == provider.ScopeRequest {
			e.Denied = true // a gateway answers so too: it proves nothing about the group
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

// Instance is the error of something that concerns the instance and has surely not happened.
func Instance(h provider.Health, text string) *provider.Error {
	return &provider.Error{Class: provider.Limited, Scope: provider.ScopeInstance, Health: h, Text: text}
}

// NoNumber is Instance for an instance that does not tell its own number.
func NoNumber() *provider.Error {
	e := Instance(provider.Disconnected, "")
	e.Why.Code = say.NoNumber
	return e
}

// Rested is Instance for a restriction without a known end: a quota, a ban on sending.
func Rested(text string) *provider.Error {
	e := Instance(provider.Restricted, text)
	e.Rest = true
	return e
}

// Deny is the error of an answer that says no without proving that nothing happened.
func Deny(c Call, text string) *provider.Error {
	return &provider.Error{Class: provider.Unknown, Denied: true, Scope: c.Scope, Text: text}
}

// DenySuccess is the error of an answer under a status of success that reports a failure. It denies, unless
// it speaks of a breakdown, after which the same request may pass.
func DenySuccess(c Call, text string) *provider.Error {
	e := Deny(c, text)
	e.Denied = !Says(text, "internal", "unexpected", "unavailable", "try again")
	return e
}

// Words finds the provider's words in the body of a failure: a JSON object's error, message or
// description, or a plain text. "" for a page of HTML and for a success.
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

// Says finds any of the phrases, which are in lower case, in a text.
func Says(text string, phrases ...string) bool {
	text = strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// SaysLeft finds the words for WhatsApp's code 408: the person left this group recently. No provider documents them;
// they come from the libraries that the providers use.
func SaysLeft(text string) bool {
	return Says(text, "recently left", "left the group recently", "left recently")
}

// PersonRefused is the error for WhatsApp's code about one person in a change of a group; nil for an unknown code.
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

// retryAfter reads both forms of the header (RFC 9110 10.2.3): seconds and a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const most = 24 * time.Hour // beyond it the header is a mistake; a rest is configured
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
	return min(max(d, 0), most)
}
