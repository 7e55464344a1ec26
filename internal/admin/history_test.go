package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/internal/admin"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/store"
)

func TestHistory_ShowsNumbersAsChartsAndAsATable(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("beta")
	now, err := r.store.Now(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{
		Name: "alpha", Provider: "zapi", Pools: []string{"default"}, SeenAt: now, Allowed: map[pacing.Kind]int{pacing.Create: 20},
	}}); err != nil {
		t.Fatal(err)
	}
	r.refuse(r.accept("Turma 1", "5544999999991"), 400, "no")
	r.refuse(r.accept("Turma 2", "5544999999991"), 400, "no")
	for range 3 {
		if err := r.store.Index.CountCall(t.Context(), "alpha", "default", pacing.Create, now); err != nil {
			t.Fatal(err)
		}
	}
	row := regexp.MustCompile(`data-key="20\d\d-\d\d-\d\d".*`)
	for path, want := range map[string]string{
		"/history?instance=alpha&days=7": "0 2 0 0 0 3 / 20 0", "/history?instance=beta&days=7": "0 0 0 0 0 0 0", "/history?days=7": "0 2 0 0 0 3 / 20 0",
	} {
		page := r.get(path)
		rows := row.FindAllString(page.body, -1)
		if page.status != http.StatusOK || len(rows) != 7 {
			t.Fatalf("%s: got %d with %d days, want 200 with 7", path, page.status, len(rows))
		}
		if got := text(rows[0]); !strings.HasSuffix(got, " "+want) {
			t.Errorf("%s: got %q for today, want %q", path, got, want)
		}
		if got := strings.Count(page.body, `<rect class="bad" x="73"`); got != strings.Count(want[2:3], "2") {
			t.Errorf("%s: got %d bars of failures for today, want one if any failed", path, got)
		}
	}
	page := r.get("/history?instance=alpha&days=7").body
	wants(t, page, "<title>History: alpha ", "Groups a day", "Failed 2\"", "Calls made 3\"", `class="limit" d="M72 0h12"`, `<option selected>alpha</option>`, `<option selected>7</option>`)
	wants(t, text(page), "Total 0 2 0 0 0 3 0")
	wants(t, r.get("/instances/alpha").body, `href="/history?instance=alpha"`)
	for path, want := range map[string]int{
		"/history?days=0": 400, "/history?days=91": 400, "/history?days=x": 400, "/history?days=90": 200, "/history?days=13": 200, "/history?instance=nothing": 404,
	} {
		if a := r.get(path); a.status != want {
			t.Errorf("%s: got %d, want %d", path, a.status, want)
		}
	}
}

func TestHistory_ShowsHowFarThePeopleOfEachBatchCame(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if page := r.get("/history").body; strings.Contains(page, "By batch") {
		t.Error("without batches, the page has a chart of batches")
	}
	first, _ := r.batch("first.csv", "Turma 1", "Turma 2")
	second, _ := r.batch("second.csv", "Turma 3")
	page := r.get("/history").body
	row := regexp.MustCompile(`data-key="(bat_[^"]+)">(.*)`)
	var got []string
	for _, found := range row.FindAllStringSubmatch(page, -1) {
		got = append(got, found[1]+":"+text(found[2]))
	}
	if d := cmp.Diff([]string{second + ":second.csv 1 0 0 0", first + ":first.csv 2 0 0 0"}, got); d != "" {
		t.Error(d)
	}
	wants(t, page, `aria-label="People in the latest batches, first.csv – second.csv: Asked 3, Added 0, Invited 0, Joined 0"`, `<rect class="s0" x="1" y="0" width="2" height="100"/>`,
		`<rect class="s0" x="13" y="50" width="2" height="50"/>`)
}

func TestHistory_DrawsEachNumberInProportion(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stacked bool
		slots   [][]int // for each slot a number for each series, then the limit
		top     int
		bars    [][5]int // series, x, y, width, height
		limit   string
	}{
		"stacked":                    {true, [][]int{{3, 1, 0}, {0, 2, 0}}, 4, [][5]int{{0, 1, 25, 10, 75}, {1, 1, 0, 10, 25}, {1, 13, 50, 10, 50}}, ""},
		"side by side":               {false, [][]int{{4, 1, 0}, {0, 2, 0}}, 4, [][5]int{{0, 1, 0, 5, 100}, {1, 6, 75, 5, 25}, {1, 18, 50, 5, 50}}, ""},
		"under a limit":              {false, [][]int{{5, 20}, {10, 0}}, 20, [][5]int{{0, 1, 75, 10, 25}, {0, 13, 50, 10, 50}}, "M0 0h12"},
		"above a limit":              {false, [][]int{{20, 10}}, 20, [][5]int{{0, 1, 0, 10, 100}}, "M0 50h12"},
		"nothing":                    {true, [][]int{{0, 0, 0}}, 0, nil, ""},
		"small numbers stay visible": {true, [][]int{{1000, 1, 0}}, 1001, [][5]int{{0, 1, 1, 10, 99}, {1, 1, 0, 10, 1}}, ""},
	} {
		top, bars, limit := admin.Drawn(c.stacked, c.slots...)
		if diff := cmp.Diff(c.bars, bars); diff != "" || top != c.top || limit != c.limit {
			t.Errorf("%s: got top %d and limit %q, want %d and %q; bars (-want +got)\n%s", name, top, limit, c.top, c.limit, diff)
		}
	}
}
