package operate

import (
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/tasks"
)

// Redis keeps the digests for twice the retention. If they change, the same file is read as a new request.
func TestContent_RequestWithoutASetupKeepsItsDigest(t *testing.T) {
	t.Parallel()
	digest := func(s tasks.Setup) string {
		in, rowErr := intake.Check(tasks.GroupRequest{
			GroupName: "Turma 12", Phones: []tasks.Phone{"+5544999999999", "+5544999990002"}, InviteMessage: "Join: {{.Link}}", Setup: s,
		}, intake.Rules{Now: time.Unix(0, 0)})
		if rowErr != nil {
			t.Fatal(rowErr)
		}
		return content(GroupOf(in, 1, tasks.Target{Pool: "default"}, time.Unix(0, 0)))
	}
	const old = "11d1dfab6a3a04d0"
	for _, none := range []tasks.Setup{{}, {Admins: &tasks.Admins{}, Settings: &tasks.Settings{}, Description: " "}} {
		if got := digest(none); got != old {
			t.Errorf("%+v: got %s, want %s", none, got, old)
		}
	}
	ours := digest(tasks.Setup{WelcomeMessage: "Hello\nall", Admins: &tasks.Admins{People: []tasks.Phone{"+5544999999999", "+55 44 99999-0002"}}})
	if again := digest(tasks.Setup{WelcomeMessage: "Hello\r\nall ", Admins: &tasks.Admins{People: []tasks.Phone{"5544999990002", "+5544999999999"}}}); again != ours || ours == old {
		t.Errorf("another spelling of a set-up: got %s, want %s, and not %s as without one", again, ours, old)
	}
}
