package api_test

import (
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/auth"
)

// fill puts ids that do not exist in the placeholders of a path.
func fill(path string) string {
	return strings.NewReplacer("{id}", "grp_nothing", "{name}", "unknown").Replace(path)
}

func TestAPI_EveryOperationRequiresItsRole(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed)
	ranks := map[string]int{"public": 0, "viewer": 1, "operator": 2, "admin": 3}
	want := map[string]string{ // a second list, so that a role does not change unnoticed
		"post /v1/groups": "operator", "get /v1/groups": "viewer", "get /v1/groups/{id}": "viewer", "get /v1/groups/{id}/explain": "viewer", "get /v1/instances/{name}/explain": "viewer",
		"post /v1/groups/{id}/cancel": "operator", "post /v1/groups/{id}/retry": "operator", "post /v1/groups/{id}/resolve": "operator", "post /v1/groups/{id}/move": "operator", "post /v1/groups/{id}/members": "operator", "post /v1/groups/{id}/joins": "operator", "patch /v1/groups/{id}": "operator",
		"post /v1/batches": "operator", "get /v1/batches": "viewer", "get /v1/batches/{id}": "viewer", "get /v1/batches/{id}/export": "viewer",
		"get /v1/instances": "viewer", "post /v1/instances/{name}/pause": "operator", "post /v1/instances/{name}/resume": "operator",
		"put /v1/instances/{name}/pace": "operator", "delete /v1/instances/{name}/pace": "operator",
		"get /v1/suppressions": "viewer", "post /v1/suppressions": "operator", "delete /v1/suppressions": "operator",
		"get /v1/webhooks": "viewer", "get /v1/webhooks/failures": "viewer", "post /v1/webhooks/replay": "operator", "post /v1/webhooks/{id}/enable": "operator",
		"get /v1/audit": "admin", "get /v1/audit/refusals": "admin", "post /v1/evidence": "operator", "post /v1/groups/search": "viewer", "post /v1/suppressions/remove": "operator",
		"post /v1/bulk": "operator", "get /v1/bulk": "viewer", "get /v1/bulk/{id}": "viewer", "get /v1/bulk/{id}/outcomes": "viewer", "post /v1/bulk/{id}/abort": "operator",
		"get /v1/unreadable": "viewer", "get /v1/unreadable/raw": "admin", "post /v1/unreadable/remove": "admin",
		"get /v1/installation": "viewer", "post /v1/installation/recover": "admin",
		"get /v1/status": "viewer", "get /v1/history": "viewer", "get /v1/events": "viewer", "get /metrics": "viewer", "get /healthz": "public", "get /readyz": "public",
	}
	for _, f := range r.spec.operations() {
		need := want[f.method+" "+f.path]
		if need == "" || f.op["x-role"] != need {
			t.Errorf("%s %s: the document requires the role %v, this test %q", f.method, f.path, f.op["x-role"], need)
		}
		for role := range ranks {
			r.key = keysOf[role]
			headers := []string{"Last-Event-ID: none"} // so that no stream begins
			a := r.do(strings.ToUpper(f.method), fill(f.path), "", headers...)
			if strings.Contains(string(a.body), "is a operator") {
				t.Errorf("got %s, want the role without an article", a.body)
			}
			allowed := a.status != http.StatusUnauthorized && a.status != http.StatusForbidden
			if should := ranks[role] >= ranks[need]; allowed != should {
				t.Errorf("%s %s as %s: got %d, allowed %v, want %v", f.method, f.path, role, a.status, allowed, should)
			}
			if !allowed && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), `Bearer realm="rollcall"`) {
				t.Errorf("%s %s as %s: got WWW-Authenticate %q, want Bearer for the realm rollcall", f.method, f.path, role, a.header.Get("WWW-Authenticate"))
			}
		}
	}
}

func TestFindKey_AcceptsOnlyACompleteKey(t *testing.T) {
	t.Parallel()
	second := auth.NewKey()
	r := setup(t, keyed, func(c *api.Config) { // during a rotation, the old and the new key are both valid
		c.Auth.Keys = append(c.Auth.Keys, auth.Key{Name: "operator-2", Hash: sha256.Sum256([]byte(second)), Role: auth.Operator})
	})
	for _, c := range []struct {
		name, header string
		status       int
	}{
		{"a key", "Authorization: Bearer rck_viewer", 200},
		{"the second of two live keys", "Authorization: Bearer " + second, 200},
		{"a scheme in lower case", "Authorization: bearer rck_viewer", 200},
		{"no key", "Accept: */*", 401},
		{"an unknown key", "Authorization: Bearer rck_unknown", 401},
		{"the beginning of a key", "Authorization: Bearer rck_view", 401},
		{"a key with a character more", "Authorization: Bearer rck_viewer2", 401},
		{"an empty key", "Authorization: Bearer ", 401},
		{"another scheme", "Authorization: Basic cmNrX3ZpZXdlcg==", 401},
		{"the hash of a key", "Authorization: Bearer " + auth.KeyHash("rck_viewer"), 401},
	} {
		if a := r.do("GET", "/v1/status", "", c.header); a.status != c.status {
			t.Errorf("%s: got %d, want %d", c.name, a.status, c.status)
		}
	}
	r.do("GET", "/nothing", "").problem(t, http.StatusUnauthorized) // not 404: without a key, no client learns which paths exist
	if log := r.log.String(); strings.Contains(log, "rck_") || strings.Contains(log, second) || !strings.Contains(log, `"key":"operator-2"`) {
		t.Errorf("the log holds a key, or does not name the key operator-2: %s", log)
	}
}

func TestAPI_WithoutKeysAnswersOnlyThisMachine(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for _, c := range []struct {
		name, header string
		status       int
	}{
		{"the loopback address", "Host: 127.0.0.1:8080", 200},
		{"another loopback address", "Host: 127.8.8.8", 200},
		{"IPv6", "Host: [::1]:8080", 200},
		{"localhost", "Host: LOCALHOST:8080", 200},
		{"a name that resolves to this machine (DNS rebinding)", "Host: attacker.example:8080", 403},
		{"a name that begins with localhost", "Host: localhost.attacker.example", 403},
		{"a name that begins with the loopback address", "Host: 127.0.0.1.attacker.example", 403},
		{"another machine", "Host: 192.168.1.7", 403},
		{"a page of this machine", "Origin: http://localhost:3000", 200},
		{"a page of another site", "Origin: https://attacker.example", 403},
		{"a page without an origin", "Origin: null", 403},
	} {
		for _, path := range []string{"/v1/status", "/healthz", "/openapi.json"} {
			if a := r.do("GET", path, "", c.header); a.status != c.status {
				t.Errorf("%s: %s: got %d, want %d", c.name, path, a.status, c.status)
			}
		}
	}
	r.do("POST", "/v1/groups", oneGroup, "Sec-Fetch-Site: cross-site").problem(t, http.StatusForbidden)
	k := setup(t, keyed)
	k.key = keysOf["admin"]
	if a := k.do("GET", "/v1/status", "", "Host: rollcall.example"); a.status != http.StatusOK {
		t.Errorf("with keys and another host: got %d, want 200", a.status)
	}
	k.do("POST", "/v1/groups", oneGroup, "Origin: https://attacker.example").problem(t, http.StatusForbidden)
}

func TestListen_WithoutKeysOpensOnlyLoopback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		keyed   bool
		ok      bool
	}{
		{"127.0.0.1:0", false, true},
		{"localhost:0", false, true},
		{"127.9.9.9:0", false, true},
		{":0", false, false},
		{"0.0.0.0:0", false, false},
		{"192.0.2.1:0", false, false},
		{"example.org:0", false, false},
		{":0", true, true},
		{"0.0.0.0:0", true, true},
	} {
		l, err := api.Listen(t.Context(), c.address, c.keyed)
		if (err == nil) != c.ok {
			t.Errorf("%s, keyed %v: got the error %v, want success %v", c.address, c.keyed, err, c.ok)
		}
		if l != nil {
			_ = l.Close()
		}
	}
}
