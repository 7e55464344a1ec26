package enqueue

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/rollcallhq/rollcall/internal/group"
	"github.com/rollcallhq/rollcall/internal/intake"
	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/internal/store"
	"github.com/rollcallhq/rollcall/tasks"
)

// The scopes of keys.
const (
	scopeKey   = "key"   // given by the request
	scopeBatch = "batch" // the batch's name and the group's
)

// checked is a row with its verdict, before Redis was asked.
type checked struct {
	row   int
	err   *tasks.RowError
	fault error // Redis failed while checking
	entry *store.Entry

	comma   byte         // of the file, see intake.Row
	kin     found        // the group that the row means although it has another name or key
	was     *group.Group // the recorded group that the row differs from, where it was read already
	changes *Changes     // how it differs
	unborn  bool         // of a plan: its group is not there yet

	duplicates int // people given more than once
	unusable   []Unusable
	warnings   []string // codes
	sights     intake.Sights
}

// check judges a row by itself. It is the only place where a request becomes a record.
func (c *Client) check(ctx context.Context, row Row, batch string, rules Rules) checked {
	if row.Err != nil {
		return checked{row: row.N, err: row.Err}
	}
	if rowErr := rules.Place(&row.Request); rowErr != nil {
		return checked{row: row.N, err: rowErr}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	in, rowErr := intake.Check(row.Request, intake.Rules{
		Region: rules.Region, Strict: rules.Strict, RequireConsent: c.requireConsent, Regions: c.regions, PrivatePhotos: c.privatePhotos, Now: now,
	})
	unusable, sights := unusableOf(in.People), intake.SightsOf(in.People)
	if rowErr != nil {
		return checked{row: row.N, err: rowErr, unusable: unusable, sights: sights}
	}
	places, err := c.known(ctx)
	if err != nil {
		return checked{row: row.N, fault: err}
	}
	target, rowErr := places.target(in.Request)
	if rowErr != nil {
		return checked{row: row.N, err: rowErr, unusable: unusable, sights: sights}
	}
	g := groupOf(in, row.N, target, now)
	if batch == "" {
		g.Row = 0 // rows are a batch's
	}
	e := &store.Entry{Group: g, Content: content(g), Scope: scopeKey, Key: g.Key}
	if g.Key == "" && batch != "" {
		e.Scope, e.Key = scopeBatch, batch+"\x00"+group.FoldName(g.Name)
	}
	return checked{row: row.N, comma: row.Comma, entry: e, duplicates: in.Duplicates, unusable: unusable, warnings: warnings(in.People), sights: sights}
}

// unusableOf are those of the people who could not be used.
func unusableOf(people []intake.Person) []Unusable {
	var all []Unusable
	for _, p := range people {
		if p.Err != nil {
			all = append(all, Unusable{Input: p.Input, Code: string(p.Err.Reason), Message: p.Err.Error()})
		}
	}
	return all
}

// content is a digest of everything that is asked for, the same for every spelling of it. Consent is
// not asked for but vouched for: a file that comes again with better evidence asks for no second group.
// Rows of equal content are the same at a glance; of others compare tells.
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
	if g.Setup != nil { // without one the digest is that of groups from before there were set-ups
		asked = append(asked, plainSetup(g.Setup))
	}
	data, err := json.Marshal(asked)
	if err != nil { // strings, times and decoded JSON always marshal
		panic(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// optOut marks who is on the suppression list and counts them. It is looked at again before anybody is called.
func optOut(e *store.Entry) int {
	n := 0
	for i, out := range e.Out {
		if m := &e.Group.Members[i]; out && m.Status == group.Pending {
			m.End(group.OptedOut, say.Phrase{Code: say.Suppressed}, e.Group.CreatedAt)
			n++
		}
	}
	return n
}
