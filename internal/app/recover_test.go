package app_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rollcallhq/rollcall/internal/app"
	"github.com/rollcallhq/rollcall/internal/config"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/provider/simulator"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/testutil"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/producer/enqueue"
	"github.com/rollcallhq/rollcall/tasks"
)

// cohort is a rig with one instance, a file of six groups, and a Redis whose files can be saved and restored.
type cohort struct {
	*rig
	truth  *simulator.Simulator
	worker *app.App
}

const cohortSize = 6

func newCohort(t *testing.T, durable ...string) *cohort {
	t.Helper()
	c := &cohort{rig: newRigOn(t, testutil.RealRedis(t, durable...))}
	c.config.Verify.Looks = []time.Duration{20 * time.Millisecond, 100 * time.Millisecond}
	c.truth = c.configure(1, func(q *simulator.Quirks) { q.Blocked, q.Joins = 0.5, 0 })
	c.config.Instances[0].Pools = []string{"default"}
	// A call that a backup shows under way is looked for until its timeout has passed for certain.
	c.config.Instances[0].Timeouts = config.Timeouts{Create: 10 * time.Second, Read: 30 * time.Second, Invite: 10 * time.Second}
	t.Cleanup(func() {
		if t.Failed() {
			c.tellUnended()
		}
	})
	return c
}

func (c *cohort) start() {
	c.t.Helper()
	c.worker = c.hire(func(o *app.Options) { o.Listen = "127.0.0.1:0" })
}

func (c *cohort) stop() {
	c.t.Helper()
	if err := c.worker.Stop(context.Background()); err != nil {
		c.t.Fatal(err)
	}
}

// send sends the file. A row has the same idempotency key each time.
func (c *cohort) send() {
	c.t.Helper()
	c.sendRows(cohortSize)
}

// sendRows sends the first rows of the file.
func (c *cohort) sendRows(rows int) {
	c.t.Helper()
	for n := range rows {
		if _, err := c.client.Create(c.t.Context(), tasks.GroupRequest{
			GroupName: fmt.Sprintf("Turma %d", n), IdempotencyKey: fmt.Sprintf("deal-%d", n),
			Phones: []tasks.Phone{tasks.Phone(fmt.Sprintf("+55449999%05d", 10*n+1)), tasks.Phone(fmt.Sprintf("+55449999%05d", 10*n+2))},
		}, enqueue.Rules{}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// count returns how many groups are in one of the states.
func (c *cohort) count(states ...group.Status) (n int) {
	c.t.Helper()
	doc, err := c.status.Status(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, s := range states {
		n += doc.Groups[s]
	}
	return n
}

func (c *cohort) installation() view.Installation {
	c.t.Helper()
	i, err := c.status.Installation(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return i
}

// backup copies the files of Redis as they are, and restore puts the copy in their place.
func (c *cohort) backup() string {
	c.t.Helper()
	dir := c.t.TempDir()
	if err := c.server.Client().Save(c.t.Context()).Err(); err != nil {
		c.t.Fatal(err)
	}
	if err := os.CopyFS(dir, os.DirFS(c.server.Dir)); err != nil {
		c.t.Fatal(err)
	}
	return dir
}

func (c *cohort) restore(dir string) {
	c.t.Helper()
	c.server.Kill()
	for _, name := range []string{"dump.rdb", "appendonlydir"} {
		if err := os.RemoveAll(filepath.Join(c.server.Dir, name)); err != nil {
			c.t.Fatal(err)
		}
	}
	if dir != "" {
		_ = os.Remove(filepath.Join(dir, "redis.log"))
		if err := os.CopyFS(c.server.Dir, os.DirFS(dir)); err != nil && !strings.Contains(err.Error(), "redis.log") {
			c.t.Fatal(err)
		}
	}
	c.server.Restart()
}

// once fails unless the provider made each group once and took each invitation once, and at least one.
func (c *cohort) once() {
	c.t.Helper()
	truth := c.truth.Ledger()
	groups, invited := map[string]int{}, map[string]int{}
	for _, g := range truth.Groups {
		groups[g.Name]++
	}
	for _, m := range truth.Messages {
		invited[m.To+" "+m.InviteLink]++
	}
	for n := range cohortSize {
		if name := fmt.Sprintf("Turma %d", n); groups[name] != 1 {
			c.t.Errorf("the provider made %s %d times, want once", name, groups[name])
		}
	}
	if len(invited) == 0 {
		c.t.Error("no person was invited: this proves nothing")
	}
	for who, n := range invited {
		if n > 1 {
			c.t.Errorf("%s was invited %d times, want once", who, n)
		}
	}
}

func (c *cohort) ready() (int, string) {
	c.t.Helper()
	resp, err := http.Get("http://" + c.worker.Addr() + "/readyz")
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

// tellUnended logs the state of each group.
func (c *cohort) tellUnended() {
	docs, _, err := c.status.Groups(context.Background(), store.Filter{}, "", 100)
	for _, d := range docs {
		c.t.Logf("%s: %s, %d attempts, waits for %q, error %+v, %v", d.GroupName, d.Status, len(d.Attempts), d.WaitingFor, d.Error, err)
	}
}

func (c *cohort) allEnded() bool {
	return c.count(group.Done) == cohortSize && c.count(group.Queued, group.Creating, group.Inviting, group.Verifying) == 0
}

func TestRecover_ARestoredBackupMakesNothingTwice(t *testing.T) {
	t.Parallel()
	rdb := []string{"--appendonly", "no"}
	for name, moment := range map[string]int{"before the first": 0, "in the middle": cohortSize / 2, "after the last": cohortSize} {
		for files, durable := range map[string][]string{"RDB": rdb, "AOF": nil} {
			for _, running := range []bool{true, false} {
				if files == "AOF" && moment != cohortSize/2 {
					continue
				}
				t.Run(fmt.Sprintf("%s %s workers running %v", name, files, running), func(t *testing.T) {
					t.Parallel()
					c := newCohort(t, durable...)
					if moment == 0 {
						if err := c.control.Pause(t.Context(), "i0", "", operate.Ending{}); err != nil {
							t.Fatal(err)
						}
					}
					c.start()
					if moment == 0 { // the backup holds groups that wait
						c.send()
					}
					c.sendRows(moment)
					c.until("the first groups are done", func() bool { return c.count(group.Done) == moment })
					saved := c.backup()
					if moment == 0 {
						if err := c.control.Resume(t.Context(), "i0", "", false); err != nil {
							t.Fatal(err)
						}
					}
					c.send()
					c.until("all have ended", c.allEnded)
					if !running {
						c.stop()
					}
					c.restore(saved)
					if !running {
						c.start()
					}
					want := "restored"
					switch {
					case !running:
						want = "crashed"
					case moment == cohortSize: // no call is missing
						want = ""
					}
					c.until("the restore is noticed", func() bool { return c.installation().Cause == want })
					if moment == 0 {
						if err := c.control.Resume(t.Context(), "i0", "", false); err != nil {
							t.Fatal(err)
						}
					}
					c.send()
					c.until("all have ended again", c.allEnded)
					c.once()
				})
			}
		}
	}
}

func TestRecover_ABackupOfStoppedWorkersMakesNothingTwice(t *testing.T) {
	t.Parallel()
	c := newCohort(t)
	c.start()
	c.stop()
	saved := c.backup()
	c.start()
	c.send()
	c.until("all have ended", c.allEnded)
	c.stop()
	c.restore(saved)
	c.start()
	if i := c.installation(); i.Cause != "restarted" || i.State != view.InstallationLooking {
		t.Errorf("got the installation %+v, want it restarted and looking", i)
	}
	c.send() // the rows are not in the backup at all
	c.until("all have ended again", c.allEnded)
	c.once()
}

func TestRecover_APlainRestartOfADurableRedisStopsNothing(t *testing.T) {
	t.Parallel()
	c := newCohort(t)
	c.config.Verify.Looks = []time.Duration{time.Hour}
	c.start()
	c.send()
	c.until("one has ended", func() bool { return c.count(group.Done) > 0 })
	c.server.Restart()
	c.until("all have ended", func() bool {
		doc, err := c.status.Status(t.Context())
		return err == nil && doc.Groups[group.Done] == cohortSize
	})
	if i := c.installation(); i.State != view.InstallationSound || i.Epoch != 1 {
		t.Errorf("got the installation %+v, want it sound in epoch 1", i)
	}
	c.once()
}

func TestRecover_AnEmptiedRedisHoldsTheWorkUntilAPersonStartsOver(t *testing.T) {
	t.Parallel()
	for name, empty := range map[string]func(c *cohort){
		"FLUSHALL":             func(c *cohort) { c.server.Flush() },
		"restart without data": func(c *cohort) { c.restore("") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCohort(t)
			c.start()
			c.send()
			c.until("all have ended", c.allEnded)
			lost := c.installation().ID
			empty(c)
			c.until("the loss is noticed", func() bool { return c.installation().State == view.InstallationLost })
			c.until("the worker is not ready", func() bool {
				status, body := c.ready()
				return status == http.StatusServiceUnavailable && strings.Contains(body, "recover --start-over")
			})
			c.until("the instance is announced again", func() bool { _, err := c.status.Instance(t.Context(), "i0"); return err == nil })
			c.send()
			second := c.hire() // it never saw the lost data, and must not begin either
			c.until("a group says what it waits for", func() bool {
				docs, _, err := c.status.Groups(t.Context(), store.Filter{}, "", 10)
				return err == nil && len(docs) == cohortSize && strings.Contains(docs[0].WaitingFor.String(), "recover --start-over")
			})
			if n := c.count(group.Queued); n != cohortSize {
				t.Errorf("%d groups wait, want all %d", n, cohortSize)
			}
			if err := c.control.Recover(t.Context(), operate.StartOver, time.Time{}); err != nil {
				t.Fatal(err)
			}
			c.until("all have ended again", c.allEnded)
			c.once()
			if i := c.installation(); i.ID == lost || i.Cause != "startedOver" {
				t.Errorf("got the installation %+v, want a new one that was started over", i)
			}
			c.until("the worker is ready again", func() bool { status, _ := c.ready(); return status == http.StatusOK }) // the second worker may have noticed it first
			if err := second.Stop(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRecover_AConfiguredInstallationIsMissedAlsoAfterAllWorkersStopped(t *testing.T) {
	t.Parallel()
	c := newCohort(t)
	c.start()
	c.send()
	c.until("all have ended", c.allEnded)
	c.stop()
	c.config.Redis.Installation = c.installation().ID
	c.server.Flush()
	c.start()
	if i := c.installation(); i.State != view.InstallationLost {
		t.Errorf("got the installation %+v, want it lost", i)
	}
}
