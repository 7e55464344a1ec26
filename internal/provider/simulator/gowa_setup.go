package simulator

import (
	"net/http"
	"strings"
	"time"
)

// gowaSet reads the body of a call that sets something of a group. It returns the group whose id is then in of, or a
// refusal.
func (x *exchange) gowaSet(to any, of *string) (*group, *reply) {
	if wrong := x.bind(to); wrong != nil {
		return nil, wrong
	}
	return x.gowaAdminOf(*of)
}

// gowaAdminOf returns a group, or a refusal if the instance's number is not an admin of it.
func (x *exchange) gowaAdminOf(id string) (*group, *reply) {
	if id == "" {
		r := x.blank("group_id: cannot be blank.")
		return nil, &r
	}
	x.tail, x.rec.GroupID = id, id
	g, no := x.gowaOf()
	if g == nil {
		return nil, &no
	}
	if !g.isAdmin(x.inst) {
		x.rec.Rule = "admin"
		r := x.refuse(http.StatusInternalServerError, "info query returned status 403: forbidden")
		return nil, &r
	}
	return g, nil
}

func gowaSetPhoto(x *exchange) reply {
	fields, data, _ := x.form("photo") // without a form, the check of the group refuses
	g, no := x.gowaAdminOf(fields["group_id"])
	if no != nil {
		return *no
	}
	if !isPicture(data) {
		x.rec.Rule = "validation"
		return gowaError(http.StatusBadRequest, "INVALID_IMAGE_FORMAT", "Image validation failed: unsupported image format")
	}
	x.set(g, func(l *look) { l.photo = hashed(data) })
	return gowaOK(map[string]any{"picture_id": g.core, "message": "Success update group photo"})
}

func gowaSetTopic(x *exchange) reply {
	var in struct {
		GroupID string `json:"group_id"`
		Topic   string `json:"topic"`
	}
	g, no := x.gowaSet(&in, &in.GroupID)
	if no != nil {
		return *no
	}
	x.set(g, func(l *look) { l.description = in.Topic })
	return gowaOK(nil)
}

func gowaSetAnnounce(x *exchange) reply {
	var in struct {
		GroupID  string `json:"group_id"`
		Announce bool   `json:"announce"`
	}
	g, no := x.gowaSet(&in, &in.GroupID)
	if no != nil {
		return *no
	}
	x.set(g, func(l *look) { l.adminsSend = in.Announce })
	return gowaOK(nil)
}

func gowaSetLocked(x *exchange) reply {
	var in struct {
		GroupID string `json:"group_id"`
		Locked  bool   `json:"locked"`
	}
	g, no := x.gowaSet(&in, &in.GroupID)
	if no != nil {
		return *no
	}
	x.set(g, func(l *look) { l.adminsEdit = in.Locked })
	return gowaOK(nil)
}

// gowaParticipants is the body of the calls about people of a group.
type gowaParticipants struct {
	GroupID      string   `json:"group_id"`
	Participants []string `json:"participants"`
}

func gowaPromote(x *exchange) reply {
	var in gowaParticipants
	g, no := x.gowaSet(&in, &in.GroupID)
	if no != nil {
		return *no
	}
	people, no := x.gowaPeople(in.Participants)
	if no != nil {
		return *no
	}
	for _, p := range people {
		x.rec.Effect = x.w.promote(g, p) || x.rec.Effect
	}
	return gowaOK([]any{})
}

// gowaAnswer answers POST group/participant-requests/approve and …/reject.
func gowaAnswer(approved bool) func(x *exchange) reply {
	return func(x *exchange) reply {
		var in gowaParticipants
		g, no := x.gowaSet(&in, &in.GroupID)
		if no != nil {
			return *no
		}
		for _, address := range in.Participants {
			if p := x.w.addressed(strings.TrimSuffix(address, "@s.whatsapp.net")); p != nil {
				x.rec.Effect = x.w.answered(g, p, approved) || x.rec.Effect
			}
		}
		return gowaOK([]any{})
	}
}

// gowaRequests answers GET group/participant-requests: who asks to join, for admins only. phone_number has digits only:
// those of the number, or of the LID if the number is hidden.
func gowaRequests(x *exchange) reply {
	g, no := x.gowaOf()
	if g == nil {
		return no
	}
	if !g.isAdmin(x.inst) {
		x.rec.Rule = "admin"
		return x.refuse(http.StatusInternalServerError, "info query returned status 403: forbidden")
	}
	if len(g.asking) == 0 {
		return gowaOK(nil)
	}
	out := []map[string]any{}
	for _, p := range g.asking {
		number := p.form
		if p.listedAsLID {
			number, _, _ = strings.Cut(p.lid, "@")
		}
		out = append(out, map[string]any{"jid": p.lid, "phone_number": number, "requested_at": x.w.now().UTC().Format(time.RFC3339)})
	}
	return gowaOK(out)
}
