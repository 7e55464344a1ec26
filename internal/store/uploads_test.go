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
	file := strings.Repeat("Turma,+5544999999991\n", 30_000) // several chunks
	u, err := st.Trail.AddUpload(t.Context(), store.Upload{Batch: "Turma.csv", By: "ana"}, strings.NewReader(file))
	if err != nil || u.Size != len(file) || u.Stage != store.UploadPlanning {
		t.Fatalf("AddUpload = %+v, %v; want %d bytes, planning", u, err, len(file))
	}
	for _, key := range keysOf(t, rdb) {
		if dump := rdb.Dump(t.Context(), key).Val(); strings.Contains(dump, "44999999991") || strings.Contains(dump, "Turma") {
			t.Errorf("%s holds the file in clear text", key)
		}
	}
	back, err := io.ReadAll(st.Trail.OpenUpload(t.Context(), u))
	if err != nil || string(back) != file {
		t.Errorf("read %d bytes, %v; want the %d that were sent", len(back), err, len(file))
	}
	if _, err := st.Trail.ChangeUpload(t.Context(), u.ID, func(u *store.Upload) error { u.Stage, u.Rows = store.UploadDone, 7; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err := st.Trail.Upload(t.Context(), u.ID); err != nil || got.Rows != 7 || got.By != "ana" {
		t.Errorf("Upload = %+v, %v; want 7 rows, by ana", got, err)
	}
	if back, err := io.ReadAll(st.Trail.OpenUpload(t.Context(), u)); !errors.Is(err, store.ErrNotFound) || len(back) > 0 {
		t.Errorf("read %d bytes of a file that is done, %v; want ErrNotFound", len(back), err)
	}
}

func TestTrailUpload_KeepsFewFilesAndNoneAboveTheMaximumSize(t *testing.T) {
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
		t.Errorf("a file above the maximum: got %v, want ErrUploadSize", err)
	}
	cut := errors.New("the sender disconnected")
	if _, err := add(iotest.ErrReader(cut)); !errors.Is(err, cut) {
		t.Errorf("a file that was cut off: got %v, want %v", err, cut)
	}
	if keys := rdb.Keys(t.Context(), "rollcall:upload*").Val(); len(keys) > 0 {
		t.Errorf("the keys %v of refused files are left, want none", keys)
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
		t.Errorf("one more while servers work on all: got %v, want ErrUploads", err)
	}
	for _, u := range all[1:] {
		if _, err := st.Trail.ChangeUpload(t.Context(), u.ID, func(u *store.Upload) error { u.Stage = store.UploadPlanned; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := add(strings.NewReader("x")); err != nil {
		t.Errorf("one more while some wait for their sender: got %v, want no error", err)
	}
	if _, err := st.Trail.Upload(t.Context(), all[0].ID); err != nil {
		t.Errorf("the upload on which a server works: got %v, want it kept", err)
	}
	if _, err := st.Trail.Upload(t.Context(), all[1].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest upload that waits: got %v, want ErrNotFound", err)
	}
	for _, key := range rdb.Keys(t.Context(), "rollcall:upload:*").Val() {
		if ttl := rdb.TTL(t.Context(), key).Val(); ttl <= 0 || ttl > time.Hour {
			t.Errorf("%s expires in %s, want at most an hour", key, ttl)
		}
	}
}

func TestTrailUpload_ASenderTakesNoRoomFromAnother(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	add := func(by string) store.Upload {
		t.Helper()
		u, err := st.Trail.AddUpload(t.Context(), store.Upload{By: by}, strings.NewReader("x"))
		if err == nil {
			u, err = st.Trail.ChangeUpload(t.Context(), u.ID, func(u *store.Upload) error { u.Stage = store.UploadPlanned; return nil })
		}
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	ana := add("ana")
	first := add("bia")
	for range store.MaxUploads {
		add("bia")
	}
	if _, err := st.Trail.Upload(t.Context(), ana.ID); err != nil {
		t.Errorf("the upload of another sender: got %v, want it kept", err)
	}
	if _, err := st.Trail.Upload(t.Context(), first.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the sender's oldest upload: got %v, want ErrNotFound", err)
	}
}

// AddUpload writes an upload after its file, so there is none for a file that is still being sent.
func TestTrailAddUpload_LeavesAFileThatIsStillSentAlone(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	file := bytes.Repeat([]byte("0123456789abcdef"), 20_000) // two chunks
	half := len(file) - 1000
	u, err := st.Trail.AddUpload(t.Context(), store.Upload{}, io.MultiReader(bytes.NewReader(file[:half]), during(func() {
		if _, err := st.Trail.AddUpload(t.Context(), store.Upload{}, strings.NewReader("x")); err != nil {
			t.Error(err)
		}
	}), bytes.NewReader(file[half:])))
	if err != nil {
		t.Fatal(err)
	}
	back, err := io.ReadAll(st.Trail.OpenUpload(t.Context(), u))
	if err != nil || !bytes.Equal(back, file) {
		t.Errorf("read %d bytes, %v; want the %d that were sent", len(back), err, len(file))
	}
}

// during is an empty reader that runs a function when it is read.
type during func()

func (do during) Read([]byte) (int, error) {
	do()
	return 0, io.EOF
}
