package store

import (
	"sync"
	"time"
)

// settledAfter is how old a reading must be before its absence means that Redis has jumped back. A
// failover loses only the last moments, which its replica had not copied yet.
const settledAfter = 5 * time.Second

// memory is what a worker remembers of the installation.
type memory struct {
	mu   sync.Mutex
	id   string
	base seen   // what Redis must hold: the first reading, or the latest older than settledAfter
	late []seen // the readings since
	own  int64  // the latest intent whose call this worker has made
}

// seen is one reading.
type seen struct {
	at             time.Time // by this process' clock
	epoch, intents int64
	beat           int64 // ms
}

// certain is what Redis must still hold. whole says that the worker remembers more than the id.
type certain struct {
	id                   string
	whole                bool
	epoch, intents, beat int64
}

// expect sets the memory of a worker that was given only the id of the installation.
func (m *memory) expect(id string) { m.id = id }

// sure returns what Redis must still hold.
func (m *memory) sure() certain {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.late) > 0 && time.Since(m.late[0].at) >= settledAfter {
		m.base, m.late = m.late[0], m.late[1:]
	}
	return certain{id: m.id, whole: !m.base.at.IsZero(), epoch: m.base.epoch, intents: max(m.base.intents, m.own), beat: m.base.beat}
}

// keep remembers a reading. A reading of another installation replaces the memory.
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
