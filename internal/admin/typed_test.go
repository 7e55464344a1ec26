package admin_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/tasks"
)

// leading matches the attributes that load, open or run something.
var leading = regexp.MustCompile(` (?:href|src|action|formaction|srcset|ping|poster|data|style|on[a-z]+)="([^"]*)"`)

// source returns a page as the server sends it, with its escapes.
func (r *rig) source(path string) string {
	r.t.Helper()
	answer, err := r.client.Get(r.url + path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		r.t.Errorf("%s: got %d, want 200 (%v)", path, answer.StatusCode, err)
	}
	return string(page)
}

// Text from people and providers appears as they wrote it, and never as markup or a link.
func TestPage_ShowsWhatIsStoredAsText(t *testing.T) {
	t.Parallel()
	const typed, shown, address = `"><b>x`, `&#34;&gt;&lt;b&gt;x`, "data:text/plain,x"
	r := setup(t)
	r.announce("alpha")
	id := r.take(tasks.GroupRequest{GroupName: typed, ExternalRef: typed + " ref", Setup: tasks.Setup{Description: typed, WelcomeMessage: typed}}, "5544999999991")
	r.refuse(id, 400, typed)
	r.change(id, func(g *group.Group, _ time.Time) error {
		g.InviteLink, g.WhatsAppID, g.Members[0].Name, g.Members[0].AskedBy = address, typed, typed, typed
		return nil
	})
	batch, waiting := r.batch(typed, typed)
	r.post("/views", "list", "groups", "query", "name=x", "name", typed)
	for path, times := range map[string]int{
		"/": 1, "/groups": 3, "/groups/" + id: 6, "/groups?name=" + typed: 2, "/groups/" + waiting[0] + "/edit": 2, "/groups/new": 0, "/batches": 1, "/batches/" + batch: 2, "/batches/new": 0,
		"/problems": 2, "/history": 1, "/instances": 0, "/instances/alpha": 0, "/review": 0, "/jobs": 0, "/audit?actor=" + typed: 1, "/audit/refusals": 0, "/sessions": 0,
	} {
		page := r.source(strings.ReplaceAll(path, `"><`, "%22%3E%3C"))
		if n := strings.Count(page, shown); strings.Contains(page, "<b>x") || n < times {
			t.Errorf("%s shows the text %d times, want %d or more, and never as markup: %s", path, n, times, page)
		}
		for _, match := range leading.FindAllStringSubmatch(page, -1) {
			if to := match[1]; !strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "#") || strings.HasPrefix(to, "//") {
				t.Errorf("%s has an attribute that is not a path of this server:%s", path, match[0])
			}
		}
		if strings.Count(page, "<script") != 1 || strings.Contains(page, "<style") {
			t.Errorf("%s has an inline style, or not exactly one script", path)
		}
	}
	wants(t, r.source("/groups/"+id), "<code>"+address+"</code>")
}

// Only package markup writes pages, and it escapes every text.
func TestPage_IsWrittenByMarkupAlone(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 40 {
		t.Fatal(files, err)
	}
	other := regexp.MustCompile("[\"`]<[a-z/!]|\"html\"|\"html/template\"")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") && other.Match(text) {
			t.Errorf("%s writes markup: %s", file, other.Find(text))
		}
	}
}
