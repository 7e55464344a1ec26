package api_test

import (
	"encoding/json"
	"testing"

	"github.com/rollcallhq/rollcall/internal/api"
)

func TestCreateBatch_UpdateAddsNewPeopleAndWithoutItTheyAreAnError(t *testing.T) {
	t.Parallel()
	r := setup(t)
	const one = "name,phones\nTurma 12,+5544999999991\n"
	const two = "name,phones\nTurma 12,\"+5544999999991, +5544999999992\"\n"
	for _, c := range []struct {
		query, body               string
		created, updated, invalid int
	}{
		{"name=x", one, 1, 0, 0},
		{"name=x", two, 0, 0, 1},
		{"name=x&update=true&dryRun=true", two, 0, 1, 0},
		{"name=x&update=true", two, 0, 1, 0},
		{"name=x", two, 0, 0, 0},
	} {
		a := r.do("POST", "/v1/batches?"+c.query, c.body, "Content-Type: text/csv")
		var got api.Batched
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err, a.body)
		}
		if got.Created != c.created || got.Updated != c.updated || got.Invalid != c.invalid {
			t.Errorf("%s: got %s, want %d created, %d updated, %d invalid", c.query, a.body, c.created, c.updated, c.invalid)
		}
		if c.invalid > 0 && (got.Rows[0].Error.Code != "changed" || got.Rows[0].Changes.New[0] != "+5544999999992") {
			t.Errorf("%s: got %s, want a row with changed and its new phone", c.query, a.body)
		}
	}
	key := func(phones string) string {
		return `{"groupName": "Deal", "idempotencyKey": "d1", "phones": [` + phones + `]}`
	}
	first := r.do("POST", "/v1/groups", key(`"+5544999999991"`))
	r.do("POST", "/v1/groups", key(`"+5544999999991", "+5544999999992"`)).problem(t, 422)
	a := r.do("POST", "/v1/groups?update=true", key(`"+5544999999991", "+5544999999992"`))
	if a.status != 202 || a.header.Get("Rollcall-Outcome") != "updated" || a.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("update of one group: got %d %v, want 202, updated, and the same group: %s", a.status, a.header, a.body)
	}
}
