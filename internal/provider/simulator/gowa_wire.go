package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// gowaWire is the dialect of GOWA v9.
type gowaWire struct{}

func (gowaWire) name() string { return GOWA }

func (gowaWire) mount(s *Simulator, mux *http.ServeMux) {
	for pattern, name := range map[string]string{
		"/group": "group", "/group/info": "group/info", "/group/invite-link": "group/invite-link", "/group/participants": "group/participants",
		"/user/my/groups": "user/my/groups", "/user/check": "user/check", "/send/message": "send/message", "/chat/{jid}/messages": "chat/messages",
		"/group/participant-requests/reject": "group/participant-requests/reject",
		"/group/photo":                       "group/photo", "/group/topic": "group/topic", "/group/announce": "group/announce", "/group/locked": "group/locked",
		"/group/participants/promote": "group/participants/promote", "/group/participant-requests": "group/participant-requests",
		"/group/participant-requests/approve": "group/participant-requests/approve", "/app/status": "app/status", "/app/info": "app/info",
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serveGowa(w, r, name) })
	}
}

// refuse returns an error with the code that GOWA has for the status.
func (gowaWire) refuse(_ *exchange, status int, text string) reply {
	code := map[int]string{500: "INTERNAL_SERVER_ERROR", 504: "GATEWAY_TIMEOUT"}[status]
	if status == http.StatusUnauthorized {
		return reply{status: status, kind: "text/plain", raw: []byte("Unauthorized")}
	}
	return gowaError(status, code, text)
}

func gowaError(status int, code, text string) reply {
	return reply{status: status, body: map[string]any{"code": code, "message": text}}
}

func gowaOK(results any) reply {
	return ok(map[string]any{"code": "SUCCESS", "message": "Success", "results": results})
}

// stateRefusal refuses every call of a number without a session before anything is done. A restricted number creates no
// groups and sends no messages.
func (gowaWire) stateRefusal(x *exchange) (reply, bool) {
	works := slices.Contains([]callKind{kindCreate, kindMembers, kindList, kindAdd, kindSet, kindCheck, kindSend, kindPost}, x.route.kind)
	held := x.inst.state == stateSuspended || x.inst.state == stateYellowCard
	switch {
	case held && x.route.kind == kindCreate:
		return x.refuse(http.StatusInternalServerError, "info query returned status 429: rate-overlimit"), true
	case held && x.route.kind.sends():
		return gowaError(http.StatusTooManyRequests, "WA_REACHOUT_TIMELOCK", "WhatsApp rejected this send with error 463 (reach-out timelock)."), true
	case !works || x.inst.linked():
		return reply{}, false
	case x.inst.state == stateStarting:
		return gowaError(http.StatusUnauthorized, "AUTHENTICATION_ERROR", "you are not connect to services server, please reconnect"), true
	case x.inst.state == stateRestore: // there is no session at all
		return gowaError(http.StatusInternalServerError, "INVALID_WA_CLI", "your WhatsApp CLI is invalid or empty"), true
	}
	return gowaError(http.StatusUnauthorized, "AUTHENTICATION_ERROR", "you are not logged in"), true
}

func (gowaWire) sayNo(x *exchange) reply {
	return x.refuse(http.StatusInternalServerError, "info query returned status 403: forbidden")
}

func (gowaWire) groupSuffix() string { return "@g.us" }

// pushHeader signs the body with the secret that is set beside the address.
func (gowaWire) pushHeader(i *instance, body []byte) map[string]string {
	mac := hmac.New(sha256.New, []byte(i.WebhookToken))
	mac.Write(body)
	return map[string]string{"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil))}
}

// pushAgain allows five tries: the second after 1 s, each further one after twice the time.
func (gowaWire) pushAgain(tries, _ int, _ Duration) (Duration, bool) {
	return second << (tries - 1), tries < 5
}

func (w *world) announceGowa(i *instance, event string, payload map[string]any, at time.Time) {
	w.announce(i, i.WebhookURL, event, map[string]any{
		"event": event, "device_id": i.self.form + "@s.whatsapp.net", "session_id": i.ID,
		"timestamp": at.UTC().Format(time.RFC3339), "payload": payload,
	})
}

// announceSend reports only deliveries, never a failure.
func (gowaWire) announceSend(w *world, m *message, at time.Time) {
	if m.delivered {
		w.announceGowa(m.inst, "message.ack", map[string]any{
			"ids": []string{m.id}, "chat_id": m.jid(), "from": m.jid(), "receipt_type": "delivered",
		}, at)
	}
}

// announceState sends nothing: the server has no webhook for states.
func (gowaWire) announceState(*world, *instance, string, time.Time) {}

func (gowaWire) announceJoin(w *world, i *instance, g *group, p *person, at time.Time) {
	w.announceGowa(i, "group.participants", map[string]any{"chat_id": i.groupID(g), "type": "join", "jids": []string{p.jid()}}, at)
}

func (gowaWire) announceRequest(*world, *instance, *group, *person, bool, time.Time) {}

// jid returns the person's number as an address, or the LID if the number is hidden.
func (p *person) jid() string {
	if p.listedAsLID {
		return p.lid
	}
	return p.form + "@s.whatsapp.net"
}

func (gowaWire) sample(k int) Sample {
	return Sample{fmt.Sprintf("sim-gowa-%d", k), Instance{
		Provider: GOWA, ID: fmt.Sprintf("sim-gowa-%d", k), Token: fmt.Sprintf("sim:gowa-password-%d", k),
	}}
}

func (gowaWire) curl(in Instance, base string) string {
	return fmt.Sprintf(`curl -s %s/group -u %s -H 'X-Device-Id: %s' -H 'Content-Type: application/json' \
  -d '{"title": "By hand", "participants": ["5544999999999"]}'`, base, in.Token, in.ID)
}

// gowaNumber returns the number in an address, if the address has one.
func gowaNumber(address string) (string, bool) {
	user := strings.TrimSuffix(address, "@s.whatsapp.net")
	return user, isNumber(user)
}
