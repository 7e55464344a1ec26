package outside

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

func (c *call) zapiSend(string) {
	var q struct {
		Phone        string `json:"phone"`
		Message      string `json:"message"`
		DelayMessage *int   `json:"delayMessage"`
		DelayTyping  *int   `json:"delayTyping"`
	}
	if c.read(&q) != nil || q.Phone == "" || q.Message == "" {
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	}
	if !digits(q.Phone) && !strings.HasSuffix(q.Phone, "@lid") {
		c.complain("a receiver that is neither digits nor a lid")
		c.zapiError(http.StatusBadRequest, "Invalid phone")
		return
	}
	c.send(q.Phone, q.Message, func(id string) any {
		return map[string]string{"zaapId": "0199" + id, "messageId": id, "id": id}
	}, speech{failed: c.zapiError})
}

func (c *call) zapiAdd(string) {
	var q struct {
		AutoInvite *bool    `json:"autoInvite"`
		GroupID    string   `json:"groupId"`
		Phones     []string `json:"phones"`
	}
	if c.read(&q) != nil || q.AutoInvite == nil || len(q.Phones) == 0 {
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	}
	g, ok := c.zapiGroup(q.GroupID)
	if !ok {
		return
	}
	worked := true
	for _, phone := range q.Phones {
		who := c.p.cfg.Census.Person(phone)
		switch {
		case c.p.join(g.ID, who):
		case *q.AutoInvite && who.Kind == Blocks:
			c.p.invited(Invite{Instance: c.inst.ID, Group: g.ID, Phone: who.Phone, At: c.at})
		default:
			worked = false
		}
	}
	c.json(http.StatusOK, map[string]bool{"value": worked})
}

func (c *call) zapiExists(phone string) {
	who := c.p.cfg.Census.Person(phone)
	c.json(http.StatusOK, []map[string]any{{"exists": who.Kind != NoWhatsApp, "phone": who.Phone, "lid": nullable(who.LID)}})
}

func (c *call) zapiExistsBatch(string) {
	var q struct {
		Phones []string `json:"phones"`
	}
	if c.read(&q) != nil || len(q.Phones) == 0 || len(q.Phones) > 50_000 {
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	}
	list := []map[string]any{}
	for _, phone := range q.Phones {
		who := c.p.cfg.Census.Person(phone)
		list = append(list, map[string]any{"exists": who.Kind != NoWhatsApp, "inputPhone": phone, "outputPhone": who.Phone, "lid": nullable(who.LID)})
	}
	c.json(http.StatusOK, list)
}

func (c *call) zapiQueue(string) {
	var q struct {
		PageSize    *int    `json:"pageSize"`
		PagingState *string `json:"pagingState"`
	}
	if c.read(&q) != nil || q.PageSize != nil && (*q.PageSize < 1 || *q.PageSize > 30) {
		c.complain("a page of more than 30")
		c.zapiError(http.StatusBadRequest, "Bad Request")
		return
	}
	size, from := 20, 0
	if q.PageSize != nil {
		size = *q.PageSize
	}
	if q.PagingState != nil {
		from, _ = strconv.Atoi(*q.PagingState)
	}
	all := c.p.messages(c.inst, time.Now().Add(-c.p.cfg.QueueFor))
	from = min(from, len(all))
	to := min(from+size, len(all))
	list := []map[string]any{}
	for _, v := range all[from:to] {
		list = append(list, map[string]any{
			"_id": v.MessageID, "ZaapId": "0199" + v.MessageID, "MessageId": v.MessageID, "Phone": v.Phone, "Message": v.Text,
			"DelayMessage": -1, "DelayTyping": 0, "Created": v.At.UnixMilli(), "InstanceId": c.inst.ID, "IsTrial": false,
		})
	}
	doc := map[string]any{"messages": list, "hasMore": to < len(all), "pagingState": nil}
	if to < len(all) {
		doc["pagingState"] = strconv.Itoa(to)
	}
	c.json(http.StatusOK, doc)
}

// nullable is a text, or null for none.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}
