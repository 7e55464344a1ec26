package photo_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/rollcallhq/rollcall/internal/photo"
	"github.com/rollcallhq/rollcall/tasks"
)

func TestChecksRow_FetchesTheRowsPhotoOrThatOfItsPoolOnce(t *testing.T) {
	t.Parallel()
	good, asked := serve(t, http.StatusOK, encoded(t, drawn(640, 640, false), "png"))
	bad, askedBad := serve(t, http.StatusOK, []byte("<html>"))
	c := photo.NewChecks(fetcher(t, true), map[string]string{"default": good, "school": bad, "quiet": ""})
	fault := func(n int, r tasks.GroupRequest) *tasks.RowError {
		t.Helper()
		fault, err := c.Row(t.Context(), n, &r)
		if err != nil {
			t.Fatal(err)
		}
		return fault
	}
	own := tasks.GroupRequest{Pool: "default", Instance: ""}
	own.Photo = bad
	for n, r := range []tasks.GroupRequest{{}, {Pool: "default"}, {Pool: "quiet"}, {Pool: "other"}, {Instance: "alpha"}, {Pool: "school"}, {Pool: "school"}} {
		if e := fault(n+1, r); e != nil {
			t.Errorf("row %d: got %+v, want no error of a row without its own photo", n+1, e)
		}
	}
	if e := fault(8, own); e == nil || e.Code != tasks.BadField || e.Field != "photo" || e.Message == "" {
		t.Errorf("a row whose own photo is not a picture: got %+v, want badField of photo", e)
	}
	faults := c.Faults()
	if len(faults) != 1 || faults[0].Pool != "school" || !slices.Equal(faults[0].Rows, []int{6, 7}) || faults[0].Said().Zero() {
		t.Errorf("got the faults %+v, want one of the pool school for the rows 6 and 7", faults)
	}
	if asked.Load() != 1 || askedBad.Load() != 1 {
		t.Errorf("the pictures were fetched %d and %d times, want once each", asked.Load(), askedBad.Load())
	}
}
