package pacing

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rollcallhq/rollcall/internal/say"
)

// calm is the time without a new rest, counted from a rest's end, after which rests start at Initial again. A
// successful call does not reset them: a limit that was hit an hour ago is often still near.
const calm = 24 * time.Hour

// longest bounds a rest whose Max is 0.
const longest = 366 * 24 * time.Hour

// Rest is how long an instance rests after "rate overlimit".
type Rest struct {
	Initial    time.Duration // length of the first of several consecutive rests
	Multiplier float64       // each following rest is so many times as long; below 1 means 1
	Max        time.Duration // length of the longest rest; 0 means a year
}

// Cause is why an instance rests.
type Cause string

// The causes. CauseUnreadable is returned for a rest that cannot be read, and is never stored.
const (
	CauseLimited    Cause = "limited"         // WhatsApp or the provider limits the number
	CauseRestricted Cause = "restricted"      // WhatsApp restricts the number until a time that the provider named
	CauseBusy       Cause = "tooManyRequests" // the provider gets more requests a second than it accepts
	CauseFailing    Cause = "providerFails"   // the provider's server fails or cannot be reached
	CauseQuota      Cause = "quota"           // the plan's quota is used up
	CauseUnreadable Cause = "unreadable"
)

// Causes are all causes.
var Causes = []Cause{CauseLimited, CauseRestricted, CauseBusy, CauseFailing, CauseQuota, CauseUnreadable}

// Why is why an instance rests: the cause as a code, and what the provider said, without phone numbers.
type Why struct {
	Cause Cause
	Said  say.Phrase
}

// Resting is a current rest; the zero value means no rest.
type Resting struct {
	Why
	Until time.Time
	// Since is the beginning of the first of the consecutive rests for this cause; zero if it cannot be read.
	Since time.Time
}

// between is the longest gap between two consecutive rests for the same cause: the call between them failed again.
const between = 5 * time.Minute

// Rest lets both kinds of calls of the instance rest, because the provider reported too many calls, and returns the end
// of the rest on Redis's clock. Consecutive rests grow by the multiplier; after 24 hours without one they start at
// Initial again. During such a rest another Rest changes nothing: calls that were under way when it began often hit the
// same limit.
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
// is never shortened; a moment in the past changes nothing. It does not make later rests grow.
func (p *Pacer) RestUntil(ctx context.Context, instance string, until time.Time, why Why) (time.Time, error) {
	return p.rest(ctx, instance, why, ofBoth, max(until.UnixMicro(), 1), 0, "0", 0)
}

// RestFor is RestUntil for a duration that the provider named (Retry-After). It does not use this machine's wall clock.
func (p *Pacer) RestFor(ctx context.Context, instance string, d time.Duration, why Why) (time.Time, error) {
	return p.rest(ctx, instance, why, ofBoth, 0, d, "0", 0)
}

// RestKind is RestFor for one kind of call.
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

// encoded returns the stored form of what the provider said. decoded reads it, and returns zero if it cannot be read.
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

// ClearRest ends all rests of the instance, including those of one kind of call, and resets their growth: a person has
// decided that the instance may work.
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
