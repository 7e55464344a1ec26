package status

import (
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/ledger"
	"github.com/rollcallhq/rollcall/tasks"
)

// exportPage is how many groups are read at once.
const exportPage = 500

// outcomes are the columns that tell what happened, without their rollcall_.
var outcomes = []string{
	"status", "id", "groupId", "inviteLink", "error", "message", "remedy", "people", "instance", "key", "row", "createdAt", "finishedAt",
}

// Export writes the groups of a batch as rows that can come in again, in the order they were
// accepted, with what happened to each. It reports how many there were. Memory does not grow with
// them. Show says how each text is shown to the reader; nil shows the whole.
func (r *Reader) Export(ctx context.Context, to io.Writer, format, batchID string, only []group.Status, show func(string) string) (n int, err error) {
	w, err := intake.NewWriter(to, format, outcomes...)
	if err != nil {
		return 0, err
	}
	w.Show = show
	for cursor := ""; ; {
		groups, next, err := r.ledger.List(ctx, ledger.Filter{BatchID: batchID, Statuses: only, OldestFirst: true}, cursor, exportPage)
		if err != nil {
			return n, err
		}
		for _, g := range groups {
			if err := w.Write(recordOf(g)); err != nil {
				return n, err
			}
			n++
		}
		if cursor = next; cursor == "" {
			return n, w.Close()
		}
	}
}

// recordOf is a group as the row it could have come from, with what happened to it.
func recordOf(g *group.Group) intake.Record {
	req := tasks.GroupRequest{
		GroupName: g.Name, AutoInvite: &g.AutoInvite, Instance: g.Target.Instance, Pool: g.Target.Pool, Priority: g.Priority,
		ExternalRef: g.ExternalRef, InviteMessage: g.Message, Metadata: g.Metadata,
	}
	if !g.NotBefore.IsZero() {
		req.NotBefore = &g.NotBefore
	}
	if !g.ExpiresAt.IsZero() {
		req.ExpiresAt = &g.ExpiresAt
	}
	if g.Consent != (group.Consent{}) {
		req.Consent = &tasks.Consent{Source: g.Consent.Source}
		if !g.Consent.At.IsZero() {
			req.Consent.At = &g.Consent.At
		}
	}
	people := make([]string, len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		if strings.Contains(m.Input, "@") {
			req.ChatIDs = append(req.ChatIDs, m.Input)
		} else {
			req.Phones = append(req.Phones, tasks.Phone(m.Input))
		}
		people[i] = m.Input + " " + string(m.Status)
	}
	e := group.Error{}
	if g.Error != nil {
		e = *g.Error
	}
	return intake.Record{Request: req, Outcome: []string{
		string(g.Status), g.ID, g.WhatsAppID, g.InviteLink, string(e.Code), e.Message, e.Remedy, strings.Join(people, "; "),
		g.Instance, g.Key, strconv.Itoa(g.Row), timeText(g.CreatedAt), timeText(g.FinishedAt),
	}}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
