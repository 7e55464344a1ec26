package phone

import (
	"slices"
	"strconv"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// byPrefix finds the plans that can have a number by its length and its first three digits. It avoids
// matching the patterns of every plan.
type byPrefix [maxNational + 1]struct {
	plans []*plan
	kinds [][]*phonenumbers.PhoneNumberDesc // of each plan
	once  sync.Once
	table [1000][]*plan
}

const prefixDigits = 3

// add adds a plan's numbers of the given kinds.
func (b *byPrefix) add(p *plan, kinds []*phonenumbers.PhoneNumberDesc) {
	for n := range b {
		fit := slices.DeleteFunc(slices.Clone(kinds), func(k *phonenumbers.PhoneNumberDesc) bool {
			return !slices.Contains(p.lengths(k), int32(n)) //nolint:gosec // seventeen at most
		})
		if patternsOf(fit) != "" {
			b[n].plans, b[n].kinds = append(b[n].plans, p), append(b[n].kinds, fit)
		}
	}
}

// of returns the plans that can have a national number. Add all plans before the first call.
func (b *byPrefix) of(national string) []*plan {
	if len(national) < prefixDigits || len(national) > maxNational {
		return nil
	}
	of := &b[len(national)]
	of.once.Do(func() {
		for i, p := range of.plans {
			for _, prefix := range prefixes(patternsOf(of.kinds[i])) {
				of.table[prefix] = append(of.table[prefix], p)
			}
		}
	})
	prefix, err := strconv.Atoi(national[:prefixDigits])
	if err != nil {
		return nil
	}
	return of.table[prefix]
}

// prefixes returns the first three digits of all numbers that a pattern matches. An invalid pattern matches none.
func prefixes(pattern string) []int {
	var all []int
	prog := program(pattern)
	if prog == nil {
		return nil
	}
	var walk func(s states, depth, prefix int)
	walk = func(s states, depth, prefix int) {
		if depth == prefixDigits {
			all = append(all, prefix)
			return
		}
		for digit := range 10 {
			if next := prog.step(s, digit); len(next) > 0 {
				walk(next, depth+1, prefix*10+digit)
			}
		}
	}
	walk(prog.start(), 0, 0)
	return all
}
