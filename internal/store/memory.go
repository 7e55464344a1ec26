package store

import (
	"sync"
	"time"
)

// settledAfter is how long ago something must have been read for its absence to say that Redis has
// jumped back. A failover loses what its replica had not copied yet, which is milliseconds.
const settledAfter = 5 * time.Second

// memory is what a worker remembers of the installation.
type memory struct {
	mu   sync.Mutex
	id   string
	base seen   // what must be there: read long enough ago, or of the beginning
	late []seen // what was read since
	own  int64  // the latest intent whose call this worker has made
}

// seen is one reading.
type seen struct {
	at             time.Time // by this process' clock
	epoch, intents int64
	beat           int64 // ms
}

// certain is what Redis must still hold. Whole says that more than the id is remembered.
type certain struct {
	id                   string
	whole                bool
	epoch, intents, beat int64
}

// expect makes the memory that of a worker to which only an id was told.
func (m *memory) expect(id string) { m.id = id }

func (m *memory) sure() certain {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.late) > 0 && time.Since(m.late[0].at) >= settledAfter {
		m.base, m.late = m.late[0], m.late[1:]
	}
	return certain{id: m.id, whole: !m.base.at.IsZero(), epoch: m.base.epoch, intents: max(m.base.intents, m.own), beat: m.base.beat}
}

// keep remembers a reading that agrees with the memory, or replaces it.
func (m *memory) keep(i Installation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := seen{at: time.Now(), epoch: i.Epoch, intents: i.intents, beat: millis(i.Beat)}
	switch {
	case m.id != i.ID || m.base.at.IsZero():
		m.id, m.base, m.late, m.own = i.ID, seen{at: s.at, epoch: i.Epoch}, nil, 0
	case m.base.epoch != i.Epoch:
		m.base, m.late = seen{at: s.at, epoch: i.Epoch}, nil
	}
	m.late = append(m.late, s)
}

func (m *memory) called(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.own = max(m.own, n)
}
