package simulator

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Simulator simulates all providers and the WhatsApp behind them. It is safe for concurrent use.
type Simulator struct {
	cfg          Config
	foreignClock bool
	routes       map[string]map[string]route // provider → wire name of the method → route
	faults       map[string]fault

	ctx    context.Context // bounds the goroutines that Close waits for
	cancel context.CancelFunc
	owned  sync.WaitGroup // every goroutine the simulator started
	wake   chan struct{}
	slots  chan struct{} // bounds webhooks in flight

	mu      sync.Mutex // guards all below, and everything inside the world
	world   *world
	closed  bool
	ticking bool
	armed   time.Time // when the clock wakes next; zero: only when woken
}

// New checks the configuration and returns a simulator without groups. No goroutine runs until something is planned.
// Close ends them.
func New(cfg Config) (*Simulator, error) {
	foreign := cfg.Now != nil
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("simulator: %w", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &Simulator{
		cfg:          cfg,
		foreignClock: foreign,
		faults:       faultTable(),
		ctx:          ctx,
		cancel:       func() { cancel(errClosed) },
		wake:         make(chan struct{}, 1),
		slots:        make(chan struct{}, 16),
	}
	s.routes = map[string]map[string]route{}
	for _, d := range dialects {
		s.routes[d.name()] = d.routes(s)
	}
	s.world = newWorld(s, cfg)
	return s, nil
}

var errClosed = errors.New("simulator closed")

// Handler serves the wire of all providers at one base URL.
func (s *Simulator) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, d := range dialects {
		d.mount(s, mux)
	}
	return mux
}

// Close cuts every call under way, stops the clock and waits for all goroutines. Calls that come
// later are cut. Close the simulator before the HTTP server it is mounted on: the server waits
// for hanging calls, the simulator ends them. Closing twice is fine.
func (s *Simulator) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	s.owned.Wait()
}

// Reset empties the world: groups, messages, calls, scripts, people and states. The configured
// instances stay; calls under way have no effect.
func (s *Simulator) Reset() {
	s.lock()
	defer s.unlock()
	s.world = newWorld(s, s.cfg)
}

// AddInstance connects one more number.
func (s *Simulator) AddInstance(in Instance) error {
	if err := in.validate(); err != nil {
		return err
	}
	s.lock()
	defer s.unlock()
	if _, ok := s.world.instances[in.ID]; ok {
		return fmt.Errorf("instance %q exists", in.ID)
	}
	s.cfg.Instances = append(slices.Clip(s.cfg.Instances), in)
	s.world.connect(in)
	return nil
}

// SetPerson sets how one phone behaves from now on.
func (s *Simulator) SetPerson(p Person) error {
	s.lock()
	defer s.unlock()
	return s.world.setPerson(p)
}

// Person returns the truth about the person behind a number, in any spelling.
func (s *Simulator) Person(phone string) PersonTruth {
	s.lock()
	defer s.unlock()
	return s.world.personOf(digitsOf(phone)).truth()
}

// AdjustQuirks changes the quirks while the simulator runs. People keep the character they have.
func (s *Simulator) AdjustQuirks(change func(*Quirks)) {
	s.lock()
	defer s.unlock()
	change(&s.world.quirks)
}

// Quirks returns the present quirks.
func (s *Simulator) Quirks() Quirks {
	s.lock()
	defer s.unlock()
	return s.world.quirks
}
