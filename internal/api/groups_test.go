package api_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
)

type groupPage struct {
	Items      []group.Document `json:"items"`
	NextCursor string           `json:"nextCursor"`
}

func TestFiftyTwinsMakeOneGroup(t *testing.T) {
	t.Parallel()
	r := setup(t)
	answers := make([]answer, 50)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = r.do("POST", "/v1/groups", oneGroup, `Idempotency-Key: "twin"`) })
	}
	all.Wait()
	at := map[string]int{}
	for _, a := range answers {
		if a.status == http.StatusConflict && a.header.Get("Retry-After") == "1" {
			a.problem(t, http.StatusConflict)
			a = r.do("POST", "/v1/groups", oneGroup, `Idempotency-Key: "twin"`)
		}
		if a.status != http.StatusAccepted {
			t.Errorf("got %d, want 202: %s", a.status, a.body)
		}
		at[a.header.Get("Location")]++
	}
	if len(at) != 1 {
		t.Errorf("the answers name the groups %v, want one group", at)
	}
	var page groupPage
	r.do("GET", "/v1/groups", "").json(t, &page)
	if len(page.Items) != 1 {
		t.Errorf("there are %d groups, want 1", len(page.Items))
	}
}

func TestCreateGroup_DuplicateOfARequestUnderWayIsAConflict(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.server.Client().Transport.(*http.Transport).ExpectContinueTimeout = testutil.Timeout
	body, slowly := io.Pipe()
	first := make(chan answer, 1)
	go func() {
		req, _ := http.NewRequestWithContext(context.Background(), "POST", r.url+"/v1/groups", body)
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "deal-812")
		req.Header.Set("Expect", "100-continue") // the client sends the body once the server reads it, and then holds the key
		first <- r.send(req)
	}()
	if _, err := io.WriteString(slowly, oneGroup[:10]); err != nil {
		t.Fatal(err)
	}
	r.do("POST", "/v1/groups", oneGroup, "Idempotency-Key: deal-812").problem(t, http.StatusConflict)
	if a := r.do("POST", "/v1/groups", `{"groupName": "Turma 12", "phones": ["5544999999999"], "idempotencyKey": " deal-812 "}`); a.status != http.StatusConflict {
		t.Errorf("the same key in the body: got %d, want 409", a.status)
	}
	if a := r.do("POST", "/v1/groups", oneGroup, "Idempotency-Key: another"); a.status != http.StatusAccepted {
		t.Errorf("another key: got %d, want 202", a.status)
	}
	_, _ = io.WriteString(slowly, oneGroup[10:])
	_ = slowly.Close()
	created := <-first
	again := r.do("POST", "/v1/groups", oneGroup, "Idempotency-Key: deal-812")
	if created.status != http.StatusAccepted || again.status != http.StatusAccepted || created.header.Get("Location") != again.header.Get("Location") {
		t.Errorf("first: got %d %s, again: got %d %s, want 202 and the same group", created.status, created.header.Get("Location"), again.status, again.header.Get("Location"))
	}
}

func TestCreateGroup_IdempotencyKeyIsTheSameInHeaderAndField(t *testing.T) {
	t.Parallel()
	r := setup(t)
	first := r.do("POST", "/v1/groups", oneGroup, "Idempotency-Key: deal-1")
	other := `{"groupName": "Another", "phones": ["5544999999999"]`
	for _, c := range []struct {
		name, body, header string
		status             int
	}{
		{"the same by header", oneGroup, `Idempotency-Key: "deal-1"`, 202},
		{"blanks in quotes", oneGroup, `Idempotency-Key: "  "`, 422},
		{"the same by field", strings.TrimSuffix(oneGroup, "}") + `, "idempotencyKey": "deal-1"}`, "Accept: */*", 202},
		{"the same by both", strings.TrimSuffix(oneGroup, "}") + `, "idempotencyKey": "deal-1"}`, "Idempotency-Key: deal-1", 202},
		{"the same people in another spelling", `{"groupName": "Turma 12", "phones": ["+55 (44) 99999-9999"], "chatIds": ["79001234567@c.us"]}`, "Idempotency-Key: deal-1", 202},
		{"other content", other + "}", "Idempotency-Key: deal-1", 422},
		{"header and field differ", other + `, "idempotencyKey": "deal-2"}`, "Idempotency-Key: deal-3", 422},
		{"an empty key", other + "}", `Idempotency-Key: ""`, 422},
		{"too long a key", other + "}", "Idempotency-Key: " + strings.Repeat("k", 256), 422},
	} {
		a := r.do("POST", "/v1/groups", c.body, c.header)
		if a.status != c.status {
			t.Errorf("%s: got %d, want %d: %s", c.name, a.status, c.status, a.body)
		}
		if a.status == 202 && a.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: got another group, want the first", c.name)
		}
		if a.status == 422 {
			if p := a.problem(t, 422); len(p.Errors) != 1 || !strings.Contains(strings.ToLower(p.Errors[0].Field), "key") {
				t.Errorf("%s: got the errors %+v, want one at the key", c.name, p.Errors)
			}
		}
	}
}

func TestListGroups_PagesStayCorrectWhileGroupsArrive(t *testing.T) {
	t.Parallel()
	r := setup(t)
	var want []string
	for i := range 7 {
		d := r.create(fmt.Sprintf(`{"groupName": "G%d", "phones": ["5544999999999"]}`, i))
		want = append([]string{d.ID}, want...)
	}
	var got []string
	for cursor, pages := "", 0; pages < 10; pages++ {
		var page groupPage
		r.do("GET", "/v1/groups?limit=3&cursor="+cursor, "").json(t, &page)
		for _, d := range page.Items {
			got = append(got, d.ID)
		}
		r.create(oneGroup) // newer than the listed groups
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestListGroups_AnUnknownInstanceOrPoolIsRefusedUnlessItHasGroups(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.create(`{"groupName": "A", "phones": ["5544999999999"], "instance": "gone"}`)
	r.create(`{"groupName": "B", "phones": ["5544999999999"], "pool": "emptied"}`)
	if a := r.do("GET", "/v1/groups?instance=unknown", ""); a.status != 200 {
		t.Errorf("before a worker runs, an instance without groups: got %d, want 200: %s", a.status, a.body)
	}
	r.announce("alpha", "beta")
	for _, c := range []struct{ method, path, body, field, names string }{
		{"GET", "/v1/groups?instance=unknown", "", "instance", "alpha, beta"},
		{"POST", "/v1/groups/search", `{"instance": "unknown"}`, "instance", "alpha, beta"},
		{"POST", "/v1/bulk", `{"action": "cancel", "filter": {"instance": "unknown"}, "dryRun": true}`, "filter.instance", "alpha, beta"},
		{"POST", "/v1/bulk", `{"action": "cancel", "filter": {"pool": "unknown"}, "dryRun": true}`, "filter.pool", "default"},
	} {
		p := r.do(c.method, c.path, c.body).problem(t, 422)
		if len(p.Errors) != 1 || p.Errors[0].Field != c.field || !strings.Contains(p.Detail, `"unknown"`) || !strings.Contains(p.Detail, c.names) {
			t.Errorf("%s %s %s: got %+v, want %s refused and %s named", c.method, c.path, c.body, p, c.field, c.names)
		}
	}
	for path, want := range map[string]int{
		"/v1/groups?instance=gone": 1, "/v1/groups?instance=gone&status=failed": 0, "/v1/groups?instance=alpha": 0,
	} {
		var page groupPage
		if r.do("GET", path, "").json(t, &page); len(page.names()) != want {
			t.Errorf("%s: got %q, want %d groups", path, page.names(), want)
		}
	}
	for _, filter := range []string{`{"instance": "gone"}`, `{"pool": "emptied"}`, `{"pool": "emptied", "status": ["failed"]}`} {
		if a := r.do("POST", "/v1/bulk", `{"action": "cancel", "dryRun": true, "filter": `+filter+`}`); a.status != 200 {
			t.Errorf("a job with the filter %s: got %d, want 200: %s", filter, a.status, a.body)
		}
	}
}

func TestListGroups_FindsAPhoneInAnySpelling(t *testing.T) {
	t.Parallel()
	r := setup(t)
	d := r.create(oneGroup)
	r.create(`{"groupName": "Others", "phones": ["5511988887777"]}`)
	for _, spelling := range []string{"5544999999999", "+55%20(44)%2099999-9999", "%2B5544999999999", "44999999999&region=br", "554499999999", "5544999999999@c.us"} {
		var page groupPage
		r.do("GET", "/v1/groups?phone="+spelling, "").json(t, &page)
		if len(page.Items) != 1 || page.Items[0].ID != d.ID {
			t.Errorf("%s: got %d groups, want only %s", spelling, len(page.Items), d.ID)
		}
	}
}

func TestEvidence_HasAPersonsGroupsAndSuppression(t *testing.T) {
	t.Parallel()
	r := setup(t)
	mine := r.create(oneGroup)
	r.create(`{"groupName": "Others", "phones": ["+5511988887777"]}`)
	r.do("POST", "/v1/suppressions", `{"phones": ["+5544999999999"], "reason": "asked us to stop"}`)
	var e view.Evidence
	r.do("POST", "/v1/evidence", `{"phone": "(44) 9999-9999", "region": "BR"}`).json(t, &e)
	if len(e.Groups) != 1 || e.Groups[0].ID != mine.ID || e.Suppression == nil || e.Suppression.Reason != "asked us to stop" {
		t.Errorf("a suppressed person in one group: got %+v, want the group %s and the suppression", e, mine.ID)
	}
	stranger := r.do("POST", "/v1/evidence", `{"phone": "+5521988887777"}`)
	if body := string(stranger.body); stranger.status != http.StatusOK || !strings.Contains(body, `"groups":[]`) || !strings.Contains(body, `"suppression":null`) {
		t.Errorf("an unknown number: got %d, want 200 without groups and suppression: %s", stranger.status, body)
	}
	if f := r.do("POST", "/v1/evidence", `{"phone": "abc"}`).problem(t, http.StatusUnprocessableEntity).Errors; len(f) != 1 || f[0].Field != "phone" {
		t.Errorf("an invalid phone: got the errors %+v, want one at phone", f)
	}
}

func TestEvidence_NamesTheGroupsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	r := setup(t)
	mine := r.create(oneGroup)
	if err := r.rdb.Set(t.Context(), "rollcall:{"+mine.ID+"}", "gar|bage", 0).Err(); err != nil {
		t.Fatal(err)
	}
	var e view.Evidence
	r.do("POST", "/v1/evidence", `{"phone": "+5544999999999"}`).json(t, &e)
	if !slices.Equal(e.Unreadable, []string{mine.ID}) || e.Empty() {
		t.Errorf("got %+v, want the group %s as one that cannot be read", e, mine.ID)
	}
	if known := (view.Evidence{Checks: []view.Check{{Provider: "zapi"}}}); known.Empty() {
		t.Error("a number check counts as nothing")
	}
}

func TestGroupActions_ConflictWithAStatusThatDoesNotAllowThem(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	d := r.create(oneGroup)
	for _, c := range []struct{ action, body string }{
		{"retry", ""},
		{"resolve", `{"action": "recreate"}`},
		{"resolve", `{"action": "abandon"}`},
		{"resolve", `{"action": "adopt", "groupId": "1-group"}`},
	} {
		p := r.do("POST", "/v1/groups/"+d.ID+"/"+c.action, c.body).problem(t, http.StatusConflict)
		if !strings.Contains(p.Detail, "queued") {
			t.Errorf("%s: the detail does not name the status queued: %s", c.action, p.Detail)
		}
	}
	r.do("POST", "/v1/groups/"+d.ID+"/cancel", "")
	r.do("POST", "/v1/groups/"+d.ID+"/cancel", "").problem(t, http.StatusConflict)
	first, second := r.create(oneGroup), r.create(oneGroup)
	for i, id := range []string{first.ID, second.ID} {
		r.put(id, reviewed)
		r.do("POST", "/v1/groups/"+id+"/resolve", `{"action": "adopt", "groupId": " \n"}`).problem(t, http.StatusUnprocessableEntity)
		want, body := []int{http.StatusOK, http.StatusConflict}[i], []string{`{"action": "adopt", "groupId": "1-group"}`, `{"action": "adopt", "groupId": " 1-group\n"}`}[i]
		if a := r.do("POST", "/v1/groups/"+id+"/resolve", body); a.status != want {
			t.Errorf("adopting one WhatsApp group for group %d of 2: got %d, want %d: %s", i+1, a.status, want, a.body)
		}
	}
}

func TestGroupActions_SucceedOnceTheyAreRecorded(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	failing, waiting := r.create(oneGroup), r.create(oneGroup)
	r.put(failing.ID, failed)
	testutil.Meddle(r.rdb).Refuse("evalsha", "rollcall:{ix}:held") // the index entries
	for path, want := range map[string]group.Status{failing.ID + "/retry": group.Queued, waiting.ID + "/cancel": group.Cancelled} {
		a := r.do("POST", "/v1/groups/"+path, "")
		if !strings.Contains(string(a.body), `"status":"`+string(want)+`"`) || a.status != http.StatusOK {
			t.Errorf("%s: got %d, want 200 and the group %s: %s", path, a.status, want, a.body)
		}
	}
}

// A damaged record must not keep the others from being shown.
func TestGroups_ShowARecordWithoutAttempts(t *testing.T) {
	t.Parallel()
	r := setup(t)
	r.announce("alpha")
	for _, status := range []group.Status{group.Creating, group.Verifying} {
		d := r.create(oneGroup)
		r.put(d.ID, func(g *group.Group, _ time.Time) { g.Status, g.Instance = status, "alpha" })
		for _, path := range []string{"/v1/groups", "/v1/groups/" + d.ID, "/v1/groups/" + d.ID + "/explain"} {
			if a := r.do("GET", path, ""); a.status != http.StatusOK || !strings.Contains(string(a.body), d.ID) {
				t.Errorf("%s, %s: got %d, want 200 with the group: %s", status, path, a.status, a.body)
			}
		}
	}
}

func TestSuppressions_AreListedInPages(t *testing.T) {
	t.Parallel()
	r := setup(t)
	for i := range 5 {
		r.do("POST", "/v1/suppressions", fmt.Sprintf(`{"phones": ["+55449999999%02d", "+55449999998%02d"], "reason": "%d"}`, i, i, i))
	}
	seen, reasons := 0, ""
	for cursor, first := "", true; cursor != "" || first; first = false {
		var page struct {
			Items      []struct{ Phone, Reason string } `json:"items"`
			NextCursor string                           `json:"nextCursor"`
		}
		r.do("GET", "/v1/suppressions?limit=3&cursor="+cursor, "").json(t, &page)
		seen += len(page.Items)
		for _, s := range page.Items {
			reasons += s.Reason
			if !strings.Contains(s.Phone, "•") {
				t.Errorf("the list shows %s, want the number masked", s.Phone)
			}
		}
		cursor = page.NextCursor
		r.do("POST", "/v1/suppressions", `{"phones": ["+5511900000000"], "reason": "late"}`)
	}
	if seen != 10 || reasons != "4433221100" {
		t.Errorf("got %d entries with the reasons %s, want 10 with 4433221100", seen, reasons)
	}
	var d struct{ Given, Changed int }
	r.do("DELETE", "/v1/suppressions?phone=%2B5544999999900", "").json(t, &d)
	if r.do("DELETE", "/v1/suppressions?phone=%2B5544999999900", "").json(t, &d); d.Changed != 0 {
		t.Errorf("removed again: got %+v, want none changed", d)
	}
	// An unescaped + arrives as a space. Without it, this number of Germany is one of the region.
	r.do("POST", "/v1/suppressions", `{"phones": ["+4930123456"], "reason": "abroad"}`)
	if r.do("DELETE", "/v1/suppressions?phone=+4930123456&region=BR", "").json(t, &d); d.Changed != 1 {
		t.Errorf("a number with an unescaped +: got %+v, want one changed", d)
	}
	p := r.do("POST", "/v1/suppressions", `{"phones": ["+5544999999977", "12", "+55449999999770000000"]}`).problem(t, 422)
	if len(p.Errors) != 2 || p.Errors[0].Field != "phones[1]" {
		t.Errorf("got the errors %+v, want two, the first at phones[1]", p.Errors)
	}
	if r.do("POST", "/v1/suppressions", `{"phones": ["+5544999999977"]}`).json(t, &d); d.Changed != 1 {
		t.Errorf("got %+v, want 1 changed: a refused request must not add its valid phones", d)
	}
}
