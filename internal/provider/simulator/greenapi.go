package simulator

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// routes returns GREEN-API's methods by their names in lower case, because its documentation has CreateGroup as well as
// createGroup.
func (greenWire) routes(*Simulator) map[string]route {
	get, post, del := []string{http.MethodGet}, []string{http.MethodPost}, []string{http.MethodDelete}
	table := map[string]route{}
	for _, r := range []route{
		{"createGroup", post, kindCreate, greenCreateGroup},
		{"getGroupData", post, kindMembers, greenGroupData},
		{"getContacts", get, kindList, greenContacts},
		{"getChats", get, kindList, greenChats},
		{"addGroupParticipant", post, kindAdd, greenAddParticipant},
		{"removeGroupParticipant", post, kindAdd, greenRemoveParticipant},
		{"updateGroupName", post, kindAdd, greenRename},
		{"setGroupPicture", post, kindSet, greenSetPicture},
		{"updateGroupSettings", post, kindSet, greenUpdateSettings},
		{"setGroupAdmin", post, kindSet, greenSetAdmin},
		{"leaveGroup", post, kindAdd, greenLeaveGroup},
		{"sendMessage", post, kindSend, greenSendMessage},
		{"showMessagesQueue", get, kindQueue, greenQueue},
		{"clearMessagesQueue", get, kindQueue, greenClearQueue},
		{"getMessagesCount", get, kindQueue, greenQueueCount},
		{"lastOutgoingMessages", get, kindQueue, greenJournal},
		{"checkWhatsapp", post, kindCheck, greenCheck},
		{"getStateInstance", get, kindState, greenState},
		{"getStateInstanceHistory", get, kindState, greenStateHistory},
		{"getWaSettings", get, kindState, greenWaSettings},
		{"getSettings", get, kindHook, greenSettings},
		{"setSettings", post, kindHook, greenSetSettings},
		{"reboot", get, kindHook, greenReboot},
		{"logout", get, kindHook, greenLogout},
		{"receiveNotification", get, kindHook, greenReceive},
		{"deleteNotification", del, kindHook, greenDelete},
	} {
		table[strings.ToLower(r.name)] = r
	}
	return table
}

// serveGreen reads /waInstance{id}/{method}/{token}[/{receiptId}].
func (s *Simulator) serveGreen(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	id, isInstance := strings.CutPrefix(parts[0], "waInstance")
	s.lock()
	inst := s.world.instances[id]
	closed, now := s.closed, s.world.now()
	s.unlock()
	switch {
	case closed:
		abort(w)
	case r.Method == http.MethodOptions:
		write(w, reply{status: http.StatusNoContent})
		return
	case !isInstance || len(parts) < 3 || len(parts) > 4:
		s.stray(r, "", "", route{kind: kindHook}, "address")
		write(w, greenError(http.StatusNotFound, r.URL.Path, "Not Found", now))
		return
	}
	rt, known := s.routes[GreenAPI][strings.ToLower(parts[1])]
	if !known {
		rt = route{name: parts[1], kind: kindHook}
	}
	if inst == nil || inst.Provider != GreenAPI {
		s.stray(r, id, GreenAPI, rt, "instance")
		write(w, greenError(http.StatusForbidden, r.URL.Path, "Forbidden", now))
		return
	}
	x := &exchange{sim: s, inst: inst, route: rt, req: r}
	if len(parts) == 4 {
		x.tail = parts[3]
	}
	s.conduct(w, x, func() (string, reply, bool) { return x.greenGuard(known, parts[2]) })
}

// greenError returns an error in the envelope that was seen for refused bodies (T). The form of other errors is
// undocumented, so they have the same one. The path contains the token, as seen in the field.
func greenError(status int, path, text string, now time.Time) reply {
	return reply{status: status, body: map[string]any{
		"statusCode": status, "timestamp": now.UTC().Format("2006-01-02T15:04:05.000Z"), "path": path, "message": text,
	}}
}

func (x *exchange) greenGuard(known bool, token string) (string, reply, bool) {
	switch {
	case token != x.inst.Token || x.inst.tokenWrong:
		return "auth", x.refuse(http.StatusUnauthorized, "Unauthorized"), true
	case !known || !slices.Contains(x.route.verbs, x.req.Method):
		return "path", x.refuse(http.StatusNotFound, "Not Found"), true
	case x.inst.state == stateDeleted:
		return "auth", x.refuse(http.StatusBadRequest, "Instance is deleted"), true
	case x.inst.state == stateExpired:
		return "auth", x.refuse(http.StatusBadRequest, "Instance account is expired. Renew your instance from personal area"), true
	case x.w.quirks.RateLimits && !x.w.admits(x.inst, x.route.name):
		return "rate", x.refuse(http.StatusTooManyRequests, "Too Many Requests"), true
	case x.inst.state == stateQuota && x.route.kind != kindState && x.route.kind != kindHook:
		return "quota", x.quotaReply(1000, 1000), true
	}
	return "", reply{}, false
}

// admits reports whether a request is within the documented rate of its method and instance, and counts it. Refused
// requests do not count.
func (w *world) admits(i *instance, method string) bool {
	limit, window := greenLimit(method)
	border := w.now().Add(-w.scaled(window))
	recent := slices.DeleteFunc(i.windows[method], func(t time.Time) bool { return !t.After(border) })
	if len(recent) >= limit {
		i.windows[method] = recent
		return false
	}
	i.windows[method] = append(recent, w.now())
	return true
}

func greenLimit(method string) (limit int, window Duration) {
	switch method {
	case "receiveNotification", "deleteNotification":
		return 100, second
	case "sendMessage":
		return 50, second
	case "addGroupParticipant", "removeGroupParticipant", "leaveGroup", "checkWhatsapp", "setGroupAdmin":
		return 10, second
	}
	return 1, second // documented, but assumed for getChats and showMessagesQueue
}

func (x *exchange) startingText() string {
	if x.route.kind == kindCheck {
		return "instance is starting or not authorized"
	}
	return "instance in starting process try later"
}

// quotaReply returns the answer 466.
func (x *exchange) quotaReply(used, total int) reply {
	if x.inst.Provider == ZAPI {
		return x.refuse(466, "quota exceeded") // Z-API has no such answer; for scripts that ask for one
	}
	return reply{status: 466, body: map[string]any{"invokeStatus": map[string]any{
		"method": strings.ToLower(x.route.name), "used": used, "total": total, "status": "QUOTE_EXCEEDED",
		"description": "Monthly quota has been exceeded. Upgrade the tariff or wait for the next month.",
	}}}
}

// invalid returns a refusal of a body in GREEN-API's words.
func (x *exchange) invalid(details string) reply {
	x.rec.Rule = "validation"
	return x.refuse(http.StatusBadRequest, "Validation failed. Details: "+details)
}

// fields decodes a body. Without the JSON content type it ignores the body (I).
func (x *exchange) fields(to any) *reply {
	if !isJSON(x.req) {
		r := x.invalid("'value' must have at least 1 key")
		return &r
	}
	if reason, fine := x.decode(to); !fine {
		x.rec.Rule = "validation"
		r := x.refuse(http.StatusBadRequest, reason)
		return &r
	}
	return nil
}
