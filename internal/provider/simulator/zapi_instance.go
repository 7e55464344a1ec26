package simulator

import (
	"strings"
	"time"
)

// zapiHookKinds returns Z-API's kinds of webhooks, as in update-webhook-<kind>.
func zapiHookKinds() []string {
	return []string{
		"received", "delivery", "message-status", "connected", "disconnected", "chat-presence", "received-delivery",
	}
}

// zapiStatus answers GET status, where error is not a failure.
func zapiStatus(x *exchange) reply {
	connected, text := x.inst.zapiStatus()
	return ok(map[string]any{"connected": connected, "error": text, "smartphoneConnected": connected && !x.inst.phoneOffline})
}

// zapiDevice answers GET device with the instance's own number.
func zapiDevice(x *exchange) reply {
	return ok(map[string]any{
		"phone": x.inst.self.form, "imgUrl": nil, "about": "", "name": x.inst.ID,
		"device":         map[string]any{"sessionName": x.inst.ID, "device_model": "simulator"},
		"originalDevice": "android", "sessionId": 1, "isBusiness": false,
	})
}

// zapiMe answers GET me. The answer has the token, as the real one: a reason not to log bodies.
func zapiMe(x *exchange) reply {
	connected, _ := x.inst.zapiStatus()
	payment := "PAID"
	if x.inst.state == stateExpired {
		payment = "CANCELED"
	}
	return ok(map[string]any{
		"id": x.inst.ID, "token": x.inst.Token, "name": x.inst.ID, "due": x.w.start.AddDate(0, 1, 0).UnixMilli(),
		"connected": connected, "paymentStatus": payment, "created": x.w.start.UTC().Format(time.RFC3339),
		"connectedCallbackUrl": x.inst.hooks["connected"], "deliveryCallbackUrl": x.inst.hooks["delivery"],
		"disconnectedCallbackUrl": x.inst.hooks["disconnected"], "messageStatusCallbackUrl": x.inst.hooks["message-status"],
		"receivedCallbackUrl": x.inst.hooks["received"], "receivedAndDeliveryCallbackUrl": x.inst.hooks["received-delivery"],
		"presenceChatCallbackUrl": x.inst.hooks["chat-presence"], "receiveCallbackSentByMe": x.inst.notifySelf,
		"callRejectAuto": false, "autoReadMessage": false, "initialDataCallbackUrl": nil,
	})
}

// zapiRestart answers GET restart and restore-session.
func zapiRestart(x *exchange) reply {
	if x.route.name == "restore-session" && x.inst.state == stateRestore {
		x.w.change(x.inst, stateAuthorized, time.Time{})
		x.rec.Effect = true
	}
	return value(true)
}

func zapiDisconnect(x *exchange) reply {
	x.w.change(x.inst, stateNotAuthorized, time.Time{})
	x.rec.Effect = true
	return value(true)
}

// zapiWebhook answers PUT update-webhook-<kind> {"value": url}. Receivers must be HTTPS (D); plain
// HTTP is let through here, because a dev receiver has no certificate.
func zapiWebhook(x *exchange) reply {
	url, wrong := x.hookURL()
	if wrong != nil {
		return *wrong
	}
	x.inst.hooks[strings.TrimPrefix(x.route.name, "update-webhook-")] = url
	x.rec.Effect = true
	return value(true)
}

func zapiEveryWebhook(x *exchange) reply {
	url, wrong := x.hookURL()
	if wrong != nil {
		return *wrong
	}
	for _, kind := range zapiHookKinds() {
		x.inst.hooks[kind] = url
	}
	x.rec.Effect = true
	return value(true)
}

func (x *exchange) hookURL() (string, *reply) {
	var in struct {
		Value string `json:"value"`
	}
	reason, fine := x.decode(&in)
	if fine && in.Value != "" && !strings.HasPrefix(in.Value, "http://") && !strings.HasPrefix(in.Value, "https://") {
		reason, fine = "value: want a URL", false
	}
	if !fine {
		r := x.bad(reason)
		return "", &r
	}
	return in.Value, nil
}

func zapiNotifySelf(x *exchange) reply {
	var in struct {
		NotifySentByMe bool `json:"notifySentByMe"`
	}
	if reason, fine := x.decode(&in); !fine {
		return x.bad(reason)
	}
	x.inst.notifySelf, x.rec.Effect = in.NotifySentByMe, true
	return value(true)
}
