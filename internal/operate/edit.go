package operate

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/rollcallhq/rollcall/internal/audit"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
	"github.com/rollcallhq/rollcall/tasks"
)

// Change is an edit of a group's request. A nil field stays as it is.
type Change struct {
	Name                        *string
	Add, Remove                 []tasks.Phone
	Names                       map[string]string // of people, by the phone as it stands in Add
	AutoInvite                  *bool
	Message                     *string       // of the invitations; "" for the configured one
	Description, Photo, Welcome *string       // "" removes the group's own
	NotBefore, ExpiresAt        *time.Time    // the zero time removes it
	Admins                      *tasks.Admins // without people it removes the group's own
	Settings                    *tasks.Settings
	Metadata                    map[string]any // replaces all of it
	Consent                     *tasks.Consent
}

// EditRules are how the phones of a Change are read.
type EditRules struct {
	Region string // of numbers without a country code. Defaults to the pool's
	Strict bool   // refuse a phone that cannot be used, instead of keeping it as an invalid member
}

// EditOutcome is the outcome of an edit.
type EditOutcome string

// The outcomes of an edit.
const (
	EditedInPlace EditOutcome = "edited"    // the waiting group was changed
	Superseded    EditOutcome = "replaced"  // another group is created instead
	Unchanged     EditOutcome = "unchanged" // the request says so already
)

// EditOutcomes lists all outcomes.
var EditOutcomes = []EditOutcome{EditedInPlace, Superseded, Unchanged}

// Edited is a group after an edit.
type Edited struct {
	Outcome EditOutcome
	Was     *group.Group // as it stood before
	Group   *group.Group // as it is now; for Superseded the new one, whose id a plan does not know yet
	Difference
	Unusable []intake.Person // of Change.Add
}

// maxEditTries is how often an edit is tried when other writers change the group at the same time.
const maxEditTries = 8

// Edit corrects a group: in place if no provider call was made for it, otherwise by another group that replaces
// it. The corrected request must pass the same checks as a new one. Edit fails with a *tasks.RowError when it does
// not, with group.ErrState when the group exists, may exist or was replaced by another request, and with
// store.ErrChanged when others kept changing it.
func (c *Control) Edit(ctx context.Context, id string, change Change, rules EditRules) (Edited, error) {
	e, err := c.edit(ctx, id, change, rules)
	if _, bad := errors.AsType[*tasks.RowError](err); bad || err == nil && e.Outcome == Unchanged {
		return e, err // nothing was tried
	}
	about := audit.About{Subjects: []string{id}, Count: 1}
	if err == nil {
		about.Detail = e.said()
		if e.Outcome == Superseded {
			about.Subjects = append(about.Subjects, e.Group.ID)
		}
	}
	c.Audit.Did(ctx, audit.EditGroup, about, err)
	return e, err
}

// PlanEdit returns what Edit would do and changes nothing.
func (c *Control) PlanEdit(ctx context.Context, id string, change Change, rules EditRules) (Edited, error) {
	is, err := c.Store.Records.Load(ctx, id)
	if err != nil {
		return Edited{}, err
	}
	e, entry, err := c.correct(ctx, is, change, rules)
	if err != nil || e.Outcome == Unchanged {
		return e, err
	}
	holder, err := c.Store.Records.KeyHolder(ctx, entry, is)
	if err == nil && holder != "" {
		err = nameHeld()
	}
	return e, err
}

func (c *Control) edit(ctx context.Context, id string, change Change, rules EditRules) (Edited, error) {
	if err := c.Store.Records.MendEditsOf(ctx, id); err != nil { // an earlier try of this edit may have been interrupted
		return Edited{}, err
	}
	var e Edited
	err := store.ErrChanged
	for n := 0; n < maxEditTries && errors.Is(err, store.ErrChanged); n++ {
		var is *group.Group
		if is, err = c.Store.Records.Load(ctx, id); err != nil {
			return Edited{}, err
		}
		var entry *store.Entry
		if e, entry, err = c.correct(ctx, is, change, rules); err != nil || e.Outcome == Unchanged || entry == nil {
			return e, err
		}
		if e.Outcome == EditedInPlace {
			e.Group, err = c.editInPlace(ctx, is, entry)
		} else {
			err = c.supersede(ctx, is, entry)
		}
		if _, held := errors.AsType[*store.NameHeld](err); held {
			return e, nameHeld()
		}
	}
	return e, err
}

// correct decides what an edit does to a group. A nil entry means that there is nothing to write.
func (c *Control) correct(ctx context.Context, is *group.Group, change Change, rules EditRules) (Edited, *store.Entry, error) {
	way, refused := is.Correction()
	e := Edited{Outcome: EditedInPlace, Was: is}
	var other *group.Group
	if errors.Is(refused, group.ErrReplaced) {
		var err error
		switch other, err = c.Store.Records.Load(ctx, is.ReplacedBy); {
		case errors.Is(err, store.ErrNotFound): // the edit was interrupted; the same edit creates the group
			refused = nil
		case err != nil:
			return e, nil, err
		}
	}
	if refused != nil && other == nil {
		return e, nil, refused
	}
	if way == group.Instead {
		e.Outcome = Superseded
	}
	batch, err := c.batchName(ctx, is)
	if err != nil {
		return e, nil, err
	}
	want, err := c.corrected(ctx, is, &e, change, rules)
	if err != nil {
		return e, nil, err
	}
	all := func(*group.Member) bool { return true }
	if other != nil { // an edit came before: the same one, or another
		if !Compare(other, want, all).None() {
			return e, nil, refused
		}
		e.Difference, e.Group = Compare(is, want, all), other
		return e, nil, nil
	}
	gone := e.Gone
	e.Difference = Compare(is, want, all)
	e.Gone = append(e.Gone, gone...)
	if e.None() && is.ReplacedBy == "" {
		e.Outcome, e.Group = Unchanged, is
		return e, nil, nil
	}
	if want.ID = is.ID; way == group.Instead {
		want.ID = cmp.Or(is.ReplacedBy, group.NewID())
	}
	e.Group = want
	return e, EntryOf(want, batch), nil
}

// batchName returns the name of a group's batch; "" when it has none or the batch is unknown.
func (c *Control) batchName(ctx context.Context, g *group.Group) (string, error) {
	if g.BatchID == "" {
		return "", nil
	}
	b, err := c.Store.Index.Batch(ctx, g.BatchID)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return b.Name, nil
}

// corrected returns the corrected group. It puts the phones of the change that cannot be used into e.Unusable, and the
// invalid entries that the change removes into e.Gone.
func (c *Control) corrected(ctx context.Context, is *group.Group, e *Edited, change Change, rules EditRules) (*group.Group, error) {
	judged := c.Rules
	judged.Region, judged.Strict, judged.Now = rules.Region, rules.Strict, time.Now().UTC().Truncate(time.Millisecond)
	req := view.Requested(is)
	req.IdempotencyKey = is.Key
	left, err := without(is, change.Remove, judged)
	if err != nil {
		return nil, err
	}
	var invalid []group.Member
	for _, m := range left {
		switch {
		case m.Number != "":
			req.Phones = append(req.Phones, tasks.Phone(m.Number.E164()))
		case m.LID != "":
			req.ChatIDs = append(req.ChatIDs, m.LID)
		default:
			invalid = append(invalid, m)
		}
	}
	kept := len(req.Phones)
	change.apply(&req, left)
	in, bad := intake.Check(req, judged)
	for _, p := range in.People {
		if p.Err != nil {
			e.Unusable = append(e.Unusable, p)
		}
	}
	if bad != nil {
		return nil, bad
	}
	can, err := c.setups(ctx, in.Request.Instance)
	if err != nil {
		return nil, err
	}
	if bad := Unsupported(in.Request, can); bad != nil {
		return nil, bad
	}
	now, repeat := judged.Now, is.Status != group.Queued || len(is.Attempts) > 0
	want := GroupOf(in, is.Row, is.Target, now)
	added := in.Request.Phones[kept:]
	by := askerOf(audit.ActorOf(ctx))
	for i := range want.Members {
		m := &want.Members[i]
		if slices.ContainsFunc(added, func(p tasks.Phone) bool { return strings.TrimSpace(string(p)) == m.Input }) {
			m.AskedBy, m.AskedAt = by, now
		}
	}
	want.Members = append(is.Kept(want.Members, repeat, now), invalid...)
	want.BatchID, want.AskAgain = is.BatchID, now
	for _, m := range is.Members {
		if m.Status == group.Invalid && !slices.ContainsFunc(left, func(l group.Member) bool { return l.Status == group.Invalid && l.Input == m.Input }) {
			e.Gone = append(e.Gone, m.Input)
		}
	}
	return want, c.optOut(ctx, want.Members, now)
}

// askerOf returns the AskedBy of the members that an actor adds.
func askerOf(a audit.Actor) string {
	if a.Through == audit.API || a.Through == audit.Page {
		return string(a.Through) + ":" + cmp.Or(a.Name, "local")
	}
	return string(audit.CLI)
}

// optOut ends the members who are on the suppression list.
func (c *Control) optOut(ctx context.Context, people []group.Member, now time.Time) error {
	ids := make([]phone.Identity, len(people))
	for i := range people {
		ids[i] = people[i].Identity()
	}
	out, err := c.Store.People.Suppressed(ctx, ids)
	if err != nil {
		return err
	}
	for i := range people {
		if out[i] && people[i].Status == group.Pending {
			people[i].End(group.OptedOut, say.Phrase{Code: say.Suppressed}, now)
		}
	}
	return nil
}

// editInPlace writes an entry into a waiting group.
func (c *Control) editInPlace(ctx context.Context, is *group.Group, e *store.Entry) (*group.Group, error) {
	g, err := c.Store.Records.Edit(ctx, is, e)
	if err != nil && !errors.Is(err, store.ErrIndexBehind) {
		return g, err
	}
	ctx = context.WithoutCancel(ctx)
	err = errors.Join(err, c.Queue.Put(ctx, c.Schedule.Next(g)...))
	c.late(g, errors.Join(err, c.removeCreate(ctx, is))) // the old task would do nothing
	return g, nil
}

// supersede replaces a group with the one of an entry. The new group joins the running batch of the old one's
// name; if that batch has ended, it joins a new one, because a batch ends only once.
func (c *Control) supersede(ctx context.Context, was *group.Group, e *store.Entry) error {
	var adding store.Adding
	batch, err := c.batchName(ctx, was)
	if err != nil {
		return err
	}
	if batch != "" {
		if err := c.Store.Index.JoinBatch(ctx, batch, &adding); err != nil {
			return err
		}
		e.Group.BatchID = adding.BatchID
	}
	err = c.Store.Records.Supersede(ctx, was, e)
	recorded := err == nil || errors.Is(err, store.ErrIndexBehind)
	ctx = context.WithoutCancel(ctx)
	if recorded {
		err = errors.Join(err, c.Queue.Put(ctx, c.Schedule.Next(e.Group)...))
		if was.Status == group.Queued {
			err = errors.Join(err, c.removeCreate(ctx, was))
		}
	}
	if batch != "" {
		leave := c.Store.Index.LeaveBatch
		if _, held := errors.AsType[*store.NameHeld](err); held || errors.Is(err, store.ErrChanged) || errors.Is(err, group.ErrState) { // surely nothing was written
			leave = c.Store.Index.ForsakeBatch
		}
		err = errors.Join(err, leave(ctx, &adding))
	}
	if !recorded {
		return err
	}
	c.late(e.Group, err)
	return nil
}

// nameHeld returns the error for a name that another group of the batch has. It does not tell which group: that may be
// another tenant's.
func nameHeld() *tasks.RowError {
	return tasks.NewRowError(tasks.Changed, "groupName", say.Phrase{Code: say.RowNameHeld})
}

// said describes an edit for the audit log, without numbers and names.
func (e Edited) said() say.Phrase {
	p := say.Phrase{Code: say.AuditEdit, N: len(e.New), M: len(e.Gone), Text: strings.Join(e.Fields, ", ")}
	if e.Outcome == Superseded {
		p.Place = e.Group.ID
	}
	return p
}
