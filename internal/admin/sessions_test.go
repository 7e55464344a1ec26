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

// cookies returns the browser's cookies as the value of a Cookie header.
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

func TestSession_LogoutEndsItsEventStream(t *testing.T) {
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
		t.Fatalf("opening the stream: got %v, want 200 (%v)", resp, err)
	}
	defer resp.Body.Close()
	if a := r.post("/logout"); a.to() != "/login" {
		t.Fatalf("logout: got %d, want a redirect to /login", a.status)
	}
	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Errorf("the stream does not end after the logout: %v", err)
	}
}

var endPattern = regexp.MustCompile(`/sessions/([0-9a-f]+)/end`)

func TestLogin_SecondLoginOfABrowserEndsTheFirst(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("viewer")
	first := r.cookies()
	if a := r.post("/login", "key", keyOf["operator"]); a.status != http.StatusSeeOther {
		t.Fatalf("the second login: got %d, want 303", a.status)
	}
	jar := r.client.Jar
	r.client.Jar, _ = cookiejar.New(nil)
	if a := r.get("/", "Cookie: "+first); a.status != http.StatusSeeOther {
		t.Errorf("the first session: got %d, want 303 to the login", a.status)
	}
	r.client.Jar = jar
	if page := r.get("/sessions").body; len(endPattern.FindAllString(page, -1)) != 1 {
		t.Errorf("want one session in the list: %s", text(page))
	}
}

func TestSessions_RoleDecidesWhichAreListedAndCanBeEnded(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.login("operator")
	elsewhere := r.client.Jar // another browser with the same key
	own := endPattern.FindStringSubmatch(r.get("/sessions").body)[1]
	r.login("viewer")
	if page := r.get("/sessions"); strings.Contains(page.body, own) || !strings.Contains(text(page.body), "this session") {
		t.Errorf("a viewer sees an operator's session, or not its own: %s", text(page.body))
	}
	if a := r.post("/sessions/" + own + "/end"); a.status != http.StatusNotFound {
		t.Errorf("a viewer ends an operator's session: got %d, want 404", a.status)
	}
	r.login("operator")
	if ids := endPattern.FindAllString(r.get("/sessions").body, -1); len(ids) != 2 {
		t.Errorf("an operator sees %d sessions, want the 2 of its key", len(ids))
	}
	r.login("admin")
	if ids := endPattern.FindAllString(r.get("/sessions").body, -1); len(ids) != 4 {
		t.Errorf("an admin sees %d sessions, want all 4", len(ids))
	}
	if a := r.post("/sessions/" + own + "/end"); a.status != http.StatusSeeOther {
		t.Errorf("an admin ends a session: got %d, want 303", a.status)
	}
	r.client.Jar = elsewhere
	if a := r.get("/"); a.status != http.StatusSeeOther || !strings.HasPrefix(a.to(), "/login") {
		t.Errorf("the ended session: got %d, want 303 to the login", a.status)
	}
	if all := r.entries(audit.Logout); len(all) != 1 || all[0].Actor != "admin" {
		t.Errorf("the audit log has the logouts %+v, want one by admin", all)
	}
}

func TestSession_CookieIsBoundToThisHostBehindTLS(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.client.Jar, _ = cookiejar.New(nil)
	a := r.do(http.MethodPost, "/login", map[string][]string{"key": {keyOf["viewer"]}}, "X-Forwarded-Proto: https")
	set := a.header.Get("Set-Cookie")
	if !strings.HasPrefix(set, "__Host-rollcall_session=") || !strings.Contains(set, "Secure") || !strings.Contains(set, "Path=/") || strings.Contains(set, "Domain") {
		t.Fatalf("got the cookie %q, want __Host-, Secure, Path=/ and no Domain", set)
	}
	value, _, _ := strings.Cut(set, ";")
	r.client.Jar, _ = cookiejar.New(nil)
	if a := r.get("/", "X-Forwarded-Proto: https", "Cookie: "+value); a.status != http.StatusOK {
		t.Errorf("with the cookie: got %d, want 200", a.status)
	}
	if a := r.get("/", "X-Forwarded-Proto: https", "Cookie: "+strings.TrimPrefix(value, "__Host-")); a.status != http.StatusSeeOther {
		t.Errorf("with a cookie that another host could have set: got %d, want 303", a.status)
	}
}
