package outside

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// zapi answers one request as Z-API does: facts A1 to A7.
func (c *call) zapi(id, token, endpoint, rest string) {
	c.what = "zapi " + endpoint
	inst, ok := c.p.instances[ZAPI+id]
	if !ok || inst.Token != token {
		c.complain("unknown instance or token")
		c.zapiError(http.StatusBadRequest, "Instance not found")
		return
	}
	c.inst = inst
	if inst.ClientToken != "" && c.r.Header.Get("Client-Token") != inst.ClientToken {
		c.complain("without its client token")
		c.zapiError(http.StatusBadRequest, "your client-token is not configured")
		return
	}
	e, ok := zapiEndpoints[endpoint]
	if !ok || c.missing(endpoint) {
		if !ok {
			c.complain("no such endpoint")
		}
		c.json(http.StatusNotFound, map[string]string{"error": "NOT_FOUND", "message": "Unable to find matching target resource method"})
		return
	}
	if !c.verb(e.verb) {
		c.zapiError(http.StatusMethodNotAllowed, "Method Not Allowed")
		return
	}
	if kind, _, _ := mime.ParseMediaType(c.r.Header.Get("Content-Type")); e.verb == http.MethodPost && kind != "application/json" {
		c.complain("content type %q", kind)
		c.zapiError(http.StatusUnsupportedMediaType, "Unsupported Media Type")
		return
	}
	e.answer(c, rest)
}

type zapiEndpoint struct {
	verb   string
	answer func(c *call, rest string)
}

var zapiEndpoints = map[string]zapiEndpoint{
	"create-group":          {http.MethodPost, (*call).zapiCreate},
	"light-group-metadata":  {http.MethodGet, func(c *call, rest string) { c.zapiMetadata(rest, false) }},
	"group-metadata":        {http.MethodGet, func(c *call, rest string) { c.zapiMetadata(rest, true) }},
	"groups":                {http.MethodGet, func(c *call, _ string) { c.zapiList() }},
	"chats":                 {http.MethodGet, (*call).zapiChats},
	"group-invitation-link": {http.MethodGet, (*call).zapiLink},
	"send-text":             {http.MethodPost, (*call).zapiSend},
	"add-participant":       {http.MethodPost, (*call).zapiAdd},
	"phone-exists":          {http.MethodGet, (*call).zapiExists},
	"phone-exists-batch":    {http.MethodPost, (*call).zapiExistsBatch},
	"queue":                 {http.MethodPost, (*call).zapiQueue},
	"status": {http.MethodGet, func(c *call, _ string) {
		c.json(http.StatusOK, map[string]any{"connected": true, "error": "You are already connected.", "smartphoneConnected": true})
	}},
	"device": {http.MethodGet, func(c *call, _ string) {
		c.json(http.StatusOK, map[string]any{"phone": c.inst.Own, "imgUrl": "", "about": "", "name": "outside", "isBusiness": false})
	}},
	"me": {http.MethodGet, func(c *call, _ string) {
		c.json(http.StatusOK, map[string]any{"id": c.inst.ID, "token": c.inst.Token, "name": "outside", "connected": true})
	}},
}

func (c *call) zapiError(status int, text string) {
	c.json(status, map[string]string{"error": text})
}

func (c *call) zapiCreate(string) {
	var q struct {
		AutoInvite *bool    `json:"autoInvite"`
		GroupName  *string  `json:"groupName"`
		Phones     []string `json:"phones"`
	}
	if c.read(&q) != nil {
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	}
	switch {
	case q.AutoInvite == nil, q.GroupName == nil || *q.GroupName == "", len(q.Phones) == 0:
		c.complain("a required field is missing")
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	case !slices.ContainsFunc(q.Phones, func(p string) bool { return !digits(p) && !strings.HasSuffix(p, "@lid") }):
	default:
		c.complain("a phone that is not digits only")
		c.zapiError(http.StatusBadRequest, "Invalid phone")
		return
	}
	if slices.ContainsFunc(q.Phones, func(p string) bool { return Fold(p) == Fold(c.inst.Own) }) {
		c.complain("the connected number among the phones")
		c.zapiError(http.StatusBadRequest, "Invalid phone")
		return
	}
	autoInvite := *q.AutoInvite
	c.create(*q.GroupName, q.Phones, speech{failed: c.zapiError, created: func(g Group) any {
		answer := map[string]any{"phone": g.ID + "-group", "invitationLink": g.Link}
		var left []string
		for _, phone := range q.Phones {
			who := c.p.cfg.Census.Person(phone)
			if g.Has(phone) {
				continue
			}
			left = append(left, phone)
			if autoInvite && who.Kind == Blocks {
				c.p.invited(Invite{Instance: c.inst.ID, Group: g.ID, Phone: who.Phone, At: c.at})
			}
		}
		if !c.inst.Old {
			answer["phonesNotAdded"] = slices.Concat([]string{}, left)
		}
		return answer
	}})
}

// zapiGroup is the group of an id in Z-API's form, or an answer that there is none.
func (c *call) zapiGroup(id string) (Group, bool) {
	bare, ok := strings.CutSuffix(id, "-group")
	g, found := c.p.find(c.inst, bare)
	if !ok || !found {
		c.zapiError(http.StatusNotFound, "Group not found")
	}
	return g, ok && found
}

func (c *call) zapiMetadata(id string, link bool) {
	g, ok := c.zapiGroup(id)
	if !ok {
		return
	}
	ms := g.Made.UnixMilli()
	people := []map[string]any{{"phone": Fold(c.inst.Own), "isAdmin": true, "isSuperAdmin": true}}
	for _, phone := range g.Members {
		who := c.p.cfg.Census.Person(phone)
		if who.Hidden {
			phone = who.LID
		}
		// The table says string, the example boolean: both are out there.
		people = append(people, map[string]any{"phone": phone, "isAdmin": "false", "isSuperAdmin": false})
	}
	doc := map[string]any{
		"phone": g.ID + "-group", "description": nil, "owner": Fold(c.inst.Own), "subject": g.Name, "creation": ms,
		"invitationLink": nil, "invitationLinkError": nil, "communityId": nil, "adminOnlyMessage": false, "adminOnlySettings": false,
		"requireAdminApproval": false, "isGroupAnnouncement": false, "participants": people, "subjectTime": ms, "subjectOwner": Fold(c.inst.Own),
	}
	if link {
		doc["invitationLink"] = g.Link
	}
	c.json(http.StatusOK, doc)
}

func (c *call) zapiList() {
	page, size := c.page()
	if page < 1 || size < 1 {
		c.complain("page and pageSize are required")
		c.zapiError(http.StatusBadRequest, "page and pageSize are required")
		return
	}
	all, ok := c.p.listed(c.inst)
	if !ok {
		c.zapiError(http.StatusInternalServerError, "Internal Server Error")
		return
	}
	from := min((page-1)*size, len(all))
	list := []map[string]any{}
	for _, g := range all[from:min(from+size, len(all))] {
		list = append(list, map[string]any{
			"isGroup": true, "name": g.Name, "phone": g.ID + "-group", "unread": "0", "messagesUnread": "0", "isMuted": "0",
			"lastMessageTime": strconv.FormatInt(g.Made.UnixMilli(), 10), "isMarkedSpam": "false", "archived": "false", "pinned": "false", "muteEndTime": nil,
		})
	}
	c.json(http.StatusOK, list)
}

// zapiChats is the list of chats, in which groups stand too, or one of them.
func (c *call) zapiChats(id string) {
	if id == "" {
		c.zapiList()
		return
	}
	if g, ok := c.zapiGroup(id); ok {
		c.json(http.StatusOK, map[string]any{"phone": id, "name": g.Name, "isGroup": true, "unread": "0", "messagesUnread": "0"})
	}
}

func (c *call) zapiLink(id string) {
	if g, ok := c.zapiGroup(id); ok {
		c.json(http.StatusOK, map[string]any{"phone": id, "invitationLink": g.Link})
	}
}

// page reads the two parameters of every list of Z-API's.
func (c *call) page() (page, size int) {
	page, _ = strconv.Atoi(c.r.URL.Query().Get("page"))
	size, _ = strconv.Atoi(c.r.URL.Query().Get("pageSize"))
	return page, size
}
