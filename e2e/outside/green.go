package outside

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// green answers one request as GREEN-API does: facts B1 to B7 and B10.
func (c *call) green(id, method, token string) {
	c.what = "greenapi " + method
	inst, ok := c.p.instances[GreenAPI+id]
	switch {
	case !ok:
		c.complain("unknown instance")
		c.text(http.StatusForbidden, "Forbidden")
		return
	case inst.Token != token:
		c.complain("wrong token")
		c.text(http.StatusUnauthorized, "Unauthorized")
		return
	}
	c.inst = inst
	// Old and new pages spell methods with either case of the first letter.
	e, ok := greenMethods[strings.ToLower(method)]
	if !ok || c.missing(method) {
		if !ok {
			c.complain("no such method")
		}
		c.text(http.StatusNotFound, "Not Found")
		return
	}
	if !c.verb(e.verb) {
		c.text(http.StatusNotFound, "Not Found")
		return
	}
	e.answer(c)
}

type greenMethod struct {
	verb   string
	answer func(c *call)
}

var greenMethods = map[string]greenMethod{
	"creategroup":          {http.MethodPost, (*call).greenCreate},
	"getgroupdata":         {http.MethodPost, (*call).greenGroupData},
	"getcontacts":          {http.MethodGet, func(c *call) { c.greenList() }},
	"getchats":             {http.MethodGet, func(c *call) { c.greenList() }},
	"addgroupparticipant":  {http.MethodPost, (*call).greenAdd},
	"sendmessage":          {http.MethodPost, (*call).greenSend},
	"checkwhatsapp":        {http.MethodPost, (*call).greenCheck},
	"showmessagesqueue":    {http.MethodGet, (*call).greenQueue},
	"lastoutgoingmessages": {http.MethodGet, (*call).greenJournal},
	"getstateinstance": {http.MethodGet, func(c *call) {
		c.json(http.StatusOK, map[string]string{"stateInstance": "authorized"})
	}},
	"getwasettings": {http.MethodGet, func(c *call) {
		c.json(http.StatusOK, map[string]any{
			"avatar": "", "chatId": Fold(c.inst.Own) + "@c.us", "phone": c.inst.Own, "historySyncProgress": 100,
			"stateInstance": "authorized", "deviceId": "", "logoutProcess": false,
		})
	}},
	"getsettings": {http.MethodGet, func(c *call) {
		c.json(http.StatusOK, map[string]any{
			"wid": Fold(c.inst.Own) + "@c.us", "webhookUrl": "", "webhookUrlToken": "", "delaySendMessagesMilliseconds": 500, "enableLidMode": "no",
		})
	}},
}

// greenError is the envelope seen for refusals. It repeats the path, token and all: whoever logs
// bodies has been warned.
func (c *call) greenError(status int, text string) {
	c.json(status, map[string]any{
		"statusCode": status, "timestamp": time.Now().UTC().Format(time.RFC3339), "path": c.r.URL.Path, "message": text,
	})
}

// refuse notes a fault of the caller's and answers it.
func (c *call) refuse(text string) {
	c.complain("%s", text)
	c.greenError(http.StatusBadRequest, "Validation failed. Details: "+text)
}

func (c *call) greenCreate() {
	var q struct {
		GroupName *string  `json:"groupName"`
		ChatIDs   []string `json:"chatIds"`
	}
	switch {
	case c.read(&q) != nil:
		c.greenError(http.StatusBadRequest, "bad request data")
		return
	case q.GroupName == nil || *q.GroupName == "":
		c.refuse("'groupName' is required")
		return
	case utf8.RuneCountInString(*q.GroupName) > 100:
		c.refuse("'groupName' is longer than 100 characters")
		return
	case len(q.ChatIDs) == 0:
		c.refuse("'chatIds' is required")
		return
	}
	phones := make([]string, len(q.ChatIDs))
	for i, id := range q.ChatIDs {
		phone, ok := strings.CutSuffix(id, "@c.us")
		if !ok || !digits(phone) {
			c.complain("a chat id that is no person's")
			c.greenError(http.StatusInternalServerError, "Internal Server Error")
			return
		}
		phones[i] = phone
	}
	// A number without WhatsApp makes the whole create fail: issue 544.
	c.create(*q.GroupName, phones, speech{absent: true, failed: c.greenError, created: func(g Group) any {
		return map[string]any{"created": true, "chatId": g.ID + "@g.us", "groupInviteLink": g.Link}
	}})
}

// greenGroup is the group of an id in GREEN-API's form, or an answer that there is none.
func (c *call) greenGroup(id string) (Group, bool) {
	bare, ok := strings.CutSuffix(id, "@g.us")
	g, found := c.p.find(c.inst, bare)
	if !ok || !found {
		c.greenError(http.StatusBadRequest, "group not found")
	}
	return g, ok && found
}

func (c *call) greenGroupData() {
	var q struct {
		GroupID string `json:"groupId"`
	}
	if c.read(&q) != nil {
		c.greenError(http.StatusBadRequest, "bad request data")
		return
	}
	g, ok := c.greenGroup(q.GroupID)
	if !ok {
		return
	}
	people := []map[string]any{{"id": Fold(c.inst.Own) + "@c.us", "lid": "100000000000001@lid", "isAdmin": true, "isSuperAdmin": true}}
	for _, phone := range g.Members {
		people = append(people, map[string]any{
			"id": phone + "@c.us", "lid": c.p.cfg.Census.Person(phone).LID, "isAdmin": false, "isSuperAdmin": false,
		})
	}
	seconds := g.Made.Unix()
	c.json(http.StatusOK, map[string]any{
		"groupId": q.GroupID, "owner": Fold(c.inst.Own) + "@c.us", "subject": g.Name, "creation": seconds, "subjectTime": seconds,
		"subjectOwner": Fold(c.inst.Own) + "@c.us", "groupInviteLink": g.Link, "ephemeralExpiration": 0,
		"isCommunity": false, "isCommunityAnnounce": false, "size": len(people), "participants": people,
	})
}

// greenList is getContacts and getChats: neither tells owner, creation time or members.
func (c *call) greenList() {
	all, ok := c.p.listed(c.inst)
	if !ok {
		c.greenError(http.StatusInternalServerError, "Internal Server Error")
		return
	}
	list := []map[string]any{}
	if c.r.URL.Query().Get("group") != "true" {
		list = append(list, map[string]any{"id": "79000000099@c.us", "name": "somebody", "contactName": "", "type": "user"})
	}
	for _, g := range all {
		name := g.Name
		if g.Nameless {
			name = ""
		}
		list = append(list, map[string]any{"id": g.ID + "@g.us", "name": name, "contactName": "", "type": "group"})
	}
	if n, err := strconv.Atoi(c.r.URL.Query().Get("count")); err == nil {
		list = list[:min(n, len(list))]
	}
	c.json(http.StatusOK, list)
}

func (c *call) greenAdd() {
	var q struct {
		GroupID           string `json:"groupId"`
		ParticipantChatID string `json:"participantChatId"`
	}
	if c.read(&q) != nil {
		c.greenError(http.StatusBadRequest, "bad request data")
		return
	}
	g, ok := c.greenGroup(q.GroupID)
	if !ok {
		return
	}
	phone := strings.TrimSuffix(q.ParticipantChatID, "@c.us")
	// False for "already a member" too: the documents say so.
	c.json(http.StatusOK, map[string]bool{"addParticipant": !g.Has(phone) && c.p.join(g.ID, c.p.cfg.Census.Person(phone))})
}

func (c *call) greenSend() {
	var q struct {
		ChatID      string `json:"chatId"`
		Message     string `json:"message"`
		LinkPreview *bool  `json:"linkPreview"`
		TypingTime  *int   `json:"typingTime"`
	}
	if c.read(&q) != nil {
		c.greenError(http.StatusBadRequest, "bad request data")
		return
	}
	phone, ok := strings.CutSuffix(q.ChatID, "@c.us")
	switch {
	case !ok || !digits(phone):
		c.refuse("'chatId' must be one of the next formats: 'phone_number@c.us' or 'chat_id@lid'")
		return
	case q.Message == "" || utf8.RuneCountInString(q.Message) > 20_000:
		c.refuse("'message' length must be less than or equal to 20000 characters long")
		return
	}
	c.send(phone, q.Message, func(id string) any { return map[string]string{"idMessage": id} }, speech{failed: c.greenError})
}

// greenCheck takes the documented form, which cannot say a number of 13 digits, and the one that
// newer servers take, which tells the LID too.
func (c *call) greenCheck() {
	var q struct {
		PhoneNumber *int64  `json:"phoneNumber"`
		ChatID      *string `json:"chatId"`
	}
	switch {
	case c.read(&q) != nil:
		c.greenError(http.StatusBadRequest, "Wrong format. 'phoneNumber' must contain only digits")
	case q.PhoneNumber != nil:
		phone := strconv.FormatInt(*q.PhoneNumber, 10)
		if len(phone) != 11 && len(phone) != 12 {
			c.greenError(http.StatusBadRequest, "bad phone number, valid 11 or 12 digits")
			return
		}
		c.json(http.StatusOK, map[string]bool{"existsWhatsapp": c.p.cfg.Census.Person(phone).Kind != NoWhatsApp})
	case !c.inst.Old && q.ChatID != nil && strings.HasSuffix(*q.ChatID, "@c.us"):
		who := c.p.cfg.Census.Person(strings.TrimSuffix(*q.ChatID, "@c.us"))
		if who.Kind == NoWhatsApp {
			c.json(http.StatusOK, map[string]any{"existsWhatsapp": false, "chatId": ""})
			return
		}
		c.json(http.StatusOK, map[string]any{
			"existsWhatsapp": true, "chatId": who.LID, "username": "", "phoneNumber": who.Phone + "@c.us", "fromCache": false,
		})
	default:
		// No complaint: which of the two forms a host knows can only be found out by asking.
		c.greenError(http.StatusBadRequest, "Validation failed. Details: 'value' must have at least 1 key")
	}
}

func (c *call) greenQueue() {
	list := []map[string]any{}
	for _, v := range c.p.messages(c.inst, time.Now().Add(-c.p.cfg.QueueFor)) {
		list = append(list, map[string]any{
			"messageID": v.MessageID, "type": "sendMessage", "body": map[string]string{"chatId": v.Phone + "@c.us", "message": v.Text},
		})
	}
	c.json(http.StatusOK, list[:min(len(list), 500)])
}

// greenJournal is what has left the queue, newest first.
func (c *call) greenJournal() {
	left := time.Now().Add(-c.p.cfg.QueueFor)
	list := []map[string]any{}
	for _, v := range slices.Backward(c.p.messages(c.inst, left.Add(-24*time.Hour))) {
		if v.At.After(left) {
			continue
		}
		list = append(list, map[string]any{
			"idMessage": v.MessageID, "timestamp": v.At.Unix(), "chatId": v.Phone + "@c.us", "typeMessage": "textMessage",
			"statusMessage": "sent", "sendByApi": true, "textMessage": v.Text,
		})
	}
	c.json(http.StatusOK, list)
}
