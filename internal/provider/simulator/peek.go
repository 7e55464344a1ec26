package simulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// The providers' words for what a call is about.
var (
	namesOfGroup  = []string{"groupName", "subject", "title"}
	idsOfGroup    = []string{"groupId", "groupJid", "group_id"}
	namesOfPeople = []string{"phones", "chatIds", "participants", "numbers", "phone", "chatId", "participantChatId", "number", "phoneNumber"}
)

// peek records the people and the group that the call is about, for scripts and the ledger. The body may have any form.
func (x *exchange) peek() {
	b := x.told()
	word := func(keys []string) string {
		for _, k := range keys {
			if s, _ := b[k].(string); s != "" {
				return s
			}
		}
		return ""
	}
	x.rec.GroupName, x.rec.GroupID = word(namesOfGroup), word(idsOfGroup)
	for _, k := range namesOfPeople {
		list, several := b[k].([]any)
		if !several {
			list = []any{b[k]}
		}
		for _, v := range list {
			if v != nil && v != "" {
				x.rec.To = append(x.rec.To, fmt.Sprint(v))
			}
		}
	}
	x.peekGroup()
	if b["action"] == "promote" {
		x.route.kind, x.rec.Kind = kindSet, string(kindSet)
	}
	for _, k := range idsOfGroup {
		x.rec.GroupID = cmp.Or(x.rec.GroupID, x.query.Get(k))
	}
	if x.rec.GroupID == "" && x.route.kind == kindMembers {
		x.rec.GroupID = x.tail
	}
	if x.route.kind == kindCheck && x.tail != "" {
		x.rec.To = append(x.rec.To, x.tail)
	}
	if g := x.w.groupByID(x.inst, x.rec.GroupID); g != nil && x.rec.GroupName == "" {
		x.rec.GroupName = g.name
	}
}

// told returns the fields of a body, which is JSON or a form.
func (x *exchange) told() map[string]any {
	b := map[string]any{}
	if fields, _, fine := x.form(""); fine {
		for k, text := range fields {
			b[k] = text
		}
		return b
	}
	d := json.NewDecoder(bytes.NewReader(x.body))
	d.UseNumber()
	_ = d.Decode(&b) // half a body still has some fields; the handler refuses a wrong one
	return b
}

// peekGroup finds a group's id in a field that usually has a person. Such a call concerns no person, and a message in
// it is a post.
func (x *exchange) peekGroup() {
	if len(x.rec.To) != 1 || !strings.HasSuffix(x.rec.To[0], x.inst.dialect().groupSuffix()) {
		return
	}
	x.rec.GroupID, x.rec.To = x.rec.To[0], nil
	if x.route.kind == kindSend {
		x.route.kind, x.rec.Kind = kindPost, string(kindPost)
	}
}
