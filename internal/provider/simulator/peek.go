package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The providers' words for what a call is about.
var (
	namesOfGroup  = []string{"groupName", "subject", "title"}
	idsOfGroup    = []string{"groupId", "groupJid", "group_id"}
	namesOfPeople = []string{"phones", "chatIds", "participants", "numbers", "phone", "chatId", "participantChatId", "number", "phoneNumber"}
)

// peek fills the record with whom and what the call is about, for scripts and for the ledger,
// whatever the body's shape is.
func (x *exchange) peek() {
	var b map[string]any
	d := json.NewDecoder(bytes.NewReader(x.body))
	d.UseNumber()
	_ = d.Decode(&b) // half a body still tells something; the handler refuses what is wrong
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
