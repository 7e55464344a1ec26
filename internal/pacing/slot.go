package pacing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrLost says that a slot is no longer its holder's: its lease could not be renewed, or the process
// was frozen for longer than that. A call that was not sent must not be sent any more.
var ErrLost = errors.New("pacing: slot lost")

// ErrPaused says that a person has paused the instance since the slot was taken.
var ErrPaused = errors.New("pacing: instance paused")

// ErrQuiet says that quiet hours have begun since the slot was taken.
var ErrQuiet = errors.New("pacing: quiet hours")

// closeFor bounds Used and GiveBack, which do not end with their caller's context.
const closeFor = 3 * time.Second

// Slot is the right to make one call. Its holder ends it with Used or GiveBack; until then it
// renews itself. It is safe for concurrent use.
type Slot struct {
	p        *Pacer
	instance string
	place    string // where its pace is kept
	kind     Kind
	pace     Pace
	owner    string
	fence    int64
	start    time.Duration // local

	held context.Context // ends with cause ErrLost
	lose context.CancelCauseFunc

	mu    sync.Mutex
	asked time.Time     // when the holder began to wait
	valid time.Duration // local: how long the holder may believe in the slot
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

// open is the slot for a grant whose request was begun at the local time before.
func (p *Pacer) open(instance, place string, kind Kind, pace Pace, owner string, fence, at int64, before time.Duration) *Slot {
	s := &Slot{
		p: p, instance: instance, place: place, kind: kind, pace: pace, owner: owner, fence: fence,
		start: p.offset(tag(place)).local(time.Duration(at) * time.Microsecond),
		valid: before + p.believed(),
	}
	s.held, s.lose = context.WithCancelCause(context.Background())
	s.mu.Lock()
	s.timer = time.AfterFunc(p.lease*3/10, s.renew)
	s.mu.Unlock()
	return s
}

// believed is how long after asking for a lease its holder relies on it: a tenth less than Redis
// does, so that what is sent at the last moment still arrives within the lease.
func (p *Pacer) believed() time.Duration { return p.lease * 9 / 10 }

// Instance is whose call it is.
func (s *Slot) Instance() string { return s.instance }

// Number is where its pace is kept: what stands for the number that it was taken for (Numbers).
func (s *Slot) Number() string { return s.place }

// Kind is what call it is.
func (s *Slot) Kind() Kind { return s.kind }

// Zone is where its days turn.
func (s *Slot) Zone() *time.Location { return s.pace.Location() }

// Fence grows with every slot of an instance and kind. A store that keeps the greatest one seen can
// refuse the writes of a holder that has lost its slot.
func (s *Slot) Fence() int64 { return s.fence }

// Start is the earliest moment at which the call may be written, on this process's monotonic clock.
func (s *Slot) Start() time.Time { return s.p.epoch.Add(s.start) }

// Valid says whether the call may still be sent, as far as the lease is concerned. Ask directly
// before sending: a process that was frozen wakes up with its old opinions.
func (s *Slot) Valid() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended == open && s.held.Err() == nil && s.p.now() < s.valid
}

// Context is parent, ended with cause ErrLost when the slot is lost. It suits the preparations of a
// call; a call that was sent should go on to learn its outcome. The cancel must be called.
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

// Begin asks Redis directly before the call whether it may leave: ErrPaused, ErrQuiet, or ErrLost. After any error
// nothing must be sent. Pause is never late: no call begins after it has returned.
func (s *Slot) Begin(ctx context.Context) error {
	clock, err := s.p.clock(ctx, s.place, s.kind, s.pace)
	if err != nil {
		return fmt.Errorf("pacing: begin: %w", err)
	}
	answer, _, err := s.p.run(ctx, tag(s.place), s.p.scripts.begin,
		[]string{s.p.paceKey(s.place, s.kind), s.p.pauseKey(s.place, s.instance)},
		append([]any{s.owner, s.pace.Quiet.From.Microseconds(), s.pace.Quiet.To.Microseconds()}, clock...)...)
	switch {
	case err != nil:
		return fmt.Errorf("pacing: begin: %w", err)
	case answer[0] == "paused":
		return ErrPaused
	case answer[0] == "quiet":
		return ErrQuiet
	case answer[0] != "begun" || !s.Valid():
		return ErrLost
	}
	return nil
}

// Asked is when Wait was called: the call was prepared by then. Zero before that. It tells how long a
// lead the next slot should be taken with.
func (s *Slot) Asked() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Used says that the call was made: its request was written at sentAt, a time.Now of this process,
// or zero if that is not known; it has ended now. The next floor counts from the earlier of now and
// sentAt plus the pace's margin. The slot is free when it returns nil.
//
// It finishes although ctx is cancelled, within 3 s. After an error it may be called again; if it is
// not, the lease runs out and the floor counts from there. ErrLost says that another worker found
// the lease run out and went on; the floor was still moved to sentAt if that is later.
// After GiveBack it does nothing.
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

// GiveBack says that nothing was sent: floor, day count and lock are as if the slot had never been
// taken. It finishes although ctx is cancelled, within 3 s, and may be called again after an error.
// After Used, and for a slot that was lost, it does nothing.
func (s *Slot) GiveBack(ctx context.Context) error {
	if !s.end(given) {
		return nil
	}
	if _, err := s.script(ctx, s.p.scripts.hold, s.owner, 0, ""); err != nil {
		return fmt.Errorf("pacing: give back: %w", err)
	}
	return nil
}

// end ends the slot in this way and says whether it is this way that counts.
func (s *Slot) end(how ending) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == open {
		s.ended = how
		s.timer.Stop()
	}
	return s.ended == how
}
