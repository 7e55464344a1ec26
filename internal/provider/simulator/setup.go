package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"
)

// look is what a group shows besides its people, and what it allows.
type look struct {
	description string
	photo       string // SHA-256 in hex of what was set; "" without one
	adminsSend  bool   // only they send messages
	adminsEdit  bool
	adminsAdd   bool
}

// alter changes what a group shows. Some changes show in readings only after a while.
func (w *world) alter(g *group, change func(*look)) {
	now := w.now()
	if !now.Before(g.showsAt) {
		g.was = g.look
	}
	change(&g.look)
	g.activity = now
	if w.dice.chance(w.quirks.LateChanges, "change", g.core, g.maker.serial("change")) {
		g.showsAt = now.Add(w.scaled(w.quirks.ChangeLag))
	}
}

// looks is what a reading of a group shows.
func (w *world) looks(g *group) look {
	if w.now().Before(g.showsAt) {
		return g.was
	}
	return g.look
}

// runs says that the instance's number is an admin of the group.
func (g *group) runs(i *instance) bool {
	m := g.byKey[i.self.key]
	return m != nil && m.in() && m.admin
}

// hears says that the instance's number may write to the group.
func (g *group) hears(i *instance) bool { return g.is(i.self) && (!g.look.adminsSend || g.runs(i)) }

// promote makes a member an admin, and says whether the person is one.
func (w *world) promote(g *group, p *person) bool {
	if p == nil || !g.is(p) {
		return false
	}
	g.byKey[p.key].admin = true
	return true
}

// hashed is how a photo stands in the ledger.
func hashed(photo []byte) string {
	sum := sha256.Sum256(photo)
	return hex.EncodeToString(sum[:])
}

// dataOf opens the base64 of a picture, with or without the data: prefix.
func dataOf(text string) ([]byte, bool) {
	_, after, prefixed := strings.Cut(text, ";base64,")
	if !prefixed {
		after = text
	}
	data, err := base64.StdEncoding.DecodeString(after)
	return data, err == nil && isPicture(data)
}

// isPicture knows a JPEG, which is what all providers take.
func isPicture(data []byte) bool { return http.DetectContentType(data) == "image/jpeg" }

// form reads a multipart body: its fields, and the file of this name.
func (x *exchange) form(file string) (fields map[string]string, data []byte, fine bool) {
	kind, params, err := mime.ParseMediaType(x.req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, nil, false
	}
	fields = map[string]string{}
	for r := multipart.NewReader(bytes.NewReader(x.body), params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return fields, data, true
		}
		if err != nil {
			return nil, nil, false
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, false
		}
		switch {
		case part.FileName() == "":
			fields[part.FormName()] = string(text)
		case part.FormName() == file:
			data = text
		}
	}
}

// set changes the group of a call that only its admins may make, and says whether it was done.
func (x *exchange) set(g *group, change func(*look)) bool {
	if g == nil || !g.runs(x.inst) {
		return false
	}
	x.w.alter(g, change)
	x.rec.Effect = true
	return true
}

// zapiSet is the body of the calls that set something of a group; phone is the group's id in one of them (D).
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

// zapiSetPhoto is POST update-group-photo: base64 wants the data: prefix (T).
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

// zapiSetSettings is POST update-group-settings: the group's id is its phone, and all four are required (D).
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
	if g == nil || !g.runs(x.inst) {
		return value(false)
	}
	for _, phone := range in.Phones {
		x.rec.Effect = x.w.promote(g, x.w.addressed(phone)) || x.rec.Effect
	}
	return value(x.rec.Effect)
}

func zapiApprove(x *exchange) reply {
	in, g, wrong := x.zapiSet()
	if wrong != nil {
		return *wrong
	}
	if g == nil || !g.runs(x.inst) {
		return value(false)
	}
	for _, phone := range in.Phones {
		if p := x.w.addressed(phone); p != nil {
			x.rec.Effect = x.w.answered(g, p, true) || x.rec.Effect
		}
	}
	return value(x.rec.Effect)
}

// greenSetPicture is POST setGroupPicture, a form. A wrong group answers 200 with false (D).
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

// greenUpdateSettings is POST updateGroupSettings (beta).
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
	x.rec.Effect = g != nil && g.runs(x.inst) && x.w.promote(g, x.w.addressed(in.Person))
	return ok(map[string]any{"setGroupAdmin": x.rec.Effect})
}

// evolutionSet reads a body of the calls that set something of a group; Evolution API takes the group from the
// query, whatsmiau from the body too.
func (x *exchange) evolutionSet(to any, of *string) (*group, *reply) {
	if wrong := x.read(to); wrong != nil {
		return nil, wrong
	}
	if x.tail == "" && of != nil {
		x.tail = *of
	}
	g := x.w.groupByID(x.inst, x.tail)
	if g == nil || !g.runs(x.inst) {
		x.rec.Rule = "admin"
		no := evolutionError(500, []any{"Error updating group", "Error: not-authorized"})
		if x.miau {
			no = x.refuse(403, "not authorized")
		}
		return nil, &no
	}
	return g, nil
}

// evolutionDone answers a change: whatsmiau, and Evolution API for a setting, with an empty object.
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
	if !fine || strings.HasPrefix(in.Image, "data:") { // it takes bare base64 or an address
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

// gowaSet reads a body of the calls that set something of a group.
func (x *exchange) gowaSet(to any, of *string) (*group, *reply) {
	if wrong := x.bind(to); wrong != nil {
		return nil, wrong
	}
	return x.gowaRun(*of)
}

// gowaRun finds a group that the number is an admin of.
func (x *exchange) gowaRun(id string) (*group, *reply) {
	if id == "" {
		r := x.blank("group_id: cannot be blank.")
		return nil, &r
	}
	x.tail, x.rec.GroupID = id, id
	g, no := x.gowaOf()
	if g == nil {
		return nil, &no
	}
	if !g.runs(x.inst) {
		x.rec.Rule = "admin"
		r := x.refuse(http.StatusInternalServerError, "info query returned status 403: forbidden")
		return nil, &r
	}
	return g, nil
}

func gowaSetPhoto(x *exchange) reply {
	fields, data, fine := x.form("photo")
	if !fine {
		return gowaError(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "request has no multipart body")
	}
	g, no := x.gowaRun(fields["group_id"])
	if no != nil {
		return *no
	}
	if !isPicture(data) {
		return x.blank("photo: must be an image.")
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

func gowaApprove(x *exchange) reply {
	var in gowaParticipants
	g, no := x.gowaSet(&in, &in.GroupID)
	if no != nil {
		return *no
	}
	for _, address := range in.Participants {
		if p := x.w.addressed(strings.TrimSuffix(address, "@s.whatsapp.net")); p != nil {
			x.rec.Effect = x.w.answered(g, p, true) || x.rec.Effect
		}
	}
	return gowaOK([]any{})
}

// gowaRequests is GET group/participant-requests: who asks to join.
func gowaRequests(x *exchange) reply {
	g, no := x.gowaOf()
	if g == nil {
		return no
	}
	out := []map[string]any{}
	for _, p := range g.asking {
		out = append(out, map[string]any{"jid": p.lid, "phone_number": p.form + "@s.whatsapp.net", "requested_at": x.w.now().UTC().Format(time.RFC3339)})
	}
	return gowaOK(out)
}
