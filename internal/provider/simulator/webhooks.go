package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Push is one webhook as the ledger tells it. The receiver's URL is not in it: it is a secret.
type Push struct {
	Instance string          `json:"instance"`
	Type     string          `json:"type"` // Z-API's type, GREEN-API's typeWebhook
	At       time.Time       `json:"at"`
	Tries    int             `json:"tries"`
	Status   int             `json:"status"` // of the last try; 0: no answer yet
	Done     bool            `json:"done"`
	Body     json.RawMessage `json:"body"`
}

// announce sends a webhook of an instance to a receiver. What no receiver wants is not recorded.
func (w *world) announce(i *instance, url, kind string, body map[string]any) {
	if url == "" || len(w.pushes) >= w.sim.cfg.KeepCalls {
		return // nobody listens, or so far behind that nobody will
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return // only our own maps come here
	}
	w.pushes = append(w.pushes, Push{Instance: i.ID, Type: kind, At: w.now(), Body: raw})
	w.push(i, url, len(w.pushes)-1)
}

// push makes one try. GREEN-API tries again every minute for 24 h, with the bearer token; Z-API
// has no documented retry (facts A8, B8; row 21).
func (w *world) push(i *instance, url string, n int) {
	s := w.sim
	if s.closed {
		return
	}
	p := &w.pushes[n]
	body, header := p.Body, map[string]string{}
	if i.Provider == ZAPI {
		header["z-api-token"] = i.Token // T: seen by two third parties
	} else if token, _ := i.settings["webhookUrlToken"].(string); token != "" {
		header["Authorization"] = "Bearer " + token
	}
	s.owned.Go(func() {
		status := s.post(url, header, body)
		s.lock()
		defer s.unlock()
		if s.world != w {
			return
		}
		p := &w.pushes[n]
		p.Tries++
		p.Status = status
		p.Done = status == http.StatusOK || i.Provider == ZAPI
		if !p.Done && w.now().Sub(p.At) < w.scaled(24*60*minute) {
			w.plan(w.now().Add(w.scaled(minute)), func(time.Time) { w.push(i, url, n) })
		}
	})
}

func (s *Simulator) post(url string, header map[string]string, body []byte) int {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-s.ctx.Done():
		return 0
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", "application/json")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := s.cfg.Client.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// green gives a notification to GREEN-API's receiver, or keeps it for receiveNotification.
func (w *world) green(i *instance, body map[string]any, at time.Time) {
	body["timestamp"] = at.Unix()
	id := any(i.ID)
	if n, err := strconv.ParseInt(i.ID, 10, 64); err == nil {
		id = n
	}
	body["instanceData"] = map[string]any{"idInstance": id, "wid": i.self.form + "@c.us", "typeInstance": "whatsapp"}
	if url, _ := i.settings["webhookUrl"].(string); url != "" {
		kind, _ := body["typeWebhook"].(string)
		w.announce(i, url, kind, body)
		return
	}
	if len(i.notifications) >= 10_000 {
		return
	}
	i.receipt++
	i.notifications = append(i.notifications, notification{receipt: i.receipt, body: body})
}

// announceSend tells what became of a queued message (row 16).
func (w *world) announceSend(m *message, at time.Time) {
	i := m.inst
	if i.Provider == GreenAPI {
		body := map[string]any{
			"typeWebhook": "outgoingMessageStatus", "chatId": m.chatID(), "idMessage": m.id,
			"status": m.greenStatus(), "sendByApi": true,
		}
		if m.status == MessageFailed {
			body["description"] = m.fault
		} else if i.settings["outgoingWebhook"] != "yes" {
			return // failures cannot be switched off
		}
		w.green(i, body, at)
		return
	}
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

// announceState tells a change of state. momment is in seconds in one of Z-API's two (D).
func (w *world) announceState(i *instance, before string) {
	at := w.now()
	if i.Provider == GreenAPI {
		if i.settings["stateWebhook"] == "yes" {
			w.green(i, map[string]any{"typeWebhook": "stateInstanceChanged", "stateInstance": i.greenWord()}, at)
		}
		return
	}
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

// announceJoin tells Z-API's receivers that somebody followed a link (T; row 18). GREEN-API has
// no such webhook: people there are found by polling.
func (w *world) announceJoin(g *group, p *person, at time.Time) {
	if w.quirks.JoinWebhooks {
		w.notify(g, p, "GROUP_PARTICIPANT_INVITE", nil, at)
	}
}

// notify tells Z-API's receivers what a person did at a group's door (A8): of requests to join full
// examples are documented.
func (w *world) notify(g *group, p *person, notification string, method any, at time.Time) {
	for _, i := range w.ordered {
		if i.Provider != ZAPI || !g.is(i.self) || i.self == p {
			continue
		}
		w.announce(i, cmp.Or(i.hooks["received"], i.hooks["received-delivery"]), "ReceivedCallback", map[string]any{
			"type": "ReceivedCallback", "instanceId": i.ID, "messageId": w.dice.text(20, hexes, "notice", i.serial("notice")),
			"isGroup": true, "isNewsletter": false, "phone": i.groupID(g), "connectedPhone": i.self.form, "chatName": g.name,
			"participantPhone": p.form, "participantLid": p.lid, "fromMe": false, "momment": at.UnixMilli(),
			"status": "RECEIVED", "notification": notification,
			"notificationParameters": []string{p.listed()}, "requestMethod": method, "callId": nil, "code": nil,
		})
	}
}
