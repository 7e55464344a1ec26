package api_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/auth"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// untilRefused waits until is reports that the stored refusals are as wanted.
func (r *rig) untilRefused(is func([]store.Refusal) bool) {
	r.t.Helper()
	var page struct {
		Items []store.Refusal `json:"items"`
	}
	testutil.Until(r.t, "the refusals are as wanted", func() bool {
		key := r.key
		if key != "" {
			r.key = keysOf["admin"]
		}
		a := r.do("GET", "/v1/audit/refusals?limit=500", "")
		r.key = key
		a.json(r.t, &page)
		return is(page.Items)
	}, func() string { return fmt.Sprintf("%+v", page.Items) })
}

// behindProxy trusts loopback and 10.0.0.0/8 as proxies, so that a request can name its source.
func behindProxy(c *api.Config) {
	c.Auth.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
}

// oneMoment stops the clock, so that no pause ends.
func oneMoment(c *api.Config) {
	now := time.Now()
	c.Auth.Now = func() time.Time { return now }
}

func from(address string) string { return "X-Forwarded-For: " + address }

func TestRefusals_AreCountedAndDisplaceNoAuditEntry(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed, behindProxy, oneMoment)
	r.key = keysOf["operator"]
	d := r.create(oneGroup)
	r.key = ""
	const each = 40
	for i := range each {
		r.do("GET", "/v1/status", "", from("203.0.113.9"))
		r.do("GET", fmt.Sprintf("/v1/nothing-%d", i), "", from("2001:db8:1:2::"+fmt.Sprint(i+1)))
		r.do("GET", "/v1/status", "", from("203.0.113.10"), "Authorization: Bearer rck_wrong")
		r.do("GET", "/v1/status", "", from("203.0.113.11"), "Origin: https://attacker.example", "Sec-Fetch-Site: cross-site")
		r.do("POST", "/v1/groups", oneGroup, from("203.0.113.12"), "Sec-Fetch-Site: cross-site")
	}
	r.key = "rck_admin"
	r.untilRefused(func(all []store.Refusal) bool {
		sums := map[string]int{}
		for _, e := range all {
			sums[e.Source+" "+e.Reason] += e.Count
		}
		return len(all) == 6 && sums["203.0.113.9 noKey"] == each && sums["2001:db8:1:2::/64 noKey"] == each &&
			sums["203.0.113.10 wrongKey"]+sums["203.0.113.10 slowed"] == each && sums["203.0.113.10 slowed"] > 0 &&
			sums["203.0.113.11 noKey"] == each && sums["203.0.113.12 origin"] == each
	})
	got := r.audited("limit=500")
	if len(got) != 1 || got[0].Subjects[0] != d.ID {
		t.Errorf("the audit log: got %+v, want only the create of %s", got, d.ID)
	}
	if log := r.log.String(); strings.Contains(log, "rck_wrong") {
		t.Error("the log holds a key")
	}
	r.api.Close()
	if n := strings.Count(r.log.String(), `"event":"requests_refused"`); n != 6 {
		t.Errorf("the log has %d lines of refusals, want 6:\n%s", n, r.log)
	}
}

func TestFindKey_SlowsDownOnlyTheSourceOfWrongKeys(t *testing.T) {
	t.Parallel()
	made := auth.NewKey()
	r := setup(t, keyed, behindProxy, oneMoment, func(c *api.Config) {
		c.Auth.Keys = append(c.Auth.Keys, auth.Key{Name: "made", Hash: sha256.Sum256([]byte(made)), Role: auth.Viewer})
	})
	try := func(source, key string) answer {
		return r.do("GET", "/v1/status", "", from(source), "Authorization: Bearer "+key)
	}
	statuses := map[int]int{}
	for i := range 30 {
		a := try("203.0.113.9", fmt.Sprintf("rck_guess%d", i))
		statuses[a.status]++
		if a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	if statuses[401] != 6 || statuses[429] != 24 {
		t.Errorf("30 wrong keys in one moment: got %v, want 6 times 401 and then 429", statuses)
	}
	for _, c := range []struct {
		name, source, key string
		status            int
	}{
		{"a key that can be guessed, from the slowed source", "203.0.113.9", "rck_viewer", 429},
		{"the same through another of its proxies", "203.0.113.9, 10.0.0.7", "rck_viewer", 429},
		{"the same with an address that the client made up", "198.51.100.1, 203.0.113.9", "rck_viewer", 429},
		{"a generated key, from the slowed source", "203.0.113.9", made, 200},
		{"from another source", "203.0.113.10", "rck_viewer", 200},
		{"from an IPv6 source", "2001:db8::1", "rck_viewer", 200},
	} {
		a := try(c.source, c.key)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", c.name, a.status, c.status, a.body)
		}
	}
}

func TestHooks_WrongSecretsAreSlowedDownAndRightOnesAreNot(t *testing.T) {
	t.Parallel()
	r := setup(t, keyed, behindProxy, oneMoment, func(c *api.Config) {
		c.Hooks = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.URL.Path, "/right") {
				http.NotFound(w, r)
			}
		})
	})
	send := func(secret string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+"/hooks/alpha/"+secret, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Forwarded-For", "203.0.113.9")
		resp, err := r.server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	statuses := map[int]int{}
	for range 30 {
		statuses[send("wrong")]++
	}
	if statuses[404] != 6 || statuses[429] != 24 {
		t.Errorf("30 wrong secrets in one moment: got %v, want 6 times 404 and then 429", statuses)
	}
	if got := send("right"); got != http.StatusOK {
		t.Errorf("the right secret: got %d, want 200", got)
	}
	r.key = "rck_admin"
	r.untilRefused(func(all []store.Refusal) bool {
		n := 0
		for _, e := range all {
			if e.Source == "203.0.113.9" && e.Through == "hooks" {
				n += e.Count
			}
		}
		return n == 30
	})
}
