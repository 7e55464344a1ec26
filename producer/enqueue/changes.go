package enqueue

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/operate"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// Changes is how a row differs from the group requested earlier under its name or key.
type Changes struct {
	New    []string `json:"new" doc:"People whom the group does not have, in clear."`
	Gone   []string `json:"gone" doc:"People of the group whom the row does not name, in clear. They are not removed."`
	Fields []string `json:"fields" doc:"What else differs, by the names of a request's fields: groupName, names, inviteMessage, …"`
}

// none reports whether the row is the same as the group.
func (c Changes) none() bool { return len(c.New)+len(c.Gone)+len(c.Fields) == 0 }

// canUpdate reports whether an update would change the group: new people or names.
func (c Changes) canUpdate() bool {
	return len(c.New) > 0 || slices.Contains(c.Fields, operate.FieldNames)
}

// compare returns how a requested group differs from an existing one. by is the batch of the row: people added by
// another batch or by a person do not count as gone.
func compare(is, want *group.Group, by string) Changes {
	return Changes(operate.Compare(is, want, func(m *group.Member) bool { return m.AskedBy == "" || m.AskedBy == by }))
}

// changedError returns the error of a row that differs from its group. refused is why an update failed, or nil.
func changedError(row *checked, is *group.Group, c Changes, refused error) *tasks.RowError {
	code, name := codeOf(row), row.entry.Group.Name
	field, why := "phones", say.Phrase{Code: say.RowChanged, Name: is.ID, Why: c.phrases(is)}
	switch {
	case code == tasks.Conflict:
		field = "idempotencyKey"
	case len(c.New)+len(c.Gone) == 0 && len(c.Fields) > 0:
		field = c.Fields[0]
	}
	if code == tasks.Conflict {
		why.Code = say.RowConflict
	}
	switch {
	case errors.Is(refused, group.ErrFull):
		why.Kind, why.N = "full", tasks.MaxPeople
	case refused != nil:
		_, why.Kind, _ = strings.Cut(string(group.BeforeExtending(is.Status)), ":")
		why.Place = string(is.Status)
	case len(c.New) > 0 && slices.Contains(c.Fields, "groupName") && group.FoldName(name) != group.FoldName(is.Name):
		why.Kind = "renamed"
	case row.updatable(c) && len(c.New) > 0:
		why.Kind = "new"
	}
	return tasks.NewRowError(code, field, why)
}

// phrases lists the changes for a message.
func (c Changes) phrases(is *group.Group) []say.Phrase {
	var parts []say.Phrase
	if n := len(c.New); n > 0 {
		parts = append(parts, say.Phrase{Code: say.RowNew, N: n})
	}
	if n := len(c.Gone); n > 0 {
		parts = append(parts, say.Phrase{Code: say.RowGone, N: n})
	}
	for _, f := range c.Fields {
		p := say.Phrase{Code: say.RowField, Name: f}
		if f == "groupName" {
			p = say.Phrase{Code: say.RowRenamed, Text: strconv.Quote(phone.Show(is.Name))}
		}
		parts = append(parts, p)
	}
	return parts
}
