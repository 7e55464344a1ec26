package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// evolutionWire is the dialect of Evolution API v2 and, at /v1, of whatsmiau, which has the same paths and other
// answers.
type evolutionWire struct{}

func (evolutionWire) name() string { return Evolution }

// atMiau is the prefix of whatsmiau's paths.
const atMiau = "/v1"

func (evolutionWire) mount(s *Simulator, mux *http.ServeMux) {
	for _, prefix := range []string{"", atMiau} {
		for _, area := range []string{"group", "message", "chat", "instance", "webhook"} {
			mux.HandleFunc(prefix+"/"+area+"/{endpoint}/{instance}", func(w http.ResponseWriter, r *http.Request) {
				s.serveEvolution(w, r, prefix != "", area+"/"+r.PathValue("endpoint"), r.PathValue("instance"))
			})
		}
		mux.HandleFunc(prefix+"/instance/fetchInstances", func(w http.ResponseWriter, r *http.Request) {
			s.serveEvolution(w, r, prefix != "", "instance/fetchInstances", r.URL.Query().Get("instanceName"))
		})
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		write(w, ok(map[string]any{"status": 200, "message": "Welcome to the Evolution API, it is working!", "version": "2.3.7", "clientName": "evolution_exchange"}))
	})
	mux.HandleFunc(atMiau, func(w http.ResponseWriter, _ *http.Request) {
		write(w, ok(map[string]any{"status": 200, "message": "Welcome to the Whatsmiau API, a Evolution API alternative, it is working!", "version": "0.3.2", "clientName": "whatsmiau"}))
	})
}

// refuse returns an error in the envelope of the server that was called. Evolution API answers every failed create with
// 500, and puts the error's text after its own.
func (evolutionWire) refuse(x *exchange, status int, text string) reply {
	if x.miau {
		return reply{status: status, body: map[string]any{"error": map[string]any{}, "message": text, "errorMessage": text}}
	}
	said := []any{text}
	if x.route.kind == kindCreate && status == http.StatusInternalServerError {
		said = []any{"Error creating group", "Error: " + text}
	}
	return evolutionError(status, said)
}

func evolutionError(status int, said any) reply {
	return reply{status: status, body: map[string]any{
		"status": status, "error": statusText(status), "response": map[string]any{"message": said},
	}}
}

// stateRefusal refuses what a number without a connection cannot do. Evolution API notices only while it works,
// whatsmiau checks first.
func (evolutionWire) stateRefusal(x *exchange) (reply, bool) {
	works := slices.Contains([]callKind{kindCreate, kindMembers, kindList, kindAdd, kindSet, kindCheck, kindSend, kindPost}, x.route.kind)
	switch {
	case x.route.kind == kindCreate && (x.inst.state == stateSuspended || x.inst.state == stateYellowCard):
		return x.refuse(http.StatusInternalServerError, "rate-overlimit"), true
	case !works || x.inst.linked():
		return reply{}, false
	case x.miau && (x.route.kind == kindCheck || x.route.kind.sends()):
		return reply{status: 500, body: map[string]any{"error": map[string]any{}, "message": "failed", "errorMessage": "client is nil"}}, true
	case x.miau:
		return reply{status: 404, body: map[string]any{"error": map[string]any{}, "message": "instance is not connected", "errorMessage": "client is nil"}}, true
	}
	return x.evolutionClosed(), true
}

// evolutionClosed returns Evolution API's error without a connection: its library's error or, if the server has not
// loaded the instance, a JavaScript error.
func (x *exchange) evolutionClosed() reply {
	unloaded := x.inst.state == stateRestore
	bare, closed := "Connection Closed", "Error: Connection Closed"
	if unloaded {
		bare = "Cannot read properties of undefined (reading 'onWhatsApp')"
		closed = "TypeError: " + bare
	}
	switch x.route.name {
	case "group/create":
		return evolutionError(500, []any{"Error creating group", closed})
	case "group/findGroupInfos":
		return evolutionError(404, []any{"Error fetching group", closed})
	case "group/inviteCode":
		return evolutionError(404, []any{"No invite code", closed})
	case "group/updateParticipant":
		return evolutionError(400, []any{"Error updating participants", closed})
	case "group/updateSetting":
		return evolutionError(400, []any{"Error updating setting", closed})
	case "group/updateGroupDescription":
		return evolutionError(500, []any{"Error updating group description", closed})
	case "group/updateGroupPicture": // the server first asks its library for the number's own address
		return evolutionError(500, []any{"Error update group picture", "TypeError: Cannot read properties of undefined (reading 'id')"})
	case "group/fetchAllGroups":
		if unloaded {
			bare = "Cannot convert undefined or null to object"
		}
	case "chat/whatsappNumbers": // the library's error, without an envelope
		if unloaded {
			return reply{status: 400, body: map[string]any{}}
		}
		return reply{status: 400, body: map[string]any{"data": nil, "isBoom": true, "isServer": false, "output": map[string]any{
			"statusCode": 428, "headers": map[string]any{},
			"payload": map[string]any{"statusCode": 428, "error": "Precondition Required", "message": "Connection Closed"},
		}}}
	}
	if x.route.kind == kindPost {
		return x.noGroupToPost()
	}
	return evolutionError(500, bare)
}

func (evolutionWire) sayNo(x *exchange) reply {
	return x.refuse(http.StatusBadRequest, "Error: not-acceptable")
}

func (evolutionWire) groupSuffix() string { return "@g.us" }

func (evolutionWire) pushHeader(*instance, []byte) map[string]string { return nil }

// pushAgain allows ten tries: the second after 5 s, each further one after twice the time, up to 5 min. Some statuses
// end the tries.
func (evolutionWire) pushAgain(tries, status int, _ Duration) (Duration, bool) {
	if tries >= 10 || slices.Contains([]int{400, 401, 403, 404, 422}, status) {
		return 0, false
	}
	return min(5*second<<(tries-1), 5*minute), true
}

// announceEvolution sends an event if the instance's webhook is set to it.
func (w *world) announceEvolution(i *instance, event string, data map[string]any, at time.Time) {
	h := i.evolution
	wanted := strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(event))
	if !h.Enabled || !slices.Contains(h.Events, wanted) {
		return
	}
	url := h.URL
	if h.ByEvents {
		url += "/" + strings.ToLower(strings.ReplaceAll(wanted, "_", "-"))
	}
	w.announce(i, url, event, map[string]any{
		"event": event, "instance": i.ID, "data": data, "destination": h.URL,
		"date_time": at.UTC().Format("2006-01-02T15:04:05.000Z"), "sender": i.self.form + "@s.whatsapp.net",
		"server_url": "http://simulator", "apikey": nil,
	})
}

func (evolutionWire) announceSend(w *world, m *message, at time.Time) {
	statuses := []string{"ERROR"}
	if m.status != MessageFailed {
		statuses = []string{"SERVER_ACK"}
	}
	if m.delivered {
		statuses = append(statuses, "DELIVERY_ACK")
	}
	for _, status := range statuses {
		w.announceEvolution(m.inst, "messages.update", map[string]any{
			"keyId": m.id, "remoteJid": m.jid(), "fromMe": true, "participant": m.jid(), "status": status, "instanceId": m.inst.ID,
		}, at)
	}
}

func (evolutionWire) announceState(w *world, i *instance, _ string, at time.Time) {
	w.announceEvolution(i, "connection.update", map[string]any{"instance": i.ID, "state": i.evolutionState(false), "statusReason": 200}, at)
}

// announceJoin names a person by the LID, and by the number if that is known. Otherwise the number's field has the
// digits of the LID.
func (evolutionWire) announceJoin(w *world, i *instance, g *group, p *person, at time.Time) {
	number := p.form + "@s.whatsapp.net"
	if p.listedAsLID {
		number = strings.TrimSuffix(p.lid, "@lid")
	}
	w.announceEvolution(i, "group-participants.update", map[string]any{
		"id": i.groupID(g), "author": p.lid, "action": "add", "participants": []string{p.lid},
		"participantsData": []any{map[string]any{"jid": p.lid, "phoneNumber": number}},
	}, at)
}

func (evolutionWire) announceRequest(*world, *instance, *group, *person, bool, time.Time) {}

func (evolutionWire) sample(k int) Sample {
	return Sample{fmt.Sprintf("sim-evolution-%d", k), Instance{
		Provider: Evolution, ID: fmt.Sprintf("sim-evolution-%d", k), Token: fmt.Sprintf("sim-key-evolution-%d", k),
	}}
}

func (evolutionWire) curl(in Instance, base string) string {
	return fmt.Sprintf(`curl -s %s/group/create/%s -H 'apikey: %s' -H 'Content-Type: application/json' \
  -d '{"subject": "By hand", "participants": ["5544999999999"]}'`, base, in.ID, in.Token)
}

// jid returns the recipient's address as WhatsApp writes it.
func (m *message) jid() string {
	switch {
	case m.g != nil, strings.Contains(m.to, "@"):
		return m.to
	case m.p != nil:
		return m.p.form + "@s.whatsapp.net"
	}
	return m.to + "@s.whatsapp.net"
}
