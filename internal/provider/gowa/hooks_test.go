package gowa_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider/gowa"
	"github.com/rollcallhq/rollcall/internal/provider/spec"
)

func TestCallback_ReadsWhatConcernsGroupsAndMessages(t *testing.T) {
	t.Parallel()
	people := spec.Hint{Kind: spec.People, GroupID: groupID}
	for body, want := range map[string][]spec.Hint{
		`{"event":"group.participants","payload":{"chat_id":"` + groupID + `","type":"join","jids":["5511900000001@s.whatsapp.net"]}}`: {people},
		`{"event":"group.participants","payload":{"chat_id":"` + groupID + `","type":"leave","jids":["5511900000001@s.whatsapp.net","2@lid","3"]}}`: {
			people,
			{Kind: spec.Departed, GroupID: groupID, Who: phone.Identity{Digits: "5511900000001"}},
			{Kind: spec.Departed, GroupID: groupID, Who: phone.Identity{LID: "2@lid"}},
		},
		`{"event":"group.participants","payload":{"chat_id":"` + groupID + `","type":"promote","jids":["2@lid"]}}`: nil,
		`{"event":"group.participants","payload":{"chat_id":"5511900000001@s.whatsapp.net","type":"join"}}`:        nil,
		`{"event":"message.ack","payload":{"ids":["A","B"],"receipt_type":"delivered"}}`:                           {{Kind: spec.Sent, Messages: []string{"A", "B"}}},
		`{"event":"message.ack","payload":{"ids":["A"],"receipt_type":"retry"}}`:                                   nil,
		`{"event":"message","payload":{"id":"A","chat_id":"5511900000001@s.whatsapp.net"}}`:                        nil,
	} {
		n, err := gowa.Spec.Callback.Decode([]byte(`{"device_id":"5511900000000@s.whatsapp.net","session_id":"school",` + strings.TrimPrefix(body, "{")))
		if err != nil || n.InstanceID != "school" || n.Event == "" || !cmp.Equal(want, n.Hints) {
			t.Errorf("%s: got %+v, %v; hints (-want +got):\n%s", body, n, err, cmp.Diff(want, n.Hints))
		}
	}
	if _, err := gowa.Spec.Callback.Decode([]byte(`[]`)); err == nil {
		t.Error("a list was decoded as a webhook, want an error")
	}
}

func TestCallback_MustBeSignedWithTheSecret(t *testing.T) {
	t.Parallel()
	body := []byte(`{"event":"message"}`)
	sign := func(secret string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	for signature, right := range map[string]bool{sign("the-secret"): true, sign("secret"): false, "": false, "sha256=": false, "sha256=zz": false} {
		h := http.Header{}
		h.Set("X-Hub-Signature-256", signature)
		if got := gowa.Spec.Callback.Signed(h, body, "the-secret"); got != right {
			t.Errorf("signature %q: got %v, want %v", signature, got, right)
		}
	}
	h := http.Header{"X-Hub-Signature-256": {sign("the-secret")}}
	if gowa.Spec.Callback.Signed(h, append(body, ' '), "the-secret") {
		t.Error("the signature of another body was accepted")
	}
}
