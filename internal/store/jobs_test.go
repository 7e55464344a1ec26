package store_test

import (
	"testing"

	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
)

func TestTrailJobs_ListsEveryJobOfTheWeek(t *testing.T) {
	t.Parallel()
	st := open(t, testutil.Redis(t))
	const many = 1100
	first, err := st.Trail.AddJob(t.Context(), store.Job{})
	for range many - 1 { // of another key
		if err == nil {
			_, err = st.Trail.AddJob(t.Context(), store.Job{})
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	jobs, next, err := st.Trail.Jobs(t.Context(), "", 2*many)
	if err != nil || next != "" || len(jobs) != many || jobs[many-1].ID != first.ID {
		t.Errorf("got %d jobs, %q, %v; want all %d with the first at the end", len(jobs), next, err, many)
	}
}
