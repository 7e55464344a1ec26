package simulator

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"
)

// greenState answers GET getStateInstance.
func greenState(x *exchange) reply {
	return ok(map[string]any{"stateInstance": x.inst.greenWord()})
}

// greenStateHistory answers GET getStateInstanceHistory[?count], latest first.
func greenStateHistory(x *exchange) reply {
	out := []map[string]any{}
	for _, e := range slices.Backward(x.inst.history) {
		out = append(out, map[string]any{"stateInstance": e.state, "timestamp": e.at.Unix(), "phoneNumber": x.inst.self.form + "@c.us"})
	}
	return x.count(out)
}

// greenWaSettings answers GET getWaSettings: the own number, and when a suspension ends (GI#1087).
func greenWaSettings(x *exchange) reply {
	out := map[string]any{
		"avatar": "", "chatId": x.inst.self.form + "@c.us", "phone": x.inst.self.form, "historySyncProgress": 100,
		"stateInstance": x.inst.greenWord(), "deviceId": x.inst.self.form + ":1@c.us", "logoutProcess": false,
	}
	if x.inst.state == stateSuspended && !x.inst.until.IsZero() {
		out["suspendedUntil"] = x.inst.until.Unix()
	}
	return ok(out)
}

// defaultSettings returns what getSettings shows of a new instance. Flags are "yes" and "no".
func defaultSettings(i *instance) map[string]any {
	return map[string]any{
		"wid": i.self.form + "@c.us", "webhookUrl": i.WebhookURL, "webhookUrlToken": i.WebhookToken,
		"delaySendMessagesMilliseconds": 5000, "outgoingWebhook": "yes", "outgoingMessageWebhook": "no",
		"outgoingAPIMessageWebhook": "no", "incomingWebhook": "no", "stateWebhook": "yes", "pollMessageWebhook": "no",
		"incomingBlockWebhook": "no", "incomingCallWebhook": "no", "editedMessageWebhook": "no",
		"deletedMessageWebhook": "no", "keepOnlineStatus": "no", "autoTyping": 0, "linkPreview": "yes", "enableLidMode": "no",
	}
}

// sendDelay returns the spacing of the queue, counted from the previous send.
func (i *instance) sendDelay() Duration {
	ms, _ := i.settings["delaySendMessagesMilliseconds"].(int)
	return Duration(ms) * Duration(time.Millisecond)
}

func greenSettings(x *exchange) reply { return ok(maps.Clone(x.inst.settings)) }

// greenSetSettings answers POST setSettings: any part of the settings; it may restart the instance.
func greenSetSettings(x *exchange) reply {
	var in map[string]json.RawMessage
	if wrong := x.fields(&in); wrong != nil {
		return *wrong
	}
	if len(in) == 0 {
		return x.invalid("'value' must have at least 1 key")
	}
	next := maps.Clone(x.inst.settings)
	for _, key := range slices.Sorted(maps.Keys(in)) {
		raw := in[key]
		switch old := next[key].(type) {
		case string:
			var v string
			if json.Unmarshal(raw, &v) != nil || ((old == "yes" || old == "no") && v != "yes" && v != "no") {
				return x.invalid("'" + key + "' must be a string of the documented values")
			}
			next[key] = v
		case int:
			v, err := strconv.Atoi(string(raw))
			if err != nil || (key == "delaySendMessagesMilliseconds" && (v < 500 || v > 600000)) {
				return x.invalid("'" + key + "' is out of range")
			}
			next[key] = v
		default:
			return x.invalid("'" + key + "' is not allowed")
		}
	}
	x.inst.settings, x.rec.Effect = next, true
	x.restart()
	return ok(map[string]any{"saveSettings": true})
}

// restart puts an authorised instance into the state "starting" for a time, after a reboot or new settings. Other
// states stay.
func (x *exchange) restart() {
	d := x.w.scaled(x.w.quirks.Restart)
	if d > 0 && x.inst.state == stateAuthorized {
		x.w.change(x.inst, stateStarting, x.w.now().Add(d))
	}
}

// greenReboot also ends a yellowCard.
func greenReboot(x *exchange) reply {
	if x.inst.state == stateYellowCard {
		x.w.change(x.inst, stateAuthorized, time.Time{})
	}
	x.restart()
	x.rec.Effect = true
	return ok(map[string]any{"isReboot": true})
}

func greenLogout(x *exchange) reply {
	x.w.change(x.inst, stateNotAuthorized, time.Time{})
	x.rec.Effect = true
	return ok(map[string]any{"isLogout": true})
}

// notification is a webhook that waits for receiveNotification, because no webhookUrl is set.
type notification struct {
	receipt int64
	body    map[string]any
}

// greenReceive answers GET receiveNotification: null, or the oldest notification until that is deleted. It answers at
// once and ignores receiveTimeout.
func greenReceive(x *exchange) reply {
	if len(x.inst.notifications) == 0 {
		return reply{status: 200, raw: []byte("null")}
	}
	n := x.inst.notifications[0]
	return ok(map[string]any{"receiptId": n.receipt, "body": n.body})
}

func greenDelete(x *exchange) reply {
	id, err := strconv.ParseInt(x.tail, 10, 64)
	if err != nil {
		return x.invalid("'receiptId' must be a number")
	}
	before := len(x.inst.notifications)
	x.inst.notifications = slices.DeleteFunc(x.inst.notifications, func(n notification) bool { return n.receipt == id })
	x.rec.Effect = len(x.inst.notifications) < before
	return ok(map[string]any{"result": x.rec.Effect})
}
