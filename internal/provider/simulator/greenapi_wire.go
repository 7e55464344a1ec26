package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// greenWire is the dialect of GREEN-API.
type greenWire struct{}

func (greenWire) name() string { return GreenAPI }

// mount serves /waInstance{id}/{method}/{token}. Its pattern also gets every path that no other dialect registers.
func (greenWire) mount(s *Simulator, mux *http.ServeMux) { mux.HandleFunc("/", s.serveGreen) }

// refuse repeats the path, and so the token, in clear (T).
func (greenWire) refuse(x *exchange, status int, text string) reply {
	return greenError(status, x.req.URL.Path, text, x.w.read())
}

// stateRefusal refuses calls that need a connection while there is none. It refuses messages only while the instance
// starts; otherwise they are queued.
func (greenWire) stateRefusal(x *exchange) (reply, bool) {
	works := slices.Contains([]callKind{kindCreate, kindMembers, kindList, kindAdd, kindSet, kindCheck}, x.route.kind)
	switch {
	case x.inst.state == stateStarting && (works || x.route.kind.sends()):
		return x.refuse(http.StatusBadRequest, x.startingText()), true
	case works && !x.inst.linked() && x.route.kind == kindCheck:
		return x.refuse(http.StatusBadRequest, "instance is starting or not authorized"), true
	case works && !x.inst.linked():
		return x.refuse(http.StatusBadRequest, "instance account not authorized"), true
	case x.route.kind == kindCreate && (x.inst.state == stateSuspended || x.inst.state == stateYellowCard):
		return x.refuse(http.StatusInternalServerError, "rate overlimit"), true // our model: the real answer is undocumented (U)
	}
	return reply{}, false
}

func (greenWire) sayNo(x *exchange) reply {
	return ok(map[string]any{x.route.name: false, "reason": "Timed Out"})
}

func (greenWire) groupSuffix() string { return "@g.us" }

func (greenWire) pushHeader(i *instance, _ []byte) map[string]string {
	if token, _ := i.settings["webhookUrlToken"].(string); token != "" {
		return map[string]string{"Authorization": "Bearer " + token}
	}
	return nil
}

// pushAgain tries every minute for 24 h.
func (greenWire) pushAgain(_, status int, age Duration) (Duration, bool) {
	return minute, status != http.StatusOK && age < 24*60*minute
}

func (greenWire) announceSend(w *world, m *message, at time.Time) {
	body := map[string]any{
		"typeWebhook": "outgoingMessageStatus", "chatId": m.chatID(), "idMessage": m.id,
		"status": m.greenStatus(), "sendByApi": true,
	}
	if m.status == MessageFailed {
		body["description"] = m.fault
	} else if m.inst.settings["outgoingWebhook"] != "yes" {
		return // the setting switches off all these webhooks but those of failures
	}
	w.green(m.inst, body, at)
}

func (greenWire) announceState(w *world, i *instance, _ string, at time.Time) {
	if i.settings["stateWebhook"] == "yes" {
		w.green(i, map[string]any{"typeWebhook": "stateInstanceChanged", "stateInstance": i.greenWord()}, at)
	}
}

// announceJoin sends nothing: GREEN-API has no such webhook (GI#131), so joins are found by polling.
func (greenWire) announceJoin(*world, *instance, *group, *person, time.Time) {}

func (greenWire) announceRequest(*world, *instance, *group, *person, bool, time.Time) {}

func (greenWire) sample(k int) Sample {
	return Sample{fmt.Sprintf("sim-green-%d", k), Instance{
		Provider: GreenAPI, ID: fmt.Sprintf("110100%04d", k), Token: fmt.Sprintf("sim-token-green-%d", k),
	}}
}

func (greenWire) curl(in Instance, base string) string {
	return fmt.Sprintf(`curl -s %s/waInstance%s/createGroup/%s -H 'Content-Type: application/json' \
  -d '{"groupName": "By hand", "chatIds": ["79001234568@c.us"]}'`, base, in.ID, in.Token)
}
