// Package audit records what people do through the API, the page and the command line: who, what, from where, and
// with what result. It records every change, and every view of phone numbers. The steps that workers take without
// a person are in the groups' records.
//
// No entry holds a phone number or a secret: subjects are ids, and text that people typed is masked before it is
// stored.
package audit

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
)

// Action is what a person or a program does.
type Action string

// The actions.
const (
	CreateGroup   Action = "group.create"
	CancelGroup   Action = "group.cancel"
	RetryGroup    Action = "group.retry"
	AdoptGroup    Action = "group.adopt"
	RecreateGroup Action = "group.recreate"
	AbandonGroup  Action = "group.abandon"
	MoveGroup     Action = "group.move"
	ExtendGroup   Action = "group.extend"
	EditGroup     Action = "group.edit"
	// ApproveJoin and RejectJoin answer a person's request to join a group.
	ApproveJoin    Action = "join.approve"
	RejectJoin     Action = "join.reject"
	ResolveGroup   Action = "group.resolve" // adopt, recreate or abandon, refused before one was chosen
	CreateBatch    Action = "batch.create"
	PauseInstance  Action = "instance.pause"
	ResumeInstance Action = "instance.resume"
	ChangePace     Action = "instance.pace"
	Suppress       Action = "suppression.add"
	// RecoverInstallation is a decision about an installation whose Redis lost data.
	RecoverInstallation Action = "installation.recover"
	Unsuppress          Action = "suppression.remove"
	ReplayWebhooks      Action = "webhook.replay"
	EnableWebhook       Action = "webhook.enable"
	// BeginBulk and AbortBulk are about a job, which changes many groups.
	BeginBulk Action = "bulk.begin"
	AbortBulk Action = "bulk.abort"
	// SaveView, RenameView and DeleteView are about the page's saved views.
	SaveView   Action = "view.save"
	RenameView Action = "view.rename"
	DeleteView Action = "view.delete"
	RotateKey  Action = "encryption.rotate"
	// ExportUnreadable and RemoveUnreadable are about stored things that cannot be read.
	ExportUnreadable Action = "unreadable.export"
	RemoveUnreadable Action = "unreadable.remove"
	SeePhones        Action = "phones.see"
	Login            Action = "session.login"
	Logout           Action = "session.logout"
)

// Actions lists all actions, for filters and documents.
var Actions = []Action{
	CreateGroup, CancelGroup, RetryGroup, AdoptGroup, RecreateGroup, AbandonGroup, MoveGroup, ExtendGroup, EditGroup, ResolveGroup, BeginBulk, AbortBulk, ApproveJoin, RejectJoin, CreateBatch, PauseInstance, ResumeInstance,
	ChangePace, RecoverInstallation, Suppress, Unsuppress, ReplayWebhooks, EnableWebhook, SaveView, RenameView, DeleteView, RotateKey, ExportUnreadable, RemoveUnreadable, SeePhones, Login, Logout,
}

// Names reports whether a pattern, as group.*, names an action.
func Names(pattern string) bool {
	return slices.ContainsFunc(Actions, func(a Action) bool { ok, err := path.Match(pattern, string(a)); return ok && err == nil })
}

// Result is the outcome of an action.
type Result string

// The results.
const (
	Done     Result = "done"
	Refused  Result = "refused"  // the state does not allow it, or it belongs to another request
	NotFound Result = "notFound" // the subject does not exist
	Failed   Result = "failed"   // an error; the action may have happened in part
)

// Results lists all results.
var Results = []Result{Done, Refused, NotFound, Failed}

// Through is the interface that the actor used.
type Through string

// The interfaces.
const (
	API  Through = "api"
	Page Through = "page"
	CLI  Through = "cli"
	MCP  Through = "mcp" // a language model, for the user who runs rollcall-producer mcp
)

// Doors lists all interfaces.
var Doors = []Through{API, Page, CLI, MCP}

// Actor is who does something, and from where.
type Actor struct {
	Name         string // of the key or the user; "" if unknown
	Through      Through
	From         string
	ForwardedFor string
	RequestID    string
}

// About says what an action concerns.
type About struct {
	Subjects []string   // ids, or names of instances
	Count    int        // how many things it concerns. Defaults to the number of subjects
	Detail   say.Phrase // masked
	Idle     bool       // it was done and changed nothing
}

// ErrRefused is wrapped by errors that say that something belongs to another request. Like group.ErrState, it
// makes the result Refused.
var ErrRefused = say.NewError(say.RefusedTaken)

// ErrImpossible is wrapped by errors that say that something is never allowed, in whatever state.
var ErrImpossible = errors.New("it is not possible")

func resultOf(err error) Result {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, group.ErrState), errors.Is(err, ErrRefused), errors.Is(err, ErrImpossible), errors.Is(err, store.ErrNeeded), errors.Is(err, store.ErrAgain):
		return Refused
	case errors.Is(err, store.ErrNotFound):
		return NotFound
	}
	return Failed
}

// trail is where entries are kept.
type trail interface {
	Audit(ctx context.Context, e store.AuditEntry, once time.Duration) (written bool, err error)
}

// Log stores entries. A nil *Log stores nothing: a program that uses the Go client keeps its own records.
type Log struct {
	Trail trail
	// Wrote is called with every entry that was stored, and Lost with every one that was not. Both default
	// to nothing.
	Wrote func(store.AuditEntry)
	Lost  func(store.AuditEntry, error)
}

// Did records what the context's actor did and its result. If Redis does not take the entry, what was done stays
// done, and Lost gets the entry.
func (l *Log) Did(ctx context.Context, what Action, about About, err error) {
	if l == nil {
		return
	}
	result := resultOf(err)
	if g := gatherOf(ctx); g != nil {
		g.add(what, result, about)
		return
	}
	if err != nil && about.Detail.Zero() {
		about.Detail = say.OfError(err) // why it was not done
	}
	for _, part := range about.parts() {
		l.write(ctx, entry(ctx, what, part, result), 0)
	}
}

// parts divides many subjects among several entries, so that each is named. It divides nothing if Count is not the
// number of subjects.
func (a About) parts() []About {
	if len(a.Subjects) <= maxSubjects || a.Count > 0 && a.Count != len(a.Subjects) {
		return []About{a}
	}
	var all []About
	for some := range slices.Chunk(a.Subjects, maxSubjects) {
		all = append(all, About{Subjects: some, Detail: a.Detail})
	}
	return all
}

// seenFor is how long a repeated view by the same actor is not recorded again: programs poll.
const seenFor = time.Hour

// Saw records that the context's actor saw phone numbers in clear.
func (l *Log) Saw(ctx context.Context, about About) {
	if l == nil {
		return
	}
	l.write(ctx, entry(ctx, SeePhones, about, Done), seenFor)
}

func entry(ctx context.Context, what Action, about About, result Result) store.AuditEntry {
	who := ActorOf(ctx)
	if about.Count == 0 {
		about.Count = len(about.Subjects)
	}
	subjects := make([]string, min(len(about.Subjects), maxSubjects))
	for i := range subjects {
		subjects[i] = clean(about.Subjects[i])
	}
	return store.AuditEntry{
		Actor: clean(who.Name), Through: string(who.Through), From: who.From, ForwardedFor: who.ForwardedFor, RequestID: who.RequestID,
		Action: string(what), Subjects: subjects, Count: about.Count, Result: string(result), Detail: cleaned(about.Detail),
		Idle: result == Done && (about.Idle || what == Login || what == Logout) || result == Refused || result == NotFound,
	}
}

// clean prepares a typed text for an entry: numbers masked, one line, printable, short.
func clean(s string) string {
	const maxRunes = 200
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, phone.Mask(strings.ToValidUTF8(s, " ")))
	if r := []rune(s); len(r) > maxRunes {
		s = string(r[:maxRunes]) + "…"
	}
	return strings.TrimSpace(s)
}

// cleaned returns a phrase whose text from outside is clean.
func cleaned(p say.Phrase) say.Phrase {
	p.Name, p.Place, p.Text = clean(p.Name), clean(p.Place), clean(p.Text)
	p.Why = slices.Clone(p.Why)
	for i := range p.Why {
		p.Why[i] = cleaned(p.Why[i])
	}
	return p
}

// Details joins several details of one action, without the zero ones.
func Details(all ...say.Phrase) say.Phrase {
	all = slices.DeleteFunc(all, say.Phrase.Zero)
	if len(all) == 0 {
		return say.Phrase{}
	}
	return say.Phrase{Code: say.Each, Why: all}
}

// writeFor is how long an entry may take: the request that it records waits for it.
const writeFor = 5 * time.Second

func (l *Log) write(ctx context.Context, e store.AuditEntry, once time.Duration) {
	// The entry is written even when the client has left meanwhile.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeFor)
	defer cancel()
	written, err := l.Trail.Audit(ctx, e, once)
	switch {
	case err != nil && l.Lost != nil:
		l.Lost(e, err)
	case written && l.Wrote != nil:
		l.Wrote(e)
	}
}

type actorKey struct{}

// As returns a context whose actions are an actor's.
func As(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// ActorOf returns the context's actor.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}

// OfGroup describes a group that was asked for, with the outcome of its request.
func OfGroup(id, outcome string) About {
	return About{Subjects: []string{id}, Detail: say.Phrase{Code: say.AuditGroup, Kind: outcome}, Idle: outcome == existed}
}

// existed is the outcome of a request that was accepted before.
const existed = "existed"

// OfBatch describes a batch that was accepted, in whole or in part.
func OfBatch(id, name string, created, again, updated, invalid int) About {
	about := About{Count: created, Detail: say.Phrase{Code: say.AuditBatch, Name: name}, Idle: created+updated == 0}
	rows := func(n int, outcome string) {
		about.Detail.Why = append(about.Detail.Why, say.Phrase{Code: say.AuditRows, N: n, Kind: outcome})
	}
	rows(created, "created")
	rows(again, existed)
	if updated > 0 {
		rows(updated, "updated")
	}
	rows(invalid, "invalid")
	if id != "" {
		about.Subjects = []string{id}
	}
	return about
}

// OfReplay describes events that are sent again.
func OfReplay(events []string, found, deliveries int) About {
	return About{Subjects: events, Count: found, Detail: say.Phrase{Code: say.AuditDeliveries, N: deliveries}}
}
