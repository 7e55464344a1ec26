package outside

import (
	"strconv"
	"sync"
)

// Fault is a way of answering a create, or a message, other than by the truth.
type Fault string

// The faults. Those called created leave a group behind that the caller is not told of.
const (
	None              Fault = ""
	ErrorCreated      Fault = "500-created"
	ErrorPlain        Fault = "500"
	HangCreated       Fault = "hang-created"
	ResetBefore       Fault = "reset-before"
	ResetCreated      Fault = "reset-created"
	TornCreated       Fault = "torn-created"
	BadGateway        Fault = "502"
	BadGatewayCreated Fault = "502-created"
	TooMany           Fault = "429"
	Starting          Fault = "starting" // GREEN-API's words; Z-API documents none, so it borrows them
)

// Happens says whether a request answered in this way was carried out.
func (f Fault) Happens() bool {
	switch f {
	case None, ErrorCreated, HangCreated, ResetCreated, TornCreated, BadGatewayCreated:
		return true
	}
	return false
}

// Doubtful says that the answer does not tell the caller whether the request was carried out.
func (f Fault) Doubtful() bool { return f != None && f != TooMany && f != Starting }

// AllFaults are all of them, for a seeded share of everything.
func AllFaults() []Fault {
	return []Fault{
		ErrorCreated, ErrorPlain, HangCreated, ResetBefore, ResetCreated, TornCreated, BadGateway, BadGatewayCreated, TooMany, Starting,
	}
}

// Faults decides how requests are answered: a script first, then a seeded share.
type Faults struct {
	Seed  uint64
	Share float64 // of all requests
	Kinds []Fault // to draw from

	mu     sync.Mutex
	script map[string][]Fault
	nth    map[string]int
}

// Script fixes how the next requests about a subject (a group's name) are answered, one after the
// other; None for a plain answer. After the last one the share decides again.
func (f *Faults) Script(subject string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.script == nil {
		f.script = map[string][]Fault{}
	}
	f.script[subject] = append(f.script[subject], faults...)
}

// Stop ends all faults.
func (f *Faults) Stop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script, f.Share = nil, 0
}

// next is how to answer the next request about a subject.
func (f *Faults) next(subject string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.script[subject]; len(s) > 0 {
		f.script[subject] = s[1:]
		return s[0]
	}
	if f.nth == nil {
		f.nth = map[string]int{}
	}
	f.nth[subject]++
	n := strconv.Itoa(f.nth[subject])
	if len(f.Kinds) == 0 || chance(f.Seed, "fault", subject, n) >= f.Share {
		return None
	}
	return f.Kinds[hash(f.Seed, "which", subject, n)%uint64(len(f.Kinds))]
}
