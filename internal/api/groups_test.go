package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/rollcallhq/rollcall/internal/group"
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
	for _, a := range answers {
		if a.status != http.StatusAccepted || a.header.Get("Location") != answers[0].header.Get("Location") {
			t.Errorf("%d %s, the first is %s", a.status, a.header.Get("Location"), answers[0].header.Get("Location"))
		}
	}
	var page groupPage
	r.do("GET", "/v1/groups", "").json(t, &page)
	if len(page.Items) != 1 {
		t.Errorf("%d groups", len(page.Items))
	}
}

func TestTheIdempotencyKeyOfHeaderAndFieldAreOne(t *testing.T) {
	t.Parallel()
	r := setup(t)
	first := r.do("POST", "/v1/groups", oneGroup, "Idempotency-Key: deal-1")
	other := `{"groupName": "Another", "phones": ["5544999999999"]`
	for _, c := range []struct {
		name, body, header string
		status             int
	}{
		{"the same by header", oneGroup, `Idempotency-Key: "deal-1"`, 202},
		{"the same by field", strings.TrimSuffix(oneGroup, "}") + `, "idempotencyKey": "deal-1"}`, "Accept: */*", 202},
		{"the same by both", strings.TrimSuffix(oneGroup, "}") + `, "idempotencyKey": "deal-1"}`, "Idempotency-Key: deal-1", 202},
		{"the same people in other words", `{"groupName": "Turma 12", "phones": ["+55 (44) 99999-9999"], "chatIds": ["79001234567@c.us"]}`, "Idempotency-Key: deal-1", 202},
		{"other content", other + "}", "Idempotency-Key: deal-1", 422},
		{"header and field differ", other + `, "idempotencyKey": "deal-2"}`, "Idempotency-Key: deal-3", 422},
		{"an empty key", other + "}", `Idempotency-Key: ""`, 422},
		{"too long a key", other + "}", "Idempotency-Key: " + strings.Repeat("k", 256), 422},
	} {
		a := r.do("POST", "/v1/groups", c.body, c.header)
		if a.status != c.status {
			t.Errorf("%s: %d, want %d: %s", c.name, a.status, c.status, a.body)
		}
		if a.status == 202 && a.header.Get("Location") != first.header.Get("Location") {
			t.Errorf("%s: it is another group", c.name)
		}
		if a.status == 422 {
			if p := a.problem(t, 422); len(p.Errors) != 1 || !strings.Contains(strings.ToLower(p.Errors[0].Field), "key") {
				t.Errorf("%s: errors %+v", c.name, p.Errors)
			}
		}
	}
}

func TestAPageStaysTrueWhileGroupsComeIn(t *testing.T) {
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
		r.create(oneGroup) // newer than all that is listed
		if cursor = page.NextCursor; cursor == "" {
			break
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAPersonIsFoundInAnySpelling(t *testing.T) {
	t.Parallel()
	r := setup(t)
	d := r.create(oneGroup)
	r.create(`{"groupName": "Others", "phones": ["5511988887777"]}`)
	for _, spelling := range []string{"5544999999999", "+55%20(44)%2099999-9999", "%2B5544999999999", "44999999999&region=br", "554499999999", "5544999999999@c.us"} {
		var page groupPage
		r.do("GET", "/v1/groups?phone="+spelling, "").json(t, &page)
		if len(page.Items) != 1 || page.Items[0].ID != d.ID {
			t.Errorf("%s finds %d groups", spelling, len(page.Items))
		}
	}
}

func TestAStateThatDoesNotAllowItIsAConflict(t *testing.T) {
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
			t.Errorf("%s: %s", c.action, p.Detail)
		}
	}
	r.do("POST", "/v1/groups/"+d.ID+"/cancel", "")
	r.do("POST", "/v1/groups/"+d.ID+"/cancel", "").problem(t, http.StatusConflict)
	first, second := r.create(oneGroup), r.create(oneGroup)
	for i, id := range []string{first.ID, second.ID} {
		r.put(id, reviewed)
		want := []int{http.StatusOK, http.StatusConflict}[i]
		if a := r.do("POST", "/v1/groups/"+id+"/resolve", `{"action": "adopt", "groupId": "1-group"}`); a.status != want {
			t.Errorf("the group at WhatsApp is adopted by two: %d %s", a.status, a.body)
		}
	}
}

func TestSuppressionsAreListedPageByPage(t *testing.T) {
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
				t.Errorf("the list shows %s", s.Phone)
			}
		}
		cursor = page.NextCursor
		r.do("POST", "/v1/suppressions", `{"phones": ["+5511900000000"], "reason": "late"}`)
	}
	if seen != 10 || reasons != "4433221100" {
		t.Errorf("%d entries, in the order %s", seen, reasons)
	}
	var d struct{ Given, Changed int }
	r.do("DELETE", "/v1/suppressions?phone=%2B5544999999900", "").json(t, &d)
	if r.do("DELETE", "/v1/suppressions?phone=%2B5544999999900", "").json(t, &d); d.Changed != 0 {
		t.Errorf("taken off twice: %+v", d)
	}
	p := r.do("POST", "/v1/suppressions", `{"phones": ["+5544999999977", "12", "+55449999999770000000"]}`).problem(t, 422)
	if len(p.Errors) != 2 || p.Errors[0].Field != "phones[1]" {
		t.Errorf("errors %+v", p.Errors)
	}
	if r.do("POST", "/v1/suppressions", `{"phones": ["+5544999999977"]}`).json(t, &d); d.Changed != 1 {
		t.Error("with a bad phone the good one was put on the list")
	}
}
