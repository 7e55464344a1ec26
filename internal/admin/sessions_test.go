package admin_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// cookies of a browser, as a request has them.
func (r *rig) cookies() string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, r.url, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, c := range r.client.Jar.Cookies(req.URL) {
		all = append(all, c.Name+"="+c.Value)
	}
	return strings.Join(all, "; ")
}

func TestSession_ItsEventStreamEndsWithIt(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("viewer")
	ctx, cancel := context.WithTimeout(t.Context(), testutil.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/v1/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%v %v", resp, err)
	}
	defer resp.Body.Close()
	if a := r.post("/logout"); a.to() != "/login" {
		t.Fatalf("logout: %d", a.status)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream goes on after the logout: %v", err)
	}
}

var endPattern = regexp.MustCompile(`/sessions/([0-9a-f]+)/end`)

func TestLogin_ASecondOneOfABrowserEndsTheFirst(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("viewer")
	first := r.cookies()
	if a := r.post("/login", "key", keyOf["operator"]); a.status != http.StatusSeeOther {
		t.Fatalf("the second login: %d", a.status)
	}
	jar := r.client.Jar
	r.client.Jar, _ = cookiejar.New(nil)
	if a := r.get("/", "Cookie: "+first); a.status != http.StatusSeeOther {
		t.Errorf("the first session lives on: %d", a.status)
	}
	r.client.Jar = jar
	if page := r.get("/sessions").body; len(endPattern.FindAllString(page, -1)) != 1 {
		t.Errorf("the sessions are %s", text(page))
	}
}

func TestSessions_AreListedAndCanBeEndedByWhoMay(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	elsewhere := r.client.Jar // another browser with the same key
	own := endPattern.FindStringSubmatch(r.get("/sessions").body)[1]
	r.login("viewer")
	if page := r.get("/sessions"); strings.Contains(page.body, own) || !strings.Contains(text(page.body), "this session") {
		t.Errorf("a viewer sees %s", text(page.body))
	}
	if a := r.post("/sessions/" + own + "/end"); a.status != http.StatusNotFound {
		t.Errorf("a viewer ends an operator's session: %d", a.status)
	}
	r.login("operator")
	if ids := endPattern.FindAllString(r.get("/sessions").body, -1); len(ids) != 2 {
		t.Errorf("an operator sees %d sessions, want both of the key", len(ids))
	}
	r.login("admin")
	if ids := endPattern.FindAllString(r.get("/sessions").body, -1); len(ids) != 4 {
		t.Errorf("an admin sees %d sessions, want all", len(ids))
	}
	if a := r.post("/sessions/" + own + "/end"); a.status != http.StatusSeeOther {
		t.Errorf("an admin ends a session: %d", a.status)
	}
	r.client.Jar = elsewhere
	if a := r.get("/"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/login") {
		t.Errorf("the session that was ended lives on: %d", a.status)
	}
	if all := r.entries(audit.Logout); len(all) != 1 || all[0].Actor != "admin" {
		t.Errorf("in the audit log: %+v", all)
	}
}

func TestSession_ItsCookieIsOfThisHostAloneBehindTLS(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.client.Jar, _ = cookiejar.New(nil)
	a := r.do(http.MethodPost, "/login", map[string][]string{"key": {keyOf["viewer"]}}, "X-Forwarded-Proto: https")
	set := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(set, "__Host-rollcall_session=") || !strings.Contains(set, "Secure") || !strings.Contains(set, "Path=/") || strings.Contains(set, "Domain") {
		t.Fatalf("the cookie is %q", set)
	}
	value, _, _ := strings.Cut(set, ";")
	r.client.Jar, _ = cookiejar.New(nil)
	if a := r.get("/", "X-Forwarded-Proto: https", "Cookie: "+value); a.status != http.StatusOK {
		t.Errorf("with the cookie: %d", a.status)
	}
	if a := r.get("/", "X-Forwarded-Proto: https", "Cookie: "+strings.TrimPrefix(value, "__Host-")); a.status != http.StatusSeeOther {
		t.Errorf("with a cookie that another host could have set: %d", a.status)
	}
}
