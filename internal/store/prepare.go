package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rollcallhq/rollcall/internal/phone"
	"github.com/rollcallhq/rollcall/internal/provider"
)

// Preparing is what Prepare looks up and reserves before a call.
type Preparing struct {
	Number, Name, ID string // the name is reserved for the group of this id, if one is given
	People           []phone.Identity
	Provider         string
	Addresses        []string  // whose checks are recalled
	Now              time.Time // by Redis' clock: decides which checks are still valid
}

// Prepared is the result of Prepare.
type Prepared struct {
	Holder     string                      // the request that holds the name; see ReserveName
	Suppressed []bool                      // by person; see Suppressed
	Checks     map[string]provider.Checked // by address; see RecallChecks
	Intent     Intent                      // see Intend
}

// Prepare does what ReserveName, Suppressed, RecallChecks and Intend do, in one round trip.
func (rs *Records) Prepare(ctx context.Context, q Preparing) (Prepared, error) {
	var holder *redis.StringCmd
	var intent *redis.Cmd
	var suppressed func() ([]bool, error)
	var recalled func() map[string]provider.Checked
	name := nameKey(q.Number, q.Name)
	_, err := rs.pipeline(ctx, []*redis.Script{intentScript}, func(p redis.Pipeliner) error {
		intent = intentScript.EvalSha(ctx, p, []string{installationKey})
		if q.ID != "" {
			holder = queueClaim(ctx, p, name, q.ID)
		}
		suppressed = rs.people.suppressed(ctx, p, q.People)
		recalled = rs.people.recall(ctx, p, q.Now, q.Provider, q.Addresses)
		return nil
	})
	if err != nil && !wrongType(err) { // the reader of each answer reports a wrong type
		return Prepared{}, fmt.Errorf("prepare a call: %w", err)
	}
	var r Prepared
	if q.ID != "" {
		if errors.Is(holder.Err(), redis.Nil) { // its holder released it in between
			r.Holder, err = rs.claim(ctx, name, q.ID)
		} else {
			r.Holder, err = rs.claimed(ctx, name, holder)
		}
		if err != nil {
			return Prepared{}, err
		}
	}
	if r.Suppressed, err = suppressed(); err != nil {
		return Prepared{}, err
	}
	r.Checks = recalled()
	counted, err := intent.Slice()
	if err != nil {
		return r, fmt.Errorf("prepare a call: %w", err)
	}
	r.Intent, err = rs.intended(counted)
	return r, err
}
