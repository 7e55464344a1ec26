package simulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (gowaWire) routes(*Simulator) map[string]route {
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	table := map[string]route{}
	for _, r := range []route{
		{"group", post, kindCreate, gowaCreate},
		{"group/info", get, kindMembers, gowaInfo},
		{"group/invite-link", get, kindMembers, gowaInviteLink},
		{"group/participants", post, kindAdd, gowaAdd},
		{"group/photo", post, kindSet, gowaSetPhoto},
		{"group/topic", post, kindSet, gowaSetTopic},
		{"group/announce", post, kindSet, gowaSetAnnounce},
		{"group/locked", post, kindSet, gowaSetLocked},
		{"group/participants/promote", post, kindSet, gowaPromote},
		{"group/participant-requests", get, kindMembers, gowaRequests},
		{"group/participant-requests/approve", post, kindSet, gowaAnswer(true)},
		{"group/participant-requests/reject", post, kindSet, gowaAnswer(false)},
		{"user/my/groups", get, kindList, gowaGroups},
		{"user/check", get, kindCheck, gowaCheck},
		{"send/message", post, kindSend, gowaSend},
		{"chat/messages", get, kindQueue, gowaMessages},
		{"app/status", get, kindState, gowaStatus},
		{"app/info", get, kindHook, gowaAppInfo},
	} {
		table[r.name] = r
	}
	return table
}

// serveGowa checks the password first, then the device.
func (s *Simulator) serveGowa(w http.ResponseWriter, r *http.Request, name string) {
	id, _ := url.QueryUnescape(r.Header.Get("X-Device-Id"))
	user, password, _ := r.BasicAuth()
	pair := user + ":" + password
	s.lock()
	inst := s.world.instances[id]
	closed, knows := s.closed, false
	for _, i := range s.world.ordered {
		knows = knows || i.Provider == GOWA && i.Token == pair && !i.tokenWrong
	}
	s.unlock()
	rt := s.routes[GOWA][name]
	switch there := inst != nil && inst.Provider == GOWA && inst.state != stateDeleted; {
	case closed:
		abort(w)
	case there && slices.Contains(rt.verbs, r.Method):
		x := &exchange{sim: s, inst: inst, route: rt, req: r, tail: r.URL.Query().Get("group_id")}
		s.conduct(w, x, func() (string, reply, bool) {
			if pair != inst.Token || inst.tokenWrong {
				return "auth", x.refuse(http.StatusUnauthorized, ""), true
			}
			return "", reply{}, false
		})
	case !knows:
		s.stray(r, id, GOWA, rt, "auth")
		write(w, reply{status: http.StatusUnauthorized, kind: "text/plain", raw: []byte("Unauthorized")})
	case !slices.Contains(rt.verbs, r.Method):
		s.stray(r, id, GOWA, rt, "verb")
		write(w, reply{status: http.StatusMethodNotAllowed, kind: "text/plain", raw: []byte("Method Not Allowed")})
	case name == "app/info":
		write(w, gowaAppInfo(nil))
	case id == "":
		s.stray(r, id, GOWA, rt, "instance")
		write(w, gowaError(http.StatusBadRequest, "DEVICE_ID_REQUIRED", "device_id is required via X-Device-Id header or device_id query"))
	default:
		s.stray(r, id, GOWA, rt, "instance")
		write(w, gowaError(http.StatusNotFound, "DEVICE_NOT_FOUND", "device not found; create a device first from /api/devices or provide a valid X-Device-Id"))
	}
}

func gowaAppInfo(*exchange) reply {
	return gowaOK(map[string]any{"version": "v9.2.0", "os": "GOWA", "base_path": ""})
}

func gowaStatus(x *exchange) reply {
	linked := x.inst.linked()
	jid := ""
	if linked {
		jid = x.inst.self.form + ":7@s.whatsapp.net"
	}
	return gowaOK(map[string]any{
		"device_id": x.inst.ID, "is_connected": linked, "is_logged_in": linked || x.inst.state == stateStarting, "jid": jid,
	})
}

// bind reads a body. The real server panics and answers 500 if it cannot read a body.
func (x *exchange) bind(to any) *reply {
	text := "Unprocessable Entity"
	if isJSON(x.req) {
		reason, fine := x.decode(to)
		if fine {
			return nil
		}
		text = "bind from body: " + reason
	}
	x.rec.Rule = "validation"
	r := gowaError(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", text)
	return &r
}

func (x *exchange) blank(text string) reply {
	x.rec.Rule = "validation"
	return gowaError(http.StatusBadRequest, "VALIDATION_ERROR", text)
}

// gowaCheck answers GET user/check: only whether there is an account.
func gowaCheck(x *exchange) reply {
	number, fine := gowaNumber(x.query.Get("phone"))
	return gowaOK(map[string]any{"is_on_whatsapp": fine && x.w.personOf(number).hasWhatsApp})
}

// gowaSend sends at once.
func gowaSend(x *exchange) reply {
	var in struct {
		Phone   string `json:"phone"`
		Message string `json:"message"`
	}
	if wrong := x.bind(&in); wrong != nil {
		return *wrong
	}
	if in.Phone == "" || in.Message == "" {
		return x.blank("message: cannot be blank; phone: cannot be blank.")
	}
	m := &message{to: in.Phone, text: in.Message, via: ViaText, call: x.rec.Seq}
	if strings.HasSuffix(in.Phone, "@g.us") {
		x.tail = in.Phone
		var no reply
		if m.g, no = x.gowaOf(); m.g == nil {
			return no
		}
	} else if strings.HasSuffix(in.Phone, "@lid") {
		m.p = x.w.addressed(in.Phone)
	} else {
		number, fine := gowaNumber(in.Phone)
		if fine {
			m.p = x.w.personOf(number)
		}
		if !fine || !m.p.hasWhatsApp {
			x.rec.Rule = "no account"
			return gowaError(http.StatusBadRequest, "INVALID_JID", "Phone "+in.Phone+" is not on whatsapp")
		}
	}
	x.w.enqueue(x.inst, m)
	x.rec.Effect = true
	return gowaOK(map[string]any{"message_id": m.id, "status": "Message sent to " + in.Phone})
}

// gowaMessages answers GET chat/{jid}/messages with what was sent to that address, the latest first.
func gowaMessages(x *exchange) reply {
	chat := x.req.PathValue("jid")
	data := []map[string]any{}
	all := slices.Concat(x.inst.journal, x.inst.queue)
	for _, m := range slices.Backward(all) {
		if m.to == chat || m.to+"@s.whatsapp.net" == chat {
			data = append(data, map[string]any{
				"id": m.id, "chat_jid": chat, "content": m.text, "is_from_me": true,
				"timestamp": m.queuedAt.UTC().Format(time.RFC3339),
			})
		}
	}
	return gowaOK(map[string]any{"data": data[:min(100, len(data))], "pagination": map[string]any{"limit": 100, "offset": 0, "total": len(data)}})
}
