package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// greenSendMessage answers POST sendMessage. It queues the message, also while the number is logged out (for 24 h).
func greenSendMessage(x *exchange) reply {
	var in struct {
		ChatID     string `json:"chatId"`
		Message    string `json:"message"`
		TypingTime *int   `json:"typingTime"`
	}
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	switch {
	case in.ChatID == "":
		return x.invalid("'chatId' is required")
	case in.Message == "":
		return x.invalid("'message' is required")
	case utf8.RuneCountInString(in.Message) > 20000:
		return x.invalid("'message' length must be less than or equal to 20000 characters long")
	case in.TypingTime != nil && (*in.TypingTime < 1000 || *in.TypingTime > 20000):
		return x.invalid("'typingTime' must be between 1000 and 20000")
	}
	m := &message{to: in.ChatID, text: in.Message, via: ViaText, call: x.rec.Seq}
	user, isPerson := strings.CutSuffix(in.ChatID, "@c.us")
	switch {
	case strings.HasSuffix(in.ChatID, "@g.us"):
		if m.g = x.w.groupByID(x.inst, in.ChatID); m.g == nil {
			return x.invalid("'chatId' group not found")
		}
	case strings.HasSuffix(in.ChatID, "@lid"), isPerson && isNumber(user):
		m.p = x.w.addressed(in.ChatID)
	default:
		return x.invalid("'chatId' must be one of the next formats: 'phone_number@c.us' or 'group_id@g.us' or 'chat_id@lid'")
	}
	x.w.enqueue(x.inst, m)
	x.rec.Effect = true
	return ok(map[string]any{"idMessage": m.id})
}

// greenQueue answers GET showMessagesQueue: the first 500.
func greenQueue(x *exchange) reply {
	out := []map[string]any{}
	for _, m := range x.inst.queue[:min(500, len(x.inst.queue))] {
		out = append(out, map[string]any{
			"messageID": m.id, "type": "sendMessage", "body": map[string]any{"chatId": m.chatID(), "message": m.text},
		})
	}
	return ok(out)
}

func greenClearQueue(x *exchange) reply {
	x.rec.Effect = x.w.unqueue(x.inst, func(*message) bool { return true }) > 0
	return ok(map[string]any{"isCleared": true})
}

func greenQueueCount(x *exchange) reply {
	return ok(map[string]any{"count": len(x.inst.queue)})
}

// greenJournal answers GET lastOutgoingMessages[?minutes=1440]: what has left the queue, the latest first.
func greenJournal(x *exchange) reply {
	minutes := 1440
	if n, err := strconv.Atoi(x.query.Get("minutes")); err == nil && n > 0 {
		minutes = n
	}
	border := x.w.now().Add(-time.Duration(minutes) * time.Minute)
	out := []map[string]any{}
	for _, m := range slices.Backward(x.inst.journal) {
		if m.sentAt.Before(border) {
			break
		}
		out = append(out, map[string]any{
			"type": "outgoing", "idMessage": m.id, "timestamp": m.sentAt.Unix(), "typeMessage": "extendedTextMessage",
			"chatId": m.chatID(), "textMessage": m.text, "statusMessage": m.greenStatus(), "sendByApi": true,
		})
	}
	return ok(out)
}

// greenStatus returns the status in the words of outgoingMessageStatus and of the journal.
func (m *message) greenStatus() string {
	switch {
	case m.status == MessageFailed && m.g != nil:
		return "notInGroup"
	case m.status == MessageFailed && m.p != nil && !m.p.hasWhatsApp, m.status == MessageFailed && m.p == nil:
		return "noAccount"
	case m.status == MessageFailed:
		return "failed"
	case m.delivered:
		return "delivered"
	}
	return "sent"
}

// greenCheck answers POST checkWhatsapp, in the documented form with a number, and in the form seen lately with a
// chatId, whose answer has WhatsApp's own form and the LID.
func greenCheck(x *exchange) reply {
	var in struct {
		PhoneNumber json.RawMessage `json:"phoneNumber"`
		ChatID      *string         `json:"chatId"`
	}
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	if x.inst.checkQuota > 0 && x.inst.checksUsed >= x.inst.checkQuota {
		x.rec.Rule = "quota"
		return x.quotaReply(x.inst.checksUsed, x.inst.checkQuota)
	}
	switch {
	case in.ChatID != nil && x.inst.Old: // the host does not know the field
		x.rec.Rule = "form"
		return x.refuse(http.StatusBadRequest, "Validation failed. Details: 'value' must have at least 1 key")
	case in.ChatID != nil:
		return x.checkChat(*in.ChatID)
	case len(in.PhoneNumber) == 0:
		return x.invalid("'value' must have at least 1 key")
	}
	number := string(in.PhoneNumber)
	switch {
	case strings.Trim(number, decimals) != "":
		x.rec.Rule = "validation"
		return x.refuse(http.StatusBadRequest, "Wrong format. 'phoneNumber' must contain only digits")
	case len(number) != 11 && len(number) != 12: // D; it does not say what holds for countries with 13 digits
		x.rec.Rule = "form"
		return x.refuse(http.StatusBadRequest, "bad phone number, valid 11 or 12 digits")
	}
	x.inst.checksUsed++
	return ok(map[string]any{"existsWhatsapp": x.w.personOf(number).hasWhatsApp})
}

func (x *exchange) checkChat(id string) reply {
	user, isPerson := strings.CutSuffix(id, "@c.us")
	if !strings.HasSuffix(id, "@lid") && (!isPerson || !isNumber(user)) {
		return x.invalid("'chatId' must be one of the next formats: 'phone_number@c.us' or 'chat_id@lid'")
	}
	x.inst.checksUsed++
	p := x.w.addressed(id)
	answer := map[string]any{"existsWhatsapp": false, "chatId": "", "username": "", "phoneNumber": "", "fromCache": false}
	if p != nil && p.hasWhatsApp {
		answer["existsWhatsapp"], answer["chatId"], answer["phoneNumber"] = true, p.lid, p.form+"@c.us"
		if p.lidUntold {
			answer["chatId"] = p.form + "@c.us"
		}
	}
	return ok(answer)
}
