package store_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestTrailUpload_KeepsTheFileSealedUntilItIsTakenIn(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{EncryptionKey: masterKey("k1")})
	if err != nil {
		t.Fatal(err)
	}
	file := strings.Repeat("Turma,+5544999999991\n", 30_000) // several pieces
	u, err := st.Trail.AddUpload(t.Context(), store.Upload{Batch: "Turma.csv", By: "ana"}, strings.NewReader(file))
	if err != nil || u.Size != len(file) || u.Stage != store.UploadPlanning {
		t.Fatalf("%+v, %v", u, err)
	}
	for _, key := range keysOf(t, rdb) {
		if dump := rdb.Dump(t.Context(), key).Val(); strings.Contains(dump, "44999999991") || strings.Contains(dump, "Turma") {
			t.Errorf("%s holds what was sent in clear", key)
		}
	}
	back, err := io.ReadAll(st.Trail.OpenUpload(t.Context(), u))
	if err != nil || string(back) != file {
		t.Errorf("%d of %d bytes came back, %v", len(back), len(file), err)
	}
	if _, err := st.Trail.ChangeUpload(t.Context(), u.ID, func(u *store.Upload) error { u.Stage, u.Rows = store.UploadDone, 7; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := st.Trail.Upload(t.Context(), u.ID); err != nil || got.Rows != 7 || got.By != "ana" {
		t.Errorf("%+v, %v", got, err)
	}
	if back, err := io.ReadAll(st.Trail.OpenUpload(t.Context(), u)); !errors.Is(err, store.ErrNotFound) || len(back) > 0 {
		t.Errorf("its file is still there: %d bytes, %v", len(back), err)
	}
}

func TestTrailUpload_KeepsFewFilesAndNoneBeyondItsSize(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, err := store.Open(t.Context(), rdb, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	add := func(file io.Reader) (store.Upload, error) {
		return st.Trail.AddUpload(t.Context(), store.Upload{}, file)
	}
	if _, err := add(bytes.NewReader(make([]byte, store.MaxUploadBytes+1))); !errors.Is(err, store.ErrUploadSize) {
		t.Errorf("a file beyond the size: %v", err)
	}
	cut := errors.New("the sender left")
	if _, err := add(iotest.ErrReader(cut)); !errors.Is(err, cut) {
		t.Errorf("a file that was cut: %v", err)
	}
	if keys := rdb.Keys(t.Context(), "rollcall:upload*").Val(); len(keys) > 0 {
		t.Errorf("of files that were refused %v are left", keys)
	}
	var all []store.Upload
	for range store.MaxUploads {
		u, err := add(strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	if _, err := add(strings.NewReader("x")); !errors.Is(err, store.ErrUploads) {
		t.Errorf("one more while all are worked on: %v", err)
	}
	for _, u := range all[1:] {
		if _, err := st.Trail.ChangeUpload(t.Context(), u.ID, func(u *store.Upload) error { u.Stage = store.UploadPlanned; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := add(strings.NewReader("x")); err != nil {
		t.Errorf("one more while some wait: %v", err)
	}
	if _, err := st.Trail.Upload(t.Context(), all[0].ID); err != nil {
		t.Errorf("the one that is worked on: %v", err)
	}
	if _, err := st.Trail.Upload(t.Context(), all[1].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest that waits: %v", err)
	}
	for _, key := range rdb.Keys(t.Context(), "rollcall:upload:*").Val() {
		if ttl := rdb.TTL(t.Context(), key).Val(); ttl <= 0 || ttl > time.Hour {
			t.Errorf("%s is kept for %s", key, ttl)
		}
	}
}
