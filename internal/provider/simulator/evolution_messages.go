package simulator

import (
	"slices"
	"strings"
)

// evolutionSendText sends at once: these servers have no queue. Evolution API first asks whether the number has
// WhatsApp. whatsmiau finds out too late to report it.
func evolutionSendText(x *exchange) reply {
	var in struct {
		Number string `json:"number"`
		Text   string `json:"text"`
	}
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	switch {
	case in.Text == "" && !x.miau:
		x.rec.Rule = "validation"
		return evolutionError(400, []any{"Text is required"})
	case in.Number == "" || in.Text == "":
		return x.wrong(`instance requires property "text"`)
	}
	m := &message{to: in.Number, text: in.Text, via: ViaText, call: x.rec.Seq}
	if strings.HasSuffix(in.Number, "@g.us") {
		if m.g = x.w.groupByID(x.inst, in.Number); m.g == nil {
			return x.noGroupToPost()
		}
	} else {
		m.p = x.w.addressed(strings.TrimSuffix(in.Number, "@s.whatsapp.net"))
		if (m.p == nil || !m.p.hasWhatsApp) && !x.miau {
			x.rec.Rule = "no account"
			return evolutionError(400, []any{map[string]any{"jid": m.jid(), "exists": false, "number": in.Number}})
		}
	}
	x.w.enqueue(x.inst, m)
	x.rec.Effect = true
	status := 201
	if x.miau {
		status = 200
	}
	return reply{status: status, body: map[string]any{
		"key": map[string]any{"remoteJid": m.jid(), "fromMe": true, "id": m.id}, "status": "PENDING",
		"message": map[string]any{"conversation": in.Text}, "messageType": "conversation",
		"messageTimestamp": x.w.now().Unix(), "instanceId": x.inst.ID, "source": "unknown",
	}}
}

// noGroupToPost returns the answer to a message to a group that cannot be read. Evolution API's is its own error
// object, converted to a string.
func (x *exchange) noGroupToPost() reply {
	if x.miau {
		return x.refuse(404, "Group not found")
	}
	return evolutionError(400, []any{"[object Object]"})
}

// evolutionFindMessages answers POST chat/findMessages with the instance's messages, the latest first. There, offset is
// the size of a page.
func evolutionFindMessages(x *exchange) reply {
	var in struct {
		Where struct {
			Key struct {
				FromMe *bool `json:"fromMe"` // all messages here are the instance's own
			} `json:"key"`
		} `json:"where"`
		Page   int `json:"page"`
		Offset int `json:"offset"`
	}
	in.Page, in.Offset = 1, 50
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	var all []*message
	if mine := in.Where.Key.FromMe; mine == nil || *mine {
		all = slices.Concat(x.inst.journal, x.inst.queue)
	}
	slices.Reverse(all)
	size := max(in.Offset, 1)
	from := min((max(in.Page, 1)-1)*size, len(all))
	records := []map[string]any{}
	for _, m := range all[from:min(from+size, len(all))] {
		key := map[string]any{"id": m.id, "fromMe": true, "remoteJid": m.jid()}
		if m.p != nil && m.p.listedAsLID {
			key["remoteJid"], key["remoteJidAlt"] = m.p.lid, m.p.form+"@s.whatsapp.net"
		}
		records = append(records, map[string]any{
			"id": m.zaap, "key": key, "messageType": "conversation",
			"message": map[string]any{"conversation": m.text}, "messageTimestamp": m.queuedAt.Unix(),
		})
	}
	return ok(map[string]any{"messages": map[string]any{
		"total": len(all), "pages": (len(all) + size - 1) / size, "currentPage": in.Page, "records": records,
	}})
}

// evolutionNumbers answers POST chat/whatsappNumbers. The word "lid" stands for an unknown LID.
func evolutionNumbers(x *exchange) reply {
	var in struct {
		Numbers []string `json:"numbers"`
	}
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	if len(in.Numbers) == 0 {
		return x.wrong("numbers does not meet minimum length of 1")
	}
	out := []map[string]any{}
	for _, number := range in.Numbers {
		p := x.w.addressed(strings.TrimSuffix(number, "@s.whatsapp.net"))
		entry := map[string]any{"jid": number + "@s.whatsapp.net", "exists": p != nil && p.hasWhatsApp, "number": number}
		if p != nil && p.hasWhatsApp {
			entry["jid"], entry["lid"] = p.form+"@s.whatsapp.net", p.lid
			if p.lidUntold {
				entry["lid"] = "lid"
			}
		}
		out = append(out, entry)
	}
	return ok(out)
}
