package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing that is wrong, where it is, and what to do.
type Fault struct {
	// File is the file, flag or variable that the value came from: "--redis", "$ROLLCALL_LISTEN".
	File string
	// Line is 0 for a flag or a variable.
	Line int
	// Key is the path of the key: "instances[0].pacing.create.every". It can be "".
	Key    string
	What   string
	Remedy string
}

func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	b.WriteString(": ")
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.What)
	if f.Remedy != "" {
		b.WriteString("; " + f.Remedy)
	}
	return b.String()
}

// Faults is every fault of a configuration, in the order of the file. It is the error of Load, with exit code 2.
type Faults []Fault

// Error returns the faults, one per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

func sorted(f []Fault) []Fault {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}
