package enqueuetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/producer/enqueue"
)

// Want says which group a test expects. Fields that are zero do not matter.
type Want struct {
	GroupName      string
	Phones         []string // exactly these people, in any order and spelling
	Batch          string   // name or id
	Instance       string
	Pool           string
	Priority       string
	IdempotencyKey string
	ExternalRef    string
}

// RequireAccepted fails the test unless exactly one accepted group is as wanted, and returns it.
func RequireAccepted(tb testing.TB, rdb redis.UniversalClient, want Want) enqueue.Group {
	tb.Helper()
	all := accepted(tb, rdb)
	var found []enqueue.Group
	for i := range all {
		if want.mismatch(all[i]) == "" {
			found = append(found, all[i].Group)
		}
	}
	switch len(found) {
	case 1:
		return found[0]
	case 0:
		tb.Fatalf("no group was accepted as %s; %s", want, describe(all, want))
	default:
		tb.Fatalf("%d groups were accepted as %s, want exactly one", len(found), want)
	}
	return enqueue.Group{}
}

// RequireNotAccepted fails the test if any accepted group is as described.
func RequireNotAccepted(tb testing.TB, rdb redis.UniversalClient, unwanted Want) {
	tb.Helper()
	for _, g := range accepted(tb, rdb) {
		if unwanted.mismatch(g) == "" {
			tb.Fatalf("the group %q (%s) was accepted as %s", g.GroupName, g.ID, unwanted)
		}
	}
}

// RequireManyAccepted fails the test unless exactly these groups were accepted, in this order and no
// others, and returns them.
func RequireManyAccepted(tb testing.TB, rdb redis.UniversalClient, want ...Want) []enqueue.Group {
	tb.Helper()
	all := accepted(tb, rdb)
	if len(all) != len(want) {
		tb.Fatalf("%d groups were accepted, want %d", len(all), len(want))
	}
	groups := make([]enqueue.Group, len(all))
	for i, g := range all {
		if why := want[i].mismatch(g); why != "" {
			tb.Fatalf("accepted group %d, %q, is not as %s: %s", i+1, g.GroupName, want[i], why)
		}
		groups[i] = g.Group
	}
	return groups
}

// group is an accepted group with its batch's name.
type group struct {
	enqueue.Group

	batchName string
}

// accepted returns all groups, oldest first.
func accepted(tb testing.TB, rdb redis.UniversalClient) []group {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context())
	client, err := enqueue.New(ctx, rdb, enqueue.Options{})
	if err != nil {
		tb.Fatalf("look at what was accepted: %v", err)
	}
	var all []group
	names := map[string]string{}
	for g, err := range client.List(ctx, enqueue.Filter{OldestFirst: true}) {
		if err != nil {
			tb.Fatalf("look at what was accepted: %v", err)
		}
		if _, known := names[g.BatchID]; !known && g.BatchID != "" {
			b, err := client.GetBatch(ctx, g.BatchID)
			if err != nil {
				tb.Fatalf("look at the batch of an accepted group: %v", err)
			}
			names[g.BatchID] = b.Name
		}
		all = append(all, group{g, names[g.BatchID]})
	}
	return all
}

// mismatch returns the first thing about a group that is not as wanted, or "".
func (w Want) mismatch(g group) string {
	for _, f := range w.fields(g) {
		if f.want != "" && f.got != f.want {
			return fmt.Sprintf("its %s is %q, not %q", f.name, f.got, f.want)
		}
	}
	if w.Batch != "" && w.Batch != g.batchName && w.Batch != g.BatchID {
		return fmt.Sprintf("its batch is %q, not %q", g.batchName, w.Batch)
	}
	if w.Phones == nil {
		return ""
	}
	got, want := make([]string, len(g.Members)), make([]string, len(w.Phones))
	for i, m := range g.Members {
		got[i] = cmp.Or(m.Phone, m.Input)
	}
	for i, p := range w.Phones {
		want[i] = spelled(p, g.Members)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Sprintf("it asks for %s, not for %s", masked(got), masked(want))
	}
	return ""
}

type compared struct{ name, got, want string }

func (w Want) fields(g group) []compared {
	return []compared{
		{"groupName", g.GroupName, w.GroupName},
		{"instance", g.Instance, w.Instance},
		{"pool", g.Pool, w.Pool},
		{"priority", g.Priority, w.Priority},
		{"idempotencyKey", g.IdempotencyKey, w.IdempotencyKey},
		{"externalRef", g.ExternalRef, w.ExternalRef},
	}
}

// spelled returns a phone as a group's members show it: the phone of the member whose input has this spelling,
// otherwise the number that it stands for. Text that cannot be read stays as it is.
func spelled(typed string, members []enqueue.Member) string {
	for _, m := range members {
		if m.Input == strings.TrimSpace(typed) {
			return cmp.Or(m.Phone, m.Input)
		}
	}
	if n, err := phone.Parse(typed, ""); err == nil {
		return n.E164()
	}
	return strings.TrimSpace(typed)
}

// masked returns a list of phones with masked digits, for a test's log.
func masked(phones []string) string { return phone.Mask(strings.Join(phones, ", ")) }

// String returns the wanted fields as text, with masked phones.
func (w Want) String() string {
	var parts []string
	for _, f := range w.fields(group{}) {
		if f.want != "" {
			parts = append(parts, fmt.Sprintf("%s %q", f.name, f.want))
		}
	}
	if w.Batch != "" {
		parts = append(parts, fmt.Sprintf("batch %q", w.Batch))
	}
	if w.Phones != nil {
		parts = append(parts, "phones "+masked(w.Phones))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// maxShown is the maximum of groups that a failure describes.
const maxShown = 5

func describe(all []group, want Want) string {
	if len(all) == 0 {
		return "nothing was accepted"
	}
	var lines []string
	for i, g := range all {
		if i == maxShown {
			lines = append(lines, fmt.Sprintf("and %d more", len(all)-maxShown))
			break
		}
		lines = append(lines, fmt.Sprintf("%q: %s", g.GroupName, want.mismatch(g)))
	}
	return "accepted were\n\t" + strings.Join(lines, "\n\t")
}
