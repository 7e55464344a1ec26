package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestLayerFor_GrowsWithTheNumberOfPeople(t *testing.T) {
	t.Parallel()
	for people, want := range map[int64]int{0: 0, 1024: 0, 1025: 2, 1_000_000: 10, 10_000_000: 14, 1 << 40: lastLayer} {
		if got := layerFor(people); got != want {
			t.Errorf("layerFor(%d) = %d, want %d", people, got, want)
		}
	}
}

// groupOf is a new group of one person.
func groupOf(name string, who phone.Number) *group.Group {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &group.Group{
		ID: group.NewID(), Name: name, Target: tasks.Target{Pool: "default"}, Priority: tasks.Normal, Status: group.Queued, CreatedAt: now, UpdatedAt: now,
		Members: []group.Member{{Number: who, Status: group.Pending, UpdatedAt: now}},
	}
}

func TestPersons_APersonIsFoundAndForgottenInEveryLayer(t *testing.T) {
	t.Parallel()
	st, err := Open(t.Context(), testutil.Redis(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const ana = phone.Number("+5511999990001")
	var ids []string
	for i, people := range []int64{0, 5000, 100_000, 1 << 30} {
		st.Index.persons.Store(people)
		g := groupOf(fmt.Sprint(i), ana)
		if err := st.Records.Record(t.Context(), []*Entry{{Group: g}}); err != nil {
			t.Fatal(err)
		}
		if got := st.Index.persons.Load(); got != int64(i)+1 {
			t.Errorf("after %d groups of one person the store counts %d people, want %d", i+1, got, i+1)
		}
		ids = append(ids, g.ID)
	}
	for left := len(ids); ; left-- {
		found, _, err := st.Index.List(t.Context(), Filter{Person: ana.Identity()}, "", 10)
		if err != nil || len(found) != left {
			t.Fatalf("List finds %d groups of the person, %v; want %d", len(found), err, left)
		}
		if left == 0 {
			break
		}
		if err := st.Records.Forget(t.Context(), ids[left-1]); err != nil {
			t.Fatal(err)
		}
	}
	if keys := st.rdb.Keys(t.Context(), prefix+"who:*").Val(); len(keys) > 0 {
		t.Errorf("after all groups were forgotten the keys %q are left, want none", keys)
	}
}

func TestPersons_ARepeatedEntryIsFoundOnceAndForgottenForGood(t *testing.T) {
	t.Parallel()
	st, err := Open(t.Context(), testutil.Redis(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	const ana = phone.Number("+5511999990001")
	g := groupOf("Ana", ana)
	for range 3 { // as after lost answers; also, a pipeline with a script that is new to Redis is sent twice
		if err := st.Records.Record(t.Context(), []*Entry{{Group: g}}); err != nil {
			t.Fatal(err)
		}
	}
	if found, _, err := st.Index.List(t.Context(), Filter{Person: ana.Identity()}, "", 10); err != nil || len(found) != 1 {
		t.Errorf("List finds %d groups of the person, %v; want one", len(found), err)
	}
	if err := st.Records.Forget(t.Context(), g.ID); err != nil {
		t.Fatal(err)
	}
	if keys := st.rdb.Keys(t.Context(), prefix+"who:*").Val(); len(keys) > 0 {
		t.Errorf("after the group was forgotten the keys %q are left, want none", keys)
	}
}
