package enqueue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
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
	return len(c.New) > 0 || slices.Contains(c.Fields, fieldNames)
}

// fieldNames stands for the names of people.
const fieldNames = "names"

// compare finds what a row asks for that a group is not, as it is meant: the spelling of numbers, their
// order, entries that name no person, and blanks do not matter. by is the file that the row is in:
// people of the group whom another file, a person or the pool's configuration added are not missing from it.
func compare(is, want *group.Group, by string) Changes {
	c := Changes{New: []string{}, Gone: []string{}, Fields: []string{}}
	for _, m := range is.Newcomers(want.Members) {
		c.New = append(c.New, shownAs(&m))
	}
	for _, m := range want.Newcomers(is.Members) {
		if !m.Staff && (m.AskedBy == "" || m.AskedBy == by) {
			c.Gone = append(c.Gone, shownAs(&m))
		}
	}
	differs := func(is bool, field string) {
		if is {
			c.Fields = append(c.Fields, field)
		}
	}
	differs(intake.SeenName(is.Name) != intake.SeenName(want.Name), "groupName")
	differs(is.AutoInvite != want.AutoInvite, "autoInvite")
	differs(is.Target.Instance != want.Target.Instance, "instance")
	differs(is.Target.Pool != want.Target.Pool && is.Target.Pool != "" && want.Target.Pool != "", "pool")
	differs(is.Priority != want.Priority, "priority")
	differs(is.Key != want.Key, "idempotencyKey")
	differs(is.ExternalRef != want.ExternalRef, "externalRef")
	differs(!is.NotBefore.Equal(want.NotBefore), "notBefore")
	differs(!is.ExpiresAt.Equal(want.ExpiresAt), "expiresAt")
	differs(plainText(is.Message) != plainText(want.Message), "inviteMessage")
	differs(!bytes.Equal(plainMetadata(is.Metadata), plainMetadata(want.Metadata)), "metadata")
	now, then := plainSetup(want.Setup), plainSetup(is.Setup)
	differs(now.Description != then.Description, "description")
	differs(now.Photo != then.Photo, "photo")
	differs(!reflect.DeepEqual(now.Admins, then.Admins), "admins")
	differs(now.WelcomeMessage != then.WelcomeMessage, "welcomeMessage")
	differs(!reflect.DeepEqual(now.Settings, then.Settings), "settings")
	differs(renames(is, want), fieldNames)
	return c
}

// renames says that the row has other names for people of the group.
func renames(is, want *group.Group) bool {
	copied := group.Group{Members: append([]group.Member(nil), is.Members...)}
	return copied.Rename(want.Members, want.CreatedAt) > 0
}

func shownAs(m *group.Member) string {
	if m.Number != "" {
		return m.Number.E164()
	}
	return m.LID
}

// plainText is a text without what a program changes when it copies one.
func plainText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// plainSetup is what was asked for, its texts as plainText has them.
func plainSetup(s *group.Setup) tasks.Setup {
	if s == nil {
		return tasks.Setup{}
	}
	plain := s.Asked
	plain.Description, plain.WelcomeMessage = plainText(plain.Description), plainText(plain.WelcomeMessage)
	return plain
}

// plainMetadata is metadata in one spelling; nothing and an empty object are the same.
func plainMetadata(m map[string]any) []byte {
	if len(m) == 0 {
		return nil
	}
	data, err := json.Marshal(m)
	if err != nil { // decoded JSON always marshals
		panic(err)
	}
	return data
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
