package simulator

// greenSetPicture answers POST setGroupPicture, a form. A wrong group answers 200 with false (D).
func greenSetPicture(x *exchange) reply {
	fields, data, fine := x.form("file")
	switch {
	case !fine:
		return x.invalid("'file' is required")
	case len(data) == 0:
		return x.invalid("file is empty")
	case !isPicture(data):
		return x.invalid("file type is not supported, only jpg")
	case fields["groupId"] == "":
		return x.invalid("'groupId' is required")
	}
	x.rec.GroupID = fields["groupId"]
	g := x.greenGroup(fields["groupId"])
	if !x.set(g, func(l *look) { l.photo = hashed(data) }) {
		return ok(map[string]any{"setGroupPicture": false, "urlAvatar": nil, "reason": "Timed Out"})
	}
	return ok(map[string]any{"setGroupPicture": true, "urlAvatar": "https://pps.whatsapp.net/v/" + g.core, "reason": nil})
}

// greenUpdateSettings answers POST updateGroupSettings (beta).
func greenUpdateSettings(x *exchange) reply {
	var in struct {
		GroupID string `json:"groupId"`
		Edit    *bool  `json:"allowParticipantsEditGroupSettings"`
		Send    *bool  `json:"allowParticipantsSendMessages"`
	}
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	if in.GroupID == "" {
		return x.invalid("'groupId' is required")
	}
	done := x.set(x.greenGroup(in.GroupID), func(l *look) {
		if in.Edit != nil {
			l.adminsEdit = !*in.Edit
		}
		if in.Send != nil {
			l.adminsSend = !*in.Send
		}
	})
	var reason any
	if !done {
		reason = "not-authorized"
	}
	return ok(map[string]any{"updateGroupSettings": done, "reason": reason})
}

func greenSetAdmin(x *exchange) reply {
	var in greenMember
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	g := x.greenGroup(in.GroupID)
	x.rec.Effect = g != nil && g.isAdmin(x.inst) && x.w.promote(g, x.w.addressed(in.Person))
	return ok(map[string]any{"setGroupAdmin": x.rec.Effect})
}
