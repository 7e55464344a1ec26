package simulator

import (
	"strings"
	"time"
)

// The states of a message.
const (
	MessageQueued = "queued"
	MessageSent   = "sent"
	MessageFailed = "failed"
)

// The ways in which a private message is sent.
const (
	ViaText   = "text"
	ViaLink   = "link"
	ViaNative = "native" // Z-API's autoInvite
)

// message is one message that is or was in an instance's send queue.
type message struct {
	id, zaap  string
	inst      *instance
	to        string // as addressed
	p         *person
	g         *group // addressed to a group
	carries   *group // whose link the text carries
	text      string
	via       string
	call      uint64
	queuedAt  time.Time
	spacing   time.Duration // before it leaves, at Z-API
	sentAt    time.Time
	status    string
	delivered bool
	fault     string
	code      string // Z-API's errorCode
}

// enqueue puts a message into the instance's queue. The provider answers before it sends.
func (w *world) enqueue(i *instance, m *message) *message {
	m.id, m.zaap = w.messageID(i)
	m.inst, m.queuedAt, m.status = i, w.now(), MessageQueued
	if found := w.links.FindStringSubmatch(m.text); found != nil {
		m.carries = w.byCode[found[1]]
	}
	i.queue = append(i.queue, m)
	w.messages = append(w.messages, m)
	if len(i.queue) == 1 {
		w.planDrain(i)
	}
	return m
}

// planDrain plans when the head of the queue leaves. At Z-API that is 1–3 s or delayMessage later. At GREEN-API it is
// delaySendMessagesMilliseconds after the previous send, but at least a second later, so that a client that lost the
// answer can find the message in the queue. At the other providers it is at once.
func (w *world) planDrain(i *instance) {
	if len(i.queue) == 0 || !i.sends() {
		return
	}
	now, head := w.now(), i.queue[0]
	due := now.Add(head.spacing)
	if i.Provider == GreenAPI { // its setting is the spacing
		due = now.Add(w.scaled(second))
		if next := i.lastSent.Add(w.scaled(i.sendDelay())); next.After(due) {
			due = next
		}
	}
	i.drainSeq++
	turn := i.drainSeq
	w.plan(due, func(at time.Time) {
		if i.drainSeq != turn || len(i.queue) == 0 || !i.sends() {
			return
		}
		m := i.queue[0]
		i.queue = i.queue[1:]
		i.lastSent = at
		w.send(m, at)
		w.planDrain(i)
	})
}

// unqueue takes messages out of the queue before they are sent, and returns their number.
func (w *world) unqueue(i *instance, which func(*message) bool) int {
	kept, n := i.queue[:0:0], 0
	for _, m := range i.queue {
		if which(m) {
			m.status, m.fault = MessageFailed, "removed from the queue"
			n++
			continue
		}
		kept = append(kept, m)
	}
	i.queue = kept
	w.planDrain(i)
	return n
}

// expireQueue drops messages that waited more than 24 h for authorisation at GREEN-API.
func (w *world) expireQueue(i *instance) {
	if i.Provider != GreenAPI {
		return
	}
	border := w.now().Add(-w.scaled(24 * 60 * minute))
	w.unqueue(i, func(m *message) bool { return m.queuedAt.Before(border) })
}

// send lets a message leave the queue, and reports its outcome by webhook.
func (w *world) send(m *message, at time.Time) {
	i := m.inst
	m.sentAt, m.status = at, MessageSent
	i.journal = append(i.journal, m)
	scripted := w.scriptedDelivery(m)
	switch {
	case scripted != nil:
		m.status, m.fault, m.code = MessageFailed, scripted.Text, scripted.Code
		if m.fault == "" {
			m.fault = "Whatsapp rejected sending this message"
		}
	case m.g != nil && !m.g.mayPost(i):
		m.status, m.fault = MessageFailed, "You can't message this group as you don't have permission"
	case m.g != nil:
		m.delivered = true
	case m.p == nil || !m.p.hasWhatsApp:
		m.status, m.fault = MessageFailed, "Phone number does not exist"
	case i.state == stateSuspended && i.Provider == ZAPI:
		m.status, m.fault, m.code = MessageFailed, "Whatsapp did not allow sending this message", "SHADOW_BAN"
	case i.state == stateSuspended:
		// The message is logged as sent, but never delivered (GI#1033).
	case w.dice.chance(w.quirks.SendFailures, "send", m.id):
		m.status, m.fault = MessageFailed, "Timeout on send message"
	default:
		m.delivered = true
	}
	w.announceSend(m, at)
	if m.delivered && m.p != nil && m.carries != nil {
		w.invited(m.p, m.carries, at)
	}
}

// chatID returns the recipient's address as GREEN-API writes it.
func (m *message) chatID() string {
	if strings.Contains(m.to, "@") {
		return m.to
	}
	return m.to + "@c.us"
}
