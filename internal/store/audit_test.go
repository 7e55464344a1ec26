package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

// fillAudit fills the audit log with n entries of two actors.
func fillAudit(t *testing.T, st *store.Store, n int) {
	t.Helper()
	for i := range n {
		e := store.AuditEntry{Actor: "crm", Through: "api", Action: "group.cancel", Subjects: []string{fmt.Sprintf("grp_%d", i)}, Result: "done"}
		if i%3 == 0 {
			e.Actor, e.Action, e.Result = "ana", "instance.pause", "failed"
		}
		if ok, err := st.Trail.Audit(t.Context(), e, 0); err != nil || !ok {
			t.Fatalf("entry %d: written %v (%v), want true", i, ok, err)
		}
	}
}

func subjects(es []store.AuditEntry) []string {
	all := make([]string, 0, len(es))
	for _, e := range es {
		all = append(all, e.Subjects...)
	}
	return all
}

func TestTrailAuditPage_ReadsNewestFirstAndMissesNothing(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	fillAudit(t, st, 7)
	var all []string
	cursor := ""
	for {
		page, next, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, subjects(page)...)
		if cursor = next; cursor == "" {
			break
		}
	}
	if want := []string{"grp_6", "grp_5", "grp_4", "grp_3", "grp_2", "grp_1", "grp_0"}; !slices.Equal(all, want) {
		t.Errorf("the pages hold %q, want %q", all, want)
	}
	for _, id := range []string{"nonsense", "0-0", "18446744073709551616-0", "-1-0", "+1-0"} {
		cursor := base64.RawURLEncoding.EncodeToString([]byte(id))
		if _, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, cursor, 3); !errors.Is(err, store.ErrCursor) {
			t.Errorf("a cursor of %s: got %v, want ErrCursor", id, err)
		}
	}
}

func TestTrailAuditPage_WhatChangedNothingStandsAmongTheOthersAndPushesNoneOut(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	for _, idle := range []bool{true, false} {
		if _, err := st.Trail.Audit(t.Context(), store.AuditEntry{Actor: "crm", Idle: idle}, 0); err != nil {
			t.Fatal(err)
		}
	}
	if deeds, idle := rdb.XLen(t.Context(), "rollcall:{audit}:log").Val(), rdb.XLen(t.Context(), "rollcall:{audit}:idle").Val(); deeds != 1 || idle != 1 {
		t.Fatalf("the log has %d entries and the other stream %d, want one each", deeds, idle)
	}
	rdb.Del(t.Context(), "rollcall:{audit}:log", "rollcall:{audit}:idle")
	var want []string
	entry := func(key string, ms int) {
		id := fmt.Sprintf("%d-0", ms)
		if err := rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: "rollcall:{audit}:" + key, ID: id, Values: []any{"e", `{"actor":"crm"}`}}).Err(); err != nil {
			t.Fatal(err)
		}
		want = append(want, "aud_"+id+map[string]string{"idle": "i"}[key])
	}
	for ms := 1; ms <= 1600; ms++ { // more than are read at once, of both and of one alone
		if ms%3 != 1 && ms < 1500 { // want is reversed: of two with one id, the one that changed nothing comes first
			entry("log", ms)
		}
		if ms%3 != 0 || ms > 1000 {
			entry("idle", ms)
		}
	}
	slices.Reverse(want)
	for _, limit := range []int{61, 500, 5000} {
		var all []string
		for cursor, first := "", true; cursor != "" || first; first = false {
			page, next, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, cursor, limit)
			if err != nil || len(page) > limit {
				t.Fatal(len(page), err)
			}
			for _, e := range page {
				all = append(all, e.ID)
			}
			cursor = next
		}
		if !slices.Equal(all, want) {
			t.Errorf("pages of %d hold %d entries, want the %d of both streams once, the newest first", limit, len(all), len(want))
		}
	}
}

func TestTrailAuditPage_FiltersByEachFieldAndByTime(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	fillAudit(t, st, 6)
	all, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 10)
	if err != nil || len(all) != 6 {
		t.Fatalf("got %d entries (%v), want 6", len(all), err)
	}
	after := all[0].At.Add(time.Millisecond)
	for _, c := range []struct {
		name string
		f    store.AuditFilter
		want []string
	}{
		{"actor", store.AuditFilter{Actor: "ana"}, []string{"grp_3", "grp_0"}},
		{"action", store.AuditFilter{Action: "instance.pause"}, []string{"grp_3", "grp_0"}},
		{"a pattern", store.AuditFilter{Action: "group.*"}, []string{"grp_5", "grp_4", "grp_2", "grp_1"}},
		{"subject", store.AuditFilter{Subject: "grp_4"}, []string{"grp_4"}},
		{"result", store.AuditFilter{Result: "failed"}, []string{"grp_3", "grp_0"}},
		{"door", store.AuditFilter{Through: "page"}, []string{}},
		{"both", store.AuditFilter{Actor: "crm", Subject: "grp_3"}, []string{}},
		{"since", store.AuditFilter{Since: after}, []string{}},
		{"until", store.AuditFilter{Until: all[5].At}, []string{}},
		{"since long ago", store.AuditFilter{Since: time.Unix(-5, 0), Actor: "ana"}, []string{"grp_3", "grp_0"}},
		{"until long ago", store.AuditFilter{Until: time.Unix(-5, 0)}, []string{}},
		{"between", store.AuditFilter{Since: all[5].At, Until: after, Subject: "grp_1"}, []string{"grp_1"}},
	} {
		got, _, err := st.Trail.AuditPage(t.Context(), c.f, "", 10)
		if err != nil || !slices.Equal(subjects(got), c.want) {
			t.Errorf("%s: got %q (%v), want %q", c.name, subjects(got), err, c.want)
		}
	}
}

func TestTrailAudit_WritesAnEntryOnceInItsPeriodAndTrimAuditRemovesOldOnes(t *testing.T) {
	t.Parallel()
	server, rdb := testutil.Mini(t)
	st := open(t, rdb)
	sight := store.AuditEntry{Actor: "crm", Through: "api", Action: "phones.see", Detail: say.Words("GET /v1/groups")}
	for i, want := range []bool{true, false, true} {
		if i == 2 {
			server.FastForward(time.Hour + time.Second)
		}
		if ok, err := st.Trail.Audit(t.Context(), sight, time.Hour); err != nil || ok != want {
			t.Fatalf("call %d: written %v (%v), want %v", i+1, ok, err, want)
		}
	}
	if err := st.Trail.TrimAudit(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if all, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 10); err != nil || len(all) != 2 {
		t.Errorf("after TrimAudit of an hour there are %d entries (%v), want both", len(all), err)
	}
	if err := st.Trail.TrimAudit(t.Context(), -time.Minute); err != nil {
		t.Fatal(err)
	}
	if all, _, err := st.Trail.AuditPage(t.Context(), store.AuditFilter{}, "", 10); err != nil || len(all) != 0 {
		t.Errorf("after TrimAudit of the future there are %d entries (%v), want none", len(all), err)
	}
}
