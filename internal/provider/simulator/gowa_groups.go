package simulator

import (
	"net/http"
	"time"
)

// gowaCreate answers POST group: one number without WhatsApp makes all of it fail.
func gowaCreate(x *exchange) reply {
	var in struct {
		Title        string   `json:"title"`
		Participants []string `json:"participants"`
	}
	if wrong := x.bind(&in); wrong != nil {
		return *wrong
	}
	if in.Title == "" || len(in.Participants) == 0 {
		return x.blank("participants: cannot be blank; title: cannot be blank.")
	}
	people, no := x.gowaPeople(in.Participants)
	if no != nil {
		return *no
	}
	g, _ := x.w.create(x.inst, in.Title, people, in.Participants, x.rec.Seq)
	x.rec.Effect, x.rec.GroupID, x.rec.GroupName = true, x.inst.groupID(g), g.name
	return gowaOK(map[string]any{"group_id": x.rec.GroupID})
}

// gowaPeople returns the people behind the numbers, or a refusal of the whole call if one of them has no WhatsApp.
func (x *exchange) gowaPeople(numbers []string) ([]*person, *reply) {
	var people []*person
	for _, n := range numbers {
		if !isNumber(n) || !x.w.personOf(n).hasWhatsApp {
			x.rec.Rule = "no account"
			r := gowaError(http.StatusBadRequest, "INVALID_JID", "user is not registered")
			return nil, &r
		}
		people = append(people, x.w.personOf(n))
	}
	return people, nil
}

// gowaAdd answers POST group/participants: everything except a refusal for privacy is reported as a success.
func gowaAdd(x *exchange) reply {
	var in struct {
		GroupID      string   `json:"group_id"`
		Participants []string `json:"participants"`
	}
	if wrong := x.bind(&in); wrong != nil {
		return *wrong
	}
	if in.GroupID == "" || len(in.Participants) == 0 {
		return x.blank("group_id: cannot be blank; participants: cannot be blank.")
	}
	people, no := x.gowaPeople(in.Participants)
	if no != nil {
		return *no
	}
	x.tail = in.GroupID
	g := x.w.groupByID(x.inst, in.GroupID)
	if g == nil || g.adminLink(x.inst) == "" {
		return x.refuse(http.StatusInternalServerError, "info query returned status 403: forbidden")
	}
	out := []map[string]any{}
	for n, p := range people {
		entry := map[string]any{"participant": in.Participants[n] + "@s.whatsapp.net", "status": "success", "message": "Action success"}
		if x.addCode(g, p) == "403" {
			entry["status"], entry["message"] = "error", "Failed to add participant"
		}
		out = append(out, entry)
	}
	return gowaOK(out)
}

// gowaOf returns the group that a call names, or a refusal if the instance's number is not in it.
func (x *exchange) gowaOf() (*group, reply) {
	if x.tail == "" {
		return nil, x.blank("group_id: cannot be blank.")
	}
	g := x.w.groupByID(x.inst, x.tail)
	if g != nil && g.is(x.inst.self) {
		return g, reply{}
	}
	x.rec.Rule = "unknown group"
	if g == nil {
		return nil, x.refuse(http.StatusInternalServerError, "that group does not exist")
	}
	return nil, x.refuse(http.StatusInternalServerError, "you're not participating in that group")
}

func gowaInfo(x *exchange) reply {
	g, no := x.gowaOf()
	if g == nil {
		return no
	}
	return gowaOK(x.gowaGroup(g))
}

// gowaGroup returns a group in the words of the server's library: the number, the LID and the rank of each person, but
// not the numbers that WhatsApp hides.
func (x *exchange) gowaGroup(g *group) map[string]any {
	people := []map[string]any{}
	for _, m := range g.members {
		if !m.in() {
			continue
		}
		number := m.p.form + "@s.whatsapp.net"
		if m.p.listedAsLID {
			number = ""
		}
		people = append(people, map[string]any{
			"JID": m.p.lid, "PhoneNumber": number, "LID": m.p.lid, "IsAdmin": m.admin, "IsSuperAdmin": m.superAdm,
			"DisplayName": "", "Error": 0, "AddRequest": nil,
		})
	}
	shows := x.w.looks(g)
	return map[string]any{
		"Topic": shows.description, "IsAnnounce": shows.adminsSend, "IsLocked": shows.adminsEdit, "IsJoinApprovalRequired": g.approval,
		"JID": x.inst.groupID(g), "OwnerJID": g.owner.lid, "OwnerPN": g.owner.form + "@s.whatsapp.net", "Name": g.name,
		"GroupCreated": g.created.UTC().Format(time.RFC3339), "Participants": people, "ParticipantCount": len(people), "AddressingMode": "lid",
	}
}

// gowaMaxListed is the maximum number of groups that WhatsApp lists.
const gowaMaxListed = 500

func gowaGroups(x *exchange) reply {
	var data []map[string]any
	for _, g := range x.w.visible(x.inst, 0) {
		if len(data) < gowaMaxListed {
			data = append(data, x.gowaGroup(g))
		}
	}
	return gowaOK(map[string]any{"data": data})
}

func gowaInviteLink(x *exchange) reply {
	g, no := x.gowaOf()
	switch {
	case g == nil:
		return no
	case g.untold:
		return x.refuse(http.StatusInternalServerError, "info query returned status 429: rate-overlimit")
	case g.adminLink(x.inst) == "":
		return x.refuse(http.StatusInternalServerError, "you don't have the permission to get the group's invite link")
	}
	return gowaOK(map[string]any{"invite_link": g.link(), "group_id": x.inst.groupID(g)})
}
