package pacing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrLost means that the holder no longer owns the slot: its lease could not be renewed, or the process was frozen for
// longer than the lease. A call that was not sent yet must not be sent.
var ErrLost = errors.New("pacing: slot lost")

// ErrPaused means that a person has paused the instance since the slot was taken.
var ErrPaused = errors.New("pacing: instance paused")

// ErrQuiet means that quiet hours have begun since the slot was taken.
var ErrQuiet = errors.New("pacing: quiet hours")

// ErrResting means that a rest of the number has begun since the slot was taken.
var ErrResting = errors.New("pacing: number resting")

// closeFor bounds Used and GiveBack, which do not end with their caller's context.
const closeFor = 3 * time.Second

// Slot is the right to make one call. Its holder ends it with Used or GiveBack; until then it
// renews itself. It is safe for concurrent use.
type Slot struct {
	p        *Pacer
	instance string
	place    string // where its pace is stored
	kind     Kind
	pace     Pace
	owner    string
	fence    int64
	start    time.Duration // local

	held context.Context // ends with cause ErrLost
	lose context.CancelCauseFunc

	mu    sync.Mutex
	asked time.Time     // when the holder began to wait
	valid time.Duration // local: until when the holder may rely on the lease
	ended ending
	timer *time.Timer
}

// ending is how a slot was ended. The first one counts.
type ending int

const (
	open ending = iota
	used
	given
)

// open returns the slot of a claimed grant. before is the local time at which the claim was sent.
func (p *Pacer) open(instance, place string, kind Kind, pace Pace, owner string, fence, at int64, before time.Duration) *Slot {
	s := &Slot{
		p: p, instance: instance, place: place, kind: kind, pace: pace, owner: owner, fence: fence,
		start: p.offset(tag(place)).local(time.Duration(at) * time.Microsecond),
		valid: before + p.usableFor(),
	}
	s.held, s.lose = context.WithCancelCause(context.Background())
	s.mu.Lock()
	s.timer = time.AfterFunc(p.lease*3/10, s.renew)
	s.mu.Unlock()
	return s
}

// usableFor returns how long the holder may use a slot after it asked for the lease: a tenth less than the lease, so
// that a request that is sent at the last moment still arrives within it.
func (p *Pacer) usableFor() time.Duration { return p.lease * 9 / 10 }

// Instance returns the instance that makes the call.
func (s *Slot) Instance() string { return s.instance }

// Number returns what stands for the number that the slot was taken for (Numbers).
func (s *Slot) Number() string { return s.place }

// Kind returns the kind of the call.
func (s *Slot) Kind() Kind { return s.kind }

// Zone returns the time zone of its days.
func (s *Slot) Zone() *time.Location { return s.pace.Location() }

// Fence returns a number that grows with every slot of a place and kind. A store that keeps the greatest one can refuse
// writes of a holder that has lost its slot.
func (s *Slot) Fence() int64 { return s.fence }

// Start returns the earliest moment at which the call may be sent, on this process's monotonic clock.
func (s *Slot) Start() time.Time { return s.p.epoch.Add(s.start) }

// Valid reports whether the lease still allows the call to be sent. Check it right before sending, because the process
// may have been frozen since the last check.
func (s *Slot) Valid() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended == open && s.held.Err() == nil && s.p.now() < s.valid
}

// Context returns a context that ends with parent, or with cause ErrLost when the slot is lost. Use it to prepare a
// call; a call that was sent should go on, so that its outcome becomes known. The cancel function must be called.
func (s *Slot) Context(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	stop := context.AfterFunc(s.held, func() { cancel(context.Cause(s.held)) })
	return ctx, func() {
		stop()
		cancel(nil)
	}
}

// Wait sleeps until the start. It returns early only with an error: the cause of ctx's end, or
// ErrLost. Without an error the slot was valid when Wait returned.
func (s *Slot) Wait(ctx context.Context) error {
	s.mu.Lock()
	s.asked = time.Now()
	s.mu.Unlock()
	if left := s.start - s.p.now(); left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		case <-s.held.Done():
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !s.Valid() {
		return ErrLost
	}
	return nil
}

// Begin asks Redis right before the call whether it may be sent. It returns nil if so, and else ErrPaused,
// ErrResting, ErrQuiet, ErrLost or an error of Redis; then nothing must be sent. No call begins after Pause has returned.
func (s *Slot) Begin(ctx context.Context) error {
	clock, err := s.p.clock(ctx, s.place, s.kind, s.pace)
	if err != nil {
		return fmt.Errorf("pacing: begin: %w", err)
	}
	answer, _, err := s.p.run(ctx, tag(s.place), s.p.scripts.begin,
		[]string{s.p.paceKey(s.place, s.kind), s.p.pauseKey(s.place, s.instance), s.p.restKey(s.place)},
		append([]any{s.owner, string(s.kind), s.pace.Quiet.From.Microseconds(), s.pace.Quiet.To.Microseconds()}, clock...)...)
	switch {
	case err != nil:
		return fmt.Errorf("pacing: begin: %w", err)
	case answer[0] == "paused":
		return ErrPaused
	case answer[0] == "rest":
		return ErrResting
	case answer[0] == "quiet":
		return ErrQuiet
	case answer[0] != "begun" || !s.Valid():
		return ErrLost
	}
	return nil
}

// Asked returns when Wait was called, which is when the call was prepared; zero before that. From it follows the lead for
// the next Take.
func (s *Slot) Asked() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Used ends the slot of a call that was made and has ended. sentAt is when its request was written, a time.Now of this
// process, or zero if that is unknown. The next floor counts from the earlier of now and sentAt plus the pace's margin.
// When Used returns nil the slot is free.
//
// It does not end with ctx, and takes at most 3 s. After an error it may be called again; otherwise the lease expires
// and the floor counts from its end. ErrLost means that another worker found the lease expired; the floor still moves to
// sentAt if that is later. After GiveBack it does nothing.
func (s *Slot) Used(ctx context.Context, sentAt time.Time) error {
	if !s.end(used) {
		return nil
	}
	now := s.p.now()
	at := now
	if !sentAt.IsZero() {
		at = min(now, max(sentAt.Sub(s.p.epoch), s.start)+s.pace.margin())
	}
	redisAt := s.p.offset(tag(s.place)).redis(at, now)
	clock, err := s.p.clock(ctx, s.place, s.kind, s.pace)
	if err != nil {
		return fmt.Errorf("pacing: used: %w", err)
	}
	answer, err := s.script(ctx, s.p.scripts.used, append([]any{s.owner, (redisAt + time.Microsecond).Microseconds()}, clock...)...)
	if err != nil {
		return fmt.Errorf("pacing: used: %w", err)
	}
	if answer != "used" {
		return ErrLost
	}
	return nil
}

// GiveBack ends a slot without a call: floor, day count and lock are as if the slot had never been taken. It does not end
// with ctx, takes at most 3 s, and may be called again after an error. After Used, and for a lost slot, it does nothing.
func (s *Slot) GiveBack(ctx context.Context) error {
	if !s.end(given) {
		return nil
	}
	if _, err := s.script(ctx, s.p.scripts.hold, s.owner, 0, ""); err != nil {
		return fmt.Errorf("pacing: give back: %w", err)
	}
	return nil
}

// end ends the slot in this way. It reports false if the slot was already ended in another way.
func (s *Slot) end(how ending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == open {
		s.ended = how
		s.timer.Stop()
	}
	return s.ended == how
}
