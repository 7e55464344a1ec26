package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// zapiWire is the dialect of Z-API.
type zapiWire struct{}

func (zapiWire) name() string { return ZAPI }

// mount serves /instances/{id}/token/{token}/….
func (zapiWire) mount(s *Simulator, mux *http.ServeMux) {
	mux.HandleFunc("/instances/{id}/token/{token}/{endpoint...}", s.serveZAPI)
}

func (zapiWire) refuse(_ *exchange, status int, text string) reply {
	return reply{status: status, body: zapiError(text)}
}

func (zapiWire) stateRefusal(x *exchange) (reply, bool) {
	touches := slices.Contains([]callKind{kindCreate, kindMembers, kindList, kindAdd, kindSet, kindCheck}, x.route.kind)
	switch {
	case x.inst.state == stateExpired && (touches || x.route.kind.sends()): // T
		return x.refuse(http.StatusBadRequest, "To continue sending a message, you must subscribe to this instance again"), true
	case touches && !x.inst.linked(): // status texts are T
		_, text := x.inst.zapiStatus()
		return x.refuse(http.StatusBadRequest, text), true
	}
	return reply{}, false
}

func (zapiWire) sayNo(*exchange) reply { return value(false) }

func (zapiWire) groupSuffix() string { return "-group" }

// pushHeader returns the instance's token, as two third parties have seen it (T).
func (zapiWire) pushHeader(i *instance, _ []byte) map[string]string {
	return map[string]string{"z-api-token": i.Token}
}

// pushAgain returns false: Z-API documents no retry.
func (zapiWire) pushAgain(int, int, Duration) (Duration, bool) { return 0, false }

func (zapiWire) announceSend(w *world, m *message, at time.Time) {
	i := m.inst
	body := map[string]any{
		"type": "DeliveryCallback", "instanceId": i.ID, "phone": m.to, "zaapId": m.zaap, "messageId": m.id,
		"momment": at.UnixMilli(), "error": nil, "errorCode": nil,
	}
	if m.status == MessageFailed {
		body["error"] = m.fault
		if m.code != "" {
			body["errorCode"] = m.code
		}
	}
	w.announce(i, i.hooks["delivery"], "DeliveryCallback", body)
	if !m.delivered {
		return
	}
	for _, status := range []string{"SENT", "RECEIVED"} {
		w.announce(i, i.hooks["message-status"], "MessageStatusCallback", map[string]any{
			"type": "MessageStatusCallback", "instanceId": i.ID, "status": status, "ids": []string{m.id},
			"momment": at.UnixMilli(), "phoneDevice": 0, "phone": m.to, "isGroup": m.g != nil,
		})
	}
}

// announceState sends momment in milliseconds when the number connects, and in seconds when it disconnects (D).
func (zapiWire) announceState(w *world, i *instance, before string, at time.Time) {
	was := instance{Instance: i.Instance, state: before}
	connected, _ := i.zapiStatus()
	switch wasConnected, _ := was.zapiStatus(); {
	case connected && !wasConnected:
		w.announce(i, i.hooks["connected"], "ConnectedCallback", map[string]any{
			"type": "ConnectedCallback", "connected": true, "momment": at.UnixMilli(), "instanceId": i.ID, "phone": i.self.form,
		})
	case !connected && wasConnected:
		w.announce(i, i.hooks["disconnected"], "DisconnectedCallback", map[string]any{
			"type": "DisconnectedCallback", "disconnected": true, "error": "Device has been disconnected",
			"momment": at.Unix(), "instanceId": i.ID,
		})
	}
}

// announceJoin sends the webhook of a person who followed a link (T).
func (d zapiWire) announceJoin(w *world, i *instance, g *group, p *person, at time.Time) {
	d.notify(w, i, g, p, "GROUP_PARTICIPANT_INVITE", nil, at)
}

// announceRequest sends the webhook of a person who asks to join, or no longer asks (D, with full examples).
func (d zapiWire) announceRequest(w *world, i *instance, g *group, p *person, asks bool, at time.Time) {
	if asks {
		d.notify(w, i, g, p, "MEMBERSHIP_APPROVAL_REQUEST", "invite_link", at)
	} else {
		d.notify(w, i, g, p, "REVOKED_MEMBERSHIP_REQUESTS", nil, at)
	}
}

func (zapiWire) notify(w *world, i *instance, g *group, p *person, notification string, method any, at time.Time) {
	w.announce(i, cmp.Or(i.hooks["received"], i.hooks["received-delivery"]), "ReceivedCallback", map[string]any{
		"type": "ReceivedCallback", "instanceId": i.ID, "messageId": w.dice.text(20, hexes, "notice", i.serial("notice")),
		"isGroup": true, "isNewsletter": false, "phone": i.groupID(g), "connectedPhone": i.self.form, "chatName": g.name,
		"participantPhone": p.form, "participantLid": p.lid, "fromMe": false, "momment": at.UnixMilli(),
		"status": "RECEIVED", "notification": notification,
		"notificationParameters": []string{p.listed()}, "requestMethod": method, "callId": nil, "code": nil,
	})
}

func (zapiWire) sample(k int) Sample {
	return Sample{fmt.Sprintf("sim-zapi-%d", k), Instance{
		Provider: ZAPI, ID: fmt.Sprintf("SIMZAPI%04d", k), Token: fmt.Sprintf("sim-token-zapi-%d", k), ClientToken: "sim-client-token",
	}}
}

func (zapiWire) curl(in Instance, base string) string {
	var token string
	if in.ClientToken != "" {
		token = fmt.Sprintf(" -H 'Client-Token: %s'", in.ClientToken)
	}
	return fmt.Sprintf(`curl -s %s/instances/%s/token/%s/create-group%s -H 'Content-Type: application/json' \
  -d '{"groupName": "By hand", "phones": ["5544999999999"], "autoInvite": false}'`, base, in.ID, in.Token, token)
}
