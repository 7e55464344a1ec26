package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// zapiText is the body of send-text and send-link.
type zapiText struct {
	Phone           string `json:"phone"`
	Message         string `json:"message"`
	DelayMessage    int    `json:"delayMessage"`
	DelayTyping     int    `json:"delayTyping"`
	Image           string `json:"image"`
	LinkURL         string `json:"linkUrl"`
	Title           string `json:"title"`
	LinkDescription string `json:"linkDescription"`
}

func zapiSendText(x *exchange) reply {
	var in zapiText
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	return x.zapiSend(in, ViaText)
}

// zapiSendLink answers POST send-link. It requires all fields, and a message that ends with the link (D).
func zapiSendLink(x *exchange) reply {
	var in zapiText
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	switch {
	case in.Image == "" || in.LinkURL == "" || in.Title == "" || in.LinkDescription == "":
		return x.bad("image, linkUrl, title and linkDescription are required")
	case !strings.HasSuffix(in.Message, in.LinkURL):
		return x.bad("message must end with linkUrl")
	}
	return x.zapiSend(in, ViaLink)
}

// zapiSend queues a message. The answer says nothing about delivery. While the number is disconnected, the queue keeps
// 1000 messages, and further ones are refused (D; the body is U).
func (x *exchange) zapiSend(in zapiText, via string) reply {
	if in.Phone == "" || in.Message == "" {
		return x.bad("phone and message are required")
	}
	if in.DelayMessage < 0 || in.DelayMessage > 15 || in.DelayTyping < 0 || in.DelayTyping > 15 {
		return x.bad("delayMessage and delayTyping: 1 to 15 seconds")
	}
	m := &message{to: in.Phone, text: in.Message, via: via, call: x.rec.Seq, spacing: x.w.zapiSpacing(x.inst)}
	if in.DelayMessage > 0 {
		m.spacing = x.w.scaled(Duration(in.DelayMessage) * second)
	}
	switch {
	case strings.HasSuffix(in.Phone, "-group"):
		if m.g = x.w.groupByID(x.inst, in.Phone); m.g == nil {
			return x.bad("Invalid phone")
		}
	case strings.HasSuffix(in.Phone, "@lid") || isNumber(in.Phone):
		m.p = x.w.addressed(in.Phone)
	default:
		return x.bad("Invalid phone")
	}
	if !x.inst.sends() && len(x.inst.queue) >= 1000 {
		x.rec.Rule = "queue"
		return x.refuse(http.StatusBadRequest, "queue limit of disconnected instance reached")
	}
	x.w.enqueue(x.inst, m)
	x.rec.Effect = true
	return ok(map[string]any{"zaapId": m.zaap, "messageId": m.id, "id": m.id})
}

// zapiSpacing returns the random 1–3 s before a message leaves.
func (w *world) zapiSpacing(i *instance) time.Duration {
	return w.scaled(w.dice.between(second, 3*second, "spacing", i.serial("spacing")))
}

// zapiQueue answers POST queue (new), GET queue and queue/count (deprecated), DELETE queue[/zaapId].
func zapiQueue(x *exchange) reply {
	switch {
	case x.req.Method == http.MethodDelete:
		n := x.w.unqueue(x.inst, func(m *message) bool { return x.tail == "" || m.zaap == x.tail })
		x.rec.Effect = n > 0
		return value(true)
	case x.req.Method == http.MethodGet && x.tail == "count":
		return ok(map[string]any{"count": len(x.inst.queue)})
	case x.req.Method == http.MethodGet:
		part, wrong := page(x, x.inst.queue)
		if wrong != nil {
			return *wrong
		}
		return ok(map[string]any{"size": len(x.inst.queue), "messages": x.zapiQueued(part)})
	}
	in := struct {
		PageSize    int    `json:"pageSize"`
		PagingState string `json:"pagingState"`
	}{PageSize: 20}
	if len(x.body) > 0 {
		if reason, fine := x.decode(&in); !fine {
			return x.bad(reason)
		}
	}
	if in.PageSize < 1 || in.PageSize > 30 {
		return x.bad("pageSize: at most 30")
	}
	from := 0
	if in.PagingState != "" { // the zaapId of the last message of the previous page
		for n, m := range x.inst.queue {
			if m.zaap == in.PagingState {
				from = n + 1
			}
		}
	}
	to := min(from+in.PageSize, len(x.inst.queue))
	answer := map[string]any{"messages": x.zapiQueued(x.inst.queue[from:to]), "pagingState": nil, "hasMore": to < len(x.inst.queue)}
	if to < len(x.inst.queue) {
		answer["pagingState"] = x.inst.queue[to-1].zaap
	}
	return ok(answer)
}

func (x *exchange) zapiQueued(part []*message) []map[string]any {
	out := []map[string]any{}
	for _, m := range part {
		out = append(out, map[string]any{
			"_id": m.id, "ZaapId": m.zaap, "MessageId": m.id, "Phone": m.to, "Message": m.text,
			"DelayMessage": -1, "DelayTyping": 0, "Created": m.queuedAt.UnixMilli(),
			"CreatedAt": m.queuedAt.UTC().Format(time.RFC3339), "InstanceId": x.inst.ID, "IsTrial": false, "Beta": false,
		})
	}
	return out
}

// zapiPhoneExists answers GET phone-exists/{phone}: with an array of one object, as documented, or with an object, as
// seen.
func zapiPhoneExists(x *exchange) reply {
	if !isNumber(x.tail) {
		return x.bad("Invalid phone")
	}
	p := x.w.personOf(x.tail)
	entry := map[string]any{"exists": p.hasWhatsApp, "phone": x.tail, "lid": nil}
	if p.hasWhatsApp {
		entry["phone"] = p.form
		if !p.lidUntold {
			entry["lid"] = p.lid
		}
	}
	shape := x.w.quirks.PhoneExists
	if shape == "mixed" {
		draw := x.w.dice.bits("phone-exists", p.key) % 4
		shape = []string{"array", "array", "object", "object"}[draw]
		if draw%2 == 1 {
			entry["exists"] = strconv.FormatBool(p.hasWhatsApp)
		}
	}
	if shape == "object" {
		return ok(entry)
	}
	return ok([]any{entry})
}

// zapiPhoneExistsBatch answers POST phone-exists-batch, which takes at most 50,000 numbers.
func zapiPhoneExistsBatch(x *exchange) reply {
	var in struct {
		Phones []string `json:"phones"`
	}
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	if len(in.Phones) == 0 || len(in.Phones) > 50_000 {
		return x.bad("phones: 1 to 50000 numbers")
	}
	out := make([]map[string]any, 0, len(in.Phones))
	for _, phone := range in.Phones {
		if !isNumber(phone) {
			return x.bad("Invalid phone")
		}
		p := x.w.personOf(phone)
		entry := map[string]any{"exists": p.hasWhatsApp, "inputPhone": phone, "outputPhone": phone, "lid": nil}
		if p.hasWhatsApp {
			entry["outputPhone"] = p.form
			if !p.lidUntold {
				entry["lid"] = p.lid
			}
		}
		out = append(out, entry)
	}
	return ok(out)
}
