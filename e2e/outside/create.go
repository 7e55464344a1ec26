package outside

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// speech is how one provider says what can come of a create.
type speech struct {
	created func(Group) any
	failed  func(status int, text string)
	// absent says whether somebody without WhatsApp spoils the whole create.
	absent bool
}

// create carries out one create and answers it as the faults say.
func (c *call) create(name string, asked []string, say speech) {
	p := c.p
	who := make([]string, len(asked))
	absent := false
	for i, a := range asked {
		person := p.cfg.Census.Person(a)
		who[i] = person.Phone
		absent = absent || person.Kind == NoWhatsApp
	}
	fault := p.cfg.Faults.next(name)
	entry := Create{Instance: c.inst.ID, Name: name, Asked: who, At: c.at, Late: c.late, Fault: fault}
	p.mu.Lock()
	n := len(p.creates)
	p.creates = append(p.creates, entry)
	p.mu.Unlock()

	if c.watch(Arriving, entry) {
		p.mu.Lock()
		p.creates[n].Lost = true
		p.mu.Unlock()
		c.hang()
		panic(http.ErrAbortHandler)
	}
	if fault.Happens() && absent && say.absent {
		say.failed(http.StatusInternalServerError, "Internal Server Error")
		return
	}
	if fault.Happens() {
		wait := p.cfg.CreateTakes
		if fault == HangCreated {
			wait = p.cfg.HangMakes
		}
		// On a timer of its own: a group that is on its way comes, whether or not the caller waits.
		done := make(chan Group, 1)
		time.AfterFunc(wait, func() {
			g := p.make(c.inst, name, who)
			p.mu.Lock()
			p.creates[n].Group = g.ID
			p.mu.Unlock()
			done <- g
		})
		g := <-done
		entry.Group = g.ID
		c.watch(Made, entry)
		c.answer(fault, say.created(g), say)
	} else {
		c.answer(fault, nil, say)
	}
	c.watch(Answered, entry)
}

func (c *call) watch(m Moment, entry Create) bool {
	return c.p.cfg.Watch != nil && c.p.cfg.Watch(m, entry, c.r)
}

// answer says what a fault says, or the truth.
func (c *call) answer(fault Fault, truth any, say speech) {
	switch fault {
	case None:
		c.json(http.StatusOK, truth)
		_ = http.NewResponseController(c.w).Flush()
	case ErrorCreated, ErrorPlain:
		say.failed(http.StatusInternalServerError, "Internal Server Error")
	case BadGateway, BadGatewayCreated:
		c.w.Header().Set("Content-Type", "text/html")
		c.w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(c.w, "<html><body><h1>502 Bad Gateway</h1></body></html>")
	case TooMany:
		say.failed(http.StatusTooManyRequests, "Too Many Requests")
	case Starting:
		say.failed(http.StatusBadRequest, "instance in starting process try later")
	case HangCreated:
		c.hang()
		panic(http.ErrAbortHandler)
	case ResetBefore, ResetCreated:
		c.reset("")
	case TornCreated:
		whole, _ := json.Marshal(truth)
		c.reset(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(whole), whole[:len(whole)/3]))
	}
}

// hang keeps the caller waiting until it leaves, or long.
func (c *call) hang() {
	select {
	case <-c.r.Context().Done():
	case <-time.After(c.p.cfg.HangFor):
	}
}

// reset writes what there is to write and tears the connection down: after words politely, so that
// they arrive, without words by a TCP reset.
func (c *call) reset(words string) {
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(errors.Join(http.ErrAbortHandler, err))
	}
	if tcp, ok := conn.(*net.TCPConn); ok && words == "" {
		_ = tcp.SetLinger(0)
	}
	_, _ = fmt.Fprint(conn, words)
	_ = conn.Close()
}

// send carries out one message to one person and answers it as the faults say. The text must hold
// the link of a group: rollcall writes to people for no other reason.
func (c *call) send(receiver, text string, truth func(messageID string) any, say speech) {
	p := c.p
	person := p.cfg.Census.Person(receiver)
	group, ok := p.linked(text)
	if !ok {
		c.complain("a message without the link of a group")
	}
	if person.Kind == NoWhatsApp {
		// Both providers queue such a message and fail it later, by a webhook.
		c.complain("an invite to a number without WhatsApp")
	}
	fault := p.cfg.Messages.next(person.Phone)
	v := Invite{Instance: c.inst.ID, Group: group.ID, Phone: person.Phone, Text: text, At: c.at, Fault: fault}
	v.MessageID = fmt.Sprintf("3EB0%016X", hash(1, person.Phone, group.ID, c.at.String()))
	if fault.Happens() {
		p.invited(v)
	}
	c.answer(fault, truth(v.MessageID), say)
}
