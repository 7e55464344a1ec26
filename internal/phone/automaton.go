package phone

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// automaton matches whole national numbers: the pattern of a numbering plan as a table with a column a digit.
// Go's own matcher of such patterns takes twenty times as long, and a file asks for each of its numbers.
type automaton struct {
	next  [][10]int32 // by state; noState: no number goes on so
	final []bool
}

const noState = -1

// newAutomaton makes the automaton of a pattern; nil, which matches nothing, for none.
func newAutomaton(pattern string) *automaton {
	prog := program(pattern)
	if prog == nil {
		return nil
	}
	a := &automaton{}
	known := make(map[string]int32)
	var waiting []states
	add := func(s states) int32 {
		if len(s) == 0 {
			return noState
		}
		key := s.key()
		id, ok := known[key]
		if !ok {
			id = int32(len(a.next)) //nolint:gosec // some thousands
			known[key] = id
			a.next, a.final = append(a.next, [10]int32{}), append(a.final, prog.ends(s))
			waiting = append(waiting, s)
		}
		return id
	}
	add(prog.start())
	for i := 0; i < len(waiting); i++ {
		for digit := range 10 {
			to := add(prog.step(waiting[i], digit))
			a.next[i][digit] = to
		}
	}
	return a
}

// matches tells whether the digits are a whole number of the pattern.
func (a *automaton) matches(digits string) bool {
	if a == nil {
		return false
	}
	at := int32(0)
	for i := range len(digits) {
		d := digits[i] - '0'
		if d > 9 {
			return false
		}
		if at = a.next[at][d]; at == noState {
			return false
		}
	}
	return a.final[at]
}

// digitProgram is a pattern compiled for running over digits.
type digitProgram struct{ *syntax.Prog }

// states are the places of a program that some digits lead to, in order.
type states []uint32

func (s states) key() string {
	var b []byte
	for _, pc := range s {
		b = binary.AppendUvarint(b, uint64(pc))
	}
	return string(b)
}

func program(pattern string) *digitProgram {
	if pattern == "" {
		return nil
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil
	}
	return &digitProgram{prog}
}

func (p *digitProgram) start() states {
	return p.follow(nil, uint32(p.Start)) //nolint:gosec // an index
}

// step is where one more digit leads.
func (p *digitProgram) step(from states, digit int) states {
	var to states
	for _, pc := range from {
		i := &p.Inst[pc]
		switch i.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if i.MatchRune('0' + rune(digit)) { //nolint:gosec // 0 to 9
				to = p.follow(to, i.Out)
			}
		}
	}
	slices.Sort(to)
	return to
}

// ends tells whether a number may end here.
func (p *digitProgram) ends(s states) bool {
	return slices.ContainsFunc(s, func(pc uint32) bool { return p.Inst[pc].Op == syntax.InstMatch })
}

// follow adds a place and all that are reached from it without reading a digit.
func (p *digitProgram) follow(to states, pc uint32) states {
	if slices.Contains(to, pc) {
		return to
	}
	to = append(to, pc)
	switch i := &p.Inst[pc]; i.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		return p.follow(p.follow(to, i.Out), i.Arg)
	case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
		return p.follow(to, i.Out)
	}
	return to
}
