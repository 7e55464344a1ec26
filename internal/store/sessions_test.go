package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestTrailPutSession_ALoginBeyondTheMaximumEndsTheOldestOfItsKey(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	begin := func(key string, ttl time.Duration) string {
		t.Helper()
		token, err := st.Trail.PutSession(t.Context(), store.Session{Key: key}, ttl)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	other, oldest := begin("bia", time.Hour), begin("ana", time.Hour)
	second := begin("ana", time.Hour+time.Minute)
	for range store.MaxKeySessions - 1 {
		begin("ana", 2*time.Hour)
	}
	if _, err := st.Trail.Session(t.Context(), oldest); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the oldest session of the key: got %v, want ErrNotFound", err)
	}
	for whose, token := range map[string]string{"the key": second, "another key": other} {
		if _, err := st.Trail.Session(t.Context(), token); err != nil {
			t.Errorf("the next session of %s: got %v, want no error", whose, err)
		}
	}
}
