package simulator

import (
	"net/http"
	"slices"
)

// evolutionEvents are the events sent to a webhook that names none, except those that the simulator never sends.
var evolutionEvents = []string{"CONNECTION_UPDATE", "GROUP_PARTICIPANTS_UPDATE", "MESSAGES_UPDATE"}

// evolutionHook has the settings of an instance's webhook.
type evolutionHook struct {
	Enabled  bool     `json:"enabled"`
	URL      string   `json:"url"`
	Events   []string `json:"events"`
	ByEvents bool     `json:"byEvents"`
	Base64   bool     `json:"base64"`
}

func (evolutionWire) routes(*Simulator) map[string]route {
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	table := map[string]route{}
	for _, r := range []route{
		{"group/create", post, kindCreate, evolutionCreate},
		{"group/findGroupInfos", get, kindMembers, evolutionGroup},
		{"group/participants", get, kindMembers, evolutionParticipants},
		{"group/inviteCode", get, kindMembers, evolutionInviteCode},
		{"group/fetchAllGroups", get, kindList, evolutionGroups},
		{"group/updateParticipant", post, kindAdd, evolutionUpdateParticipant},
		{"group/updateGroupPicture", post, kindSet, evolutionSetPicture},
		{"group/updateGroupDescription", post, kindSet, evolutionSetDescription},
		{"group/updateSetting", post, kindSet, evolutionUpdateSetting},
		{"message/sendText", post, kindSend, evolutionSendText},
		{"chat/findMessages", post, kindQueue, evolutionFindMessages},
		{"chat/whatsappNumbers", post, kindCheck, evolutionNumbers},
		{"instance/connectionState", get, kindState, evolutionConnectionState},
		{"instance/fetchInstances", get, kindState, evolutionFetchInstances},
		{"webhook/find", get, kindHook, evolutionFindHook},
		{"webhook/set", post, kindHook, evolutionSetHook},
	} {
		table[r.name] = r
	}
	return table
}

// miauLacks are the paths that whatsmiau does not have.
var miauLacks = []string{"chat/findMessages"}

func (s *Simulator) serveEvolution(w http.ResponseWriter, r *http.Request, miau bool, name, id string) {
	s.lock()
	inst := s.world.instances[id]
	closed := s.closed
	s.unlock()
	if closed {
		abort(w)
	}
	rt, known := s.routes[Evolution][name]
	known = known && slices.Contains(rt.verbs, r.Method) && !(miau && slices.Contains(miauLacks, name))
	there := inst != nil && inst.Provider == Evolution && inst.state != stateDeleted
	switch {
	case !known:
		s.stray(r, id, Evolution, route{name: name, kind: kindHook}, "path")
	case !there:
		s.stray(r, id, Evolution, rt, "instance")
	}
	switch {
	case !known && miau:
		write(w, reply{status: http.StatusNotFound, body: map[string]any{"message": "Not Found"}})
	case !known:
		write(w, evolutionError(http.StatusNotFound, []any{"Cannot " + r.Method + " " + r.URL.Path}))
	case !there && miau:
		text := "instance is not connected"
		if rt.kind == kindState || rt.kind == kindHook {
			text = "instance not found"
		}
		write(w, reply{status: http.StatusNotFound, body: map[string]any{"error": map[string]any{}, "message": text, "errorMessage": "client is nil"}})
	case !there && name == "instance/fetchInstances" && !s.opensEvolution(r.Header.Get("apikey")): // the only path that checks the key first
		write(w, evolutionError(http.StatusUnauthorized, "Unauthorized"))
	case !there && name == "instance/fetchInstances":
		write(w, evolutionError(http.StatusNotFound, []any{`Instance "` + id + `" not found`}))
	case !there:
		write(w, evolutionError(http.StatusNotFound, []any{`The "` + id + `" instance does not exist`}))
	default:
		x := &exchange{sim: s, inst: inst, route: rt, req: r, miau: miau, tail: r.URL.Query().Get("groupJid")}
		s.conduct(w, x, x.evolutionGuard)
	}
}

// opensEvolution reports whether a key belongs to an instance.
func (s *Simulator) opensEvolution(key string) bool {
	s.lock()
	defer s.unlock()
	return slices.ContainsFunc(s.world.ordered, func(i *instance) bool {
		return i.Provider == Evolution && i.Token == key && !i.tokenWrong
	})
}

func (x *exchange) evolutionGuard() (string, reply, bool) {
	if x.inst.state == stateExpired && !x.miau { // a server without a licence
		return "licence", reply{status: http.StatusServiceUnavailable, body: map[string]any{
			"error": "service not activated", "code": "LICENSE_REQUIRED", "message": "This Evolution API instance is not activated.",
		}}, true
	}
	switch key := x.req.Header.Get("apikey"); {
	case key == x.inst.Token && !x.inst.tokenWrong:
	case x.miau:
		return "auth", reply{status: http.StatusUnauthorized, body: map[string]any{"message": "Unauthorized"}}, true
	default:
		return "auth", evolutionError(http.StatusUnauthorized, "Unauthorized"), true
	}
	return "", reply{}, false
}

// read decodes a body. Without the JSON content type, Evolution API ignores the body and misses every field.
func (x *exchange) read(to any) *reply {
	reason, fine := "", isJSON(x.req)
	if !fine && !x.miau {
		r := x.wrong(`instance requires property "` + x.route.name + `"`)
		return &r
	}
	if fine {
		reason, fine = x.decode(to)
	}
	if fine {
		return nil
	}
	x.rec.Rule = "validation"
	if x.miau {
		return &reply{status: http.StatusUnprocessableEntity, body: map[string]any{"error": map[string]any{}, "message": "failed to bind request body", "errorMessage": reason}}
	}
	r := evolutionError(http.StatusBadRequest, "Expected property name or '}' in JSON at position 1")
	return &r
}

// wrong returns a refusal of a field. At Evolution API the text is in a list in a list, and the number check has
// another envelope.
func (x *exchange) wrong(text string) reply {
	x.rec.Rule = "validation"
	if x.miau {
		return reply{status: http.StatusBadRequest, body: map[string]any{"error": []any{map[string]any{}}, "message": "invalid request body", "errorMessage": text}}
	}
	if x.route.kind == kindCheck {
		return reply{status: http.StatusBadRequest, body: map[string]any{"status": 400, "error": "Bad Request", "message": []any{[]any{text}}}}
	}
	return evolutionError(http.StatusBadRequest, []any{[]any{text}})
}

// evolutionState returns the state in the words of connectionState. Each server has its own word for a closed instance.
func (i *instance) evolutionState(miau bool) string {
	switch {
	case i.state == stateStarting:
		return "connecting"
	case i.linked():
		return "open"
	case miau:
		return "closed"
	}
	return "close"
}

func evolutionConnectionState(x *exchange) reply {
	state := x.inst.evolutionState(x.miau)
	out := map[string]any{"instance": map[string]any{"instanceName": x.inst.ID, "state": state}}
	if x.miau {
		out["id"], out["state"] = x.inst.ID, state
	}
	return ok(out)
}

// evolutionFetchInstances answers with the token of the instance, as the real server does: a reason not to log bodies.
func evolutionFetchInstances(x *exchange) reply {
	out := map[string]any{"id": x.inst.ID, "name": x.inst.ID, "instanceName": x.inst.ID, "connectionStatus": x.inst.evolutionState(x.miau), "token": x.inst.Token}
	if x.inst.linked() {
		out["ownerJid"] = x.inst.self.form + "@s.whatsapp.net"
	}
	return ok([]any{out})
}

func evolutionFindHook(x *exchange) reply {
	h := x.inst.evolution
	out := map[string]any{"id": "hook", "url": h.URL, "enabled": h.Enabled, "events": append([]string{}, h.Events...), "webhookByEvents": h.ByEvents, "webhookBase64": h.Base64}
	switch {
	case x.miau:
		return ok(map[string]any{"webhook": map[string]any{"url": h.URL, "enabled": h.Enabled, "events": h.Events, "byEvents": h.ByEvents}})
	case h.URL == "" && !h.Enabled:
		return reply{status: http.StatusOK, raw: []byte("null")}
	}
	return ok(out)
}

func evolutionSetHook(x *exchange) reply {
	var in struct {
		Webhook *evolutionHook `json:"webhook"`
	}
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	if in.Webhook == nil {
		return x.wrong(`instance requires property "webhook"`)
	}
	x.inst.evolution, x.rec.Effect = *in.Webhook, true
	switch {
	case !in.Webhook.Enabled:
		x.inst.evolution.Events = nil
	case len(in.Webhook.Events) == 0 && !x.miau:
		x.inst.evolution.Events = evolutionEvents
	}
	if x.miau {
		return evolutionFindHook(x)
	}
	return reply{status: http.StatusCreated, body: map[string]any{"id": "hook", "url": in.Webhook.URL, "enabled": in.Webhook.Enabled}}
}
