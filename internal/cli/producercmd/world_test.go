package producercmd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/devfile"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/pacing"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/redisconn"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// world plays what surrounds a producer:
//
//	world announce INSTANCE...   a worker runs these, all in the pool default; NAME=photo,admins supports only these steps of a set-up
//	world health INSTANCE STATE REASON
//	world end STATUS NAME...     the queued groups of these names become done, failed, expired or review
//	world undelivered URL        the webhook at URL answered 410 to an event and is disabled
//	world spoil KEY              the key in Redis holds what cannot be read
//	world dev URL                a rollcall-worker dev runs here, with the Redis at URL
func world(args []string) int {
	if err := play(context.Background(), args); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "world:", err)
		return 1
	}
	return 0
}

func play(ctx context.Context, args []string) error {
	if args[0] == "dev" { // the PID is that of the test, which lives as long as the script
		return cli.OS().LeaveDev(devfile.Dev{PID: os.Getppid(), Redis: args[1], StartedAt: time.Now()})
	}
	conn, err := redisconn.Open(ctx, os.Getenv("ROLLCALL_REDIS_URL"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if args[0] == "empty" {
		if keys, err := conn.Client().Keys(ctx, "*").Result(); err != nil || len(keys) > 0 {
			return fmt.Errorf("want no key in Redis, got %q, %w", keys, err)
		}
		return nil
	}
	st, err := store.Open(ctx, conn.Client(), store.Options{})
	if err != nil {
		return err
	}
	now, err := st.Now(ctx)
	if err != nil {
		return err
	}
	switch verb, rest := args[0], args[1:]; verb {
	case "announce":
		if err := st.Presence.Beat(ctx, store.Worker{ID: "worker-1", Host: "here", StartedAt: now, Lanes: len(rest)}); err != nil {
			return err
		}
		var all []store.Announcement
		for _, word := range rest {
			var setup []string
			name, only, told := strings.Cut(word, "=")
			if told {
				setup = strings.Split(only, ",")
			}
			all = append(all, store.Announcement{
				Name: name, Provider: "zapi", Pools: []string{"default"}, SeenAt: now, Setup: setup,
				Create: pacing.Pace{Every: 5 * time.Minute, PerDay: 20}, Invite: pacing.Pace{Every: 45 * time.Second, PerDay: 20},
			})
		}
		return st.Presence.Announce(ctx, all)
	case "health":
		_, err := st.Presence.SetHealth(ctx, rest[0], provider.State{Health: provider.Health(rest[1]), Reason: say.Words(rest[2])}, now)
		return err
	case "undelivered":
		return undelivered(ctx, st, rest[0], now)
	case "spoil":
		return errors.Join(conn.Client().Del(ctx, rest[0]).Err(), conn.Client().HSet(ctx, rest[0], "spoiled", "").Err())
	case "end":
		return end(ctx, st, rest[0], rest[1:])
	default:
		return fmt.Errorf("no such verb: %s", verb)
	}
}

// end moves queued groups to a status, by the steps that a worker takes.
func end(ctx context.Context, st *store.Store, status string, names []string) error {
	for _, name := range names {
		groups, _, err := st.Index.List(ctx, store.Filter{Statuses: []group.Status{group.Queued}}, "", 500)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if g.Name != name {
				continue
			}
			if _, err := st.Records.Update(ctx, g.ID, func(g *group.Group, now time.Time) error { return endOne(g, status, now) }); err != nil {
				return err
			}
		}
	}
	return nil
}

func endOne(g *group.Group, status string, now time.Time) error {
	if status == "expired" {
		g.ExpiresAt = now
		g.Expire(now)
		return nil
	}
	g.Begin("worker-1", "alpha", time.Minute, func(string) bool { return true }, now)
	n := g.Latest().N
	switch status {
	case "failed":
		return g.Refused(n, group.Answer{HTTPStatus: 400, Error: say.Words("bad subject")}, now)
	case "review":
		if err := g.Unknown(n, group.Answer{Error: say.Words("timeout")}, now); err != nil {
			return err
		}
		g.Doubtful(say.Phrase{Code: say.ErrorUnlisted}, now)
		return nil
	}
	if err := g.Created(n, group.Answer{HTTPStatus: 200, GroupID: "12036304" + g.Name + "-group"}, now); err != nil {
		return err
	}
	for i := range g.Members {
		if g.Members[i].Status.Ended() {
			continue
		}
		g.Members[i].End(group.Added, say.Words(""), now)
	}
	return g.CallRoll(group.Reading{Complete: true}, true, now)
}

// undelivered records that a webhook answered 410 to the event batch.completed. It prints the event's id.
func undelivered(ctx context.Context, st *store.Store, url string, now time.Time) error {
	receiver := st.Outbox.ReceiverID(url)
	if err := st.Outbox.AnnounceReceivers(ctx, []store.Receiver{{ID: receiver, Host: "crm.example", Events: []string{"group.*"}, Print: "p"}}); err != nil {
		return err
	}
	fact := store.Fact{Type: "batch.completed", Of: "bat_1", Once: "batch.completed", At: now, Data: []byte("{}")}
	if _, err := st.Outbox.ClaimNotices(ctx, "bat_1", []store.Fact{fact}); err != nil {
		return err
	}
	notices, err := st.Outbox.Outbox(ctx, 1)
	if err != nil {
		return err
	}
	id := notices[0].ID
	d := store.Delivery{State: store.DeliveryFailed, Tries: 1, Status: 410, Reason: say.Phrase{Code: say.OutAnswered, N: 410}, Host: "crm.example", First: now, Last: now}
	if _, err := st.Outbox.SaveDelivery(ctx, id, receiver, store.Delivery{}, d); err != nil {
		return err
	}
	_, err = fmt.Println(id) // the script reads it
	return errors.Join(err, st.Outbox.Disable(ctx, receiver, store.Disabled{At: now, Reason: say.Kept(d.Reason), Event: id, Print: "p"}), st.Outbox.ClearOutbox(ctx, id))
}
