package admin_test

import (
	"bufio"
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

var positionPattern = regexp.MustCompile(`data-position="([^"]*)"`)

// listen reads the event stream after a position until an event holds a text.
func (r *rig) listen(position, until string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), testutil.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+"/v1/events", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", position)
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "data: ") && strings.Contains(lines.Text(), until) {
			return
		}
	}
	r.t.Errorf("no event after %q holds %s", position, until)
}

func TestPage_StreamSendsWhatHappensAfterThePage(t *testing.T) {
	t.Parallel()
	r := setup(t, keys()...)
	r.announce("alpha")
	old := r.accept("Turma", "5544999999991")
	r.refuse(old, 400, "Validation failed")
	r.login("admin")
	for _, line := range r.page.Lines() {
		method, path, _ := strings.Cut(line.Pattern, " ")
		if method != http.MethodGet || path == "/login" {
			continue
		}
		path = strings.NewReplacer("/groups/{id}", "/groups/"+old, "{id}", "nothing", "{name}", "alpha", "{$}", "").Replace(path)
		page := r.get(path)
		position := positionPattern.FindStringSubmatch(page.body)
		if len(position) != 2 || position[1] == "" {
			t.Errorf("%s (%d) has no position: %s", path, page.status, page.body)
			continue
		}
		r.listen(position[1], r.accept("Between "+path, "5544999999992"))
	}
}
