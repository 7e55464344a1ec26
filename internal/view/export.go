package view

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// exportPage is how many groups are read at once.
const exportPage = 500

// outcomes are the columns that report what happened, without their prefix rollcall_.
var outcomes = []string{
	"status", "id", "groupId", "inviteLink", "error", "message", "remedy", "people", "input", "instance", "key", "row", "createdAt", "finishedAt", "setup", "replacedBy", "replaces", "lateGroups",
}

// peopleColumns are the columns of an export with one line per person. Those that report what happened begin with
// rollcall_, as elsewhere, so that the file can be uploaded again.
var peopleColumns = []string{
	"group", "name", "phone", "autoInvite", "rollcall_status", "rollcall_reason", "rollcall_since", "rollcall_input", "rollcall_id", "rollcall_admin",
}

// Exporting says what of a batch is exported, and how.
type Exporting struct {
	Batch *group.Batch
	Only  []group.Status // of groups. Defaults to all
	// Form is how the file is written. A zero Comma means the separator of the batch's own file.
	Form      intake.Form
	PerPerson bool // one line per person. Defaults to one row per group
	// Show and ShowName say how each text and each person's name is shown to the reader. Default to the whole.
	Show, ShowName func(string) string
}

// Export writes the groups of a batch as rows that can be uploaded again, in order of acceptance, with what
// happened to each. It returns how many it wrote. Memory use does not grow with their number.
func (r *Reader) Export(ctx context.Context, to io.Writer, e Exporting) (n int, err error) {
	e.Form.Comma = cmp.Or(e.Form.Comma, e.Batch.Comma)
	write, end, err := e.begin(to)
	if err != nil {
		return 0, err
	}
	for cursor := ""; ; {
		groups, next, err := r.store.Index.List(ctx, store.Filter{BatchID: e.Batch.ID, Pools: r.pools, Statuses: e.Only, OldestFirst: true}, cursor, exportPage)
		if err != nil {
			return n, err
		}
		for _, g := range groups {
			if e.ShowName != nil {
				for i := range g.Members {
					g.Members[i].Name = e.ShowName(g.Members[i].Name)
				}
			}
			if err := write(g); err != nil {
				return n, err
			}
			n++
		}
		if cursor = next; cursor == "" {
			return n, end()
		}
	}
}

// begin starts the file, and returns the functions that write a group to it and end it.
func (e Exporting) begin(to io.Writer) (write func(*group.Group) error, end func() error, err error) {
	if e.PerPerson {
		sheet, err := intake.NewSheet(to, e.Form, peopleColumns...)
		if err != nil {
			return nil, nil, err
		}
		return func(g *group.Group) error { return e.people(sheet, g) }, sheet.Close, nil
	}
	w, err := intake.NewWriter(to, e.Form, outcomes...)
	if err != nil {
		return nil, nil, err
	}
	w.Show = e.Show
	return func(g *group.Group) error { return w.Write(recordOf(g)) }, w.Close, nil
}

// people writes the people of a group, one line each.
func (e Exporting) people(sheet *intake.Sheet, g *group.Group) error {
	for i := range g.Members {
		m := &g.Members[i]
		if m.Staff { // the pool's configuration puts them in again
			continue
		}
		cells := []string{
			g.Name, m.Name, addressOf(m), strconv.FormatBool(g.AutoInvite),
			string(m.Status), m.Reason.String(), timeText(m.UpdatedAt), m.Input, g.ID, admin(m),
		}
		if e.Show != nil {
			for at, cell := range cells {
				if peopleColumns[at] != "rollcall_id" {
					cells[at] = e.Show(cell)
				}
			}
		}
		if err := sheet.Write(cells...); err != nil {
			return err
		}
	}
	return nil
}

// admin marks an admin of the group.
func admin(m *group.Member) string {
	if m.Admin {
		return "admin"
	}
	return ""
}

// setupText returns the state of each step of a group's set-up.
func setupText(g *group.Group) string {
	if g.Setup == nil {
		return ""
	}
	steps := make([]string, len(g.Setup.Steps))
	for i, s := range g.Setup.Steps {
		steps[i] = string(s.Name) + " " + string(s.Status)
	}
	return strings.Join(steps, "; ")
}

// doubtful marks an entry that could not be used. Without it, an entry that was refused for one home country could
// be read as a number of another one when the file is uploaded again.
const doubtful = "?"

// addressOf returns a member as an export's phones have it: an international number, a LID, or an unusable entry
// with its mark.
func addressOf(m *group.Member) string {
	switch {
	case m.Number != "":
		return m.Number.E164()
	case m.LID != "", m.Input == "":
		return m.LID
	}
	return doubtful + strings.TrimLeft(m.Input, doubtful)
}

// Requested returns a group's request without its people and its key.
func Requested(g *group.Group) tasks.GroupRequest {
	req := tasks.GroupRequest{
		GroupName: g.Name, AutoInvite: &g.AutoInvite, Instance: g.Target.Instance, Pool: g.Target.Pool, Priority: g.Priority,
		ExternalRef: g.ExternalRef, InviteMessage: g.Message, Metadata: g.Metadata,
	}
	if g.Setup != nil {
		req.Setup = g.Setup.Asked
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
	return req
}

// recordOf returns a group as a row that could have requested it, with what happened to it.
func recordOf(g *group.Group) intake.Record {
	req := Requested(g)
	var people, typed []string
	for i := range g.Members {
		m := &g.Members[i]
		if m.Staff { // the pool's configuration puts them in again
			continue
		}
		address := addressOf(m)
		if strings.Contains(address, "@") {
			req.ChatIDs = append(req.ChatIDs, address)
		} else {
			req.Phones = append(req.Phones, tasks.Phone(address))
		}
		if m.Name != "" {
			if req.Names == nil {
				req.Names = map[string]string{}
			}
			req.Names[address] = m.Name
		}
		people, typed = append(people, address+" "+string(m.Status)), append(typed, m.Input)
	}
	e := group.Error{}
	if g.Error != nil {
		e = *g.Error
	}
	return intake.Record{Request: req, Outcome: []string{
		string(g.Status), g.ID, g.WhatsAppID, g.InviteLink, string(e.Code), e.Message.String(), e.Remedy.String(), strings.Join(people, "; "), strings.Join(typed, "; "),
		g.Instance, g.Key, strconv.Itoa(g.Row), timeText(g.CreatedAt), timeText(g.FinishedAt), setupText(g), g.ReplacedBy, g.Replaces, strings.Join(g.StrayIDs(), "; "),
	}}
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
