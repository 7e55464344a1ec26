package simulator

import (
	"mime"
	"net/http"
	"slices"
	"strings"
)

// routes returns Z-API's endpoints by the first segment after the token.
func (zapiWire) routes(*Simulator) map[string]route {
	get, post, put, del := []string{http.MethodGet}, []string{http.MethodPost}, []string{http.MethodPut}, http.MethodDelete
	table := map[string]route{
		"create-group":              {verbs: post, kind: kindCreate, run: zapiCreateGroup},
		"light-group-metadata":      {verbs: get, kind: kindMembers, run: zapiLightMetadata},
		"group-metadata":            {verbs: get, kind: kindMembers, run: zapiMetadata},
		"group-invitation-link":     {verbs: []string{http.MethodGet, http.MethodPost}, kind: kindMembers, run: zapiInvitationLink}, // POST until 2026-02
		"redefine-invitation-link":  {verbs: post, kind: kindAdd, run: zapiRedefineLink},
		"group-invitation-metadata": {verbs: get, kind: kindList, run: zapiInvitationMetadata},
		"accept-invite-group":       {verbs: get, kind: kindAdd, run: zapiAcceptInvite},
		"groups":                    {verbs: get, kind: kindList, run: zapiGroups},
		"chats":                     {verbs: get, kind: kindList, run: zapiChats},
		"add-participant":           {verbs: post, kind: kindAdd, run: zapiAddParticipant},
		"remove-participant":        {verbs: post, kind: kindAdd, run: zapiRemoveParticipant},
		"leave-group":               {verbs: post, kind: kindAdd, run: zapiLeaveGroup},
		"update-group-name":         {verbs: post, kind: kindAdd, run: zapiRename},
		"update-group-photo":        {verbs: post, kind: kindSet, run: zapiSetPhoto},
		"update-group-description":  {verbs: post, kind: kindSet, run: zapiSetDescription},
		"update-group-settings":     {verbs: post, kind: kindSet, run: zapiSetSettings},
		"add-admin":                 {verbs: post, kind: kindSet, run: zapiAddAdmin},
		"approve-participant":       {verbs: post, kind: kindSet, run: zapiAnswer(true)},
		"reject-participant":        {verbs: post, kind: kindSet, run: zapiAnswer(false)},
		"send-text":                 {verbs: post, kind: kindSend, run: zapiSendText},
		"send-link":                 {verbs: post, kind: kindSend, run: zapiSendLink},
		"queue":                     {verbs: []string{http.MethodPost, http.MethodGet, del}, kind: kindQueue, run: zapiQueue},
		"phone-exists":              {verbs: get, kind: kindCheck, run: zapiPhoneExists},
		"phone-exists-batch":        {verbs: post, kind: kindCheck, run: zapiPhoneExistsBatch},
		"status":                    {verbs: get, kind: kindState, run: zapiStatus},
		"device":                    {verbs: get, kind: kindState, run: zapiDevice},
		"me":                        {verbs: get, kind: kindState, run: zapiMe},
		"restart":                   {verbs: get, kind: kindHook, run: zapiRestart},
		"disconnect":                {verbs: get, kind: kindHook, run: zapiDisconnect},
		"restore-session":           {verbs: get, kind: kindHook, run: zapiRestart},
		"update-every-webhooks":     {verbs: put, kind: kindHook, run: zapiEveryWebhook},
		"update-notify-sent-by-me":  {verbs: put, kind: kindHook, run: zapiNotifySelf},
	}
	for _, kind := range zapiHookKinds() {
		table["update-webhook-"+kind] = route{verbs: put, kind: kindHook, run: zapiWebhook}
	}
	for name, r := range table {
		r.name = name
		table[name] = r
	}
	return table
}

// serveZAPI serves a call of Z-API.
func (s *Simulator) serveZAPI(w http.ResponseWriter, r *http.Request) {
	s.lock()
	inst := s.world.instances[r.PathValue("id")]
	closed := s.closed
	s.unlock()
	if closed {
		abort(w)
	}
	endpoint, tail, _ := strings.Cut(r.PathValue("endpoint"), "/")
	rt, known := s.routes[ZAPI][endpoint]
	if !known {
		rt = route{name: endpoint, kind: kindHook}
	}
	if inst == nil || inst.Provider != ZAPI {
		s.stray(r, r.PathValue("id"), ZAPI, rt, "instance")
		write(w, zapiUnknownInstance())
		return
	}
	x := &exchange{sim: s, inst: inst, route: rt, req: r, tail: tail}
	s.conduct(w, x, func() (string, reply, bool) { return x.zapiGuard(known, r.PathValue("token")) })
}

// zapiUnknownInstance returns the answer for an unknown instance. It is invented: no source has its status or body (U).
func zapiUnknownInstance() reply {
	return reply{status: http.StatusBadRequest, body: zapiError("Instance not found")}
}

func zapiError(text string) map[string]any { return map[string]any{"error": text} }

// zapiGuard returns the rule and the answer of a refusal, if one of the checks before every endpoint fails.
func (x *exchange) zapiGuard(known bool, token string) (string, reply, bool) {
	given := x.req.Header.Values("Client-Token")
	switch {
	case token != x.inst.Token || x.inst.tokenWrong || x.inst.state == stateDeleted:
		return "auth", zapiUnknownInstance(), true
	case x.inst.state == stateIPBlocked: // D body, status U
		return "auth", x.refuse(http.StatusBadRequest, "203.0.113.7 not allowed"), true
	case x.inst.ClientToken != "" && len(given) == 0: // D body; HTTP 200 is T, and the harder case for a client
		return "auth", x.refuse(http.StatusOK, "null not allowed"), true
	case x.inst.ClientToken != "" && given[0] != x.inst.ClientToken: // T
		return "auth", x.refuse(http.StatusBadRequest, "your client-token is not configured"), true
	case !known: // T: 200 or 404
		return "path", reply{status: http.StatusNotFound, body: map[string]any{
			"error": "NOT_FOUND", "message": "Unable to find matching target resource method",
		}}, true
	case !slices.Contains(x.route.verbs, x.req.Method): // D; body U
		return "verb", x.refuse(http.StatusMethodNotAllowed, "Method Not Allowed"), true
	case (x.req.Method == http.MethodPost || x.req.Method == http.MethodPut) && !isJSON(x.req): // D; body U
		return "content type", x.refuse(http.StatusUnsupportedMediaType, "Unsupported Media Type"), true
	}
	return "", reply{}, false
}

func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// bad returns Z-API's refusal of a body.
func (x *exchange) bad(text string) reply {
	x.rec.Rule = "validation"
	return x.refuse(http.StatusBadRequest, text)
}
