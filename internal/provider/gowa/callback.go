package gowa

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/provider/spec"
	"github.com/rollcallhq/rollcall/internal/provider/wire"
)

// signatureHeader holds the HMAC of a webhook's body, made with the secret that is set with the webhook's address (W7).
const signatureHeader = "X-Hub-Signature-256"

// signed reports whether a webhook was signed with the secret.
func signed(header http.Header, body []byte, secret string) bool {
	given, err := hex.DecodeString(strings.TrimPrefix(header.Get(signatureHeader), "sha256="))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}

// callbackBody is a webhook. device_id is the number's address; session_id is the name of the device.
type callbackBody struct {
	Event     wire.Text
	SessionID wire.Text `json:"session_id"`
	Payload   struct {
		ChatID  wire.Text `json:"chat_id"`
		Type    wire.Text
		JIDs    spec.Texts
		IDs     spec.Texts
		Receipt wire.Text `json:"receipt_type"`
	}
}

// decodeCallback reads a webhook.
func decodeCallback(body []byte) (spec.Note, error) {
	var b callbackBody
	if err := json.Unmarshal(body, &b); err != nil {
		return spec.Note{}, err
	}
	n := spec.Note{InstanceID: string(b.SessionID), Event: string(b.Event)}
	switch b.Event {
	case "group.participants":
		n.Hints = b.people()
	case "message.ack":
		switch b.Payload.Receipt {
		case "delivered", "read", "played":
			n.Hints = []spec.Hint{{Kind: spec.Sent, Messages: b.Payload.IDs}}
		}
	}
	return n, nil
}

// people returns what happened to a group's people. The webhook does not say who removed a person.
func (b *callbackBody) people() []spec.Hint {
	if !wire.IsGroup(b.Payload.ChatID) {
		return nil
	}
	id := string(b.Payload.ChatID)
	hints := []spec.Hint{{Kind: spec.People, GroupID: id}}
	switch b.Payload.Type {
	case "join":
		return hints
	case "leave":
	default:
		return nil
	}
	for _, jid := range b.Payload.JIDs {
		if who := wire.Gather(wire.Text(jid)); !who.Zero() {
			hints = append(hints, spec.Hint{Kind: spec.Departed, GroupID: id, Who: who})
		}
	}
	return hints
}
