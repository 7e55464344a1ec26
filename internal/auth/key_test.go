package auth

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

func TestNewKey_CanBeRecognised(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 100 {
		k := NewKey()
		if !WellFormedKey(k) || seen[k] {
			t.Errorf("%q is not well formed, or came twice", k)
		}
		seen[k] = true
		if broken := k[:10] + "x" + k[11:]; broken != k && WellFormedKey(broken) {
			t.Errorf("%q with a changed character is well formed, want it refused", broken)
		}
	}
	if got, want := KeyHash("rck_x"), fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("rck_x"))); got != want {
		t.Errorf("got the hash %q, want %q", got, want)
	}
}

func TestAuthenticator_AnEmptyKeyIsNeverRight(t *testing.T) {
	t.Parallel()
	a := &Authenticator{Config: Config{Keys: []Key{{Name: "crm", Role: Admin, Hash: sha256.Sum256(nil)}}}}
	if k := a.keyOf(""); k != nil {
		t.Errorf("an empty key is that of %q, want no key", k.Name)
	}
}
