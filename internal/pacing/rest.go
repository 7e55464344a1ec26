package pacing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// calm is the time without a new rest, counted from a rest's end, after which the doubling starts over. A call
// that goes well is no such proof: a limit that was hit an hour ago is often still near.
const calm = 24 * time.Hour

// longest bounds a rest whose Max is 0.
const longest = 366 * 24 * time.Hour

// Rest is how long an instance rests after "rate overlimit".
type Rest struct {
	Initial    time.Duration // the first rest of a row
	Multiplier float64       // each following one; below 1 means 1
	Max        time.Duration // no rest is longer. 0 means a year
}

// Cause is why an instance rests.
type Cause string

// The causes. CauseUnreadable is told of a rest that cannot be read; none is stored with it.
const (
	CauseLimited    Cause = "limited"         // WhatsApp or the provider says that the number does too much
	CauseRestricted Cause = "restricted"      // WhatsApp restricts the number until a time that the provider named
	CauseBusy       Cause = "tooManyRequests" // the provider gets more requests a second than it takes
	CauseFailing    Cause = "providerFails"   // the provider's server fails or cannot be reached
	CauseQuota      Cause = "quota"           // the plan's quota is used up
	CauseUnreadable Cause = "unreadable"
)

// Causes are all of them.
var Causes = []Cause{CauseLimited, CauseRestricted, CauseBusy, CauseFailing, CauseQuota, CauseUnreadable}

// Why is why an instance rests, as a code, and what the provider said, without phone numbers.
type Why struct {
	Cause Cause
	Said  say.Phrase
}

// Resting is a rest that goes on; the zero value means no rest.
type Resting struct {
	Why
	Until time.Time
	// Since is when the first of the rests began that followed each other closely for this cause; zero
	// when it cannot be read.
	Since time.Time
}

// between is how long after a rest's end a new one for the same cause still belongs to it: the call that
// was tried in between failed again.
const between = 5 * time.Minute

// Rest lets the instance rest, both kinds, because the provider said that it called too often, and
// returns until when on Redis's clock. Rests grow by the multiplier; 24 hours after the end of one
// without a new one they start at Initial again. While such a rest lasts, another Rest changes
// nothing: the calls that were under way when it began often hit the same limit.
func (p *Pacer) Rest(ctx context.Context, instance string, r Rest, why Why) (time.Time, error) {
	if r.Max <= 0 || r.Max > longest {
		r.Max = longest
	}
	if !(r.Multiplier >= 1) {
		r.Multiplier = 1
	}
	return p.rest(ctx, instance, why, ofBoth, 0, r.Initial, number(r.Multiplier), r.Max.Microseconds())
}

// RestUntil lets the instance rest until a moment that the provider named ("suspendedUntil"). A rest
// is never shortened; a moment that has passed changes nothing. It does not count for the doubling.
func (p *Pacer) RestUntil(ctx context.Context, instance string, until time.Time, why Why) (time.Time, error) {
	return p.rest(ctx, instance, why, ofBoth, max(until.UnixMicro(), 1), 0, "0", 0)
}

// RestFor is RestUntil for a duration that the provider named (Retry-After); no wall clock of this
// machine enters into it.
func (p *Pacer) RestFor(ctx context.Context, instance string, d time.Duration, why Why) (time.Time, error) {
	return p.rest(ctx, instance, why, ofBoth, 0, d, "0", 0)
}

// RestKind is RestFor for one kind of call: the other goes on.
func (p *Pacer) RestKind(ctx context.Context, instance string, kind Kind, d time.Duration, why Why) (time.Time, error) {
	return p.rest(ctx, instance, why, restOf(kind), 0, d, "0", 0)
}

// rest runs the script: until is in µs since 1970, or 0 for d from now; a multiplier that is not 0 lets the rest
// grow from d to at most most µs.
func (p *Pacer) rest(ctx context.Context, instance string, why Why, of restNames, until int64, d time.Duration, multiplier string, most int64) (time.Time, error) {
	at, err := p.places(ctx, instance)
	if err != nil {
		return time.Time{}, err
	}
	said, err := encoded(why.Said)
	if err != nil {
		return time.Time{}, fmt.Errorf("pacing: rest: %w", err)
	}
	answer, err := p.scripts.rest.Run(ctx, p.rdb, []string{p.restKey(at[0])},
		of.end, of.said, of.cause, of.since, said, string(why.Cause), between.Microseconds(), calm.Microseconds(),
		until, d.Microseconds(), multiplier, most).StringSlice()
	if err == nil && len(answer) != 2 {
		err = fmt.Errorf("script answered %d values", len(answer))
	}
	var end int64
	if err == nil {
		end, err = micros(answer[1])
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("pacing: rest: %w", err)
	}
	return wall(end), nil
}

// encoded and decoded are the stored form of what the provider said; what cannot be read says nothing.
func encoded(said say.Phrase) (string, error) {
	if said.Zero() {
		return "", nil
	}
	data, err := json.Marshal(say.Kept(said))
	return string(data), err
}

func decoded(text string) say.Phrase {
	var said say.Kept
	if json.Unmarshal([]byte(text), &said) != nil {
		return say.Phrase{}
	}
	return say.Phrase(said)
}

// ClearRest ends the rest, also that of a kind, whatever began it, and forgets how many there were: a person has decided
// that the instance may work.
func (p *Pacer) ClearRest(ctx context.Context, instance string) error {
	at, err := p.places(ctx, instance)
	if err != nil {
		return err
	}
	if err := p.rdb.Del(ctx, p.restKey(at[0])).Err(); err != nil {
		return fmt.Errorf("pacing: clear rest: %w", err)
	}
	return nil
}
