package pacing

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// renew renews the slot's lease. The slot's timer calls it three tenths of a lease after the last renewal, so a shorter
// call needs no renewal. A failed renewal is retried until the slot is no longer valid. A slot that was lost is never
// renewed, even if no other worker took it.
func (s *Slot) renew() {
	if !s.p.enter() { // closed: the pacer renews no slot
		s.lose(ErrLost)
		return
	}
	defer s.p.renewing.Done()

	s.mu.Lock()
	ended, left := s.ended, s.valid-s.p.now()
	s.mu.Unlock()
	if ended != open {
		return
	}
	if left <= 0 {
		s.lose(ErrLost)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), min(left, s.p.lease/5))
	defer cancel()
	answer, before, err := s.p.run(ctx, tag(s.place), s.p.scripts.hold, s.keys(), s.owner, s.p.lease.Microseconds(), s.owner)

	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended != open:
	case err != nil:
		s.timer.Reset(min(s.p.lease/20, max(s.valid-s.p.now(), 0)))
	case answer[0] != "held":
		s.lose(ErrLost)
	case s.p.now() >= s.valid: // frozen while the renewal was under way
		s.lose(ErrLost)
	default:
		s.valid = before + s.p.usableFor()
		s.timer.Reset(s.p.lease * 3 / 10)
	}
}

// script runs one of the scripts that end the slot; it outlives the caller's context.
func (s *Slot) script(ctx context.Context, script *redis.Script, args ...any) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeFor)
	defer cancel()
	answer, _, err := s.p.run(ctx, tag(s.place), script, s.keys(), args...)
	if err != nil {
		return "", err
	}
	return answer[0], nil
}

func (s *Slot) keys() []string { return []string{s.p.paceKey(s.place, s.kind)} }
