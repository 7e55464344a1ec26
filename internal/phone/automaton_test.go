package phone

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// It compares every pattern of every plan with package regexp, by random numbers most of which follow the pattern.
func TestAutomaton_MatchesWhatThePatternMatches(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	matched := 0
	for _, p := range allPlans().byRegion {
		for _, pattern := range []string{patternsOf(p.kindsOfPeople()), patternsOf(p.kindsOfServices()), p.source.GetGeneralDesc().GetNationalNumberPattern()} {
			if pattern == "" {
				continue
			}
			a, re := newAutomaton(pattern), regexp.MustCompile("^(?:"+pattern+")$")
			for range 60 {
				number := a.some(r)
				if got, want := a.matches(number), re.MatchString(number); got != want {
					t.Fatalf("%s: %q matches: %v; the regular expression %s says %v", p.region, number, got, pattern, want)
				} else if got {
					matched++
				}
			}
		}
	}
	if matched < 10_000 {
		t.Errorf("only %d numbers matched, want at least 10,000", matched)
	}
	if (*automaton)(nil).matches("1") || newAutomaton("[1-9]").matches("a") {
		t.Error("a number matches without a pattern, or a letter matches")
	}
}

// some returns a random number that mostly follows the automaton and may end anywhere.
func (a *automaton) some(r *rand.Rand) string {
	number, at := "", int32(0)
	for range 18 {
		if a.final[at] && r.IntN(3) > 0 {
			break
		}
		d := r.IntN(10)
		for range 20 {
			if a.next[at][d] != noState {
				break
			}
			d = r.IntN(10)
		}
		number += strconv.Itoa(d)
		if at = a.next[at][d]; at == noState {
			break
		}
	}
	return number
}
