package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// evolutionSet reads the body of a call that sets something of a group, and returns the group, or a refusal if the
// number is not an admin of it. Evolution API takes the group from the query, whatsmiau from the query or the body.
func (x *exchange) evolutionSet(to any, of *string) (*group, *reply) {
	if wrong := x.read(to); wrong != nil {
		return nil, wrong
	}
	if x.tail == "" && of != nil {
		x.tail = *of
	}
	g := x.w.groupByID(x.inst, x.tail)
	if g == nil || !g.isAdmin(x.inst) {
		x.rec.Rule = "admin"
		no := evolutionError(500, []any{"Error updating group", "Error: not-authorized"})
		if x.miau {
			no = x.refuse(403, "not authorized")
		}
		return nil, &no
	}
	return g, nil
}

// evolutionDone returns the answer to a change: told at Evolution API, an empty object at whatsmiau.
func (x *exchange) evolutionDone(told map[string]any) reply {
	if x.miau {
		told = map[string]any{}
	}
	return reply{status: http.StatusCreated, body: told}
}

func evolutionSetPicture(x *exchange) reply {
	var in struct {
		GroupJID string `json:"groupJid"`
		Image    string `json:"image"`
	}
	g, no := x.evolutionSet(&in, &in.GroupJID)
	if no != nil {
		return *no
	}
	data, fine := dataOf(in.Image)
	if !fine || strings.HasPrefix(in.Image, "data:") { // the servers take base64 without a prefix, or an address
		return evolutionError(500, []any{"Error update group picture", "Error: Could not process image"})
	}
	x.set(g, func(l *look) { l.photo = hashed(data) })
	if x.miau {
		return ok(map[string]any{"pictureId": g.core})
	}
	return x.evolutionDone(map[string]any{"update": "success"})
}

func evolutionSetDescription(x *exchange) reply {
	var in struct {
		GroupJID    string `json:"groupJid"`
		Description string `json:"description"`
	}
	g, no := x.evolutionSet(&in, &in.GroupJID)
	if no != nil {
		return *no
	}
	if in.Description == "" {
		return x.wrong(`The "description" cannot be empty`)
	}
	x.set(g, func(l *look) { l.description = in.Description })
	return x.evolutionDone(map[string]any{"update": "success"})
}

func evolutionUpdateSetting(x *exchange) reply {
	var in struct {
		GroupJID string `json:"groupJid"`
		Action   string `json:"action"`
	}
	g, no := x.evolutionSet(&in, &in.GroupJID)
	if no != nil {
		return *no
	}
	if !slices.Contains([]string{"announcement", "not_announcement", "locked", "unlocked"}, in.Action) {
		return x.wrong("action is not one of enum values: announcement,not_announcement,locked,unlocked")
	}
	x.set(g, func(l *look) {
		switch in.Action {
		case "announcement", "not_announcement":
			l.adminsSend = in.Action == "announcement"
		default:
			l.adminsEdit = in.Action == "locked"
		}
	})
	return x.evolutionDone(map[string]any{})
}
