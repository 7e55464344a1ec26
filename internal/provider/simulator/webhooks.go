package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Push is one webhook as the ledger shows it. It does not have the receiver's URL, which is a secret.
type Push struct {
	Instance string          `json:"instance"`
	Type     string          `json:"type"` // Z-API's type, GREEN-API's typeWebhook
	At       time.Time       `json:"at"`
	Tries    int             `json:"tries"`
	Status   int             `json:"status"` // of the last try; 0: no answer yet
	Done     bool            `json:"done"`
	Body     json.RawMessage `json:"body"`
}

// announce sends a webhook of an instance to a receiver. A webhook without a receiver is not recorded.
func (w *world) announce(i *instance, url, kind string, body map[string]any) {
	if url == "" {
		return
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return // impossible: the body is one of our own maps
	}
	p := &Push{Instance: i.ID, Type: kind, At: w.now(), Body: raw}
	w.pushes = append(w.pushes, p)
	if spare := len(w.pushes) - w.sim.cfg.KeepCalls; spare > w.sim.cfg.KeepCalls/10 {
		w.pushes = slices.Delete(w.pushes, 0, spare)
		w.droppedPushes += spare
	}
	w.push(i, url, p)
}

// push makes one try, and plans the next if the provider tries again.
func (w *world) push(i *instance, url string, p *Push) {
	s := w.sim
	if s.closed {
		return
	}
	body := p.Body
	header := i.dialect().pushHeader(i, body)
	s.owned.Go(func() {
		status := s.post(url, header, body)
		s.lock()
		defer s.unlock()
		if s.world != w {
			return
		}
		p.Tries++
		p.Status = status
		age := Duration(float64(w.now().Sub(p.At)) / w.scale)
		after, again := i.dialect().pushAgain(p.Tries, status, age)
		if p.Done = status == http.StatusOK || !again; !p.Done {
			w.plan(w.now().Add(w.scaled(after)), func(time.Time) { w.push(i, url, p) })
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

// green sends a notification to GREEN-API's receiver, or keeps it for receiveNotification.
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

// announceSend sends the webhook of a message's outcome.
func (w *world) announceSend(m *message, at time.Time) { m.inst.dialect().announceSend(w, m, at) }

// announceState sends the webhook of a change of state.
func (w *world) announceState(i *instance, before string) {
	i.dialect().announceState(w, i, before, w.now())
}

// announceJoin sends the webhooks of a group's instances about a person who followed a link.
func (w *world) announceJoin(g *group, p *person, at time.Time) {
	if !w.quirks.JoinWebhooks {
		return
	}
	for _, i := range w.inGroup(g, p) {
		i.dialect().announceJoin(w, i, g, p, at)
	}
}

// announceRequest sends the webhooks of a group's instances about a person who asks to join, or no longer asks.
func (w *world) announceRequest(g *group, p *person, asks bool, at time.Time) {
	for _, i := range w.inGroup(g, p) {
		i.dialect().announceRequest(w, i, g, p, asks, at)
	}
}

// inGroup returns the instances in a group, except the person's own.
func (w *world) inGroup(g *group, p *person) []*instance {
	var in []*instance
	for _, i := range w.ordered {
		if g.is(i.self) && i.self != p {
			in = append(in, i)
		}
	}
	return in
}
