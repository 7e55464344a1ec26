package admin

import (
	"net/http"
	"strings"

	"github.com/rollcallhq/rollcall/internal/faults"
	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/notify"
	"github.com/rollcallhq/rollcall/internal/provider"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/internal/view"
)

type fault = view.Fault

// faultLine is one fault and its groups.
type faultLine struct {
	fault
	Anchor             string
	Code               group.Code
	Title, Why, Remedy say.Texts
	Cause              say.Speech // its cause, in a few words; nil if the code says it
	Retry              bool       // certainly none of the groups exists at WhatsApp, so all can be retried
	Corrigible         bool       // only a corrected request helps
	Undecided          bool       // the groups are in review
	Sample             string     // the provider's words, of the newest group
	Newest             *group.Document
}

// problemsView lists the problems by cause.
type problemsView struct {
	Instances []need
	Faults    []faultLine
	// Unreadable has the stored things that cannot be read.
	Unreadable []store.Unreadable
	Receivers  []notify.Receiver
	// Failures is one page of the deliveries that failed, Failed is how many there are, and Next is the cursor of the
	// following page.
	Failures []notify.Failure
	Failed   int
	Next     string
}

func (p *Page) problems(v *visit) error {
	ctx := v.ctx()
	instances, err := v.shown().Troubled(ctx, stopped)
	if err != nil {
		return err
	}
	found, err := v.shown().Faults(ctx)
	if err != nil {
		return err
	}
	page := problemsView{Instances: needLines(view.Together(instances))}
	for _, f := range found {
		page.Faults = append(page.Faults, faultLineOf(f))
	}
	for i := range page.Faults {
		f := &page.Faults[i]
		newest, _, err := p.Store.Index.List(ctx, store.Filter{Fault: f.Key, Pools: v.who.Pools}, "", 1)
		if err != nil {
			return err
		}
		if len(newest) > 0 {
			d := newest[0].Document()
			f.Newest = &d
			if f.Sample = v.tongue().voice(v.now).Say(wordsOf(newest[0])); f.Sample == "" && d.Error != nil {
				f.Sample = v.tongue().voice(v.now).Say(d.Error.Message)
			}
		}
	}
	if v.bound() { // the rest belongs to the whole installation
		return v.show(http.StatusOK, say.Code("problems"), page)
	}
	if page.Unreadable, err = p.Store.Unreadables(ctx); err != nil {
		return err
	}
	desk := notify.Desk{Store: p.Store}
	if page.Receivers, err = desk.Receivers(ctx); err != nil {
		return err
	}
	if page.Failures, page.Next, err = desk.Failures(ctx, v.r.URL.Query().Get("failures"), pageSize); err != nil {
		return err
	}
	if page.Failed, err = p.Store.Outbox.CountFailures(ctx); err != nil {
		return err
	}
	return v.show(http.StatusOK, say.Code("problems"), page)
}

// stopped reports whether an instance is stopped, or makes no calls of some kind for a time.
func stopped(i view.Instance) bool {
	return i.State != provider.Ready && i.State != provider.UnknownState || i.NeedsAPerson() || len(i.Rests) > 0
}

// wordsOf returns the provider's last answer to a group's create.
func wordsOf(g *group.Group) say.Phrase {
	if a := g.Latest(); a != nil {
		return a.Error
	}
	return say.Phrase{}
}

// anchorOf returns the anchor of a fault on the page.
func anchorOf(fault string) string { return strings.ReplaceAll(fault, ":", "-") }

func faultLineOf(f fault) faultLine {
	code, key := faults.Parse(f.Key)
	what := faults.CodeOf(code)
	line := faultLine{
		fault: f, Anchor: anchorOf(f.Key), Code: code,
		Title: what.Title, Why: what.Why, Remedy: what.Remedy, Retry: faults.Retryable(code) && !faults.Corrigible(f.Key), Corrigible: faults.Corrigible(f.Key), Undecided: faults.Undecided(code),
	}
	if cause, ok := faults.Lookup(key); ok {
		line.Cause, line.Why, line.Remedy = cause.Title, cause.Why, cause.Remedy
	}
	return line
}
