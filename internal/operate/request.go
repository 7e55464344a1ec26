package operate

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// The scopes of keys.
const (
	ScopeKey   = "key"   // given by the request
	ScopeBatch = "batch" // the batch's name and the group's
)

// GroupOf makes the record of a checked request.
func GroupOf(in intake.Checked, row int, target tasks.Target, now time.Time) *group.Group {
	r := in.Request
	g := &group.Group{
		ID: group.NewID(), Name: r.GroupName, AutoInvite: r.AutoInvite == nil || *r.AutoInvite,
		Target: target, Instance: target.Instance, Priority: r.Priority, Row: row, ExternalRef: r.ExternalRef,
		Key: r.IdempotencyKey, Message: r.InviteMessage, Metadata: r.Metadata,
		Status: group.Queued, CreatedAt: now, UpdatedAt: now,
		Members: make([]group.Member, len(in.People)), Setup: group.NewSetup(r.Setup, now),
	}
	if r.NotBefore != nil {
		g.NotBefore = r.NotBefore.UTC()
	}
	if r.ExpiresAt != nil {
		g.ExpiresAt = r.ExpiresAt.UTC()
	}
	if c := r.Consent; c != nil {
		g.Consent.Source = c.Source
		if c.At != nil {
			g.Consent.At = c.At.UTC()
		}
	}
	for i, p := range in.People {
		m := &g.Members[i]
		*m = group.Member{Number: p.Number, LID: p.Identity.LID, Input: p.Input, Name: p.Name, Status: group.Pending, UpdatedAt: now}
		if p.Err != nil {
			m.End(group.Invalid, p.Err.Said(), now)
		}
	}
	return g
}

// EntryOf returns a group with the key that names its request: its own, or in a batch the batch's name and the
// group's.
func EntryOf(g *group.Group, batch string) *store.Entry {
	e := &store.Entry{Group: g, Content: content(g), Scope: ScopeKey, Key: g.Key}
	if g.Key == "" && batch != "" {
		e.Scope, e.Key = ScopeBatch, batch+"\x00"+group.FoldName(g.Name)
	}
	return e
}

// content returns a digest of everything that a request asks for, however it is spelled. It leaves out consent, so that
// a file sent again with better evidence does not ask for a second group. Rows with equal digests ask for the same;
// if the digests differ, Compare decides.
func content(g *group.Group) string {
	people := make([]string, 0, len(g.Members))
	for i := range g.Members {
		if keys := g.Members[i].Identity().Keys(); len(keys) > 0 {
			people = append(people, keys[0]+"\x00"+g.Members[i].Name)
		}
	}
	slices.Sort(people)
	asked := []any{
		intake.SeenName(g.Name), g.AutoInvite, g.Target.String(), g.Priority, people, g.ExternalRef, g.NotBefore, g.ExpiresAt,
		plainText(g.Message), json.RawMessage(cmp.Or(string(plainMetadata(g.Metadata)), "null")),
	}
	if g.Setup != nil { // a request without one has a shorter digest
		asked = append(asked, plainSetup(g.Setup))
	}
	data, err := json.Marshal(asked)
	if err != nil { // strings, times and decoded JSON always marshal
		panic(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// Unsupported returns an error for a set-up that the request's instance cannot do, or nil. can lists what the instance
// can set up; nil means unknown.
func Unsupported(r tasks.GroupRequest, can []string) *tasks.RowError {
	if can == nil {
		return nil
	}
	var lacks []string
	needs := func(wanted bool, field string) {
		if wanted && !slices.Contains(can, field) {
			lacks = append(lacks, field)
		}
	}
	needs(r.Description != "", "description")
	needs(r.Photo != "", "photo")
	needs(r.Admins != nil, "admins")
	r.Settings.Each(func(name string, _ bool) { needs(true, name) })
	if lacks == nil {
		return nil
	}
	return tasks.NewRowError(tasks.Unsupported, lacks[0], say.Phrase{Code: say.RowUnsupported, Text: strconv.Quote(r.Instance), Place: strings.Join(lacks, ", ")})
}

// Difference is how a request differs from the group that was asked for before.
type Difference struct {
	New    []string // people whom the group does not have, in clear
	Gone   []string // people of the group whom the request does not name, in clear
	Fields []string // what else differs, by the names of a request's fields
}

// None reports whether there is no difference.
func (d Difference) None() bool { return len(d.New)+len(d.Gone)+len(d.Fields) == 0 }

// FieldNames stands for the names of people in Difference.Fields.
const FieldNames = "names"

// Compare returns how a request differs from a group in what it means: the spelling and the order of numbers,
// entries that name no person, and blanks do not count. asked reports whether a member's absence counts; people
// whom the pool's configuration added never count as missing.
func Compare(is, want *group.Group, asked func(m *group.Member) bool) Difference {
	c := Difference{New: []string{}, Gone: []string{}, Fields: []string{}}
	for _, m := range is.Newcomers(want.Members) {
		c.New = append(c.New, shownAs(&m))
	}
	for _, m := range want.Newcomers(is.Members) {
		if !m.Staff && asked(&m) {
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
	differs(renames(is, want), FieldNames)
	return c
}

// renames reports whether the row has other names for people of the group.
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

// plainText returns a text without the differences that programs make when they copy it.
func plainText(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// plainSetup returns what was asked for, with its texts as plainText returns them.
func plainSetup(s *group.Setup) tasks.Setup {
	if s == nil {
		return tasks.Setup{}
	}
	plain := s.Asked
	plain.Description, plain.WelcomeMessage = plainText(plain.Description), plainText(plain.WelcomeMessage)
	return plain
}

// plainMetadata returns metadata in one spelling. Nothing and an empty object are the same.
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
