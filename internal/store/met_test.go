package store_test

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestPeopleMeetGroups_BeginsANewKeyWhereAnotherTypeIsStored(t *testing.T) {
	t.Parallel()
	rdb := testutil.Redis(t)
	st := open(t, rdb)
	const number = "55119000000"
	since := time.Now().UTC().Truncate(time.Second)
	if err := st.People.MeetGroups(t.Context(), number, map[string]time.Time{"wa-a": since}); err != nil {
		t.Fatal(err)
	}
	keys, err := rdb.Keys(t.Context(), "rollcall:met:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("got the keys %v and %v, want one key", keys, err)
	}
	if err := rdb.Set(t.Context(), keys[0], "of another program", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if err := st.People.MeetGroups(t.Context(), number, map[string]time.Time{"wa-b": since}); err != nil {
		t.Fatalf("got %v, want the groups stored: a look would fail for as long as the key is there", err)
	}
	met, err := st.People.MetGroups(t.Context(), number, []string{"wa-a", "wa-b"})
	if err != nil || len(met) != 1 || !met["wa-b"].Equal(since) {
		t.Errorf("got %v and %v, want wa-b since %v", met, err, since)
	}
}
