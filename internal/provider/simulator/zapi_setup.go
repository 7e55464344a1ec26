package simulator

import "strings"

// zapiSet is the body of the calls that set something of a group, except update-group-settings.
type zapiSet struct {
	GroupID     string   `json:"groupId"`
	Photo       string   `json:"groupPhoto"`
	Description *string  `json:"groupDescription"`
	Phones      []string `json:"phones"`
}

func (x *exchange) zapiSet() (in zapiSet, g *group, wrong *reply) {
	if reason, fine := x.decode(&in); !fine {
		r := x.bad(reason)
		return in, nil, &r
	}
	if in.GroupID == "" {
		r := x.bad("groupId is required")
		return in, nil, &r
	}
	return in, x.zapiGroup(in.GroupID), nil
}

// zapiSetPhoto answers POST update-group-photo, which requires base64 with the data: prefix (T).
func zapiSetPhoto(x *exchange) reply {
	in, g, wrong := x.zapiSet()
	if wrong != nil {
		return *wrong
	}
	data, fine := dataOf(in.Photo)
	if !strings.HasPrefix(in.Photo, "data:image/") || !fine {
		return x.bad("groupPhoto is invalid")
	}
	return value(x.set(g, func(l *look) { l.photo = hashed(data) }))
}

func zapiSetDescription(x *exchange) reply {
	in, g, wrong := x.zapiSet()
	if wrong != nil {
		return *wrong
	}
	if in.Description == nil {
		return x.bad("groupDescription is required")
	}
	return value(x.set(g, func(l *look) { l.description = *in.Description }))
}

// zapiSetSettings answers POST update-group-settings. The group's id is in phone, and all four settings are required
// (D).
func zapiSetSettings(x *exchange) reply {
	var in struct {
		Phone    string `json:"phone"`
		Message  *bool  `json:"adminOnlyMessage"`
		Settings *bool  `json:"adminOnlySettings"`
		Approval *bool  `json:"requireAdminApproval"`
		Add      *bool  `json:"adminOnlyAddMember"`
	}
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	if in.Phone == "" || in.Message == nil || in.Settings == nil || in.Approval == nil || in.Add == nil {
		return x.bad("phone, adminOnlyMessage, adminOnlySettings, requireAdminApproval and adminOnlyAddMember are required")
	}
	g := x.zapiGroup(in.Phone)
	x.rec.GroupID = in.Phone
	return value(x.set(g, func(l *look) {
		l.adminsSend, l.adminsEdit, l.adminsAdd = *in.Message, *in.Settings, *in.Add
		g.approval = *in.Approval
	}))
}

func zapiAddAdmin(x *exchange) reply {
	in, g, wrong := x.zapiSet()
	if wrong != nil {
		return *wrong
	}
	if len(in.Phones) == 0 {
		return x.bad("phones must have at least one phone")
	}
	if g == nil || !g.isAdmin(x.inst) {
		return value(false)
	}
	for _, phone := range in.Phones {
		x.rec.Effect = x.w.promote(g, x.w.addressed(phone)) || x.rec.Effect
	}
	return value(x.rec.Effect)
}

// zapiAnswer answers POST approve-participant and reject-participant.
func zapiAnswer(approved bool) func(x *exchange) reply {
	return func(x *exchange) reply {
		in, g, wrong := x.zapiSet()
		if wrong != nil {
			return *wrong
		}
		if g == nil || !g.isAdmin(x.inst) {
			return value(false)
		}
		for _, phone := range in.Phones {
			if p := x.w.addressed(phone); p != nil {
				x.rec.Effect = x.w.answered(g, p, approved) || x.rec.Effect
			}
		}
		return value(x.rec.Effect)
	}
}
