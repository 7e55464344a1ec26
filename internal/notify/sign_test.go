package notify

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

// The vector is that of the specification's libraries (go/webhook_test.go, "sign function works"; also in JavaScript,
// Python and Rust).
func TestSign_GivesThePublishedSignature(t *testing.T) {
	t.Parallel()
	const (
		key  = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
		id   = "msg_p5jXN8AQM9LWM0D4loKWxJek"
		body = `{"test": 2432232314}`
		want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	)
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	// A secret without whsec_ is the key as it stands, even if it looks like base64.
	for _, secret := range []string{"whsec_" + key, string(raw)} {
		r := receiverOf(t, secret)
		if got := r.sign(id, time.Unix(1614265330, 0), []byte(body)); got != want {
			t.Errorf("got the signature %q, want %q", got, want)
		}
	}
}

func TestSign_SignsWithEachSecret(t *testing.T) {
	t.Parallel()
	old, fresh := "whsec_"+base64.StdEncoding.EncodeToString([]byte("the old secret, 24 bytes")), "whsec_"+base64.StdEncoding.EncodeToString([]byte("the new secret, 24 bytes"))
	now := time.Now()
	header := receiverOf(t, old, fresh).sign("evt_1", now, []byte("{}"))
	if strings.Count(header, "v1,") != 2 || strings.Count(header, " ") != 1 {
		t.Fatalf("got the header %q, want two signatures", header)
	}
	for _, secret := range []string{old, fresh} {
		h := http.Header{}
		h.Set("webhook-id", "evt_1")
		h.Set("webhook-timestamp", fmt.Sprint(now.Unix()))
		h.Set("webhook-signature", header)
		wh, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.Verify([]byte("{}"), h); err != nil {
			t.Errorf("a receiver with one of the secrets refuses the signature: %v", err)
		}
		if err := wh.Verify([]byte("{ }"), h); err == nil {
			t.Error("the signature is accepted for another body")
		}
	}
}

func TestNewReceiver_AMissingOrInvalidSecretIsRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	st := openStore(t, testutil.Redis(t))
	for name, secrets := range map[string][]string{"no secret": nil, "no base64": {"whsec_planted!"}} {
		_, err := newReceiver(st, Endpoint{URL: "https://crm.example/planted-path", Host: "crm.example", Secrets: secrets, Events: []string{"*"}})
		if err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%s: got %v, want an error that shows neither the secret nor the path", name, err)
		}
	}
}

func TestReceiver_PrintsAsItsHost(t *testing.T) {
	t.Parallel()
	r := receiverOf(t, "planted-secret-of-24-bytes!!")
	for _, verb := range []string{"%v", "%+v", "%s", "%#v", "%q"} {
		if text := fmt.Sprintf(verb, r); strings.Contains(text, "planted") || !strings.Contains(text, "crm.example") {
			t.Errorf("%s prints %s, want the host and nothing secret", verb, text)
		}
	}
}

func receiverOf(t *testing.T, secrets ...string) *receiver {
	t.Helper()
	r, err := newReceiver(openStore(t, testutil.Redis(t)), Endpoint{
		URL: "https://crm.example/planted-path", Host: "crm.example", Secrets: secrets, Events: []string{"*"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
