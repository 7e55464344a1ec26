package simulator

import (
	"net/http"
	"strings"
)

// zapiCreateGroup answers POST create-group.
func zapiCreateGroup(x *exchange) reply {
	var in struct {
		AutoInvite *bool    `json:"autoInvite"`
		GroupName  string   `json:"groupName"`
		Phones     []string `json:"phones"`
	}
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	switch {
	case in.AutoInvite == nil:
		return x.bad("autoInvite is required")
	case in.GroupName == "":
		return x.bad("groupName is required")
	case len(in.Phones) == 0:
		return x.bad("phones must have at least one phone")
	case len(in.Phones) > 1023: // a group holds 1024; the answer is invented
		return x.bad("too many phones")
	}
	asked := map[*person]string{}
	var people []*person
	var notAdded []string
	for _, phone := range in.Phones {
		if strings.HasSuffix(phone, "@lid") { // the participant is left out and named (D)
			notAdded = append(notAdded, phone)
			continue
		}
		if !isNumber(phone) { // digits only, no mask (D)
			return x.bad("Invalid phone")
		}
		p := x.w.personOf(phone)
		if p == x.inst.self { // the form of the answer is U
			return x.bad("phones must not contain the connected phone")
		}
		if _, twice := asked[p]; !twice {
			asked[p] = phone
			people = append(people, p)
		}
	}
	g, out := x.w.create(x.inst, in.GroupName, people, in.Phones, x.rec.Seq)
	x.rec.Effect, x.rec.GroupID = true, x.inst.groupID(g)
	for _, p := range out {
		if *in.AutoInvite && p.hasWhatsApp {
			x.w.nativeInvite(x.inst, p, g, x.rec.Seq)
		}
		if x.w.tellsNotAdded(g, p, *in.AutoInvite) {
			notAdded = append(notAdded, x.w.echo(p, asked[p]))
		}
	}
	answer := map[string]any{"phone": x.rec.GroupID, "invitationLink": g.link()}
	if mode := x.w.notAddedMode(g); mode != "absent" {
		answer["phonesNotAdded"] = append([]string{}, notAdded...)
	}
	return ok(answer)
}

// notAddedMode returns how the answer to this group's create treats phonesNotAdded, in the words of Quirks.NotAdded.
func (w *world) notAddedMode(g *group) string {
	switch {
	case g.maker.Old:
		return "absent"
	case w.quirks.NotAdded != "mixed":
		return w.quirks.NotAdded
	}
	return []string{"listed", "autoInviteOnly", "absent"}[w.dice.bits("not added", g.core)%3]
}

func (w *world) tellsNotAdded(g *group, p *person, autoInvite bool) bool {
	return w.notAddedMode(g) != "autoInviteOnly" || autoInvite || !p.hasWhatsApp
}

func (w *world) echo(p *person, asked string) string {
	if w.quirks.NotAddedEcho == "output" {
		return p.form
	}
	return asked
}

// nativeInvite queues the private invitation that Z-API sends under autoInvite. It carries the group's link (D). Its
// text is undocumented.
func (w *world) nativeInvite(i *instance, p *person, g *group, call uint64) {
	w.enqueue(i, &message{to: p.form, p: p, text: "You were invited to " + g.name + ": " + g.link(), via: ViaNative, call: call, spacing: w.zapiSpacing(i)})
}

// zapiGroup returns the group that a call names, or nil if the instance's number is not in it.
func (x *exchange) zapiGroup(id string) *group {
	g := x.w.groupByID(x.inst, id)
	if g == nil || !g.is(x.inst.self) {
		return nil
	}
	return g
}

// unknownGroup returns the answer for an unknown group. It is invented, because the real one is undocumented (U).
func (x *exchange) unknownGroup() reply {
	x.rec.Rule = "unknown group"
	return x.refuse(http.StatusBadRequest, "Group not found")
}

func zapiLightMetadata(x *exchange) reply { return x.zapiGroupMetadata(false) }
func zapiMetadata(x *exchange) reply      { return x.zapiGroupMetadata(true) }

// zapiGroupMetadata answers GET [light-]group-metadata: times are in milliseconds, phone is a person's number or LID,
// and the link is only for admins, and never in the light form.
func (x *exchange) zapiGroupMetadata(withLink bool) reply {
	g := x.zapiGroup(x.tail)
	if g == nil {
		return x.unknownGroup()
	}
	ms := g.created.UnixMilli()
	shows := x.w.looks(g)
	out := map[string]any{
		"phone": x.inst.groupID(g), "description": shows.description, "owner": g.owner.form, "subject": g.name,
		"creation": ms, "invitationLink": nil, "invitationLinkError": nil, "communityId": nil,
		"adminOnlyMessage": shows.adminsSend, "adminOnlySettings": shows.adminsEdit, "requireAdminApproval": g.approval,
		"isGroupAnnouncement": false, "participants": x.zapiParticipants(g),
		"subjectTime": ms, "subjectOwner": g.owner.form,
	}
	if withLink {
		if link := g.adminLink(x.inst); link != "" {
			out["invitationLink"] = link
		} else {
			out["invitationLinkError"] = "not-authorized"
		}
	}
	return ok(out)
}

func (x *exchange) zapiParticipants(g *group) []map[string]any {
	out := []map[string]any{}
	for _, m := range x.w.shown(g) {
		out = append(out, map[string]any{"phone": m.p.listed(), "isAdmin": m.admin, "isSuperAdmin": m.superAdm})
	}
	return out
}

// zapiInvitationLink answers GET group-invitation-link, and POST, as it was once.
func zapiInvitationLink(x *exchange) reply {
	g := x.zapiGroup(x.tail)
	if g == nil {
		return x.unknownGroup()
	}
	link := g.adminLink(x.inst)
	if link == "" && g.untold {
		return x.refuse(http.StatusBadRequest, "too many requests")
	}
	if link == "" {
		return x.refuse(http.StatusBadRequest, "not-authorized")
	}
	return ok(map[string]any{"phone": x.inst.groupID(g), "invitationLink": link})
}

func zapiRedefineLink(x *exchange) reply {
	g := x.zapiGroup(x.tail)
	if g == nil || g.adminLink(x.inst) == "" {
		return x.unknownGroup()
	}
	x.w.relink(g, "again "+x.inst.serial("link"))
	x.rec.Effect = true
	return ok(map[string]any{"invitationLink": g.link()})
}

// byLink returns the group of ?url=<link>, or nil.
func (x *exchange) byLink() *group {
	if found := x.w.links.FindStringSubmatch(x.query.Get("url")); found != nil {
		return x.w.byCode[found[1]]
	}
	return nil
}

func zapiInvitationMetadata(x *exchange) reply {
	g := x.byLink()
	if g == nil {
		return x.unknownGroup()
	}
	people := x.zapiParticipants(g)
	return ok(map[string]any{
		"phone": x.inst.groupID(g), "owner": g.owner.form, "subject": g.name, "description": nil,
		"creation": g.created.UnixMilli(), "invitationLink": g.link(), "contactsCount": 0,
		"participantsCount": g.size(), "participants": people,
		"subjectTime": g.created.UnixMilli(), "subjectOwner": g.owner.form,
	})
}

func zapiAcceptInvite(x *exchange) reply {
	g := x.byLink()
	if g == nil {
		return x.unknownGroup()
	}
	x.w.join(g, x.inst.self, HowJoined, x.w.now())
	x.rec.Effect = true
	return ok(map[string]any{"success": true})
}
