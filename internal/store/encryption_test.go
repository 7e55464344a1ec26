package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func masterKey(id string) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(id)[:1], 32))
}

// with opens a store as a process with these master keys does.
func with(t *testing.T, rdb redis.UniversalClient, keys ...string) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), rdb, store.Options{EncryptionKey: strings.Join(keys, "\n")})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

const (
	secretPhone = phone.Number("+5511987654321")
	secretText  = "Oi, a tua turma comecou {{.Link}}"
)

func secretGroup() *group.Group {
	g := fresh("Turma", string(secretPhone))
	g.Message = secretText
	return g
}

func holds(t *testing.T, st *store.Store, id string) {
	t.Helper()
	g, err := st.Records.Load(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if g.Message != secretText || len(g.Members) != 1 || g.Members[0].Number != secretPhone {
		t.Errorf("%s was read as %+v, want its message and its one member", id, g)
	}
}

// The test searches every file that Redis writes, not only for what the store is known to write.
func TestAnEncryptedInstallationHasNoPhoneAndNoTextInRedisFiles(t *testing.T) {
	t.Parallel()
	server := testutil.RealRedis(t)
	rdb := server.Client()
	st := with(t, rdb, masterKey("k1"))
	g := secretGroup()
	accept(t, st, g)
	if _, err := st.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error { g.Tries++; return nil }); err != nil {
		t.Fatal(err)
	}
	err := st.People.RememberChecks(t.Context(), "zapi", map[string]provider.Checked{secretPhone.Digits(): {Exists: true, Identity: secretPhone.Identity()}})
	err = errors.Join(err,
		st.People.Suppress(t.Context(), []phone.Number{secretPhone}, "wrote: "+secretText),
		rdb.Save(t.Context()).Err())
	if err != nil {
		t.Fatal(err)
	}
	holds(t, st, g.ID)
	found, _, err := st.Index.List(t.Context(), store.Filter{Person: secretPhone.Identity()}, "", 10)
	if err != nil || len(found) != 1 {
		t.Errorf("the search by phone finds %d groups, %v; want 1", len(found), err)
	}
	suppressed, err := st.People.Suppressed(t.Context(), []phone.Identity{secretPhone.Identity()})
	if err != nil || !suppressed[0] {
		t.Errorf("Suppressed = %v, %v; want true for the suppressed person", suppressed, err)
	}
	if checks, err := st.People.RecallChecks(t.Context(), "zapi", []string{secretPhone.Digits()}); err != nil || len(checks) != 1 {
		t.Errorf("RecallChecks = %v, %v; want the remembered check", checks, err)
	}
	server.Stop() // which writes the append-only file
	files := 0
	dir := os.DirFS(server.Dir)
	if err := fs.WalkDir(dir, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(dir, path)
		if err != nil {
			return err
		}
		files++
		secret := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32))
		for _, planted := range []string{secretPhone.Digits(), secretPhone.Digits()[4:], secretText, "a tua turma", secret} {
			if bytes.Contains(data, []byte(planted)) {
				t.Errorf("%s holds %q in clear text", path, planted)
			}
		}
		return nil
	}); err != nil || files < 2 {
		t.Fatalf("searched %d files, %v; want at least 2", files, err)
	}
}

func TestRotate_SealsRecordsFromBeforeEncryption(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	plain, g := open(t, rdb), secretGroup()
	accept(t, plain, g)
	if err := plain.People.Suppress(t.Context(), []phone.Number{"+5511900000007"}, secretText); err != nil {
		t.Fatal(err)
	}
	st := with(t, rdb, masterKey("k1"))
	holds(t, st, g.ID)
	if value := rdb.Get(t.Context(), "rollcall:secret").Val(); !strings.HasPrefix(value, "sealed:") {
		t.Errorf("the secret of the index is %q, want it sealed", value)
	}
	if found, _, err := st.Index.List(t.Context(), store.Filter{Person: secretPhone.Identity()}, "", 10); err != nil || len(found) != 1 {
		t.Errorf("with encryption the search by phone finds %d groups, %v; want 1", len(found), err)
	}
	done, err := st.Rotate(t.Context(), func(store.Rotated) {})
	if err != nil || done.Records != 1 || done.Suppressions != 1 {
		t.Fatalf("Rotate = %+v, %v; want 1 record and 1 suppression", done, err)
	}
	for _, key := range rdb.Keys(t.Context(), "rollcall:*").Val() {
		if dump := rdb.Dump(t.Context(), key).Val(); strings.Contains(dump, "a tua turma") {
			t.Errorf("%s still holds the message in clear text", key)
		}
	}
	holds(t, st, g.ID)
}

// Three processes write all the time, each to its own groups, while two processes rotate at once.
func TestARotationWithWorkInFlightLosesNothing(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, rdb redis.UniversalClient) {
		var ids []string
		first := with(t, rdb, masterKey("a1"))
		for range 30 {
			g := secretGroup()
			accept(t, first, g)
			ids = append(ids, g.ID)
		}
		writers := []*store.Store{
			with(t, rdb, masterKey("a1"), masterKey("b2")), with(t, rdb, masterKey("b2"), masterKey("a1")), with(t, rdb, masterKey("b2"), masterKey("a1")),
		}
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		written := make([]int, len(ids))
		for w, st := range writers {
			wg.Go(func() {
				for i := w; ctx.Err() == nil; i = (i + len(writers)) % len(ids) { // no other writer's groups
					if _, err := st.Records.Update(t.Context(), ids[i], func(g *group.Group, _ time.Time) error { g.Tries++; return nil }); err != nil {
						t.Error(err)
						return
					}
					written[i]++
				}
			})
		}
		var rotations sync.WaitGroup
		for _, st := range writers[1:] {
			rotations.Go(func() {
				if _, err := st.Rotate(t.Context(), func(store.Rotated) {}); err != nil {
					t.Error(err)
				}
			})
		}
		rotations.Wait()
		stop()
		wg.Wait()
		done, err := writers[1].Rotate(t.Context(), func(store.Rotated) {})
		if err != nil || done.Records != len(ids) {
			t.Fatalf("Rotate without writers = %+v, %v; want %d records", done, err, len(ids))
		}
		newest := with(t, rdb, masterKey("b2")) // the old master key is gone
		for i, id := range ids {
			holds(t, newest, id)
			if g, err := newest.Records.Load(t.Context(), id); err != nil || g.Tries != written[i] {
				t.Errorf("%s has %d writes, %v; want %d", id, g.Tries, err, written[i])
			}
		}
	})
}

func TestAMissingOrWrongKeyIsSaidClearlyAndLosesNothing(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, g := with(t, rdb, masterKey("k1")), secretGroup()
	accept(t, st, g)
	before := rdb.Get(t.Context(), "rollcall:{"+g.ID+"}").Val()
	wrong := strings.Replace(masterKey("x1"), "x1:", "k1:", 1)
	for name, tt := range map[string]struct{ keys, want string }{
		"no key":        {"", "redis.encryption_key is not set, and this installation is encrypted"},
		"another id":    {masterKey("z9"), `sealed with the key "k1", which redis.encryption_key does not have`},
		"another key":   {wrong, `the key "k1" in redis.encryption_key is another one`},
		"not a key":     {"k1:abc", `key 1 is not base64 of 32 bytes`},
		"without an id": {"abc", "does not begin with its id"},
		"twice":         {masterKey("k1") + " " + masterKey("k1"), "has the id of another one"},
	} {
		_, err := store.Open(t.Context(), rdb, store.Options{EncryptionKey: tt.keys})
		if !errors.Is(err, store.ErrKey) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: Open = %v, want ErrKey with %q", name, err, tt.want)
		}
		if _, key, ok := strings.Cut(tt.keys, ":"); ok && err != nil && strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error %q holds the key", name, err)
		}
	}
	if after := rdb.Get(t.Context(), "rollcall:{"+g.ID+"}").Val(); after != before {
		t.Errorf("the record is %q, want it unchanged: %q", after, before)
	}
	holds(t, st, g.ID)
}

func TestOpen_NamesAMissingKeyOnceHoweverManyDataKeysItSeals(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	with(t, rdb, masterKey("a1"))
	rotated := with(t, rdb, masterKey("b2"), masterKey("a1"))
	for range 2 {
		if _, err := rotated.Rotate(t.Context(), func(store.Rotated) {}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := store.Open(t.Context(), rdb, store.Options{EncryptionKey: masterKey("a1")})
	if !errors.Is(err, store.ErrKey) || strings.Count(err.Error(), `sealed with the key "b2"`) != 1 {
		t.Errorf("Open = %v, want ErrKey that names the key b2 once", err)
	}
}

// A process without the new master key cannot read what was sealed since. It must not write over it either.
func TestAProcessWithoutTheNewKeySaysWhichOneItNeeds(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	old, g := with(t, rdb, masterKey("a1")), secretGroup()
	accept(t, old, g)
	rotated := with(t, rdb, masterKey("b2"), masterKey("a1"))
	if _, err := rotated.Rotate(t.Context(), func(store.Rotated) {}); err != nil {
		t.Fatal(err)
	}
	_, err := old.Records.Update(t.Context(), g.ID, func(g *group.Group, _ time.Time) error { g.Tries++; return nil })
	if err == nil || !strings.Contains(err.Error(), `"b2"`) {
		t.Errorf("Update = %v, want an error with the id of the key, \"b2\"", err)
	}
	holds(t, rotated, g.ID)
}

// A process reads a data key that another process made when it meets the first value sealed with it.
func TestStore_AValueWhoseDataKeyRedisCannotSendNowIsNotUnreadable(t *testing.T) {
	t.Parallel()
	who := secretPhone.Identity()
	for name, tt := range map[string]struct {
		read func(t *testing.T, st *store.Store, id string) error
		want error
	}{
		"a removal": {func(t *testing.T, st *store.Store, id string) error {
			_, err := st.Remove(t.Context(), store.KindGroup, id, true)
			return err
		}, io.ErrUnexpectedEOF},
		"a suppression": {func(t *testing.T, st *store.Store, _ string) error {
			_, err := st.People.Suppression(t.Context(), who)
			return err
		}, io.ErrUnexpectedEOF},
		"the suppression list": {func(t *testing.T, st *store.Store, _ string) error {
			return st.People.Suppressions(t.Context(), func(store.Suppression) error { return nil })
		}, io.ErrUnexpectedEOF},
		"the other address of a suppressed person": {func(t *testing.T, st *store.Store, _ string) error {
			_, err := st.People.Meet(t.Context(), []phone.Identity{{Digits: who.Digits, LID: "1@lid"}})
			return err
		}, io.ErrUnexpectedEOF},
		"a number check": {func(t *testing.T, st *store.Store, _ string) error {
			known, err := st.People.RecallChecks(t.Context(), "zapi", []string{who.Digits})
			if len(known) != 0 {
				t.Errorf("RecallChecks = %v before the data key was read, want none", known)
			}
			return err
		}, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rdb := testutil.Redis(t)
			m := testutil.Meddle(rdb)
			keys := []string{masterKey("b2"), masterKey("a1")}
			old, g := with(t, rdb, keys...), secretGroup()
			accept(t, old, g)
			rotated := with(t, rdb, keys...)
			if _, err := rotated.Rotate(t.Context(), func(store.Rotated) {}); err != nil {
				t.Fatal(err)
			}
			if err := rotated.People.Suppress(t.Context(), []phone.Number{secretPhone}, "asked"); err != nil {
				t.Fatal(err)
			}
			if err := rotated.People.RememberChecks(t.Context(), "zapi", map[string]provider.Checked{who.Digits: {Exists: true}}); err != nil {
				t.Fatal(err)
			}
			broken := false
			m.With(func(args []any) error {
				if args[0] != "hgetall" || broken {
					return nil
				}
				broken = true
				return io.ErrUnexpectedEOF
			})
			if err := tt.read(t, old, g.ID); !errors.Is(err, tt.want) {
				t.Errorf("reading %s: got %v, want %v", name, err, tt.want)
			}
			m.With(nil)
			if !broken {
				t.Error("the store did not read the data keys, so this test proves nothing")
			}
			if noted, err := old.CountUnreadable(t.Context()); err != nil || len(noted) != 0 {
				t.Errorf("CountUnreadable = %v, %v; want none", noted, err)
			}
			holds(t, old, g.ID)
		})
	}
}

func TestASealedRecordOpensInItsOwnPlaceOnly(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st, a, b := with(t, rdb, masterKey("k1")), secretGroup(), secretGroup()
	accept(t, st, a, b)
	key := func(g *group.Group) string { return fmt.Sprintf("rollcall:{%s}", g.ID) }
	rdb.Set(t.Context(), key(b), rdb.Get(t.Context(), key(a)).Val(), 0)
	if g, err := st.Records.Load(t.Context(), b.ID); err == nil {
		t.Errorf("a record copied to another group's key was read as %+v, want an error", g)
	}
}
