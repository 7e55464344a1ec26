package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/api"
	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestCreateBatch_BadSetupRefusesOnlyItsRow(t *testing.T) {
	t.Parallel()
	r := setup(t)
	if err := r.store.Presence.Announce(t.Context(), []store.Announcement{{
		Name: "alpha", Provider: "zapi", Pools: []string{"default"}, SeenAt: time.Now(), Setup: []string{"photo", "admins"},
	}}); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]struct {
		setup, column string
		code          tasks.Code
		field, remedy string
	}{
		"unknown admin":       {`"admins": ["+5544999999998"]`, "admins;+5544999999998", tasks.BadField, "admins", "Add"},
		"photo without https": {`"photo": "ftp://school.example/logo.jpg"`, "photo;logo.jpg", tasks.BadField, "photo", "https://"},
		"unsupported setting": {`"settings": {"approveJoins": true}`, "approveJoins;yes", tasks.Unsupported, "approveJoins", "another instance"},
		"template":            {`"welcomeMessage": "Hello {{.Unknown}}"`, "welcomeMessage;Hello {{.Unknown}}", tasks.BadField, "welcomeMessage", "GroupName"},
	} {
		column, value, _ := strings.Cut(bad.column, ";")
		json := `{"groups": [{"groupName": "Bad", "phones": ["+5544999999999"], "instance": "alpha", ` + bad.setup + `}, ` + oneGroup + `]}`
		csv := "groupName;phones;instance;" + column + "\nBad;+5544999999999;alpha;" + value + "\nGood;+5544999999999;;\n"
		for kind, body := range map[string]string{"application/json": json, "text/csv": csv} {
			got := r.do("POST", "/v1/batches?name="+strings.ReplaceAll(name, " ", "-")+kind[5:8], body, "Content-Type: "+kind).batch(t)
			if got.Created != 1 || got.Invalid != 1 || len(got.Rows) != 1 {
				t.Errorf("%s as %s: got %+v, want 1 created and 1 invalid", name, kind, got)
				continue
			}
			if e := got.Rows[0].Error; e == nil || e.Code != bad.code || e.Field != bad.field || !strings.Contains(e.Message, bad.remedy) {
				t.Errorf("%s as %s: got %+v, want %s at %s with %q", name, kind, e, bad.code, bad.field, bad.remedy)
			}
		}
		one := r.do("POST", "/v1/groups", `{"groupName": "Bad", "phones": ["+5544999999999"], "instance": "alpha", `+bad.setup+`}`)
		if one.status != http.StatusUnprocessableEntity || !strings.Contains(string(one.body), `"`+bad.field+`"`) && !strings.Contains(string(one.body), "body."+bad.field) {
			t.Errorf("%s as one group: got %d, want 422 at %s: %s", name, one.status, bad.field, one.body)
		}
	}
	if all := r.do("GET", "/v1/groups?limit=500", "").body; strings.Contains(string(all), `"Bad"`) {
		t.Errorf("a bad row was accepted: %s", all)
	}
}

func TestCreateBatch_DryRunFetchesThePhotosOfRowsAndPools(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte("<html>"))
	}))
	defer host.Close()
	rows := `{"groups": [{"groupName": "A", "phones": ["+5544999999999"], "photo": "` + strings.Replace(host.URL, "http", "https", 1) + `/a.jpg"}, ` + oneGroup + `]}`
	dry := func(private bool) (plan api.Planned) {
		t.Helper()
		photos := photo.New(private)
		t.Cleanup(photos.Close)
		r := setup(t, func(c *api.Config) {
			c.Photos, c.PoolPhotos = photos, map[string]string{"default": host.URL + "/pool.jpg"}
		})
		r.do("POST", "/v1/batches?dryRun=true", rows).json(t, &plan)
		if r.do("POST", "/v1/batches?name=for-real", rows).batch(t).Created != 2 {
			t.Error("the same rows are not accepted without dryRun")
		}
		return plan
	}
	check := func(plan api.Planned, of string) {
		t.Helper()
		if plan.Created != 1 || len(plan.Rows) != 1 || plan.Rows[0].Error.Field != "photo" || plan.Rows[0].Error.Code != tasks.BadField {
			t.Errorf("%s: got the rows %+v, want one with badField at photo", of, plan.Rows)
		}
		want := enqueue.Warning{Code: "poolPhoto", Rows: []int{2}}
		if w := plan.Warnings; len(w) != 1 || w[0].Code != want.Code || len(w[0].Rows) != 1 || w[0].Rows[0] != 2 || !strings.Contains(w[0].Message, "pool default") {
			t.Errorf("%s: got the warnings %+v, want %+v", of, plan.Warnings, want)
		}
	}
	check(dry(false), "private addresses refused")
	if n := asked.Load(); n != 0 {
		t.Errorf("a private address was fetched %d times, want never", n)
	}
	check(dry(true), "private addresses allowed")
	if n := asked.Load(); n != 1 {
		t.Errorf("the pool's photo was fetched %d times, want once", n)
	}
}
