package greenapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// statusQuota is GREEN-API's own status: the plan's monthly quota is used up.
const statusQuota = 466

// classify returns the failure that an answer reports, or nil. Statuses are documented, but the form of most bodies is
// not. So words count only under 400, except those of WhatsApp's rate limit.
func classify(c wire.Call, a wire.Answer) *provider.Error {
	text := wire.Words(a.Body)
	switch {
	case a.OK():
		return underSuccess(a, text)
	case a.Status == statusQuota:
		return quotaUsed(a, text)
	case a.Status == http.StatusBadRequest:
		if e := badRequest(c, text); e != nil {
			return e
		}
	}
	if a.Status != http.StatusTooManyRequests && wire.Says(text, "rate overlimit", "rate-overlimit") {
		return overlimit(c, text)
	}
	return wire.ByStatus(c, a, text)
}

// quotaUsed returns the error for a quota that is used up. If the body does not name a known quota, the whole instance
// rests, until the month ends or the plan changes.
func quotaUsed(a wire.Answer, text string) *provider.Error {
	var v struct {
		InvokeStatus, CorrespondentsStatus struct{ Method, Status wire.Text }
	}
	_ = json.Unmarshal(a.Body, &v) // an unreadable body names no quota
	e := wire.Rested(text)
	switch {
	case wire.Says(string(v.CorrespondentsStatus.Status), "exceeded"):
		e.Quota = provider.QuotaSend
	case !wire.Says(string(v.InvokeStatus.Status), "exceeded"):
	default:
		switch strings.ToLower(string(v.InvokeStatus.Method)) {
		case strings.ToLower(checkWhatsapp):
			e.Quota = provider.QuotaCheck
		case strings.ToLower(createGroup):
			e.Quota = provider.QuotaCreate
		case strings.ToLower(sendMessage), "correspondents":
			e.Quota = provider.QuotaSend
		case strings.ToLower(addGroupParticipant):
			e.Quota = provider.QuotaAdd
		case strings.ToLower(getGroupData), strings.ToLower(getContacts), strings.ToLower(getChats),
			strings.ToLower(showMessagesQueue), strings.ToLower(lastOutgoingMessages):
			e.Quota = provider.QuotaRead
		}
	}
	if e.Quota != "" {
		e.Rest, e.Health = false, ""
	}
	return e
}

// underSuccess returns the failure in a body like {"code":401,"description":"Unauthorized"} with status 200, which one
// of GREEN-API's own clients expects. Codes other than 401 and 403 prove nothing.
func underSuccess(a wire.Answer, text string) *provider.Error {
	var v struct {
		Code        int
		Description *string
	}
	if json.Unmarshal(a.Body, &v) != nil || v.Description == nil || v.Code < 400 {
		return nil //nolint:nilerr // another shape: decoding it will say what is wrong
	}
	if v.Code == http.StatusUnauthorized || v.Code == http.StatusForbidden {
		return wire.Instance(provider.Unauthorized, text)
	}
	return &provider.Error{Class: provider.Unknown, Scope: provider.ScopeInstance, Text: text}
}

// badRequest returns the error for GREEN-API's words under 400, or nil for unknown words.
func badRequest(c wire.Call, text string) *provider.Error {
	switch {
	case wire.Says(text, "starting or not authorized", "not authorized"):
		// The newer text does not say which of the two it means. For both it is right to stop the instance: the next
		// reading of the state lets it go on.
		return wire.Instance(provider.Disconnected, text)

	case wire.Says(text, "in starting process", "is starting"):
		return &provider.Error{
			Class: provider.NotSent, Scope: provider.ScopeInstance, Health: provider.Starting, Text: text,
		}

	case wire.Says(text, "account is expired", "instance is deleted"):
		return wire.Instance(provider.Unauthorized, text)

	case wire.Says(text, "used up the chat limit"):
		return wire.Rested(text)

	case wire.Says(text, "timeout limit exceeded"):
		// checkWhatsapp gave up waiting for WhatsApp: another try may pass.
		return &provider.Error{Class: provider.Unknown, Scope: c.Scope, Text: text}

	case c.Scope == provider.ScopePerson && wire.Says(text, "is not on whatsapp"):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, NoAccount: true, Text: text}

	case c.Scope == provider.ScopePerson && wire.SaysLeft(text):
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Left: true, Text: text}

	case wire.Says(text, "validation failed", "bad request", "unexpected token", "wrong format", "bad phone number"):
		// The request was read and rejected.
		return &provider.Error{Class: provider.Refused, Scope: c.Scope, Text: text}
	}
	return nil
}

// overlimit returns the error for WhatsApp's warning about too many groups. The group may exist all the same (GI#1016),
// so a create is verified before the instance rests.
func overlimit(c wire.Call, text string) *provider.Error {
	e := wire.Rested(text)
	if c.Kind != wire.Read {
		e.Class = provider.Unknown
	}
	return e
}
