package simulator

import (
	"slices"
	"strconv"
	"strings"
)

// zapiPeople is the body of every call that changes who is in a group.
type zapiPeople struct {
	AutoInvite *bool    `json:"autoInvite"`
	GroupID    string   `json:"groupId"`
	Phones     []string `json:"phones"`
	GroupName  string   `json:"groupName"`
}

func value(v bool) reply { return ok(map[string]any{"value": v}) }

// zapiAddParticipant answers POST add-participant with one boolean for the whole list. The answer to a partial failure
// is undocumented. Here one success is enough for true (I).
func zapiAddParticipant(x *exchange) reply {
	var in zapiPeople
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	if in.AutoInvite == nil || in.GroupID == "" || len(in.Phones) == 0 {
		return x.bad("autoInvite, groupId and phones are required")
	}
	for _, phone := range in.Phones {
		if !strings.HasSuffix(phone, "@lid") && !isNumber(phone) {
			return x.bad("Invalid phone")
		}
	}
	g := x.zapiGroup(in.GroupID)
	if g == nil || g.adminLink(x.inst) == "" {
		return value(false)
	}
	worked := false
	for _, phone := range in.Phones {
		if strings.HasSuffix(phone, "@lid") {
			continue // adds no person (D)
		}
		p := x.w.personOf(phone)
		switch {
		case g.is(p):
			worked = true
		case !p.hasWhatsApp:
		case p.addable:
			x.w.join(g, p, HowAdded, x.w.now())
			worked, x.rec.Effect = true, true
		case *in.AutoInvite:
			x.w.nativeInvite(x.inst, p, g, x.rec.Seq)
			worked, x.rec.Effect = true, true
		}
	}
	return value(worked)
}

func zapiRemoveParticipant(x *exchange) reply {
	var in zapiPeople
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	g := x.zapiGroup(in.GroupID)
	if g == nil || g.adminLink(x.inst) == "" {
		return value(false)
	}
	for _, phone := range in.Phones {
		if p := x.w.addressed(phone); p != nil && x.w.leave(g, p, x.w.now()) {
			x.rec.Effect = true
		}
	}
	return value(x.rec.Effect)
}

func zapiLeaveGroup(x *exchange) reply {
	var in zapiPeople
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	g := x.zapiGroup(in.GroupID)
	if g == nil {
		return value(false)
	}
	x.rec.Effect = x.w.leave(g, x.inst.self, x.w.now())
	return value(x.rec.Effect)
}

func zapiRename(x *exchange) reply {
	var in zapiPeople
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	g := x.zapiGroup(in.GroupID)
	if g == nil || in.GroupName == "" {
		return value(false)
	}
	g.name, x.rec.Effect = in.GroupName, true
	return value(true)
}

// page returns the page of a list that ?page=&pageSize= ask for. Both are required. The first page is 1.
func page[T any](x *exchange, all []T) ([]T, *reply) {
	number, errPage := strconv.Atoi(x.query.Get("page"))
	size, errSize := strconv.Atoi(x.query.Get("pageSize"))
	if errPage != nil || errSize != nil || number < 1 || size < 1 {
		r := x.bad("page and pageSize are required")
		return nil, &r
	}
	from := min((number-1)*size, len(all))
	return all[from:min(from+size, len(all))], nil
}

// zapiGroups answers GET groups with an array, in which times and most booleans are strings.
func zapiGroups(x *exchange) reply {
	groups, wrong := page(x, x.w.visible(x.inst, x.w.quirks.GroupsLag))
	if wrong != nil {
		return *wrong
	}
	out := []map[string]any{}
	for _, g := range groups {
		out = append(out, map[string]any{
			"isGroup": true, "name": g.name, "phone": x.inst.groupID(g), "unread": "0",
			"lastMessageTime": strconv.FormatInt(g.activity.UnixMilli(), 10), "isMuted": "0",
			"isMarkedSpam": "false", "archived": "false", "pinned": "false", "muteEndTime": nil, "messagesUnread": "0",
		})
	}
	return ok(out)
}

// zapiChats answers GET chats with the groups and the people written to, and GET chats/{phone} with one of them.
func zapiChats(x *exchange) reply {
	chat := func(name, phone string, group bool, at int64) map[string]any {
		return map[string]any{
			"name": name, "phone": phone, "unread": "0", "lastMessageTime": strconv.FormatInt(at, 10), "isMuted": "0",
			"isMarkedSpam": "false", "profileThumbnail": nil, "messagesUnread": "0",
			"isGroupAnnouncement": false, "isGroup": group, "notes": nil,
		}
	}
	all := []map[string]any{}
	for _, g := range x.w.visible(x.inst, x.w.quirks.GroupsLag) {
		all = append(all, chat(g.name, x.inst.groupID(g), true, g.activity.UnixMilli()))
	}
	seen := map[string]bool{}
	for _, m := range slices.Backward(x.inst.journal) {
		if m.p == nil || seen[m.p.key] {
			continue
		}
		seen[m.p.key] = true
		all = append(all, chat("", m.p.listed(), false, m.sentAt.UnixMilli()))
	}
	if x.tail != "" {
		for _, c := range all {
			if c["phone"] == x.tail {
				return ok(c)
			}
		}
		return x.refuse(404, "Chat not found")
	}
	part, wrong := page(x, all)
	if wrong != nil {
		return *wrong
	}
	return ok(part)
}
