package simulator

import (
	"strings"
	"unicode/utf8"
)

// evolutionCreate answers POST group/create. It leaves out numbers without WhatsApp and people who cannot be added, and
// does not say so.
func evolutionCreate(x *exchange) reply {
	var in struct {
		Subject      *string  `json:"subject"`
		Participants []string `json:"participants"`
	}
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	switch {
	case in.Subject == nil:
		return x.wrong(`instance requires property "subject"`)
	case *in.Subject == "" && !x.miau: // the server's own check passes, and WhatsApp refuses
		return x.refuse(500, "bad-request")
	case x.miau && utf8.RuneCountInString(*in.Subject) > 25:
		return x.wrong("Key: 'CreateGroupRequest.Subject' Error:Field validation for 'Subject' failed on the 'max' tag")
	case len(in.Participants) == 0 && !x.miau:
		return x.wrong("participants does not meet minimum length of 1")
	}
	var people []*person
	seen := map[string]bool{}
	for _, address := range in.Participants {
		switch {
		case seen[address] && !x.miau:
			return x.wrong("participants contains duplicate item")
		case len(address) < 10 && !x.miau, strings.Trim(address, "@abcdefghijklmnopqrstuvwxyz.") == "":
			return x.wrong(`"participants" must be an array of numeric strings`)
		}
		seen[address] = true
		if p := x.w.addressed(strings.TrimSuffix(address, "@s.whatsapp.net")); p != nil {
			people = append(people, p)
		}
	}
	g, _ := x.w.create(x.inst, *in.Subject, people, in.Participants, x.rec.Seq)
	x.rec.Effect, x.rec.GroupID, x.rec.GroupName = true, x.inst.groupID(g), g.name
	return reply{status: 201, body: x.evolutionInfo(g, true)}
}

// evolutionInfo returns a group in the form of the server that was called.
func (x *exchange) evolutionInfo(g *group, withPeople bool) map[string]any {
	shows := x.w.looks(g)
	out := map[string]any{
		"id": x.inst.groupID(g), "subject": g.name, "subjectOwner": g.owner.form + "@s.whatsapp.net", "subjectTime": g.created.Unix(),
		"size": g.size(), "creation": g.created.Unix(), "owner": g.owner.lid, "desc": shows.description, "restrict": shows.adminsEdit, "announce": shows.adminsSend,
		"isCommunity": false, "isCommunityAnnounce": false,
	}
	if shows.photo != "" && !x.miau {
		out["pictureUrl"] = "https://pps.whatsapp.net/v/" + g.core
	}
	if x.miau {
		out["owner"] = g.owner.form + "@s.whatsapp.net"
	}
	if withPeople {
		out["participants"] = x.evolutionPeople(g)
	}
	return out
}

// evolutionPeople returns a group's people. Half of Evolution API's groups address people by LID, with the number
// beside it unless WhatsApp hides the number.
func (x *exchange) evolutionPeople(g *group) []map[string]any {
	byLID := x.w.dice.chance(0.5, "addressing", g.core)
	out := []map[string]any{}
	for _, m := range g.members {
		if !m.in() {
			continue
		}
		number := m.p.form + "@s.whatsapp.net"
		entry := map[string]any{"id": number, "lid": m.p.lid, "admin": nil}
		switch {
		case x.miau && m.p.listedAsLID:
			entry = map[string]any{"jid": m.p.lid, "lid": m.p.lid, "isAdmin": m.admin, "isSuperAdmin": m.superAdm}
		case x.miau:
			entry = map[string]any{"jid": number, "lid": m.p.lid, "isAdmin": m.admin, "isSuperAdmin": m.superAdm}
		case m.p.listedAsLID:
			entry = map[string]any{"id": m.p.lid, "admin": nil}
		case byLID:
			entry = map[string]any{"id": m.p.lid, "phoneNumber": number, "admin": nil}
		}
		if _, told := entry["admin"]; told && m.superAdm {
			entry["admin"] = "superadmin"
		} else if told && m.admin {
			entry["admin"] = "admin"
		}
		out = append(out, entry)
	}
	return out
}

// evolutionOf returns the group that a reading asks about, or a refusal if the instance's number is not in it.
func (x *exchange) evolutionOf(failed string) (*group, reply) {
	g := x.w.groupByID(x.inst, x.tail)
	if g != nil && g.is(x.inst.self) {
		return g, reply{}
	}
	x.rec.Rule = "unknown group"
	if x.miau {
		return nil, x.refuse(404, "group not found")
	}
	return nil, evolutionError(404, []any{failed, "Error: item-not-found"})
}

func evolutionGroup(x *exchange) reply {
	g, no := x.evolutionOf("Error fetching group")
	if g == nil {
		return no
	}
	return ok(x.evolutionInfo(g, true))
}

func evolutionParticipants(x *exchange) reply {
	g, no := x.evolutionOf("No participants")
	if g == nil {
		return no
	}
	return ok(map[string]any{"participants": x.evolutionPeople(g)})
}

func evolutionInviteCode(x *exchange) reply {
	g, no := x.evolutionOf("No invite code")
	switch {
	case g == nil:
		return no
	case g.untold:
		return evolutionError(404, []any{"No invite code", "Error: rate-overlimit"})
	case g.adminLink(x.inst) == "" && x.miau:
		return x.refuse(403, "unauthorized to access invite link")
	case g.adminLink(x.inst) == "":
		return evolutionError(404, []any{"No invite code", "Error: not-authorized"})
	}
	return ok(map[string]any{"inviteUrl": g.link(), "inviteCode": g.code})
}

func evolutionGroups(x *exchange) reply {
	which := x.query.Get("getParticipants")
	if which != "true" && which != "false" && !x.miau {
		return x.wrong("The getParticipants needs to be informed in the query")
	}
	out := []map[string]any{}
	for _, g := range x.w.visible(x.inst, 0) {
		out = append(out, x.evolutionInfo(g, which == "true"))
	}
	return ok(out)
}

// evolutionUpdateParticipant answers POST group/updateParticipant with WhatsApp's code for each person.
func evolutionUpdateParticipant(x *exchange) reply {
	var in struct {
		GroupJID     string   `json:"groupJid"`
		Action       string   `json:"action"`
		Participants []string `json:"participants"`
	}
	if wrong := x.read(&in); wrong != nil {
		return *wrong
	}
	if in.GroupJID == "" || in.Action != "add" && in.Action != "promote" || len(in.Participants) == 0 {
		return x.wrong("groupJid, action and participants: does not meet minimum length of 1")
	}
	x.tail = in.GroupJID
	g := x.w.groupByID(x.inst, in.GroupJID)
	if g == nil || !g.is(x.inst.self) || g.adminLink(x.inst) == "" {
		x.rec.Rule = "admin"
		if x.miau {
			return x.refuse(403, "not a member of this group")
		}
		return evolutionError(400, []any{"Error updating participants", "Error: not-authorized"})
	}
	out := []map[string]any{}
	for _, address := range in.Participants {
		p := x.w.addressed(strings.TrimSuffix(address, "@s.whatsapp.net"))
		code := "404"
		if in.Action == "add" {
			code = x.addCode(g, p)
		} else if x.w.promote(g, p) {
			code, x.rec.Effect = "200", true
		}
		if x.miau {
			entry := map[string]any{"jid": address, "lid": "", "isAdmin": false, "isSuperAdmin": false}
			if code != "200" {
				entry["error"] = map[string]int{"403": 403, "404": 404, "408": 408, "409": 409}[code]
			}
			out = append(out, entry)
			continue
		}
		out = append(out, map[string]any{"status": code, "jid": address, "content": map[string]any{"tag": "participant", "attrs": map[string]any{"jid": address}}})
	}
	if x.miau {
		return reply{status: 201, body: map[string]any{"participants": out}}
	}
	return reply{status: 201, body: map[string]any{"updateParticipants": out}}
}

// addCode adds a person if that is possible, and returns WhatsApp's code for the outcome.
func (x *exchange) addCode(g *group, p *person) string {
	switch {
	case p == nil || !p.hasWhatsApp:
		return "404"
	case g.is(p):
		return "409"
	case g.byKey[p.key] != nil: // the person left
		return "408"
	case !p.addable:
		return "403"
	}
	x.w.join(g, p, HowAdded, x.w.now())
	x.rec.Effect = true
	return "200"
}
