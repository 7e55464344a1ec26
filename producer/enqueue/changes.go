package enqueue

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/tasks"
)

// Changes is how a row differs from the group that was asked for before under its name or key.
type Changes struct {
	New    []string `json:"new" doc:"People whom the group does not have, in clear."`
	Gone   []string `json:"gone" doc:"People of the group whom the row does not name, in clear. They are not removed."`
	Fields []string `json:"fields" doc:"What else differs, by the names of a request's fields: groupName, names, inviteMessage, …"`
}

// none says that the row asks for what the group is.
func (c Changes) none() bool { return len(c.New)+len(c.Gone)+len(c.Fields) == 0 }

// takeable says that an update has something to take over.
func (c Changes) takeable() bool {
	return len(c.New) > 0 || slices.Contains(c.Fields, operate.FieldNames)
}

// compare finds what a row asks for that a group is not. By is the file that the row is in: people of the group
// whom another file or a person added are not missing from it.
func compare(is, want *group.Group, by string) Changes {
	return Changes(operate.Compare(is, want, func(m *group.Member) bool { return m.AskedBy == "" || m.AskedBy == by }))
}

// changedError says what differs and what to do. Name is the row's; refused is why an update could not take it over.
func changedError(code tasks.Code, is *group.Group, c Changes, name string, refused error) *tasks.RowError {
	e := &tasks.RowError{Code: code, Field: "phones"}
	switch {
	case code == tasks.Conflict:
		e.Field = "idempotencyKey"
	case len(c.New)+len(c.Gone) == 0 && len(c.Fields) > 0:
		e.Field = c.Fields[0]
	}
	what := "The batch has this group already"
	if code == tasks.Conflict {
		what = "This idempotencyKey was used before for another request"
	}
	e.Message = fmt.Sprintf("%s (%s), and the row differs: %s.", what, is.ID, c.words(is))
	switch {
	case errors.Is(refused, group.ErrFull):
		e.Message += fmt.Sprintf(" The new people were not added: WhatsApp allows %d people besides the owner.", tasks.MaxPeople)
	case refused != nil:
		e.Message += fmt.Sprintf(" The new people cannot be added while the group is %s: %s.", is.Status, group.BeforeExtending(is.Status))
	case len(c.New) > 0 && slices.Contains(c.Fields, "groupName") && group.FoldName(name) != group.FoldName(is.Name):
		e.Message += " To add the new people, give the row the group's name and send it with --update (HTTP: update=true)."
	case len(c.New) > 0:
		e.Message += " Send it with --update (HTTP: update=true) to add the new people."
	}
	if code == tasks.Conflict {
		e.Message += " For another group give the row a new key."
	} else {
		e.Message += " For another group use another batch name, or give the row an idempotencyKey."
	}
	return e
}

// words tells the changes in one sentence's part.
func (c Changes) words(is *group.Group) string {
	var parts []string
	if n := len(c.New); n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s new", n, areIs(n)))
	}
	if n := len(c.Gone); n > 0 {
		parts = append(parts, fmt.Sprintf("%d %s gone", n, areIs(n)))
	}
	for _, f := range c.Fields {
		if f == "groupName" {
			f = fmt.Sprintf("groupName (was %q)", phone.Show(is.Name))
		}
		parts = append(parts, f)
	}
	return strings.Join(parts, ", ")
}

func areIs(n int) string {
	if n == 1 {
		return "person is"
	}
	return "people are"
}
