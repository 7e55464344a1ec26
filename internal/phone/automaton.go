package phone

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// automaton matches whole national numbers: the pattern of a numbering plan as a table with one column per digit.
// It is much faster than package regexp, and every number of a file needs it.
type automaton struct {
	next  [][10]int32 // by state; noState if no number continues with the digit
	final []bool
}

const noState = -1

// newAutomaton returns the automaton of a pattern. For an empty or invalid pattern it returns nil, which matches
// nothing.
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

// matches reports whether the digits as a whole match the pattern.
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

// digitProgram is a compiled pattern that runs over digits.
type digitProgram struct{ *syntax.Prog }

// states are the instructions of a program that some digits lead to, sorted.
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

// step returns the states after one more digit.
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

// ends reports whether a number may end in these states.
func (p *digitProgram) ends(s states) bool {
	return slices.ContainsFunc(s, func(pc uint32) bool { return p.Inst[pc].Op == syntax.InstMatch })
}

// follow adds an instruction and all that it reaches without reading a digit.
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
