package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// greenCreateGroup answers POST createGroup. It never says who was left out.
func greenCreateGroup(x *exchange) reply {
	var in struct {
		GroupName string   `json:"groupName"`
		ChatIDs   []string `json:"chatIds"`
	}
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	switch {
	case in.GroupName == "":
		return x.invalid("'groupName' is required")
	case utf8.RuneCountInString(in.GroupName) > 100: // D; the unit is not defined
		return x.invalid("'groupName' length must be less than or equal to 100 characters long")
	case len(in.ChatIDs) == 0:
		return x.invalid("'chatIds' is required")
	}
	var people []*person
	for n, id := range in.ChatIDs {
		user, isPerson := strings.CutSuffix(id, "@c.us")
		switch {
		case strings.HasSuffix(id, "@g.us"): // D
			return x.malformed("Internal Server Error")
		case !isPerson: // chatIds are "@c.us" only (D); a LID is refused (I)
			return x.invalid(fmt.Sprintf("'chatIds[%d]' must be one of the next formats: 'phone_number@c.us'", n))
		case !isNumber(user): // GI#748
			return x.malformed("bad-request")
		}
		people = append(people, x.w.personOf(user))
	}
	for _, p := range people {
		if !p.hasWhatsApp { // GI#544
			return x.broken("Internal Server Error")
		}
	}
	spacing := x.w.scaled(x.w.quirks.CreateSpacing)
	if !x.inst.lastCreate.IsZero() && x.w.now().Sub(x.inst.lastCreate) < spacing {
		return x.broken("rate overlimit")
	}
	g, _ := x.w.create(x.inst, in.GroupName, people, in.ChatIDs, x.rec.Seq)
	x.rec.Effect, x.rec.GroupID = true, x.inst.groupID(g)
	return ok(map[string]any{"created": true, "chatId": x.rec.GroupID, "groupInviteLink": g.link()})
}

// broken returns a 500 for a call that GREEN-API cannot carry out. Nothing was done, but the client cannot know that.
func (x *exchange) broken(text string) reply {
	x.rec.Rule = "500"
	return x.refuse(http.StatusInternalServerError, text)
}

// malformed returns a 500 for a text that is not an address.
func (x *exchange) malformed(text string) reply {
	x.rec.Rule = "validation"
	return x.refuse(http.StatusInternalServerError, text)
}

// greenGroup returns the group of an id, or nil if the instance's number is not in it.
func (x *exchange) greenGroup(id string) *group {
	g := x.w.groupByID(x.inst, id)
	if g == nil || !g.is(x.inst.self) {
		return nil
	}
	return g
}

// greenGroupData answers POST getGroupData: times are in seconds, people have both addresses, size also counts people
// whom the list does not show yet, and the link is empty except for admins.
func greenGroupData(x *exchange) reply {
	var in struct {
		GroupID string `json:"groupId"`
	}
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	if in.GroupID == "" {
		return x.invalid("'groupId' is required")
	}
	g := x.greenGroup(in.GroupID)
	if g == nil {
		return x.unknownGroup()
	}
	people := []map[string]any{}
	for _, m := range x.w.shown(g) {
		id := m.p.form + "@c.us"
		if m.p.listedAsLID {
			id = m.p.lid
		}
		people = append(people, map[string]any{"id": id, "lid": m.p.lid, "isAdmin": m.admin, "isSuperAdmin": m.superAdm})
	}
	owner, shows := g.owner.form+"@c.us", x.w.looks(g)
	return ok(map[string]any{
		"groupId": in.GroupID, "owner": owner, "subject": g.name, "creation": g.created.Unix(),
		"subjectTime": g.created.Unix(), "subjectOwner": owner, "groupInviteLink": g.adminLink(x.inst),
		"ephemeralExpiration": 0, "allowParticipantsEditGroupSettings": !shows.adminsEdit, "allowParticipantsSendMessages": !shows.adminsSend,
		"allowParticipantsAddMembers": !shows.adminsAdd, "isCommunity": false, "isCommunityAnnounce": false,
		"size": g.size(), "participants": people,
	})
}

// listedName returns a group's name in a list, which is "" for some groups (GI#710).
func (g *group) listedName() string {
	if g.nameless {
		return ""
	}
	return g.name
}

// emptyList reports whether the answer is an empty list although there are entries, as documented: "empty array → ask
// again".
func (x *exchange) emptyList() bool {
	return x.w.dice.chance(x.w.quirks.EmptyLists, "empty", x.inst.ID, strconv.FormatUint(x.rec.Seq, 10))
}

func (x *exchange) count(all []map[string]any) reply {
	if n, err := strconv.Atoi(x.query.Get("count")); err == nil && n >= 0 && n < len(all) {
		all = all[:n]
	}
	return ok(all)
}

// greenContacts answers GET getContacts. New groups show in it after ContactsLag.
func greenContacts(x *exchange) reply {
	out := []map[string]any{}
	if x.emptyList() {
		return ok(out)
	}
	which := x.query.Get("group")
	if which != "false" {
		for _, g := range x.w.visible(x.inst, x.w.quirks.ContactsLag) {
			out = append(out, map[string]any{"id": x.inst.groupID(g), "name": g.listedName(), "contactName": "", "type": "group"})
		}
	}
	if which != "true" {
		for _, p := range x.w.spokenTo(x.inst) {
			out = append(out, map[string]any{"id": p.form + "@c.us", "name": "", "contactName": "", "type": "user"})
		}
	}
	return x.count(out)
}

// greenChats answers GET getChats. New groups show in it after ChatsLag.
func greenChats(x *exchange) reply {
	out := []map[string]any{}
	if x.emptyList() {
		return ok(out)
	}
	entry := func(id, name, kind string) {
		out = append(out, map[string]any{
			"id": id, "name": name, "type": kind, "archive": false, "ephemeralExpiration": 0, "ephemeralSettingTimestamp": 0,
		})
	}
	for _, g := range x.w.visible(x.inst, x.w.quirks.ChatsLag) {
		entry(x.inst.groupID(g), g.listedName(), "group")
	}
	for _, p := range x.w.spokenTo(x.inst) {
		id := p.form + "@c.us"
		if p.listedAsLID {
			id = p.lid
		}
		entry(id, "", "user")
	}
	return x.count(out)
}

// spokenTo returns the people to whom an instance wrote, the latest first.
func (w *world) spokenTo(i *instance) []*person {
	var out []*person
	seen := map[*person]bool{}
	for _, m := range slices.Backward(i.journal) {
		if p := m.p; p != nil && !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out
}

// greenMember is the body of the calls about one participant.
type greenMember struct {
	GroupID   string `json:"groupId"`
	Person    string `json:"participantChatId"`
	GroupName string `json:"groupName"`
}

// greenAddParticipant answers POST addGroupParticipant: false if the number is not an admin, if the person cannot be
// added, and if the person is a member already. An unusable address gets a 500 (GI#97).
func greenAddParticipant(x *exchange) reply {
	var in greenMember
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	if in.GroupID == "" || in.Person == "" {
		return x.invalid("'groupId' and 'participantChatId' are required")
	}
	user, isPerson := strings.CutSuffix(in.Person, "@c.us")
	if !strings.HasSuffix(in.Person, "@lid") && (!isPerson || !isNumber(user)) {
		return x.malformed("bad-request")
	}
	g, p := x.greenGroup(in.GroupID), x.w.addressed(in.Person)
	added := g != nil && g.adminLink(x.inst) != "" && p != nil && p.hasWhatsApp && p.addable && !g.is(p)
	if added {
		x.w.join(g, p, HowAdded, x.w.now())
		x.rec.Effect = true
	}
	return ok(map[string]any{"addParticipant": added})
}

func greenRemoveParticipant(x *exchange) reply {
	var in greenMember
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	g, p := x.greenGroup(in.GroupID), x.w.addressed(in.Person)
	x.rec.Effect = g != nil && p != nil && g.adminLink(x.inst) != "" && x.w.leave(g, p, x.w.now())
	return ok(map[string]any{"removeParticipant": x.rec.Effect})
}

func greenRename(x *exchange) reply {
	var in greenMember
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	g := x.greenGroup(in.GroupID)
	if g != nil && in.GroupName != "" {
		g.name, x.rec.Effect = in.GroupName, true
	}
	return ok(map[string]any{"updateGroupName": x.rec.Effect})
}

func greenLeaveGroup(x *exchange) reply {
	var in greenMember
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	g := x.greenGroup(in.GroupID)
	x.rec.Effect = g != nil && x.w.leave(g, x.inst.self, x.w.now())
	return ok(map[string]any{"leaveGroup": x.rec.Effect})
}
