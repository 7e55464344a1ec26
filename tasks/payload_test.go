package tasks_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/rollcallhq/rollcall/tasks"
)

var update = flag.Bool("update", false, "write the golden file of a payload that has none yet")

const (
	aGroup    = "grp_0198c0de-0000-7000-8000-000000000001"
	anEvent   = "evt_0198c0de-0000-7000-8000-000000000002"
	aReceiver = "00112233445566778899aabb"
)

// every returns one task of each kind, by the name of its golden file.
func every() map[string]tasks.Task {
	return map[string]tasks.Task{
		"create":   tasks.Create(aGroup, 0, tasks.Target{Pool: "default"}, tasks.Normal),
		"verify":   tasks.Verify(aGroup, 2, time.Time{}),
		"rollcall": tasks.RollCall(aGroup, time.Time{}),
		"invite":   tasks.Invite(aGroup, 17, "alpha"),
		"joins":    tasks.Joins(aGroup, time.Time{}),
		"deliver":  tasks.Deliver(anEvent, aReceiver, 0),
		"replay":   tasks.Deliver(anEvent, aReceiver, 3),
	}
}

// A task may wait in Redis for days while the workers are upgraded. So a golden file is never
// overwritten: a new version gets a new file beside the old one.
func TestDecodePayload_ReadsEveryVersion(t *testing.T) {
	t.Parallel()
	for name, task := range every() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", name+".v1.json")
			if _, err := os.Stat(path); *update && os.IsNotExist(err) {
				if err := os.WriteFile(path, append(task.Payload.Encode(), '\n'), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tasks.DecodePayload(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(task.Payload, got); diff != "" {
				t.Errorf("%s decodes to something else (-want +got):\n%s", path, diff)
			}
			if want := strings.TrimSpace(string(golden)); string(task.Payload.Encode()) != want {
				t.Errorf("version 1 is written as %s, the golden file says %s", task.Payload.Encode(), want)
			}
		})
	}
}

func TestDecodePayload_TellsALaterVersionFromABrokenPayload(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{"v":2}`, `{"v":7,"person":"ana"}`} {
		if p, err := tasks.DecodePayload([]byte(data)); !errors.Is(err, tasks.ErrNewer) {
			t.Errorf("%s decodes to %+v, %v; want ErrNewer", data, p, err)
		}
	}
	if _, err := tasks.DecodePayload([]byte(`{"v":1,"person":{}}`)); err == nil || errors.Is(err, tasks.ErrNewer) {
		t.Errorf("a broken payload: got %v, want another error than ErrNewer", err)
	}
}

func TestDecodePayload_RefusesAPayloadWithoutWork(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{}`, `{"v":1,"event":"` + anEvent + `"}`, `{"v":1,"receiver":"r"}`, `null`, `[]`, ``} {
		if p, err := tasks.DecodePayload([]byte(data)); err == nil {
			t.Errorf("%q decodes to %+v, want an error", data, p)
		}
	}
}

func TestDeliver_IsOneTaskForEachEventReceiverAndRun(t *testing.T) {
	t.Parallel()
	first, again, replayed := tasks.Deliver(anEvent, aReceiver, 0), tasks.Deliver(anEvent, aReceiver, 0), tasks.Deliver(anEvent, aReceiver, 1)
	if first.ID != again.ID || first.ID == replayed.ID || first.ID == tasks.Deliver(anEvent, "other", 0).ID {
		t.Errorf("ids %q, %q, replayed %q: only the same delivery has the same id", first.ID, again.ID, replayed.ID)
	}
	if got := tasks.GroupOf(first.ID); got != anEvent {
		t.Errorf("GroupOf(%q) = %q, want the event's id", first.ID, got)
	}
}

func TestTaskAgain_IsTheSameWorkUnderAnotherID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for name, first := range every() {
		again := first.Again()
		twice := again.Again()
		for _, id := range []string{first.ID, again.ID, twice.ID} {
			if seen[id] {
				t.Errorf("%s: the id %s is taken", name, id)
			}
			seen[id] = true
			if !tasks.SameWork(first.ID, id) || tasks.GroupOf(id) != tasks.GroupOf(first.ID) || tasks.PersonOf(id) != tasks.PersonOf(first.ID) {
				t.Errorf("%s: %s names other work than %s", name, id, first.ID)
			}
		}
	}
	if tasks.SameWork(tasks.Invite(aGroup, 1, "alpha").ID, tasks.Invite(aGroup, 11, "alpha").ID) {
		t.Error("the invitations of two people count as the same work")
	}
}

func TestTaskQueue_TasksOfALineAreOnTheCallQueue(t *testing.T) {
	t.Parallel()
	for name, task := range every() {
		want := tasks.ReadQueue
		if name == "create" || name == "invite" {
			want = tasks.CallQueue
		}
		if task.Queue() != want {
			t.Errorf("%s is on %s, want %s", name, task.Queue(), want)
		}
	}
}
