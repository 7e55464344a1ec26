package cli

import (
	"fmt"
	"sync"
	"time"

	gotext "github.com/jedib0t/go-pretty/v6/text"

	"github.com/rollcallhq/rollcall/internal/clock"
)

// How often progress is shown: a terminal's line is redrawn, elsewhere a line is added.
const (
	redrawEvery = 200 * time.Millisecond
	lineEvery   = 5 * time.Second
)

// Progress shows the progress of something on stderr. Stop must be called.
type Progress struct {
	s     *Session
	what  string
	begun time.Time

	mu    sync.Mutex
	state Step
	shown bool // the terminal's line holds something

	stop chan struct{}
	done chan struct{}
}

// Step is a state of the progress.
type Step struct {
	Done   int
	Before int // the part of Done that was done before the progress began; the rate leaves it out
	Total  int // 0 when it is not known
	Failed int
	Note   string    // what else there is to say
	Until  time.Time // when it will be over, if that is known better than by the rate so far
	Paced  bool      // the rate so far says nothing about the end
}

// Progress begins to show the progress of something, such as "groups accepted".
func (s *Session) Progress(what string) *Progress {
	p := &Progress{s: s, what: what, begun: s.Now(), stop: make(chan struct{}), done: make(chan struct{})}
	if s.Quiet {
		close(p.done)
		return p
	}
	every := lineEvery
	if s.animated() {
		every = redrawEvery
	}
	go p.run(every)
	return p
}

// Set sets the state that is shown next.
func (p *Progress) Set(state Step) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = state
}

// Say works like Session.Say, but clears the progress line first.
func (p *Progress) Say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	p.s.Say(format, args...)
}

// clear removes the terminal's line. The caller holds mu.
func (p *Progress) clear() {
	if p.shown {
		p.shown = false
		_, _ = fmt.Fprint(p.s.Err, "\r\x1b[K")
	}
}

// Stop stops the progress and clears the terminal's line, so that only the result remains.
func (p *Progress) Stop() {
	p.mu.Lock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.mu.Unlock()
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

func (p *Progress) run(every time.Duration) {
	defer close(p.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-p.stop:
			return
		}
		p.show()
	}
}

func (p *Progress) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	line := p.line(p.s.Now())
	if !p.s.animated() {
		p.s.Say("%s", line)
		return
	}
	if w := p.s.Width(); w > 0 {
		line = gotext.Snip(line, w-1, "…")
	}
	p.shown = true
	_, _ = fmt.Fprint(p.s.Err, "\r\x1b[K"+line)
}

// line returns count, rate, failures and finish time.
func (p *Progress) line(now time.Time) string {
	st, took := p.state, now.Sub(p.begun)
	line := fmt.Sprintf("%s: %d", p.what, st.Done)
	if st.Total > 0 {
		line = fmt.Sprintf("%s: %d of %d (%d%%)", p.what, st.Done, st.Total, 100*st.Done/st.Total)
	}
	made := st.Done - st.Before
	if rate := float64(made) / max(took.Seconds(), 0.001); made > 0 {
		line += ", " + rateText(rate)
	}
	if st.Failed > 0 {
		line += fmt.Sprintf(", %d failed", st.Failed)
	}
	if st.Note != "" {
		line += ", " + st.Note
	}
	end := st.Until
	if end.IsZero() && !st.Paced && st.Total > st.Done && made > 0 {
		end = now.Add(time.Duration(float64(took) / float64(made) * float64(st.Total-st.Done)))
	}
	if end.After(now) {
		line += fmt.Sprintf(", done about %s (%s)", p.s.Clock().Time(end, now), Distance(end.Sub(now)))
	}
	return clock.Say(line, func(t time.Time) string { return p.s.Clock().Time(t, now) })
}

// rateText shows a rate in the unit in which it is easy to read.
func rateText(perSecond float64) string {
	switch {
	case perSecond >= 1:
		return fmt.Sprintf("%.0f/s", perSecond)
	case perSecond*60 >= 1:
		return fmt.Sprintf("%.1f/min", perSecond*60)
	}
	return fmt.Sprintf("%.1f/h", perSecond*3600)
}
